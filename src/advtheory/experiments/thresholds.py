r"""Where robust accuracy falls to one half: the numbers and pictures of Figure 4 of Wang et al.

The left panel has a critical budget :math:`\varepsilon^*(d)`, the right one a critical radius
:math:`V^*(m)`. Both are compared with a power law and with the prediction of ``sec-prediction``:

.. math:: \varepsilon^* = \frac{\sqrt2\,(C_0 \bar s - |f_0|)}{\sqrt d}, \qquad
   V^* = \frac{\varepsilon\sqrt{d/2} + |f_0|}{\bar s \sqrt m}.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from advtheory.experiments.contract import Estimate
from advtheory.fits import loglog_slope, mean_estimate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

HALF = 0.5
DARK: dict[str, Any] = {
    "facecolor": "#333333",
    "labelcolor": "white",
    "frameon": True,
    "framealpha": 0.9,
}
"""A legend that can be read on every colour of a map."""


class Axis(NamedTuple):
    """One panel: the coordinate along x, the one along which the threshold lies, their symbols."""

    x: str
    y: str
    x_label: str
    y_label: str


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
    whole = found[found.groupby("seed")[axis.x].transform("nunique") == places]
    if not whole.empty:
        slope = loglog_slope(whole[axis.x], whole["threshold"], whole["seed"])
        estimates["exponent"] = slope
    return estimates


def predicted(table: pd.DataFrame, axis: Axis) -> pd.Series:
    r"""The threshold of ``sec-prediction`` for every row, from :math:`\bar s` and :math:`|f_0|`."""
    s, f0 = table["alignment"], table["start_value"]
    if axis.y == "eps":
        law: pd.Series = (2 / table["d"]) ** 0.5 * (table["c0"] * s - f0)
    else:
        law = (table["eps"] * (table["d"] / 2) ** 0.5 + f0) / (s * table["m"] ** 0.5)
    return law


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


def draw_left(table: pd.DataFrame) -> Figure:
    """Robust accuracy over (d, eps) with the law; all curves over eps sqrt(d); two protocols."""
    import matplotlib.pyplot as plt

    from advtheory.fits import seed_means

    figure, panels = plt.subplots(1, 3, figsize=(13.2, 4.4))
    every = table[table["projection"] == "step"]
    _map(panels[0], every, LEFT)
    _collapse(panels[1], every, LEFT, r"$\varepsilon\sqrt{d}$")
    once = table[table["projection"] == "epoch"]
    same = every[every["d"].isin(once["d"])]
    for part, column, label in (
        (same, "robust", "every step"),
        (once, "robust", "once an epoch, after"),
        (once, "robust_before", "once an epoch, before"),
    ):
        if not part.empty:
            means = seed_means(part, "eps", column)
            panels[2].plot(means["eps"], means["mean"], label=label)
    panels[2].set(xscale="log", xlabel=LEFT.y_label, ylabel="robust accuracy", title="protocols")
    places = sorted(every["eps"].unique())[::2]
    panels[2].set_xticks(places, [f"{eps:g}" for eps in places])
    panels[2].minorticks_off()
    if not once.empty:
        panels[2].set_title(f"protocols at $d = {int(once['d'].iloc[0])}$")
        panels[2].legend(fontsize="small", loc="lower left")
    return figure


def draw_right(table: pd.DataFrame) -> Figure:
    """Robust accuracy over (m, V) with the law; all curves over V sqrt(m)."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9.6, 4.4))
    _map(panels[0], table, RIGHT)
    _collapse(panels[1], table, RIGHT, r"$V\sqrt{m}$")
    return figure


def _map(axes: Axes, table: pd.DataFrame, axis: Axis) -> None:
    """Robust accuracy in colours, measured thresholds, the law c/sqrt(x), and the prediction."""
    colour_map(axes, table, axis, "robust", "robust accuracy")
    found = thresholds(table, axis).groupby(axis.x).mean()
    x = found.index.to_numpy(float)
    if len(found):
        c = float(np.exp(np.mean(np.log(found["threshold"]) + np.log(x) / 2)))
        law = f"{c:.2g}$/\\sqrt{{{axis.x}}}$"
        axes.plot(x, found["threshold"], "o", color="white", mec="black", label="half robust")
        axes.plot(x, c / np.sqrt(x), "--", color="white", marker="", label=law)
    line = table.assign(predicted=predicted(table, axis)).groupby(axis.x)["predicted"].mean()
    line = line[line > 0]
    axes.plot(line.index, line, ":", color="#D55E00", marker="", linewidth=3, label="prediction")
    axes.legend(fontsize="small", **DARK)


def colour_map(axes: Axes, table: pd.DataFrame, axis: Axis, column: str, title: str) -> None:
    """The mean of a column over the plane of a panel; what was not measured stays blank."""
    grid = table.pivot_table(index=axis.y, columns=axis.x, values=column)
    x, y = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    mesh = axes.pcolormesh(
        _edges(x), _edges(y), grid.to_numpy(float), cmap="viridis", vmin=0, vmax=1
    )
    # an inset: a panel that is cut out of the figure keeps its scale
    axes.figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0, 0.05, 1)))
    axes.set(xscale="log", yscale="log", ylim=(_edges(y)[0], _edges(y)[-1]))
    axes.set(xlabel=axis.x_label, ylabel=axis.y_label, title=title)
    _ticks(axes, x, y)


def _collapse(axes: Axes, table: pd.DataFrame, axis: Axis, label: str) -> None:
    """Every curve against y sqrt(x): if the law holds, they fall on one another."""
    for x in sorted(table[axis.x].unique()):
        means = table[table[axis.x] == x].groupby(axis.y)["robust"].mean()
        places = means.index.to_numpy(float) * math.sqrt(x)
        axes.plot(places, means, label=f"${axis.x} = {x}$")
    axes.axhline(HALF, color="#555555", linewidth=1)
    axes.set(xscale="log", xlabel=label, ylabel="robust accuracy", title="rescaled")
    axes.legend(fontsize="small")


def _edges(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of cells around the places, halfway between them on a logarithmic scale."""
    logs = np.log(places)
    gaps = np.diff(logs) / 2 if len(logs) > 1 else np.array([0.5])
    inner = logs[:-1] + gaps if len(logs) > 1 else np.array([])
    edges: NDArray[np.float64] = np.exp([logs[0] - gaps[0], *inner, logs[-1] + gaps[-1]])
    return edges


def _ticks(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    plain = FuncFormatter(lambda value, _: f"{value:g}")
    for axis, places in ((axes.xaxis, x), (axes.yaxis, y[::2])):
        axis.set_major_locator(FixedLocator(list(places)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(plain)
