r"""Figure 2 of Mianjy & Arora (2023): how many of the best attacks on a grid change the answer.

Three classes, :math:`f(x) = x`, the input (3, 2, 1) of the first class. A perturbation runs through
the grid points of :math:`(-0.51, 0.51)^3` of length at most 0.7078; for each loss the k points with
its largest values are looked at. Book label ``sec-grid``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from advtheory.contract.axes import legend_below
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.reflection.exact_grid import LOSSES, Grid, Top, top

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

X = (3.0, 2.0, 1.0)
HALF, RADIUS = 0.51, 0.7078
KS = (10, 100, 1000)
SIDE = {"smoke": 60, "laptop": 800, "paper": 800}
ENDS = {"cells": False, "ends": True}
TITLES = {"cells": "points are centres of cells", "ends": "with end points"}

COLUMNS = {
    "side": "grid points along an edge of the cube",
    "grid": "cells: each point is the centre of a cell; ends: the first and last point are ∓0.51",
    "seed": "always 0: nothing is drawn",
    "loss": "loss whose largest values are looked at",
    "k": "how many of them",
    "flips": "how many of these k points change the answer",
    "all_flips": "how many points of the ball change it",
    "points": "how many grid points the ball holds",
    "first": "first coordinate of the point with the largest loss",
    "second": "second coordinate of that point",
    "third": "third coordinate of that point",
    "largest": "largest loss",
    "tied": "points beyond the largest 1000 whose loss equals the last of them exactly",
}
NAMES = {
    "flips": "label flips among the k points with the largest loss",
    "all_flips": "label flips in the whole ball",
    "share": "share of the ball that changes the answer",
}


def grid(scale: str) -> list[Point]:
    """Both readings of "a grid of 800 x 800 x 800"."""
    return [{"side": SIDE[scale], "grid": name} for name in ENDS]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each loss and each k; the same for every seed."""
    cube = Grid(int(point["side"]), HALF, RADIUS, ends=ENDS[str(point["grid"])])
    x = torch.tensor(X, dtype=torch.float64, device=place.device)[:, None]
    found = top(lambda shift: x + shift, LOSSES, cube, max(KS), device=place.device)
    whole = {"all_flips": found.flips, "points": found.points}
    return [
        {**point, "seed": seed, "loss": loss, "k": k, **whole, **columns(best, k)}
        for seed in seeds
        for loss, best in found.top.items()
        for k in KS
    ]


def columns(best: Top, k: int) -> dict[str, float]:
    """What a row says of the k points with the largest value of one loss."""
    where = dict(zip(("first", "second", "third"), best.points[0].tolist(), strict=True))
    return {"flips": best.count(k), **where, "largest": float(best.values[0]), "tied": best.tied}


def summarise(table: pd.DataFrame) -> Mapping[Key, Estimate]:
    """The bars of the figure, and all flips there are. They are counts: they have no error."""
    found: dict[Key, Estimate] = {}
    for row in table.to_dict("records"):
        curve = f"{row['loss']}, k={row['k']}, {row['grid']}"
        found[Key("flips", curve)] = Estimate(row["flips"], 0.0, 1)
        found[Key("all_flips", row["grid"])] = Estimate(row["all_flips"], 0.0, 1)
        share = Estimate(row["all_flips"] / row["points"], 0.0, 1)
        found[Key("share", row["grid"])] = share
    return found


def draw(table: pd.DataFrame) -> Figure:
    """Bars of the three losses for each k, a panel for each grid."""
    import matplotlib.pyplot as plt

    names = [name for name in ENDS if name in set(table["grid"])]
    figure, panels = plt.subplots(1, len(names), figsize=(8.4, 4.2), squeeze=False)
    for axes, name in zip(panels[0], names, strict=True):
        _bars(axes, table[table["grid"] == name])
        axes.set(title=TITLES[name], xlabel="k", ylabel="label flips")
        legend_below(axes, 1)
    return figure


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    """Zeros have a number too, or they would look as if they were missing."""
    for place, loss in enumerate(LOSSES):
        part = table[table["loss"] == loss].sort_values("k")
        at = [k + 0.27 * (place - 1) for k in range(len(part))]
        hatch = ("", "//", "..")[place]
        bars = axes.bar(at, part["flips"], 0.25, label=loss, color=f"C{place}", hatch=hatch)
        axes.bar_label(bars, fontsize="small")
    axes.set_xticks(range(table["k"].nunique()), sorted(map(str, set(table["k"])), key=int))
    axes.set_ylim(0, 1.15 * max(1, table["all_flips"].max()))
    axes.axhline(table["all_flips"].max(), color="#555555", ls="--", label="all flips there are")


def alts(table: pd.DataFrame) -> Sequence[str]:
    """A sentence for each panel."""
    said = []
    for name in dict.fromkeys(table["grid"]):
        part = table[table["grid"] == name].sort_values("k")
        bars = "; ".join(
            f"{loss} {', '.join(map(str, rows['flips']))}" for loss, rows in part.groupby("loss")
        )
        said.append(
            f"Bars of the label flips among the k points with the largest loss, for k = "
            f"{', '.join(map(str, sorted(set(part['k']))))}, {TITLES[name]}: {bars}. A dashed line "
            f"marks all {part['all_flips'].iloc[0]} flips that there are."
        )
    return said


EXPERIMENTS = (
    Experiment(
        name="mianjy-fig2",
        title="label flips among the best attacks of a whole grid",
        label="sec-grid",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=alts,
        seeds={"smoke": 1, "laptop": 1, "paper": 1},
        quantities=NAMES,
        cost=lambda point: float(point["side"]) ** 3,
    ),
)
