"""Pictures for readers: figures with a description, and frames that a slider moves through.

A page is read in three places: on the built book (no kernel), in Jupyter and in Colab. What is made
here works in all three, and always carries a description for those who do not see the picture.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Value = TypeVar("Value")

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


def picture(figure: Figure, alt: str, *, colours: int = 256) -> Picture:
    """Draw `figure` into a small PNG image of at most `colours` colours, and close it.

    Raises ValueError if `figure` is not a matplotlib Figure, `alt` is empty, or `colours` is not an
    integer from 1 to 256.

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
    if not isinstance(colours, int) or isinstance(colours, bool) or not 1 <= colours <= 256:
        raise ValueError(f"colours is {colours!r}; expected an integer from 1 to 256.")
    alt = _description(alt)
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    made = Picture(_png(figure, colours), alt, width)
    pyplot.close(figure)
    return made


def _description(alt: str) -> str:
    if not alt.strip():
        raise ValueError("The description of a figure is empty: say in alt what it shows.")
    return " ".join(alt.split())


def _png(figure: Figure, colours: int, part: Any = None) -> bytes:
    """The figure, or the rectangle ``part`` of it (a matplotlib Bbox in inches), as PNG."""
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", dpi=DOTS_PER_INCH, facecolor="white", bbox_inches=part)
    image = Image.open(raw).convert("RGB")
    image.quantize(colours, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
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
        pictures.append(Picture(_png(figure, 256, part), _description(alt), width))
    pyplot.close(figure)
    return pictures


def show(figure: Figure, alt: str) -> None:
    """Show a matplotlib figure with its description `alt` (one or two sentences) in a notebook.

    Raises ValueError if `figure` is not a matplotlib Figure, `alt` is empty, or `colours` is not an
    integer from 1 to 256.

    >>> from matplotlib import pyplot
    >>> show(pyplot.figure(figsize=(4, 3)), "An empty figure.")
    An empty figure.
    """
    from IPython.display import display

    display(picture(figure, alt))


def frames(
    draw: Callable[[Value], Figure],
    values: Sequence[Value],
    *,
    label: str,
    alt: Callable[[Value], str],
    describe: Callable[[Value], str] = str,
) -> Any:
    """Return a widget: a slider over `values` under the name `label`, and the picture it moves.

    Every picture is drawn now, by `draw(value)`, and described by `alt(value)`; `describe(value)`
    is the text beside the slider. No kernel is needed to move it: the built page does that by
    itself. Only ipywidgets 7, which cannot stack pictures, swaps them through the kernel.

    Draw all figures at one size, so that nothing jumps. About twenty frames are enough.

    Raises ValueError if `values` is empty, if `draw` does not return a figure, or if a
    description is empty.

    >>> from matplotlib import pyplot
    >>> def draw(width: int) -> Figure:
    ...     figure, axes = pyplot.subplots(figsize=(2, 1))
    ...     _ = axes.bar([0], [width])
    ...     return figure
    >>> widget = frames(draw, [1, 2], label="width", alt=lambda m: f"A bar of height {m}.")
    >>> [text for text, _ in widget.children[0].options]
    ['1', '2']
    """
    import ipywidgets as widgets

    if len(values) == 0:
        raise ValueError("There is nothing to draw: give frames() at least one value.")
    pictures = [picture(draw(value), alt(value), colours=64) for value in values]
    children = [widgets.HTML(made._repr_html_()) for made in pictures]
    slider = widgets.SelectionSlider(
        options=[(describe(value), index) for index, value in enumerate(values)],
        description=label,
        style={"description_width": "initial"},
        layout={"width": "100%", "max_width": "36rem"},
    )
    if not hasattr(widgets, "Stack"):
        return _swapped(slider, children)
    stack = widgets.Stack(children, selected_index=0)
    widgets.jslink((slider, "index"), (stack, "selected_index"))
    return _with_still(widgets.VBox([slider, stack]), pictures[0])


def _swapped(slider: Any, children: Sequence[Any]) -> Any:
    """For ipywidgets 7 (a live kernel): put the chosen child into a box."""
    import ipywidgets as widgets

    box = widgets.Box([children[0]])

    def swap(change: dict[str, Any]) -> None:
        box.children = (children[change["new"]],)

    slider.observe(swap, names="value")
    return widgets.VBox([slider, box])


def _with_still(widget: Any, still: Picture) -> Any:
    """Let `widget` also carry one picture, for print and for viewers that have no widgets."""
    live = widget._repr_mimebundle_

    def bundle(**kwargs: Any) -> dict[str, Any]:
        png = base64.b64encode(still.png).decode()
        return {**live(**kwargs), "image/png": png, "text/plain": still.alt}

    widget._repr_mimebundle_ = bundle
    return widget
