r"""Where robust accuracy falls to one half: the numbers and pictures of Figure 4 of Wang et al.

The left panel has a critical budget :math:`\varepsilon^*(d)`, the right one a critical radius
:math:`V^*(m)`. Both are compared with a power law and with the prediction of ``sec-prediction``:

.. math:: \varepsilon^* = \frac{\sqrt2\,(C_0 \bar s - |f_0|)}{\sqrt d}, \qquad
   V^* = \frac{\varepsilon\sqrt{d/2} + |f_0|}{\bar s \sqrt m}.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import Axis
from advtheory.contract.experiment import Estimate
from advtheory.contract.fits import complete_seeds, loglog_slope, mean_estimate
from advtheory.laziness.prediction import predicted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


HALF = 0.5


LEFT = Axis("d", "eps", "input dimension $d$", r"budget $\varepsilon$")
RIGHT = Axis("m", "radius", "width $m$", "radius $V$")


def crossing(places: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """Where a curve crosses one half for the first time, linear in the logarithm; inf if nowhere.

    Args:
        places: Increasing positive numbers, ``(n,)``.
        shares: Robust accuracy there, ``(n,)``.
    """
    beyond = shares >= HALF
    changes = np.flatnonzero(beyond[1:] != beyond[:-1])
    if not len(changes):
        return math.inf
    i = int(changes[0])
    part = (HALF - shares[i]) / (shares[i + 1] - shares[i])
    low, high = math.log(places[i]), math.log(places[i + 1])
    return math.exp(low + float(part) * (high - low))


def crossings(table: pd.DataFrame, axis: Axis, column: str) -> pd.DataFrame:
    """Where a column crosses one half, for each x and seed at which it does: x, seed, threshold."""
    import pandas as pd

    rows = []
    for (x, seed), part in table.groupby([axis.x, "seed"]):
        curve = part.sort_values(axis.y)
        place = crossing(curve[axis.y].to_numpy(float), curve[column].to_numpy(float))
        if place < math.inf:
            rows.append((x, seed, place))
    return pd.DataFrame(rows, columns=[axis.x, "seed", "threshold"])


def thresholds(table: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """The :func:`crossings` of robust accuracy, and the threshold that the prediction gives there
    (not above 0 where it predicts none).
    """
    expected = table.assign(predicted=predicted(table, axis)).groupby([axis.x, "seed"])
    return crossings(table, axis, "robust").join(expected["predicted"].mean(), on=[axis.x, "seed"])


def threshold_law(found: pd.DataFrame, axis: Axis) -> dict[str, Estimate]:
    """The mean threshold at each x, and the exponent over the seeds that have all of them; nothing
    where fewer than two x have one.
    """
    places = found[axis.x].nunique()
    if places < 2:
        return {}
    estimates = {
        f"threshold[{axis.x}={x}]": mean_estimate(part["threshold"])
        for x, part in found.groupby(axis.x)
    }
    whole = complete_seeds(found, [axis.x], places)
    if not whole.empty:
        slope = loglog_slope(whole[axis.x], whole["threshold"], whole["seed"])
        estimates["exponent"] = slope
    return estimates


def summarise(table: pd.DataFrame, axis: Axis) -> dict[str, Estimate]:
    """The exponent of the threshold, the constant of the law with exponent -1/2, and how the
    prediction does; nothing where fewer than two thresholds are known.
    """
    found = thresholds(table[table["projection"] == "step"], axis)
    estimates = threshold_law(found, axis)
    if estimates:
        constant = found["threshold"] * np.sqrt(found[axis.x].astype(float))
        estimates["constant"] = mean_estimate(constant)
        if bool((found["predicted"] > 0).all()):
            estimates["measured/predicted"] = mean_estimate(found["threshold"] / found["predicted"])
    return estimates


def summarise_left(table: pd.DataFrame) -> dict[str, Estimate]:
    """As :func:`summarise`, and what the authors' protocol changes."""
    estimates = summarise(table, LEFT)
    once = table[table["projection"] == "epoch"]
    if not once.empty:
        inside, before = once["robust"], once["robust_before"]
        estimates["deviation before the projection"] = mean_estimate(once["deviation_before"])
        estimates["robust before - after the projection"] = mean_estimate(before - inside)
    return estimates


def summarise_right(table: pd.DataFrame) -> dict[str, Estimate]:
    """As :func:`summarise`."""
    return summarise(table, RIGHT)
