r"""Figure 1 of Mianjy & Arora (2023): the 0-1 loss between two scaled losses, over the margin.

Beside the curves stand the weights q and s, and how many steps of raw ascent bring a margin to
zero on a linear network, :math:`z_{t+1} = z_t - h\,q(z_t)`, or with s. Everything is a number of
one margin: there are no networks, no data, and nothing is random. Book label ``prop-bounds``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from advtheory.contract.axes import GREY, legend_below
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.losses import LOGISTIC, REFLECTED
from advtheory.reflection.one_margin import lower, q, q_time, s, s_time, steps_to_zero, upper

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


LOWEST = -6  # the first margin
HIGHEST = {"smoke": 3, "laptop": 6, "paper": 8}
EACH = {"smoke": 10, "laptop": 50, "paper": 50}  # margins in an interval of length 1
STEPS = {"smoke": (1.0,), "laptop": (0.25, 1.0, 4.0), "paper": (0.25, 1.0, 4.0)}
SHOWN = 1.0  # the h of the figure
AT = (2, 4, 6, 8)  # margins at which the steps are read off
ROUND = 1e-12  # what identities between doubles may miss

COLUMNS = {
    "h": "the step of raw ascent times the squared length of the gradient",
    "highest": "the last margin",
    "each": "margins in an interval of length 1",
    "seed": "always 0: nothing is random",
    "z": "margin",
    "zero_one": "0-1 loss: 1 where z <= 0, else 0",
    "logistic": "logistic loss, log(1 + e^-z)",
    "reflected": "reflected loss, -log(1 + e^z)",
    "upper": "upper bound on the 0-1 loss: logistic / log 2",
    "lower": "lower bound on the loss that is 1 where z < 0: 1 + reflected / log 2",
    "q": "weight of the gradient in raw ascent on the logistic loss, 1 / (1 + e^z)",
    "s": "the same for the reflected loss, 1 / (1 + e^-z)",
    "q_steps": "steps of raw ascent on the logistic loss until z <= 0, on a linear network",
    "s_steps": "the same for the reflected loss",
}
ONE_STEP = Tolerance(absolute=1.5)  # the last digit may decide which step is the last
TOLERANCE = {"q_steps": ONE_STEP, "s_steps": ONE_STEP} | {
    name: Tolerance(relative=1e-6, absolute=ROUND) for name in ("lower", "upper", "reflected")
}

NAMES = {
    "violations": "margins at which the bound on the 0-1 loss fails",
    "at_zero": "value at the margin 0",
    "too_low": "length of the interval on which the loss, not scaled, is below the 0-1 loss",
    "convex": "margins at which the lower bound is not concave",
    "sum": "largest deviation of the sum of both losses from -z",
    "ratio": "largest relative deviation of s/q from e^z",
    "outside": "margins whose number of steps is outside its bounds",
    "steps": "steps from the margin z to zero, h = 1",
}


def grid(scale: str) -> list[Point]:
    """One point for each h."""
    return [{"h": h, "highest": HIGHEST[scale], "each": EACH[scale]} for h in STEPS[scale]]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each margin."""
    h, highest, each = float(point["h"]), int(point["highest"]), int(point["each"])
    z = torch.arange(LOWEST * each, highest * each + 1, device=place.device).double() / each
    most = math.ceil(1 + math.exp(h / 2) * (math.expm1(highest) + highest) / h)
    columns = {**curves(z), **{f"{w.__name__}_steps": steps_to_zero(z, h, w, most) for w in (q, s)}}
    lists = {name: column.tolist() for name, column in columns.items()}
    rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    return [{**point, "seed": seed, **row} for seed in seeds for row in rows]


def curves(z: Tensor) -> dict[str, Tensor]:
    """Losses, bounds and weights at the margins z."""
    y = torch.ones_like(z)
    return {
        "z": z,
        "zero_one": (z <= 0).long(),
        "logistic": LOGISTIC.value(z, y),
        "reflected": REFLECTED.value(z, y),
        "upper": upper(z),
        "lower": lower(z),
        "q": q(z),
        "s": s(z),
    }


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """Counts of violations, values at 0, identities, and steps at a few margins."""
    once = table[table["h"] == table["h"].iloc[0]]
    found = {**_bounds(once), **_identities(once)}
    for name in ("q", "s"):
        found[Key("outside", name)] = float(outside(table, name).sum())
        for z, count in table[table["h"] == SHOWN].set_index("z")[f"{name}_steps"].items():
            if z in AT:
                found[Key("steps", f"{name}, z={z:g}")] = float(count)
    return {key: Estimate(value, None, len(once)) for key, value in found.items()}


