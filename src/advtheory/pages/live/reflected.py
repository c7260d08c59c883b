"""The live figure "Two walks": a margin, two losses of it, and raw steps along both."""

from __future__ import annotations

from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.reflected_still import still

PARTS = ("drawing.js", "reflected_plots.js")
LABEL = "Two walks to the boundary"
START = {"z": 6.0, "h": 1.0, "place": 0}  # margin, step, place of the slider of steps
CAPTION = (
    "<p><b>Two walks.</b> First: the 0-1 loss between the logistic loss over log 2 and one plus "
    "its reflection over log 2; move the margin. Then: raw steps along both losses on a linear "
    "network, seen along its gradient. The boundary is at 0.</p>"
)


def reflected(*, caption: str = CAPTION) -> LiveFigure:
    """The walks of :func:`advtheory.reflection.one_margin.steps_to_zero`, step by step.

    It has no networks: the margin, the step and the number of steps are chosen by the reader.

    Args:
        caption: HTML.

    >>> len(reflected().html) < 50_000
    True
    """
    return live_figure(
        "reflected", START, still=still(START["z"]), caption=caption, label=LABEL, parts=PARTS
    )
