"""Pictures for readers: figures with a description.

A page is read in three places: on the built book (no kernel), in Jupyter and in Colab. What is made
here works in all three, and always carries a description for those who do not see the picture.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advtheory.pages.captions import framed
from advtheory.pages.markup import Fragment

if TYPE_CHECKING:
    from matplotlib.figure import Figure


DOTS_PER_INCH = 144  # sharp on a phone; a page shows an inch as 96 of its pixels
PIXELS_PER_INCH = 96


@dataclass(frozen=True)
class Picture:
    """A PNG image and the description that stands for it where it cannot be seen."""

    png: bytes
    alt: str
    width: int  # in pixels of the page

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode()
        return (
            f'<img class="figure" alt="{html.escape(self.alt)}" width="{self.width}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        )

    def __repr__(self) -> str:
        return self.alt


def picture(figure: Figure, alt: str) -> Picture:
    """Draw `figure` into an image that loses nothing, and close it.

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
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    made = Picture(_png(figure), alt, width)
    pyplot.close(figure)
    return made


def _description(alt: str) -> str:
    if not alt.strip():
        raise ValueError("The description of a figure is empty: say in alt what it shows.")
    return " ".join(alt.split())


def _png(figure: Figure, part: Any = None) -> bytes:
    """The figure, or the rectangle ``part`` of it (a matplotlib Bbox in inches), as PNG."""
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", dpi=DOTS_PER_INCH, facecolor="white", bbox_inches=part)
    Image.open(raw).convert("RGB").save(small, format="png", optimize=True)
    return small.getvalue()


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
    for axes, alt in zip(figure.axes, alts, strict=True):
        box = axes.get_tightbbox()  # in the figure's own dots; None where nothing is drawn
        if box is None:
            raise ValueError("One panel of the figure is hidden: remove its axes, or show them.")
        part = box.padded(6).transformed(figure.dpi_scale_trans.inverted())
        width = round(part.width * PIXELS_PER_INCH)
        pictures.append(Picture(_png(figure, part), _description(alt), width))
    pyplot.close(figure)
    return pictures


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
        made: Who made it, on what: see :func:`made_here`.

    Raises:
        ValueError: if `figure` is not a matplotlib Figure, or if `alt` is empty.

    >>> from matplotlib import pyplot
    >>> show(pyplot.figure(figsize=(4, 3)), "An empty figure.", number=2, caption="Nothing.")
    An empty figure.
    """
    from IPython.display import display

    shown = picture(figure, alt)
    display(Fragment(framed(shown._repr_html_(), "Figure", number, caption, made), shown.alt))
