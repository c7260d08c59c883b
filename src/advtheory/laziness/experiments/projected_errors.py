r"""What the numbers of Figure 4 can err by: the test images of one network, and the seeds.

The robust accuracy p of one network on n images has the binomial error :math:`\sqrt{p(1-p)/n}`.
What is read off a curve of such accuracies gets its error by drawing every accuracy again. Several
seeds are drawn again as a whole (bootstrap). Book label ``sec-figure4``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

TEST_IMAGES = {"mnist": 2115, "digits-8x8": 106}
"""Data set -> images of the two digits in its test split."""
REDRAWS = 200

Read = Callable[["NDArray[np.float64]"], float]
"""Reads a number off the accuracies of a curve; inf where there is none."""


def binomial_error(shares: NDArray[np.float64], images: int) -> NDArray[np.float64]:
    """The standard error of shares of ``images`` independent images, of the same shape.

    >>> import numpy as np
    >>> binomial_error(np.array([0.5, 1.0]), 100).tolist()
    [0.05, 0.0]
    """
    error: NDArray[np.float64] = np.sqrt(shares * (1 - shares) / images)
    return error


def image_error(read: Read, shares: NDArray[np.float64], images: int) -> float:
    """The standard error over test images of what is read off a curve; NaN without a number.

    Every accuracy is drawn again from its binomial law, with fixed random numbers.
    """
    generator = np.random.default_rng(0)
    drawn = generator.binomial(images, shares, size=(REDRAWS, len(shares))) / images
    found = np.array([read(curve) for curve in drawn])
    found = found[np.isfinite(found)]
    return float(found.std(ddof=1)) if len(found) > 1 else math.nan


def bootstrap(table: pd.DataFrame, statistic: Callable[[pd.DataFrame], float]) -> float:
    r"""The standard error over seeds of a number that is computed from the rows of all seeds.

    Seeds are drawn with replacement, each with all its rows and under a new name. The spread is
    corrected by :math:`\sqrt{k/(k-1)}` for k seeds, exact for a mean.

    Raises:
        ValueError: with a single seed, which shows no spread.
    """
    import pandas as pd

    parts = [part for _, part in table.groupby("seed")]
    k = len(parts)
    if k < 2:
        raise ValueError(f"A bootstrap over seeds needs at least two of them, not {k}.")
    generator, found = np.random.default_rng(0), []
    for _ in range(REDRAWS):
        chosen = [
            parts[i].assign(seed=name) for name, i in enumerate(generator.integers(k, size=k))
        ]
        found.append(statistic(pd.concat(chosen, ignore_index=True)))
    return float(np.std(found)) * math.sqrt(k / (k - 1))
