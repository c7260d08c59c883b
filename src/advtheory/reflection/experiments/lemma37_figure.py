"""The figure of the experiment ``mianjy-lemma37``: mean pull, norm, and the robust error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advtheory.contract.axes import GREY, legend_below, ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ATTACKS = ("none", "random", "PGD", "exact")


def draw(table: pd.DataFrame) -> Figure:
    """Mean pull against its bound, growth of the norm by width, robust error against the pull."""
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.4, 4.9))
    for attack, part in table.groupby("attack", sort=False):
        left.plot(part["pull_bound"], part["mean_pull"], "o", ms=4, label=str(attack))
    ends = [table["pull_bound"].min(), table["pull_bound"].max()]
    left.plot(ends, ends, "--", color=GREY, marker="", label="the bound")
    left.set(xlabel="bound on the mean pull", ylabel="mean pull", xscale="log", yscale="log")
    _norms(middle, table[table["rare"] == 0.5])
    _errors(right, table[table["rare"] < 0.5])
    for axes in (left, middle, right):
        if axes.get_legend_handles_labels()[0]:  # a run may have just begun
            legend_below(axes)
    return figure


def _norms(axes: Axes, table: pd.DataFrame) -> None:
    for attack, part in table.groupby("attack", sort=False):
        means = part.groupby("m")["growth"].mean()
        axes.plot(means.index, means, "o-", label=str(attack))
    axes.axhline(0.612, ls="--", color=GREY, label="0.612, the bound")
    axes.set(
        xlabel="width $m$", ylabel=r"growth of $\|W\|_F^2$ over $\eta T$", xscale="log", ylim=0
    )
    ticks(axes.xaxis, sorted(table["m"].unique()))


def _errors(axes: Axes, table: pd.DataFrame) -> None:
    for attack, part in table.groupby("attack", sort=False):
        axes.plot(part["mean_pull"], part["last_error"], "o", ms=4, label=str(attack))
    axes.set(xlabel="mean pull", ylabel="robust error at the end", xlim=0)


def alts(table: pd.DataFrame) -> list[str]:
    """What the three panels of this record show."""
    hard = table[table["rare"] < 0.5].groupby("attack", sort=False)["last_error"].mean()
    errors = ", ".join(f"{error:.3f} with {name}" for name, error in hard.items())
    return [
        "Mean pull against its bound on logarithmic axes, a dot for each run, coloured by the "
        "attack: all dots lie below the diagonal. The nearest one reaches "
        f"{table['pull_ratio'].max():.2f} of its bound.",
        "Growth of the squared norm over eta T against the width, a line for each attack: nearly "
        f"level, at most {table['growth'].max():.2f}. A dashed line marks the bound 0.612.",
        "Robust error at the end against the mean pull, where the attack matters. Without an "
        f"attack the pull is smallest and the error largest; means: {errors}.",
    ]
