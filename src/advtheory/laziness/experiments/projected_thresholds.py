r"""Where robust accuracy falls to one half: the numbers and pictures of Figure 4 of Wang et al.

The left panel has a critical budget :math:`\varepsilon^*(d)`, the right one a critical radius
:math:`V^*(m)`. Both are compared with a power law and with the prediction of ``sec-prediction``:

.. math:: \varepsilon^* = \frac{\sqrt2\,(C_0 \bar s - |f_0|)}{\sqrt d}, \qquad
   V^* = \frac{\varepsilon\sqrt{d/2} + |f_0|}{\bar s \sqrt m}.

How sharp the drop is, is the ratio of the budgets (left) or radii (right) at which robust accuracy
crosses 90 % and 10 %: 1 for a jump.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import Axis
from advtheory.contract.estimates import BOOTSTRAP, OVER_IMAGES, OVER_SEEDS, Estimate, Key
from advtheory.contract.fits import complete_seeds, loglog_slope, mean_estimate
from advtheory.laziness.experiments.projected_errors import (
    TEST_IMAGES,
    binomial_error,
    bootstrap,
    image_error,
)
from advtheory.laziness.prediction import predicted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


HALF, MOST, LEAST = 0.5, 0.9, 0.1

LEFT = Axis("d", "eps", "input dimension $d$", r"budget $\varepsilon$")
RIGHT = Axis("m", "radius", "width $m$", "radius $V$")

NAMES = {
    "threshold": "threshold",
    "exponent": "slope of the threshold",
    "constant": "constant of the law with exponent -1/2",
    "measured/predicted": "threshold over its prediction",
    "drop": "width of the drop",
    "most robust": "largest robust accuracy of all cells",
    "deviation before the projection": "deviation before the projection, projected once an epoch",
    "robust before - after the projection": "robust accuracy that one projection an epoch costs",
}


def crossing(
    places: NDArray[np.float64], shares: NDArray[np.float64], level: float = HALF
) -> float:
    """Where a curve crosses a level for the first time, linear in the logarithm; inf if nowhere.

    Args:
        places: Increasing positive numbers, ``(n,)``.
        shares: Robust accuracy there, ``(n,)``.
        level: The accuracy that is crossed.

    >>> import numpy as np
    >>> round(crossing(np.array([0.1, 0.4]), np.array([1.0, 0.0])), 3)
    0.2
    """
    beyond = shares >= level
    changes = np.flatnonzero(beyond[1:] != beyond[:-1])
    if not len(changes):
        return math.inf
    i = int(changes[0])
    part = (level - shares[i]) / (shares[i + 1] - shares[i])
    low, high = math.log(places[i]), math.log(places[i + 1])
    return math.exp(low + float(part) * (high - low))


def drop(places: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """The ratio, at least 1, of the places where a curve crosses 90 % and 10 %; inf without both.

    >>> import numpy as np
    >>> round(drop(np.array([0.1, 0.4]), np.array([1.0, 0.0])), 2)
    3.03
    """
    ends = [crossing(places, shares, level) for level in (MOST, LEAST)]
    return max(ends) / min(ends) if max(ends) < math.inf else math.inf


Reading = Callable[["NDArray[np.float64]", "NDArray[np.float64]"], float]
"""Reads a number off the places and shares of a curve; inf where there is none."""


def crossings(
    table: pd.DataFrame, axis: Axis, column: str, images: int = 0, reading: Reading = crossing
) -> pd.DataFrame:
    """Where a column crosses one half, for each x and seed at which it does.

    Args:
        table: Rows of one panel.
        axis: The panel.
        column: Shares of the test images.
        images: How many of them; 0: unknown.
        reading: What to read off each curve instead of the crossing.

    Returns:
        A table with a row for each x and seed, the threshold, and its error over the test images,
        which is NaN where it is unknown.
    """
    import pandas as pd

    rows = []
    for (x, seed), part in table.groupby([axis.x, "seed"]):
        curve = part.sort_values(axis.y)
        places, shares = (curve[name].to_numpy(float) for name in (axis.y, column))
        found = reading(places, shares)
        if found < math.inf:
            error = image_error(partial(reading, places), shares, images) if images else math.nan
            rows.append((x, seed, found, error))
    return pd.DataFrame(rows, columns=[axis.x, "seed", "threshold", "error"])


def thresholds(table: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """The :func:`crossings` of robust accuracy, and the threshold that the prediction gives there
    (not above 0 where it predicts none).

    >>> import pandas as pd
    >>> row = {"d": 50, "seed": 0, "alignment": 0.3, "start_value": 0.5, "c0": 10.0}
    >>> cells = [{**row, "eps": 0.1, "robust": 1.0}, {**row, "eps": 0.4, "robust": 0.0}]
    >>> thresholds(pd.DataFrame(cells), LEFT)[["threshold", "predicted"]].round(2).values.tolist()
    [[0.2, 0.5]]
    """
    expected = table.assign(predicted=predicted(table, axis)).groupby([axis.x, "seed"])
    found = crossings(table, axis, "robust", _images(table))
    return found.join(expected["predicted"].mean(), on=[axis.x, "seed"])


def _images(table: pd.DataFrame) -> int:
    return TEST_IMAGES.get(str(table["data"].iloc[0]), 0) if "data" in table and len(table) else 0


def threshold_law(found: pd.DataFrame, axis: Axis) -> dict[Key, Estimate]:
    """The mean threshold at each x, and the exponent over the seeds that have all of them; nothing
    where fewer than two x have one.
    """
    if found[axis.x].nunique() < 2:
        return {}
    estimates = at_each(found, axis, "threshold")
    whole = complete_seeds(found, [axis.x], found[axis.x].nunique())
    if not whole.empty:
        slope = _slope(whole, axis)
        if whole["seed"].nunique() > 1:
            error = bootstrap(whole, lambda drawn: _slope(drawn, axis).value)
            slope = replace(slope, error=error, over=BOOTSTRAP)
        estimates[Key("exponent")] = slope
    return estimates


def at_each(found: pd.DataFrame, axis: Axis, name: str) -> dict[Key, Estimate]:
    """The mean over seeds at each x; with a single seed its error is that over the test images."""
    estimates = {}
    for x, part in found.groupby(axis.x):
        estimate = mean_estimate(part["threshold"])
        if estimate.n == 1 and part["error"].notna().all():
            estimate = replace(estimate, error=float(part["error"].iloc[0]), over=OVER_IMAGES)
        estimates[Key(name, f"{axis.x}={x}")] = estimate
    return estimates


def _slope(found: pd.DataFrame, axis: Axis) -> Estimate:
    return loglog_slope(found[axis.x], found["threshold"], found["seed"])


def pooled(found: pd.DataFrame, values: pd.Series[float], axis: Axis) -> Estimate:
    """The mean of values at all x and seeds; its error is a bootstrap over seeds that have every
    x, or else the spread over x.
    """
    estimate, rows = mean_estimate(values), found.assign(value=values)
    whole = complete_seeds(found, [axis.x], found[axis.x].nunique())
    if found["seed"].nunique() > 1 and len(whole) == len(found):
        error = bootstrap(rows, lambda drawn: float(drawn["value"].mean()))
        return replace(estimate, error=error, over=BOOTSTRAP)
    return replace(estimate, over=f"spread over {axis.x}")


def summarise(table: pd.DataFrame, axis: Axis) -> dict[Key, Estimate]:
    """The thresholds and their exponent, the constant of the law with exponent -1/2, how the
    prediction does, and how wide the drop is; nothing where fewer than two thresholds are known.
    """
    every = table[table["projection"] == "step"]
    found = thresholds(every, axis)
    estimates = threshold_law(found, axis)
    if estimates:
        constant = found["threshold"] * np.sqrt(found[axis.x].astype(float))
        estimates[Key("constant")] = pooled(found, constant, axis)
        if bool((found["predicted"] > 0).all()):
            ratio = found["threshold"] / found["predicted"]
            estimates[Key("measured/predicted")] = pooled(found, ratio, axis)
        drops = crossings(every, axis, "robust", _images(table), reading=drop)
        estimates |= at_each(drops, axis, "drop")
        estimates[Key("most robust")] = _most_robust(every, axis)
    return estimates


def accuracies(table: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Robust accuracy of each cell of one curve, by y: mean, error, n.

    The error is over seeds where there are several, else binomial over the test images (0 where
    their number is not known).
    """
    cells, images = table.groupby(axis.y)["robust"], _images(table)
    made = cells.agg(["mean", "sem", "count"])
    error = binomial_error(made["mean"].to_numpy(float), images) if images else np.zeros(len(made))
    seeds = made["count"].to_numpy()
    errors = np.where(seeds > 1, made["sem"].to_numpy(float), error)
    return made[["mean"]].assign(error=errors, n=seeds)


