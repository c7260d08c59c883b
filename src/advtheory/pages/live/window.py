"""The live figure "The window": the explicit bounds of the theorem, at sizes one chooses."""

from __future__ import annotations

import math

from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.window_still import still

PARTS = ("drawing.js", "numbers.js", "bounds.js", "window_plots.js")
LABEL = "The window of widths"
START = {"d": math.log10(784), "m": 4.0, "c0": 10.0, "gamma": 0.1}  # d and m to base 10
CAPTION = (
    "<p><b>The honest size.</b> The theorem speaks at the dimensions and widths where its three "
    "conditions hold. Move the sliders, or the point, from a network for digits to where that "
    "begins.</p>"
)


def window(*, caption: str = CAPTION) -> LiveFigure:
    """The bounds of :mod:`advtheory.laziness.bounds` as curves, and the widths that they admit.

    It has no networks: d, m, C0 and gamma are chosen by the reader.

    Args:
        caption: HTML.

    >>> len(window().html) < 60_000
    True
    """
    return live_figure(
        "window", START, still=still(START), caption=caption, label=LABEL, parts=PARTS
    )
