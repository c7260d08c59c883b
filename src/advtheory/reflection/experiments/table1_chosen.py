"""The candidates that the first stage of the search left, and the choice that the second made.

Book label ``sec-reflected``.
"""

from __future__ import annotations

from dataclasses import replace

from advtheory.reflection.choices import Choice

NEAR = Choice(logits=2, clip="l2", gradient="mean-l2", steps=10, bim="small")
CANDIDATES = (
    NEAR,
    replace(NEAR, init="he", top="fixed", clip="none", bim="scheduled"),
    replace(NEAR, biases="no"),
    replace(NEAR, init="glorot"),
    replace(NEAR, gradient="mean"),
)
"""In the order of their distance D on the Standard row, nearest first."""
CHOSEN = CANDIDATES[0]
"""The candidate whose whole table is nearest to the paper's."""
