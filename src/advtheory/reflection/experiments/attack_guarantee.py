r"""Theorem 3.2 of Mianjy & Arora (2023), measured: small networks with two inputs.

The best attack of the disc is known exactly, and Algorithm 1 runs with the largest step size of
the theorem. By homogeneity the radius is 1 and the top layer has :math:`\kappa\sqrt m = 1`; what is
left is the reach :math:`G\nu`, the most by which the margin can change in the disc. Book labels
``thm-attack``, ``prop-attack-first``, ``prop-void``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.networks.activations import leaky_relu
from advtheory.networks.two_layer import TwoLayer
from advtheory.reflection.attack_path import iterates
from advtheory.reflection.exact_plane import best_in_disc
from advtheory.reflection.experiments.attack_guarantee_figure import alts, draw

if TYPE_CHECKING:
    import pandas as pd


ALPHAS = {
    "smoke": (0.4, 0.8),
    "laptop": (0.2, 0.5, 0.7, 0.9, 1.0),
    "paper": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0),
}
WIDTHS = {"smoke": (1, 3), "laptop": (1, 2, 4), "paper": (1, 2, 4, 6)}
FAMILIES = ("random", "near-extremal")
SEEDS = {"smoke": 30, "laptop": 100, "paper": 100}
STEPS = 400
SHOWN = (1, 4, 20, 100, 400)  # numbers of iterations whose gap is kept
REACH = 0.3, 10.0  # of the margin in the disc; 4 * 10^2 iterations flip the label
DIGITS = 6  # significant ones that are kept of a measured number

COLUMNS = {
    "family": "random, or near-extremal: nearly parallel rows that all pull down, x behind them",
    "alpha": "slope of the leaky ReLU",
    "m": "width, the number of neurons",
    "seed": "seed of the network, the input and its label",
    "reach": "G nu: the most by which the margin can change between x and a point of the disc",
    "threshold": "B: the best attack is effective where its margin is at most -B",
    "margin": "y f(x)",
    "best": "smallest y f in the disc of radius 1 around x",
    "effective": "1 if the hypothesis of the theorem holds, best <= -B, else 0",
    "flipped_at": "first t from 1 to 400 with y f(x_t) <= 0; inf if there is none",
    "flip_bound": "number of iterations after which the theorem says flipped, where best <= -1",
    **{f"gap_{steps}": f"q(best) - 2 q(found) - 4 e after {steps} iterations" for steps in SHOWN},
    "gap": "the largest of q(best) - 2 q(found) - 4 e over 1, ..., 400 iterations",
    "gap_first": "the largest of q(best) - 7/3 q(found) - e over 1, ..., 400 iterations",
}
# a neuron that switches by rounding moves an iterate, a little
MOVED = Tolerance(relative=1e-4, absolute=1e-4)
TOLERANCE = dict.fromkeys((*(f"gap_{steps}" for steps in SHOWN), "gap", "gap_first"), MOVED) | {
    "flipped_at": Tolerance(absolute=1)
}

NAMES = {
    "instances": "instances at which the hypothesis holds",
    "violations": "of them, instances that violate the bound after some number of iterations",
    "violations_first": "of them, instances that violate the bound with 7/3",
    "late": "of those with M ≥ 1, instances whose label is not flipped in time",
    "largest": "largest of q(best) − 2q(found) − 4e",
    "largest_first": "largest of q(best) − 7q(found)/3 − e",
    "latest": "largest share of the iterations of the theorem that a flip needs",
    "effective": "share of correctly classified points at which the hypothesis holds",
    "without": "share of the points without the hypothesis that violate the bound",
}


def grid(scale: str) -> list[Point]:
    """Every family with every slope and width."""
    return [
        {"family": family, "alpha": alpha, "m": m}
        for family in FAMILIES
        for alpha in ALPHAS[scale]
        for m in WIDTHS[scale]
    ]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed: all of them form one ensemble."""
    alpha = float(point["alpha"])
    drawn = [_draw(str(point["family"]), alpha, int(point["m"]), seed) for seed in seeds]
    w, a, x, y = (torch.stack(part).to(place.device) for part in zip(*drawn, strict=True))
    columns = guarantee(TwoLayer(w, a, activation=leaky_relu(alpha)), x, y)
    lists = {name: _rounded(values) for name, values in columns.items()}
    return [
        {**point, "seed": seed} | {name: values[k] for name, values in lists.items()}
        for k, seed in enumerate(seeds)
    ]


