"""The two panels of Figure 4 of Wang et al. (2022): maps of robust accuracy and their collapse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import DARK, Axis, colour_map
from advtheory.laziness.experiments.projected_thresholds import HALF, LEFT, RIGHT, thresholds
from advtheory.laziness.prediction import predicted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_left(table: pd.DataFrame) -> Figure:
    """Robust accuracy over (d, eps) with the law; all curves over eps sqrt(d); two protocols."""
    import matplotlib.pyplot as plt

    from advtheory.contract.fits import seed_means

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


def _collapse(axes: Axes, table: pd.DataFrame, axis: Axis, label: str) -> None:
    """Every curve against y sqrt(x): if the law holds, they fall on one another."""
    for x in sorted(table[axis.x].unique()):
        means = table[table[axis.x] == x].groupby(axis.y)["robust"].mean()
        places = means.index.to_numpy(float) * math.sqrt(x)
        axes.plot(places, means, label=f"${axis.x} = {x}$")
    axes.axhline(HALF, color="#555555", linewidth=1)
    axes.set(xscale="log", xlabel=label, ylabel="robust accuracy", title="rescaled")
    axes.legend(fontsize="small")
