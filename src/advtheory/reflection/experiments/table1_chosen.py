"""The candidates that the first stage of the search left, and the choice that the second made.

Book label ``sec-reflected``.
"""

from __future__ import annotations

from advtheory.reflection.choices import Choice

CANDIDATES = (
    Choice(logits=2, clip="l2", gradient="mean", steps=10, bim="small"),
    Choice(logits=2, clip="l2", gradient="example", steps=20, bim="small"),
    Choice(logits=1, clip="l2", gradient="mean", steps=10, bim="small"),
    Choice(logits=2, clip="none", gradient="example", steps=10, bim="small"),
    Choice(logits=1, clip="l2", gradient="example", steps=10, bim="small"),
)
"""In the order of their distance D on the Standard row, nearest first."""
CHOSEN = CANDIDATES[0]
"""The candidate whose whole table is nearest to the paper's."""
