"""The candidates that the first stage of the search left, and the choice that the second made.

Book label ``sec-table-one``.
"""

from __future__ import annotations

from advtheory.reflection.choices import Choice

CANDIDATES = (Choice(),)
"""In the order of their distance D on the Standard row, nearest first."""
CHOSEN = CANDIDATES[0]
"""The candidate whose whole table is nearest to the paper's."""