def guarantee(net: TwoLayer, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """The measured columns: for networks with largest ``|a|`` 1, inputs ``(k, 1, 2)``, radius 1."""
    assert net.activation.kink is not None
    reach = torch.linalg.matrix_norm(net.w)
    path = iterates(net, x, y, radius=1.0, step=1 / reach[:, None] ** 2, steps=STEPS)
    margins = (y * torch.stack([net.value(p) for p in path[:-1]]))[..., 0]  # of x_1, ..., x_T
    best = (y * net.value(best_in_disc(net, x, y, 1.0)))[:, 0]
    threshold = 2 * (1 - net.activation.kink) * reach
    excess = reach**2 / torch.arange(1, STEPS + 1).to(reach)[:, None]
    q, found = torch.sigmoid(-best), torch.sigmoid(-margins.cummin(0).values)
    gap = q - 2 * found - 4 * excess
    return {
        "reach": reach,
        "threshold": threshold,
        "margin": margins[0],
        "best": best,
        "effective": (best <= -threshold).int(),
        "flipped_at": _first(margins <= 0),
        "flip_bound": (4 * reach**2).ceil(),
        **{f"gap_{steps}": gap[steps - 1] for steps in SHOWN},
        "gap": gap.amax(0),
        "gap_first": (q - 7 / 3 * found - excess).amax(0),
    }


def _first(holds: Tensor) -> Tensor:
    """The first t, counted from 1, at which it holds; inf if it never does."""
    numbers = holds.int().argmax(0).double() + 1
    return torch.where(holds.any(0), numbers, torch.inf)


def _draw(family: str, alpha: float, m: int, seed: int) -> tuple[Tensor, ...]:
    """Rows of a random reach, a top layer with largest entry 1, an input (1, 2) and its label."""
    generator = torch.Generator().manual_seed(seed)
    low, high = REACH
    share, depth = torch.rand(2, generator=generator, dtype=torch.float64)
    w, x = (torch.randn(k, 2, generator=generator, dtype=torch.float64) for k in (m, 1))
    a = 2 * torch.rand(m, generator=generator, dtype=torch.float64) - 1
    y = torch.randint(0, 2, (1,), generator=generator) * 2.0 - 1
    if family == "near-extremal":
        u = torch.nn.functional.normalize(x, dim=-1)
        a, x = -y.double() * (1 + 0.1 * a.abs()), -depth * max(2 * alpha - 1, 0.3) * u
        w = u + 0.05 * w
    w = low * (high / low) ** share * w / torch.linalg.matrix_norm(w)
    return w, a / a.abs().amax(), x, y.double()


def _rounded(values: Tensor) -> list[float]:
    if not values.is_floating_point():
        return list(values.tolist())
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """Counts of violations and the largest gaps; how often the hypothesis holds, by alpha."""
    holds = table[table["effective"] == 1]
    strong = holds[holds["best"] <= -1]
    estimates = {
        Key("instances"): _count(len(holds), len(table)),
        Key("violations"): _count(int((holds["gap"] > 0).sum()), len(table)),
        Key("violations_first"): _count(int((holds["gap_first"] > 0).sum()), len(table)),
        Key("late"): _count(int((strong["flipped_at"] > strong["flip_bound"]).sum()), len(table)),
    }
    if len(holds) < len(table):
        outside = table[table["effective"] == 0]
        estimates[Key("without")] = _count((outside["gap"] > 0).mean(), len(outside))
    if not holds.empty:
        estimates[Key("largest")] = _count(holds["gap"].max(), len(holds))
        estimates[Key("largest_first")] = _count(holds["gap_first"].max(), len(holds))
    if not strong.empty:
        share = strong["flipped_at"] / strong["flip_bound"]
        estimates[Key("latest")] = _count(share[strong["margin"] > 0].max(), len(strong))
    correct = table[table["margin"] > 0]
    return estimates | {
        Key("effective", f"alpha={alpha:g}"): _count(part["effective"].mean(), len(part))
        for alpha, part in correct.groupby("alpha")
    }


def _count(value: float, n: int) -> Estimate:
    return Estimate(float(value), None, n)


EXPERIMENTS = (
    Experiment(
        name="mianjy-thm32",
        title="Theorem 3.2: projected gradient descent on the reflected loss finds the attack",
        label="sec-pgd-finds",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=lambda table: alts(summarise(table)),
        seeds=SEEDS,
        quantities=NAMES,
        together=lambda point: 100,
        tolerance=TOLERANCE,
    ),
)
