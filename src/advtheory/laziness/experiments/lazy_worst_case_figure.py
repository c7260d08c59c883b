r"""The figure of the experiment ``lazy-worst-case``, and the ratios that it shows.

Each panel stands beside a lemma of the page ``sec-lazy-stability`` and has the lines of theory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import GREY, legend_below
from advtheory.laziness import bounds

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


LIMIT = 0.5 + 1 / math.pi
r"""Along one direction lazy weights change the gradient by :math:`(\frac12 + \frac1\pi)C_0`.

This is the limit of great width: moving the open half of the neurons gives the first part, and
switching those next to their kinks the second.
"""
GAMMA = 0.1  # what one event may fail with, for the bounds that are drawn


def with_ratios(table: pd.DataFrame) -> pd.DataFrame:
    r"""The table with ratios in new columns.

    ``shift``, half the range of the value; ``count/expected``, the switching neurons over
    :math:`C_0\sqrt{2m/\pi}`; ``left``, shortest gradient over that at the start; ``proved``, the
    same for its lower bound; ``eroded``, what the lower bound allows to be lost, over
    :math:`C_0`; ``relative``, the largest change over the gradient at the start; ``ball``,
    :math:`C_0/\sqrt d`.
    """
    size = table["gradient_norm"]
    expected = table["c0"] * np.sqrt(2 * table["m"] / math.pi)
    ratios = {
        "shift": (table["raised"] + table["lowered"]) / 2,
        "count/expected": table["switching"] / expected,
        "left": table["shrunk"] / size,
        "proved": table["floor"] / size,
        "eroded": (size - table["floor"]) / table["c0"],
        "relative": table["change"] / size,
        "ball": table["c0"] / np.sqrt(table["d"]),
    }
    return table.assign(**ratios)


def draw(table: pd.DataFrame) -> Figure:
    """Value, switching neurons, gradient left; change, bend and flipping distance against d."""
    import matplotlib.pyplot as plt

    table = with_ratios(table)
    wide = table[table["m"] == table["m"].max()]
    figure, axes = plt.subplots(2, 3, figsize=(10.4, 9.8))
    _value(axes[0, 0], table)
    _switching(axes[0, 1], table)
    _left(axes[0, 2], wide)
    _change(axes[1, 0], wide)
    _bend(axes[1, 1], wide)
    _distance(axes[1, 2], wide)
    return figure


def _value(axes: Axes, table: pd.DataFrame) -> None:
    from advtheory.contract.axes import loglog_band, plain_ticks

    loglog_band(axes, table, "c0", "shift", "measured")
    places = np.array(sorted(table["c0"].unique()))
    axes.plot(places, places / 2, "--", color=GREY, marker="", label="$C_0/2$")
    axes.plot(places, places, ":", color=GREY, marker="", label="bound $C_0$")
    axes.set(title="change of the value", xlabel="$C_0$", ylabel=r"$|f(x;W)-f(x;W_0)|$")
    plain_ticks(axes, list(places))
    legend_below(axes)


def _switching(axes: Axes, table: pd.DataFrame) -> None:
    widths, name = np.array(sorted(table["m"].unique()), dtype=float), r"$C_0\sqrt{2m/\pi}$"
    _curves(axes, table, "m", "switching")
    for c0 in sorted(table["c0"].unique()):
        mean = c0 * np.sqrt(2 * widths / math.pi)
        axes.plot(widths, mean, "--", color=GREY, marker="", label=name)
        name = ""
    most = bounds.switch_count(table["c0"].max(), widths, GAMMA)
    axes.plot(widths, most, ":", color=GREY, marker="", label=f"bound, $C_0={table['c0'].max():g}$")
    axes.set(title="neurons that can switch", xlabel="width $m$", ylabel="$|S_1|$")
    legend_below(axes)


def _left(axes: Axes, wide: pd.DataFrame) -> None:
    for d, part in wide.groupby("d"):
        means = part.groupby("ball")[["left", "proved"]].mean()
        (curve,) = axes.plot(means.index, means["left"], label=f"$d={d}$")
        low, high = means["proved"], means["left"]
        axes.fill_between(means.index, low, high, color=curve.get_color(), alpha=0.25, linewidth=0)
    ball = np.linspace(0, 1 / (LIMIT * math.sqrt(2)), 20)
    limit = 1 - LIMIT * math.sqrt(2) * ball
    axes.plot(ball, limit, "--", color=GREY, marker="", label="limit")
    axes.set(title="gradient left", xlabel=r"$C_0/\sqrt{d}$", ylabel="share of the start")
    axes.set(xlim=(-0.05, 1.55))
    legend_below(axes)


def _change(axes: Axes, wide: pd.DataFrame) -> None:
    _curves(axes, wide, "d", "relative")
    d, c0 = np.array(sorted(wide["d"].unique()), dtype=float), wide["c0"].max()
    bound = bounds.lazy_gradient_change(c0, d, wide["m"].max(), GAMMA) / np.sqrt(d / 2)
    axes.plot(d, bound, ":", color=GREY, marker="", label=f"bound, $C_0={c0:g}$")
    axes.set(title="change of the gradient", xlabel="input dimension $d$")
    axes.set(ylabel=r"relative to $\|\nabla f(x;W_0)\|$")
    legend_below(axes)


def _bend(axes: Axes, wide: pd.DataFrame) -> None:
    _curves(axes, wide, "d", "bend_shrunk")
    _start(axes, wide, "bend")
    d = np.array(sorted(wide["d"].unique()), dtype=float)
    law = math.sqrt(2 / math.pi) * d**-0.25
    axes.plot(d, law, "--", color=GREY, marker="", label=r"$\sqrt{2/\pi}\,d^{-1/4}$")
    axes.axhline(0.5, linestyle=":", color=GREY, label="1/2")
    axes.set(title=r"bend on a step of $1/\sqrt{d}$", xlabel="input dimension $d$")
    axes.set(ylabel=r"relative to $\|\nabla f(x;W)\|$")
    legend_below(axes)


def _distance(axes: Axes, wide: pd.DataFrame) -> None:
    from advtheory.contract.axes import power_law

    finite = wide[wide[["distance", "distance_raised"]].max(axis=1) < math.inf]
    _curves(axes, finite, "d", "distance_raised")
    _start(axes, finite, "distance")
    least = finite[finite["c0"] == finite["c0"].min()]
    power_law(axes, least, "d", "distance_raised", -0.5, r"$\propto d^{-1/2}$")
    axes.set(title="flip after raising the value", xlabel="input dimension $d$")
    axes.set(ylabel=r"$\|\delta\|$")
    legend_below(axes)


def _curves(axes: Axes, table: pd.DataFrame, x: str, column: str) -> None:
    """A curve for each C0."""
    from advtheory.contract.axes import loglog_band, plain_ticks

    for c0, part in table.groupby("c0"):
        loglog_band(axes, part, x, column, f"$C_0={c0:g}$")
    plain_ticks(axes, sorted(table[x].unique()))


def _start(axes: Axes, wide: pd.DataFrame, column: str) -> None:
    """The curve of the random start, in black; its rows repeat for every C0."""
    from advtheory.contract.fits import seed_means

    means = seed_means(wide[wide["c0"] == wide["c0"].min()], "d", column)
    axes.plot(means["d"], means["mean"], color="black", marker="X", label="start")
