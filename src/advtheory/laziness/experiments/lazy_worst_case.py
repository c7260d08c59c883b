r"""The worst lazy weights at one input, measured beside the lemmas that bound them.

For random networks and random inputs on the unit sphere: the largest change of the value, the
neurons that can switch, the shortest gradient with a certificate, the largest change of the
gradient, how straight the network is on a step of length :math:`1/\sqrt d`, and the flipping
distance, each over all rows within :math:`C_0/\sqrt m` of their start. Book labels ``lem-b4``,
``lem-b5``, ``lem-b7``, ``thm-lazy-stability``, ``thm-gradient-ball``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.attacks.flipping import flipping_step
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import complete_seeds, curve_slopes, loglog_slope, mean_estimate
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.synthetic import random_input
from advtheory.laziness.experiments import alts
from advtheory.laziness.experiments.lazy_worst_case_figure import draw, with_ratios
from advtheory.laziness.worst_case import extreme_value, split_bound, switching, value_range
from advtheory.laziness.worst_gradient import largest_change, shrink
from advtheory.networks.two_layer import TwoLayer, initialise

if TYPE_CHECKING:
    import pandas as pd


DIMENSIONS = {
    "smoke": (25, 49),
    "laptop": (25, 100, 400),
    "paper": (25, 49, 100, 196, 400, 784),
}
WIDTHS = {"smoke": (200, 800), "laptop": (1000, 4000), "paper": (1000, 3000, 10_000)}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 10}
C0S = (0.5, 2.0, 5.0, 10.0, 20.0)
TOGETHER = 4_000_000  # weights measured together

COLUMNS = {
    "d": "input dimension",
    "m": "width, the number of neurons",
    "c0": "C0: every row is within C0/sqrt(m) of its start",
    "seed": "seed of the start and of the input x, uniform on the unit sphere",
    "raised": "the largest f(x) of a lazy network, minus f(x) at the start",
    "lowered": "f(x) at the start, minus the smallest f(x) of a lazy network",
    "switching": "number of neurons that some lazy row can switch at x",
    "gradient_norm": "Euclidean norm of the gradient at x at the start",
    "shrunk": "norm of the shortest gradient at x that was found among lazy networks",
    "floor": "a proved lower bound on the norm of the gradient at x of every lazy network",
    "change": "norm of the largest change of the gradient at x that was found",
    "split": "a proved upper bound on it for this start, C0 plus what the switching rows can do",
    "bend": "relative change of the gradient over a step of length 1/sqrt(d) against it, start",
    "bend_shrunk": "the same for the network with the shortest gradient that was found",
    "distance": "flipping distance of x along the gradient, at the start; inf if it never flips",
    "distance_raised": "the same for the lazy network whose |f(x)| is the largest",
    "distance_shrunk": "the same for the network with the shortest gradient that was found",
}

SEARCHED = Tolerance(relative=1e-4)
"""Of what stands at the end of an iteration; in double precision it moved by 1e-9."""


NAMES = {
    "shift": "slope of the largest change of the value against C0",
    "shift/C0": "largest change of the value over C0",
    "bend": "slope against d of the bend on a step of 1/√d",
    "count/expected": "neurons that can switch, over C0√(2m/π)",
    "switching": "slope against m of the neurons that can switch",
    "left": "shortest gradient over that at the start, largest d",
    "eroded": "what the gradient's proved floor lies below the start, over C0",
    "relative": "slope against d of the relative change of the gradient",
    "bend_shrunk": "slope against d of the bend after shrinking the gradient",
    "distance_raised": "slope against d of the flipping distance, value raised",
}


def grid(scale: str) -> list[Point]:
    """Every dimension with every width; each row of the table adds its C0."""
    return [{"d": d, "m": m} for d in DIMENSIONS[scale] for m in WIDTHS[scale]]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed and C0."""
    d, m = int(point["d"]), int(point["m"])
    start = initialise(d, m, seeds, device=place.device, dtype=torch.float64)
    x = torch.stack([random_input(d, seed) for seed in seeds]).to(place.device)
    columns = {"gradient_norm": _length(_gradient(start, x)), **_walk(start, x, "")}
    rows: list[Row] = []
    for c0 in C0S:
        every = {name: v.tolist() for name, v in {**columns, **_worst(start, x, c0)}.items()}
        rows += [
            {**point, "c0": c0, "seed": seed} | {name: values[k] for name, values in every.items()}
            for k, seed in enumerate(seeds)
        ]
    return rows


