"""The live figure "Radius against margin": how many iterations adversarial training needs."""

from __future__ import annotations

from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.iterations_still import still

PARTS = ("drawing.js", "numbers.js", "iterations_math.js")
LABEL = "Radius against margin"
START = {"gamma": 0.5, "nu": 0.2, "radius": 1.0, "alpha": 1.0, "width": 2.0, "eps": 0.1}
CAPTION = (
    "<p><b>Radius against margin.</b> Both classes lie in the disc of radius <i>R</i>, at least γ "
    "away from the teacher's line; the attack moves each input inside a disc of radius ν. Make the "
    "discs larger until they meet the line.</p>"
)


def iterations(*, caption: str = CAPTION) -> LiveFigure:
    r"""The bounds of :mod:`advtheory.reflection.bounds.training` and a perceptron under attack.

    The start has the norm :math:`\sqrt3/(R + \nu)`, and :math:`\bar a = 1`. It has no networks.

    Args:
        caption: HTML.

    >>> len(iterations().html) < 40_000
    True
    """
    return live_figure(
        "iterations", START, still=still(), caption=caption, label=LABEL, parts=PARTS
    )
