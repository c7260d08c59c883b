"""Two tables of the same measurements, compared column by column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from advtheory.contract.experiment import Value
from advtheory.contract.tolerance import ROUNDING, Tolerance


@dataclass(frozen=True)
class Difference:
    """A column that differs, at the row that is furthest off for what is allowed there.

    Attributes:
        old: the recorded value.
        new: the value of today.
        allowed: how far off that row may be.
        outside: how many rows are further off than they may be.
    """

    column: str
    old: Value
    new: Value
    allowed: float
    outside: int

    @property
    def size(self) -> float:
        """How far off the row is; infinite for text."""
        if isinstance(self.old, str) or isinstance(self.new, str):
            return math.inf
        return abs(self.new - self.old)

    def __str__(self) -> str:
        change = f"{self.column} {_short(self.old)} became {_short(self.new)}"
        if math.isinf(self.size):
            return change
        return f"{change}, off by {self.size:.2g} where {self.allowed:.2g} is allowed"


def compare(
    old: pd.DataFrame, new: pd.DataFrame, tolerance: Mapping[str, Tolerance]
) -> list[Difference]:
    """The columns in which two tables of the same shape differ, row by row.

    Columns without a tolerance may differ by rounding; text must be equal.

    >>> old, new = pd.DataFrame({"f": [1.0, 2.0]}), pd.DataFrame({"f": [1.0, 2.5]})
    >>> print(compare(old, new, {"f": Tolerance(relative=0.1)})[0])
    f 2 became 2.5, off by 0.5 where 0.2 is allowed
    """
    found = (_of_column(n, old[n], new[n], tolerance.get(n, ROUNDING)) for n in old.columns)
    return [difference for difference in found if difference]


def _of_column(
    name: str, old: pd.Series[Any], new: pd.Series[Any], tolerance: Tolerance
) -> Difference | None:
    differs = (old != new).to_numpy()
    if not differs.any():
        return None
    off, allowed = np.where(differs, math.inf, 0.0), np.zeros(len(old))
    if old.dtype.kind in "if" and new.dtype.kind in "if":
        a, b = old.to_numpy(float), new.to_numpy(float)
        off = np.abs(np.subtract(b, a, out=np.zeros_like(a), where=differs))
        allowed = tolerance.allowed(a)
    k = int(np.argmax(_shares(off, allowed)))
    outside = int((off > allowed).sum())
    return Difference(name, old.iloc[k], new.iloc[k], float(allowed[k]), outside)


def _shares(off: NDArray[np.float64], allowed: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far off in units of what is allowed; infinite where nothing is."""
    shares = np.where(off > 0, math.inf, 0.0)
    with np.errstate(over="ignore"):
        return np.divide(off, allowed, out=shares, where=allowed > 0)


def _short(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.7g}"
