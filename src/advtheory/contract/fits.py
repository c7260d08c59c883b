r"""Fits: the slope of a power law :math:`y \propto x^s`, with a standard error.

Book label ``sec-records``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.estimates import OF_A_FIT, Estimate, Key

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


ENOUGH = 3
"""From this many seeds on, the spread of the seeds gives the standard error."""


def loglog_slope(x: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Estimate:
    r"""The slope :math:`s` of :math:`\log \bar y` against :math:`\log x`, by least squares.

    :math:`\bar y` is the mean over the measurements at one x. With at least three groups (seeds)
    one slope is fitted to each; the value is their mean and the error their standard deviation
    over the square root of their number. Otherwise the error is that of least squares, None with
    only two distinct x, which leave no residual.

    Args:
        x: Positive numbers, ``(n,)``, at least two different ones in every group.
        y: Positive numbers, ``(n,)``.
        groups: The seed of each measurement, ``(n,)``, or None for a single group.

    Raises:
        ValueError: for other shapes, numbers that are not finite and positive, too few x, or a
            group that is NaN.

    >>> round(loglog_slope([1, 10, 100], [2, 20, 200]).value, 6)
    1.0
    """
    x, y = _positive("x", x), _positive("y", y)
    labels = np.zeros(x.shape) if groups is None else np.asarray(groups)
    if not x.shape == y.shape == labels.shape:
        raise ValueError(
            f"x, y and groups have the shapes {x.shape}, {y.shape} and {labels.shape}; they must "
            "agree."
        )
    if bool((labels != labels).any()):
        raise ValueError("groups holds a NaN; give each measurement the seed that it comes from.")
    names = np.unique(labels)
    if len(names) < ENOUGH:
        return _least_squares(x, y)
    slopes = [_least_squares(x[labels == name], y[labels == name]).value for name in names]
    error = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes))
    return Estimate(float(np.mean(slopes)), error, len(slopes))


def complete_seeds(table: pd.DataFrame, columns: Sequence[str], points: int) -> pd.DataFrame:
    """The rows of those seeds that were measured at all points: a run may be unfinished.

    Args:
        table: Rows with a column "seed".
        columns: What tells one point from another.
        points: How many points there are.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"d": [1, 2, 1], "seed": [0, 0, 1], "v": [3.0, 4.0, 5.0]})
    >>> complete_seeds(table, ["d"], 2)["seed"].tolist()
    [0, 0]
    """
    places = table.drop_duplicates([*columns, "seed"]).groupby("seed").size()
    return table[table["seed"].isin(places.index[places == points])]


def curve_slopes(
    table: pd.DataFrame, columns: Iterable[str], curve: str, sizes: int
) -> dict[Key, Estimate]:
    """Slopes of columns against d, each under its column and the curve.

    Only the :func:`complete_seeds` of all ``sizes`` dimensions count; without such a seed, or with
    a single dimension, there is no slope.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"d": [1, 4], "seed": [0, 0], "step": [1.0, 2.0]})
    >>> slopes = curve_slopes(table, ["step"], "mnist", sizes=2)
    >>> {str(key): slope.value for key, slope in slopes.items()}
    {'step[mnist]': 0.5}
    """
    whole = complete_seeds(table, ["d"], sizes)
    if sizes < 2 or whole.empty:
        return {}
    return {
        Key(column, curve): loglog_slope(whole["d"], whole[column], whole["seed"])
        for column in columns
    }


def mean_estimate(values: ArrayLike) -> Estimate:
    """The mean of independent measurements, one for each seed, with its standard error.

    A single measurement has the error None.

    Raises:
        ValueError: without measurements, or for a NaN among them.

    >>> mean_estimate([1.0, 2.0, 3.0]).value
    2.0
    """
    each = np.asarray(values, dtype=np.float64)
    if each.ndim != 1 or not each.size or bool(np.isnan(each).any()):
        what = "holds a NaN" if each.ndim == 1 and each.size else f"has the shape {each.shape}"
        raise ValueError(f"values {what}; a mean needs one number or more, one for each seed.")
    error = float(each.std(ddof=1)) / math.sqrt(len(each)) if len(each) > 1 else None
    return Estimate(float(each.mean()), error, len(each))


def seed_means(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Mean of column ``y`` at each value of ``x``, with the standard error over the seeds.

    Rows of one seed are averaged first. Returns the columns ``x`` (named as given), ``mean``,
    ``error`` (0 for a single seed, which shows no spread) and ``n``, the number of seeds.

    Raises:
        ValueError: if the table is empty, lacks a column, or holds a NaN or an infinity in one.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"d": [1, 1], "seed": [0, 1], "v": [3.0, 5.0]})
    >>> seed_means(table, "d", "v").to_dict("list")
    {'d': [1], 'mean': [4.0], 'error': [1.0], 'n': [2]}
    """
    lacking = [column for column in (x, y, "seed") if column not in table.columns]
    if lacking or table.empty:
        what = f"lacks the column {lacking[0]!r}" if lacking else "is empty"
        raise ValueError(f"The table {what}; pass one with rows of {x!r}, {y!r} and 'seed'.")
    bad = table[[x, "seed", y]].isin([np.nan, math.inf, -math.inf]).any()
    if bad.any():
        raise ValueError(
            f"The column {bad.idxmax()!r} holds a NaN or an infinity; a mean with a standard error "
            "needs finite numbers, so leave such rows out first."
        )
    seeds = table.groupby([x, "seed"])[y].mean().groupby(level=0)
    means = seeds.agg(mean="mean", error="sem", n="count").fillna({"error": 0.0})
    return means.reset_index()


def _positive(name: str, values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be a list of numbers, not of the shape {array.shape}.")
    if not (np.isfinite(array) & (array > 0)).all():
        bad = array[~(np.isfinite(array) & (array > 0))][0]
        raise ValueError(
            f"{name} holds {bad}; a slope between logarithms needs finite numbers above 0, so "
            "leave such measurements out first."
        )
    return array


def _least_squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> Estimate:
    places, index = np.unique(x, return_inverse=True)
    if len(places) < 2:
        raise ValueError(f"A slope needs at least two different x, not only {places[0]}.")
    logs = np.log(places)
    # Centred logarithms keep the fit exact for any choice of units.
    u = logs - logs.mean()
    v = np.log(np.bincount(index, weights=y) / np.bincount(index))
    v -= v.mean()
    slope = float(u @ v / (u @ u))
    spare = len(places) - 2
    error = math.sqrt(float(np.sum((v - slope * u) ** 2) / spare / (u @ u))) if spare else None
    return Estimate(slope, error, len(places), OF_A_FIT)
