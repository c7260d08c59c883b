"""A slider over pictures: plain HTML and a few lines of JavaScript, without a kernel.

The same fragment works on the built page, in Jupyter and in Colab. Book label ``sec-records``.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from advtheory.pages import figures
from advtheory.pages.captions import framed
from advtheory.pages.markup import Fragment
from advtheory.pages.pictures import Picture, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Value = TypeVar("Value")

_SCRIPT = Path(__file__).with_name("frames.js").read_text("utf-8")


def frames(
    draw: Callable[[Value], Figure],
    values: Sequence[Value],
    *,
    label: str,
    alt: Callable[[Value], str],
    describe: Callable[[Value], str] = str,
    number: int | None = None,
    caption: str = "",
    made: str | None = None,
) -> Fragment:
    """A slider over `values` under the name `label`, and the picture that it moves.

    Every picture is drawn now, in the style of the book, by `draw(value)`, and described by
    `alt(value)`; `describe(value)` is the text beside the slider. Draw all figures at one size, so
    that nothing jumps. About twenty are enough.

    Args:
        draw: Makes a figure of a value.
        values: What the slider moves through.
        label: Its name.
        alt: What the picture of a value shows, for those who do not see it.
        describe: A value for people.
        number: The number of the figure on its page; also its address, ``#figure-3``.
        caption: See `show`.
        made: Who made it, on what: see `made_here`.

    Raises:
        ValueError: if `values` is empty, if `draw` does not return a figure, or if a description
            is empty.

    >>> from matplotlib import pyplot
    >>> def draw(width: int) -> Figure:
    ...     figure, axes = pyplot.subplots(figsize=(2, 1))
    ...     _ = axes.bar([0], [width])
    ...     return figure
    >>> frames(draw, [1, 2], label="width", alt=lambda m: f"A bar of height {m}.", number=3)
    A bar of height 1.
    """
    if len(values) == 0:
        raise ValueError("There is nothing to draw: give frames() at least one value.")
    with figures.style():
        pictures = tuple(picture(draw(value), alt(value)) for value in values)
    inside = _slider(label, [describe(value) for value in values]) + _stack(pictures)
    script = f"<script>{_SCRIPT}</script>"
    fragment = framed(f'<div class="adv-frames">{inside}</div>', "Figure", number, caption, made)
    return Fragment(fragment + script, pictures[0].alt)


def _slider(label: str, texts: Sequence[str]) -> str:
    """The range with its label and its value; a script moves it, so it starts switched off."""
    name, data = html.escape(label), html.escape(json.dumps(texts, ensure_ascii=False))
    return (
        f'<div class="adv-slider"><label><span>{name}</span> <input type="range" disabled '
        f'data-lm-suppress-shortcuts="true" min="0" '
        f'max="{len(texts) - 1}" value="0" data-texts="{data}" '
        f'aria-valuetext="{html.escape(texts[0])}"></label> '
        f"<output>{html.escape(texts[0])}</output></div>"
    )


def _stack(pictures: Sequence[Picture]) -> str:
    """All pictures, of which one is seen; the others wait."""
    first, *others = (made._repr_html_() for made in pictures)
    hidden = [other.replace("<img ", "<img hidden ", 1) for other in others]
    return f'<div aria-live="polite">{"".join([first, *hidden])}</div>'
