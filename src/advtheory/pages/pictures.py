"""Pictures for readers: figures with a description.

A page is read in three places: on the built book (no kernel), in Jupyter and in Colab. What is made
here works in all three, and always carries a description for those who do not see the picture.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from advtheory.pages.captions import framed
from advtheory.pages.markup import Fragment

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox


DOTS_PER_INCH = 144  # sharp on a phone; a page shows an inch as 96 of its pixels
PIXELS_PER_INCH = 96
LARGEST_SVG = 120_000  # in bytes: what has more points than that is smaller as PNG


@dataclass(frozen=True)
class Picture:
    """An image, ink without paper, and the description that stands for it where it is not seen."""

    data: bytes
    alt: str
    width: int  # in pixels of the page
    kind: str = "svg+xml"  # or "png"

    def _repr_html_(self) -> str:
        return (
            f'<img class="figure adv-picture" alt="{html.escape(self.alt)}" width="{self.width}" '
            f'src="data:image/{self.kind}{self._address()}">'
        )

    def _address(self) -> str:
        if self.kind == "png":
            return f";base64,{base64.b64encode(self.data).decode()}"
        # as text it is a quarter shorter
        return "," + quote(self.data.decode().replace('"', "'"), safe=" /:;=,.'()!*+<>")

    def __repr__(self) -> str:
        return self.alt


def picture(figure: Figure, alt: str) -> Picture:
    """Draw `figure` without its paper into an image that loses nothing, and close it.

    The image is SVG, or PNG where that is much smaller: the same figure, the same bytes. A page
    puts its own colour behind it, and in the dark it turns dark ink into light ink.

    Raises ValueError if `figure` is not a matplotlib Figure, or if `alt` is empty.

    >>> from matplotlib import pyplot
    >>> picture(pyplot.figure(figsize=(4, 3)), "An empty figure.")
    An empty figure.
    """
    from matplotlib import pyplot
    from matplotlib.figure import Figure as FigureClass

    if not isinstance(figure, FigureClass):
        raise ValueError(
            f"A picture is made from a matplotlib Figure, not from {type(figure).__name__}: "
            "return the figure itself, not its axes."
        )
    alt = _description(alt)
    made = _drawn(figure, alt, figure.get_figwidth())
    pyplot.close(figure)
    return made


def _description(alt: str) -> str:
    if not alt.strip():
        raise ValueError("The description of a figure is empty: say in alt what it shows.")
    return " ".join(alt.split())


def _drawn(figure: Figure, alt: str, width: float, part: Any = None) -> Picture:
    """The figure, or the rectangle ``part`` of it (a matplotlib Bbox in inches)."""
    data, kind = small_svg(_saved(figure, "svg", part).decode()).encode(), "svg+xml"
    if len(data) > LARGEST_SVG:
        data, kind = _saved(figure, "png", part), "png"
    return Picture(data, alt, round(width * PIXELS_PER_INCH), kind)


def _saved(figure: Figure, kind: str, part: Any) -> bytes:
    from matplotlib import rc_context

    file, dates = io.BytesIO(), {"svg": "Date", "png": "Software"}
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "advtheory"}):
        figure.savefig(
            file,
            format=kind,
            dpi=DOTS_PER_INCH,
            transparent=True,
            bbox_inches=part,
            metadata={dates[kind]: None},
        )
    return file.getvalue()


def small_svg(text: str) -> str:
    """The SVG of matplotlib in half of its letters: nothing that is seen changes.

    Remarks and names of groups go, numbers have a hundredth of a point, glyphs have short names.

    >>> small_svg('<?xml?><svg> <!-- a --> <g id="axes_1"/> <path d="M 1.23456 0.015625"/></svg>')
    '<svg><g/><path d="M 1.23 0.015625"/></svg>'
    """
    for pattern, short in _SHORTER:
        text = re.sub(pattern, short, text, flags=re.S)
    return re.sub(r"-?\d+\.\d{3,}", _short, text).strip()


_SHORTER = (
    (r"<!--.*?-->|<metadata>.*?</metadata>|<[?!].*?>", ""),
    (r"\s+", " "),
    (r"> <", "><"),
    (r' (?=")', ""),
    (r'<g id="[^"]*"', "<g"),
    (r"xlink:href", "href"),
    (r"DejaVuSans-", "g"),
    (r'(<use [^>]*?)transform="translate\((\S+) (\S+)\)"/>', r'\1x="\2" y="\3"/>'),
    (r' y="0"', ""),
)


def _short(number: re.Match[str]) -> str:
    value = float(number[0])
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.5g}"


def panels(figure: Figure, alts: Sequence[str]) -> list[Picture]:
    """Cut a figure into one picture for each of its axes, so that a phone can stack them.

    Raises ValueError if a description is empty, if there is not one for each of the axes, or if
    one of the axes is hidden.

    >>> from matplotlib import pyplot
    >>> figure, axes = pyplot.subplots(1, 2)
    >>> panels(figure, ["The first panel.", "The second panel."])
    [The first panel., The second panel.]
    """
    from matplotlib import pyplot

    if len(alts) != len(figure.axes):
        raise ValueError(
            f"The figure has {len(figure.axes)} panels and {len(alts)} descriptions: give one each."
        )
    figure.canvas.draw()
    figure.set_layout_engine("none")  # the places are final: saving a part must not move them
    pictures = []
    for axes, alt, part in zip(figure.axes, alts, _parts(figure), strict=True):
        with _alone(figure, axes):
            pictures.append(_drawn(figure, _description(alt), part.width, part))
    pyplot.close(figure)
    return pictures


def _parts(figure: Figure) -> list[Bbox]:
    """One rectangle (in inches) for each of the axes, all with the same margins around them."""
    from matplotlib.transforms import Bbox

    boxes, inner = [], []
    for axes in figure.axes:
        box = axes.get_tightbbox()  # in the figure's own dots; None where nothing is drawn
        if box is None:
            raise ValueError("One panel of the figure is hidden: remove its axes, or show them.")
        boxes.append(box.padded(6).extents)
        inner.append(axes.get_window_extent().extents)
    margins = np.subtract(boxes, inner)
    common = [*margins[:, :2].min(axis=0), *margins[:, 2:].max(axis=0)]
    to_inches = figure.dpi_scale_trans.inverted()
    return [Bbox.from_extents(*np.add(place, common)).transformed(to_inches) for place in inner]


@contextlib.contextmanager
def _alone(figure: Figure, axes: Axes) -> Iterator[None]:
    """Only one of the axes is seen: the others would be written too, outside of the picture."""
    others = [other for other in figure.axes if other is not axes]
    for other in others:
        other.set_visible(False)
    yield
    for other in others:
        other.set_visible(True)


def show(
    figure: Figure,
    alt: str,
    *,
    number: int | None = None,
    caption: str = "",
    made: str | None = None,
) -> None:
    """Show a matplotlib figure in a notebook: its picture, its caption, and who made it.

    Args:
        figure: What to show; it is closed.
        alt: What it shows, in one or two sentences, for those who do not see it.
        number: Its number on the page; also its address, ``#figure-2``.
        caption: Text, with ``*emphasis*``, code in backquotes and ``[links](#figure-2)``.
        made: Who made it, on what: see `made_here`.

    Raises:
        ValueError: if `figure` is not a matplotlib Figure, or if `alt` is empty.

    >>> from matplotlib import pyplot
    >>> show(pyplot.figure(figsize=(4, 3)), "An empty figure.", number=2, caption="Nothing.")
    An empty figure.
    """
    from IPython.display import display

    shown = picture(figure, alt)
    display(Fragment(framed(shown._repr_html_(), "Figure", number, caption, made), shown.alt))