def _most_robust(table: pd.DataFrame, axis: Axis) -> Estimate:
    """The largest robust accuracy of a cell, with the cell's own error."""
    import pandas as pd

    parts = [accuracies(part, axis) for _, part in table.groupby(axis.x)]
    cells = pd.concat(parts, ignore_index=True)
    best = cells.iloc[[int(cells["mean"].argmax())]]
    mean, error, n = (float(best[name].iloc[0]) for name in ("mean", "error", "n"))
    return Estimate(mean, error, int(n), OVER_SEEDS if n > 1 else OVER_IMAGES)


def summarise_left(table: pd.DataFrame) -> dict[Key, Estimate]:
    """As :func:`summarise`, and what the authors' protocol changes."""
    estimates = summarise(table, LEFT)
    once = table[table["projection"] == "epoch"]
    if not once.empty:
        gap = once["robust_before"] - once["robust"]
        estimates[Key("deviation before the projection")] = _over_budgets(once["deviation_before"])
        estimates[Key("robust before - after the projection")] = _over_budgets(gap)
    return estimates


def _over_budgets(values: pd.Series[float]) -> Estimate:
    return replace(mean_estimate(values), over="spread over budgets and seeds")


def summarise_right(table: pd.DataFrame) -> dict[Key, Estimate]:
    """As :func:`summarise`."""
    return summarise(table, RIGHT)
