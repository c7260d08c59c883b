"""How far a number that is measured again may be from the recorded one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tolerance:
    r"""A recorded number a and a new one b agree where :math:`|b - a| \le A + R\,|a|`.

    On the same machine, with the same versions and code, nothing differs. Another processor adds
    the terms of a sum in another order; training carries the difference on. A mean over images
    then moves by some share of itself (``relative``, R). A count of images or of steps moves by
    whole ones, however small it is (``absolute``, A). Infinity agrees with itself only.

    Raises ``ValueError`` for a negative number.

    >>> Tolerance(relative=0.01).allowed(np.array([200.0, -1.0]))
    array([2.  , 0.01])
    """

    relative: float = 0.0
    absolute: float = 0.0

    def __post_init__(self) -> None:
        if not (self.relative >= 0 and self.absolute >= 0):
            raise ValueError(f"A tolerance must be at least 0, not {self}.")

    def allowed(self, old: NDArray[np.float64]) -> NDArray[np.float64]:
        """The largest difference that each recorded number allows, the same shape."""
        size = np.where(np.isfinite(old), np.abs(old), 0.0)
        return self.absolute + self.relative * size


EXACT = Tolerance()
"""Of coordinates, seeds and text."""
ROUNDING = Tolerance(relative=1e-6)
"""Of every column for which an experiment declares nothing else."""
