"""The two panels of Figure 4 of Wang et al. (2022): maps of robust accuracy and their collapse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import GREY, Axis, colour_map, legend_below, line_on_map, ticks
from advtheory.laziness.experiments.projected_thresholds import (
    HALF,
    LEFT,
    RIGHT,
    accuracies,
    thresholds,
)
from advtheory.laziness.prediction import predicted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_left(table: pd.DataFrame) -> Figure:
    """Robust accuracy over (d, eps) with the law; all curves over eps sqrt(d); two protocols."""
    import matplotlib.pyplot as plt

    from advtheory.contract.fits import seed_means

    figure, panels = plt.subplots(1, 3, figsize=(10.4, 4.7))
    every = table[table["projection"] == "step"]
    _map(panels[0], every, LEFT)
    _collapse(panels[1], every, LEFT, r"$\varepsilon\sqrt{d}$")
    once = table[table["projection"] == "epoch"]
    # the same networks by both protocols: other seeds would hide the difference, or make one
    same = every[every["d"].isin(once["d"]) & every["seed"].isin(once["seed"])]
    for part, column, label in (
        (same, "robust", "every step"),
        (once, "robust", "once an epoch, after"),
        (once, "robust_before", "once an epoch, before"),
    ):
        if not part.empty:
            means = seed_means(part, "eps", column)
            panels[2].plot(means["eps"], means["mean"], label=label)
    panels[2].set(xscale="log", xlabel=LEFT.y_label, ylabel="robust accuracy", title="protocols")
    ticks(panels[2].xaxis, sorted(every["eps"].unique())[::2])
    if not once.empty:
        panels[2].set_title(f"protocols at $d = {int(once['d'].iloc[0])}$")
        legend_below(panels[2], columns=1)
    return figure


def draw_right(table: pd.DataFrame) -> Figure:
    """Robust accuracy over (m, V) with the law; all curves over V sqrt(m), allowed and reached."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(10.4, 4.7))
    _map(panels[0], table, RIGHT)
    _collapse(panels[1], table, RIGHT, r"allowed distance $V\sqrt{m}$")
    _reached(panels[2], table)
    return figure


def _reached(axes: Axes, table: pd.DataFrame) -> None:
    """Every curve against the distance that the rows reached, beside the allowed one in grey.

    The two part where training ends before the ball is full.
    """
    for m, part in table.groupby("m"):
        means = part.groupby("radius")[["c0", "deviation", "robust"]].mean()
        axes.plot(means["c0"], means["robust"], color="#999999", marker="", linewidth=1, zorder=1)
        axes.plot(means["deviation"], means["robust"], label=f"$m = {m}$")
    axes.plot([], [], color="#999999", marker="", linewidth=1, label="allowed")
    axes.axhline(HALF, color=GREY, linewidth=1, label="one half")
    axes.set(xscale="log", xlabel=r"reached distance, times $\sqrt{m}$")
    axes.set(ylabel="robust accuracy", title="the distance reached")
    ticks(axes.xaxis)
    legend_below(axes)


def _map(axes: Axes, table: pd.DataFrame, axis: Axis) -> None:
    """Robust accuracy in colours, measured thresholds, the law c/sqrt(x), and the prediction."""
    colour_map(axes, table, axis, "robust", "robust accuracy")
    found = thresholds(table, axis).groupby(axis.x).mean()
    x = found.index.to_numpy(float)
    if len(found):
        c = float(np.exp(np.mean(np.log(found["threshold"]) + np.log(x) / 2)))
        law = f"{c:.2g}$/\\sqrt{{{axis.x}}}$"
        axes.plot(
            x,
            found["threshold"],
            "o",
            color="white",
            mec="black",
            zorder=3,
            label="half are robust",
        )
        line_on_map(axes, x, c / np.sqrt(x), "--", "black", law)
    line = table.assign(predicted=predicted(table, axis)).groupby(axis.x)["predicted"].mean()
    line = line[line > 0]
    line_on_map(axes, line.index, line, ":", "#D55E00", "prediction")
    legend_below(axes)


def _collapse(axes: Axes, table: pd.DataFrame, axis: Axis, label: str) -> None:
    """Every curve against y sqrt(x), in a band of one standard error, over seeds or test images:
    if the law holds, they fall on one another.
    """
    for x in sorted(table[axis.x].unique()):
        means = accuracies(table[table[axis.x] == x], axis)
        places = means.index.to_numpy(float) * math.sqrt(x)
        (line,) = axes.plot(places, means["mean"], label=f"${axis.x} = {x}$")
        low, high = means["mean"] - means["error"], means["mean"] + means["error"]
        axes.fill_between(places, low, high, color=line.get_color(), alpha=0.3, linewidth=0)
    axes.axhline(HALF, color=GREY, linewidth=1, label="one half")
    axes.set(xscale="log", xlabel=label, ylabel="robust accuracy", title="rescaled")
    ticks(axes.xaxis)
    legend_below(axes)


def alts_left(table: pd.DataFrame) -> list[str]:
    """What the three panels show, with the thresholds of this table."""
    return [
        f"Robust test accuracy over dimension and budget. {_half(table, LEFT)}.",
        "Robust accuracy against the budget times the square root of d, a curve for each d. "
        f"{_half(table, LEFT, rescaled=True)}.",
        "Robust accuracy against the budget for two protocols: projected after every step, and "
        f"once an epoch, measured after and before the projection. {_protocols(table)}.",
    ]


def _protocols(table: pd.DataFrame) -> str:
    once = table[table["projection"] == "epoch"]
    if once.empty:
        return "The second is not measured yet"
    last = once[once["eps"] == once["eps"].max()][["robust", "robust_before"]].mean()
    return (
        f"At the budget {once['eps'].max():g} and d = {int(once['d'].iloc[0])} it is "
        f"{last['robust']:.2f} after and {last['robust_before']:.2f} before"
    )


def alts_right(table: pd.DataFrame) -> list[str]:
    """What the three panels show, with the thresholds of this table."""
    free = table[table["deviation"] < 0.99 * table["c0"]]
    most = f"from {free['c0'].min():.0f} on for some widths" if len(free) else "nowhere"
    return [
        f"Robust test accuracy over width and radius. {_half(table, RIGHT)}.",
        "Robust accuracy against the allowed distance V times the square root of m, a curve for "
        f"each width. {_half(table, RIGHT, rescaled=True)}.",
        "Robust accuracy against the distance that was reached, beside the allowed one in grey: "
        f"the ball is not filled {most}.",
    ]


def _half(table: pd.DataFrame, axis: Axis, rescaled: bool = False) -> str:
    found = thresholds(table[table["projection"] == "step"], axis)
    means = found.groupby(axis.x)["threshold"].mean()
    places = means * np.sqrt(means.index.to_numpy(float)) if rescaled else means
    each = ", ".join(f"{place:.2g} at {axis.x} = {x}" for x, place in places.items())
    return f"Half of the images are robust at {each or 'no place measured yet'}"
