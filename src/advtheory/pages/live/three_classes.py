"""The live figure "Three classes": four attacks on a linear classifier in the plane."""

from __future__ import annotations

from typing import Any

from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.three_classes_still import still

PARTS = ("drawing.js", "three_attacks.js")
LABEL = "Three classes"
START: dict[str, Any] = {  # the counterexample of Mianjy & Arora (2023)
    "rows": [[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]],
    "x": [1.0, 0.0],
    "radius": 0.3,
    "step": 0.009,  # at most 1 / |w_1 - w_3|^2
    "steps": 100,
    "across": [-0.4, 1.9],
    "up": [-0.75, 0.75],
    "words": [[1.5, -0.45], [-0.2, -0.45], [0.3, 0.5]],  # where the names of the classes stand
}
CAPTION = (
    "<p><b>Three classes.</b> The outputs are 2<i>x</i><sub>1</sub>, <i>x</i><sub>1</sub> and "
    "10<i>x</i><sub>2</sub>, and the largest one is the answer. Four attacks start at <i>x</i> and "
    "make 100 steps along the gradients of their losses, inside the dotted ball. A filled mark is "
    "a point of another class. At the start only two of them find class 3.</p>"
)


def three_classes(*, caption: str = CAPTION) -> LiveFigure:
    """Three linear classes whose input and radius a reader moves, and four attacks.

    It begins with the counterexample of the book's ``prop-greedy-fails``.

    Args:
        caption: HTML.

    >>> len(three_classes().html) < 60_000
    True
    """
    return live_figure(
        "three_classes", START, still=still(START), caption=caption, label=LABEL, parts=PARTS
    )
