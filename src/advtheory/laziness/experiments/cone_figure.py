"""Figure 1 of Wang et al. (2022): the cone over the lazy ball, and what flips networks in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import GREY, legend_below, loglog_band, power_law, ticks
from advtheory.contract.fits import seed_means

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


STEP = 8.0  # eta = STEP / d; the flipping step of a random network is about 2 |f| / d
SHOWN = 3.0  # how far the picture of the cone goes, in multiples of W0


def draw(table: pd.DataFrame) -> Figure:
    """The cone and the networks measured in it; step, distance and flipped inputs against c."""
    import matplotlib.pyplot as plt

    figure, ((cone, step), (distance, flipped)) = plt.subplots(2, 2, figsize=(8.4, 9.4))
    _draw_cone(cone, table[table["d"] == table["d"].max()])
    for d, part in table.groupby("d"):
        name, finite = f"$d = {d}$", part[part["step"] < math.inf]
        loglog_band(step, finite, "c", "step", name)
        loglog_band(distance, finite, "c", "distance", name)
        means = seed_means(part, "c", "unrescaled")
        flipped.plot(means["c"], means["mean"], label=rf"step $\eta$, {name}")
    # after the curves, so that one entry of the legend serves all the dashed ones
    for d, part in table[table["step"] < math.inf].groupby("d"):
        power_law(
            step, part, "c", "step", -1.0, r"$\propto c^{-1}$" if d == table["d"].max() else ""
        )
    means = seed_means(table, "c", "rescaled")
    flipped.plot(
        means["c"], means["mean"], "--", color=GREY, marker="", label=r"step $\eta/c$, all $d$"
    )
    step.set(ylabel=r"$\eta$", title="flipping step of $cW$")
    distance.set(ylabel=r"$\|\delta\|$", title="flipping distance of $cW$", yscale="linear")
    distance.set_ylim(bottom=0)
    flipped.set(ylabel="share of the inputs", title=rf"flipped by the step $\eta = {STEP:g}/d$")
    for axes in (step, distance, flipped):
        axes.set(xlabel="scale $c$", xscale="log")
        ticks(axes.xaxis, [0.01, 0.1, 1, 10, 100])
        legend_below(axes)
    return figure


def _draw_cone(axes: Axes, part: pd.DataFrame) -> None:
    """The plane of W0 and the shift, the shift direction stretched: to scale the ball is a dot."""
    thin = float(part["thinness"].mean())
    edge = SHOWN / math.sqrt(1 - thin**2)  # the cone touches the ellipse that the ball is here
    axes.fill([0, SHOWN, SHOWN], [0, edge, -edge], color="#56B4E9", alpha=0.35, label="cone")
    angle = np.linspace(0, 2 * math.pi, 400)
    ball = 1 + thin * np.cos(angle), np.sin(angle)
    axes.plot(*ball, color="#D55E00", marker="", linewidth=3, label="lazy ball")
    axes.plot([0, 1], [0, 0], "o", color="#000000", label="$0$ and $W_0$")
    inside = sorted(c for c in part["c"].unique() if c < SHOWN)
    height = float(part.loc[part["c"] == 1, "deviation"].mean())
    axes.plot(inside, [c * height for c in inside], "s", color="#0072B2", label="$cW$, measured")
    axes.set(
        xlabel="along $W_0$, in multiples of $W_0$",
        ylabel=r"along the shift, in units of $C_0/\sqrt{m}$",
        title=f"the cone, stretched {1 / thin:.0f} times",
        xlim=(-0.2, SHOWN),
        ylim=(-SHOWN, SHOWN),
    )
    legend_below(axes)
