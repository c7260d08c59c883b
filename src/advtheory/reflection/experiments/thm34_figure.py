"""The figure of the experiment ``mianjy-thm34``: iterations against the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advtheory.contract.axes import GREY, legend_below, ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


PANELS = {"exact": "exact attack", "PGD": "Algorithm 1"}


def curve_of(table: pd.DataFrame) -> pd.Series:
    """The name of the curve of each row: "exact, d=20, alpha=1"."""
    slope = table["alpha"].map(lambda alpha: f"alpha={alpha:g}")
    return table["attack"] + ", d=" + table["d"].astype(str) + ", " + slope


def draw(table: pd.DataFrame) -> Figure:
    """Iterations until the mean error is 2 eps, and what is proved, for both attacks."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(8.8, 5.2))
    for axes, (attack, title) in zip(panels, PANELS.items(), strict=True):
        _panel(axes, table[table["attack"] == attack])
        axes.set(title=title, xlabel=r"gap $\gamma-\nu$", ylabel="iterations $T$")
        axes.set(xscale="log", yscale="log")
        ticks(axes.xaxis, sorted(table["gap"].unique()))
        legend_below(axes)
    return figure


def _panel(axes: Axes, table: pd.DataFrame) -> None:
    for (d, alpha), part in table.groupby(["d", "alpha"], sort=False):
        finite = part[part["robust_iterations"] < float("inf")]
        means = finite.groupby("gap")["robust_iterations"].mean()
        axes.plot(means.index, means, "o-", label=rf"$d={d}$, $\alpha={alpha:g}$")
    linear = table[table["alpha"] == 1].drop_duplicates("gap").sort_values("gap")
    axes.plot(linear["gap"], linear["bound"], "--", color=GREY, label=r"bound, $\alpha=1$")
    if len(linear):
        gap = linear["gap"]
        axes.plot(gap, gap**-2.0, ":", color=GREY, label=r"$(\gamma-\nu)^{-2}$")


def alts(table: pd.DataFrame) -> list[str]:
    """What the two panels of this record show."""
    return [_alt(table[table["attack"] == attack], title) for attack, title in PANELS.items()]


def _alt(table: pd.DataFrame, title: str) -> str:
    linear = table[(table["robust_iterations"] < float("inf")) & (table["alpha"] == 1)]
    means = linear.groupby("gap")["robust_iterations"].mean()
    numbers = ", ".join(f"{value:.0f} at {gap:g}" for gap, value in means[::-1].items())
    return (
        f"Iterations until the mean robust error is 2 eps against the gap, {title}, logarithmic "
        f"axes. Linear networks need {numbers or 'nothing yet'} on average. The curves run along "
        "the dotted line of slope -2; the dashed bound lies far above."
    )