def _worst(start: TwoLayer, x: Tensor, c0: float) -> dict[str, Tensor]:
    """Everything that depends on C0, one number for each member."""
    f, before = start.value(x[:, None])[:, 0], _gradient(start, x)
    low, high = value_range(start, x, c0)
    shrunk = shrink(start, x, c0)
    raised = _walk(extreme_value(start, x, c0, f.sign()), x, "_raised")
    return {
        "raised": high - f,
        "lowered": f - low,
        "switching": switching(start, x, c0).sum(-1),
        "shrunk": shrunk.norm,
        "floor": shrunk.floor,
        "change": _length(largest_change(start, x, c0).gradient - before),
        "split": split_bound(start, x, c0),
        **_walk(shrunk.moves.network(), x, "_shrunk"),
        "distance_raised": raised["distance_raised"],
    }


def _walk(net: TwoLayer, x: Tensor, which: str) -> dict[str, Tensor]:
    """The flipping distance, and how the gradient bends on a step against sign and gradient."""
    f, gradient = net.value_and_gradient(x[:, None])
    length = _length(gradient)
    step = -f.sign()[..., None] * gradient / length[..., None] / math.sqrt(net.d)
    change = net.input_gradient(x[:, None] + step) - gradient
    return {
        f"bend{which}": (_length(change) / length)[:, 0],
        f"distance{which}": flipping_step(net, x[:, None]).distance[:, 0],
    }


def _gradient(net: TwoLayer, x: Tensor) -> Tensor:
    return net.input_gradient(x[:, None])[:, 0]


def _length(v: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(v, dim=-1)
    return length


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """Slopes and constants, for each C0; seeds that lack a point are left out."""
    places = table.groupby(["d", "m"]).ngroups * len(C0S)
    table = with_ratios(complete_seeds(table, ["d", "m", "c0"], places))
    if table.empty:
        return {}
    wide = table[table["m"] == table["m"].max()]
    estimates = {
        Key("shift"): loglog_slope(table["c0"], table["shift"], table["seed"]),
        Key("shift/C0"): _over_seeds(table, table["shift"] / table["c0"]),
        **curve_slopes(wide[wide["c0"] == C0S[0]], ["bend"], "start", wide["d"].nunique()),
    }
    for c0, part in table.groupby("c0"):
        estimates |= _of_one_ball(part, f"c0={c0:g}")
    return estimates


def _of_one_ball(part: pd.DataFrame, curve: str) -> dict[Key, Estimate]:
    """What is known for one C0: a slope against m, then slopes and means at the largest width."""
    estimates = {Key("count/expected", curve): _over_seeds(part, part["count/expected"])}
    if part["m"].nunique() > 1:
        # averaged over d first, because a narrow network may have no such neuron at all
        counts = part.groupby(["m", "seed"])["switching"].mean().reset_index()
        slope = loglog_slope(counts["m"], counts["switching"], counts["seed"])
        estimates[Key("switching", curve)] = slope
    wide = part[part["m"] == part["m"].max()]
    last, above = wide[wide["d"] == wide["d"].max()], wide[wide["floor"] > 0]
    estimates[Key("left", curve)] = _over_seeds(last, last["left"])
    if not above.empty:
        estimates[Key("eroded", curve)] = _over_seeds(above, above["eroded"])
    finite = wide[wide["distance_raised"] < math.inf]
    estimates |= curve_slopes(wide, ["relative", "bend_shrunk"], curve, wide["d"].nunique())
    return estimates | curve_slopes(finite, ["distance_raised"], curve, wide["d"].nunique())


def _over_seeds(part: pd.DataFrame, values: pd.Series[float]) -> Estimate:
    return mean_estimate(values.groupby(part["seed"]).mean())


EXPERIMENTS = (
    Experiment(
        name="lazy-worst-case",
        title="the worst lazy weights at one input: value, switching neurons, gradient",
        label="sec-lazy-stability",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=lambda table: alts.worst_case(summarise(table)),
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["d"]) * float(point["m"]),
        together=lambda point: max(1, TOGETHER // (int(point["d"]) * int(point["m"]))),
        tolerance=dict.fromkeys(("shrunk", "change", "bend_shrunk", "distance_shrunk"), SEARCHED),
    ),
)