def _bounds(once: pd.DataFrame) -> dict[Key, float]:
    z, zero = once["z"], once[once["z"] == 0].iloc[0]
    return {
        Key("violations", "upper"): float((once["upper"] < (z <= 0)).sum()),
        Key("violations", "lower"): float((once["lower"] > (z < 0)).sum()),
        Key("convex"): float((np.diff(once["lower"], 2) > ROUND).sum()),
        Key("too_low"): -float(z[once["logistic"] < 1].min()),
        **{Key("at_zero", name): float(zero[name]) for name in ("upper", "lower", "q", "s")},
    }


def _identities(once: pd.DataFrame) -> dict[Key, float]:
    total = (once["logistic"] + once["reflected"] + once["z"]).abs().max()
    ratio = (once["s"] / once["q"] / np.exp(once["z"]) - 1).abs().max()
    return {Key("sum"): float(total), Key("ratio"): float(ratio)}


def outside(table: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Where the number of steps breaks the bounds of the book's ``prop-steps``."""
    rows = table[table["z"] > 0]
    z, h, steps = torch.tensor(rows["z"].to_numpy()), rows["h"], rows[f"{name}_steps"]
    if name == "q":
        least = q_time(z).numpy() / h
        most = 1 + np.exp(h / 2) * least
    else:
        least, most = rows["z"] / h, 1 + s_time(z).numpy() / h
    # rounding may make a count of steps late where a bound is met exactly
    return np.asarray((steps < least - ROUND) | (steps > most + ROUND))


def draw(table: pd.DataFrame) -> Figure:
    """The losses, the weights, and the steps to zero."""
    import matplotlib.pyplot as plt

    figure, (losses, weights, steps) = plt.subplots(1, 3, figsize=(10.4, 4.2))
    rows = table[table["h"] == SHOWN]
    _losses(losses, rows)
    for name, color in (("q", "#0072B2"), ("s", "#009E73")):
        weights.plot(rows["z"], rows[name], color=color, marker="", label=f"${name}(z)$")
    _steps(steps, rows[rows["z"] > 0])
    for axes in (losses, weights, steps):
        axes.set_xlabel("margin $z$")
        legend_below(axes)
    return figure


def _losses(axes: Axes, rows: pd.DataFrame) -> None:
    axes.step(rows["z"], rows["zero_one"], where="pre", color="#D55E00", marker="", label="0-1")
    axes.plot(rows["z"], rows["upper"], color="#0072B2", marker="", label="upper bound")
    axes.plot(rows["z"], rows["lower"], color="#009E73", marker="", label="lower bound")
    for name, color in (("logistic", "#0072B2"), ("reflected", "#009E73")):
        axes.plot(rows["z"], rows[name], ":", color=color, marker="", label=name)
    axes.axhline(0, color=GREY, linewidth=0.6, marker="")
    axes.set(xlim=(-4, 4), ylim=(-4, 4))


def _steps(axes: Axes, rows: pd.DataFrame) -> None:
    z = torch.tensor(rows["z"].to_numpy())
    for name, color, time in (("q", "#0072B2", q_time), ("s", "#009E73", s_time)):
        label = {"q": "logistic", "s": "reflected"}[name]
        axes.plot(z, rows[f"{name}_steps"], color=color, marker="", label=label)
        axes.plot(z, time(z) / SHOWN, ":", color=color, marker="", label="as a flow")
    axes.set(yscale="log", ylabel="steps until $z\\leq 0$", ylim=(0.7, None))


def alts(table: pd.DataFrame) -> list[str]:
    """One description for each panel."""
    found = summarise(table)
    last = max(z for z in AT if Key("steps", f"q, z={z}") in found)
    slow, fast = (found[Key("steps", f"{name}, z={last}")].value for name in ("q", "s"))
    return [
        "The 0-1 loss, a step at the margin 0, between the logistic loss over log 2 above it and "
        "one plus the reflected loss over log 2 below it; they meet the step at 0. The losses "
        "without the factor are dotted; the logistic one passes below the corner of the step.",
        "The weights q, which falls from 1 to 0, and s, which rises from 0 to 1; they cross at "
        "the margin 0 and the height one half.",
        "Steps of raw ascent until the margin is zero against the margin, the steps on a "
        f"logarithmic axis: from the margin {last} it takes {slow:.0f} steps along the logistic "
        f"loss and {fast:.0f} along the reflected one. Dotted lines, the flow, lie close to both.",
    ]


EXPERIMENTS = (
    Experiment(
        name="mianjy-fig1",
        title="the 0-1 loss between two losses, and the steps that raw ascent needs",
        label="prop-bounds",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=alts,
        seeds={"smoke": 1, "laptop": 1, "paper": 1},
        quantities=NAMES,
        cost=lambda point: math.exp(float(point["highest"])) / float(point["h"]),
        tolerance=TOLERANCE,
    ),
)
