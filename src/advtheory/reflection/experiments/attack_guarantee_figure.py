"""The figure of the experiment ``mianjy-thm32``: the gap, the void of the hypothesis, the flips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from advtheory.contract.axes import GREY, legend_below
from advtheory.contract.estimates import Estimate, Key

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(table: pd.DataFrame) -> Figure:
    """The gap against T; where the hypothesis holds, by alpha; the iterations of a flip."""
    import matplotlib.pyplot as plt

    figure, (gap, void, flips) = plt.subplots(1, 3, figsize=(10.4, 4.9))
    _gap(gap, table[table["effective"] == 1])
    _void(void, table)
    _flips(flips, table[(table["effective"] == 1) & (table["best"] <= -1) & (table["margin"] > 0)])
    return figure


def _gap(axes: Axes, holds: pd.DataFrame) -> None:
    names = [name for name in holds.columns if name.startswith("gap_") and name[4:].isdigit()]
    steps = [int(name[4:]) for name in names]
    for share, style, label in ((1.0, "-", "largest"), (0.5, "--", "median")):
        axes.plot(steps, holds[names].quantile(share), style, label=label)
    axes.axhline(0, color=GREY, linestyle=":", label="bound")
    axes.set(xscale="log", ylim=(-3.2, 0.2), title="best attack minus bound")
    axes.set(xlabel="iterations $T$", ylabel=r"$q(\varphi_*)-2q(\varphi_{\rm atk})-4e$")
    legend_below(axes)


def _void(axes: Axes, table: pd.DataFrame) -> None:
    correct = table[table["margin"] > 0]
    for family, part in correct.groupby("family"):
        share = part.groupby("alpha")["effective"].mean()
        axes.plot(share.index, share, label=str(family))
    axes.axvline(0.5, color=GREY, linestyle=":", label=r"$\alpha=1/2$")
    axes.set(title="hypothesis holds", xlabel=r"slope $\alpha$", ylim=(-0.05, 1.05))
    axes.set(ylabel="share of correct points")
    legend_below(axes)


def _flips(axes: Axes, strong: pd.DataFrame) -> None:
    axes.loglog(strong["flip_bound"], strong["flipped_at"], ".", alpha=0.4, label="measured")
    ends = [1, 400]
    axes.loglog(ends, ends, ":", color=GREY, marker="", label="bound")
    axes.set(title="flip of a correct point", xlabel=r"$\lceil 4\nu^2/\eta\rceil$")
    axes.set(ylabel="first $t$ with $yf(x_t)\\leq 0$")
    legend_below(axes)


def alts(found: Mapping[Key, Estimate]) -> list[str]:
    """What the panels show, with the numbers of the table."""
    shares = {key.curve: n.value for key, n in found.items() if key.quantity == "effective"}
    named = "; ".join(f"{value:.2f} for {curve}" for curve, value in shares.items())
    largest, latest = (found.get(Key(name)) for name in ("largest", "latest"))
    return [
        "The best attack's weight minus the bound, against the number of iterations, largest and "
        "median over all instances with the hypothesis: both stay below 0. The largest is "
        f"{f'{largest.value:.2f}' if largest else 'not known yet'}.",
        "Share of correctly classified points at which the hypothesis holds, against alpha: 0 up "
        f"to one half, then it rises. Together: {named}.",
        "First iteration at which the label is flipped against the number of the theorem, on "
        "logarithmic axes: all points lie below the diagonal. The latest flip needs a share of "
        f"{f'{latest.value:.2f}' if latest else 'not known yet'} of that number.",
    ]
