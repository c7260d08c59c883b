r"""Theorem 3.4 of Mianjy & Arora (2023): how many iterations until the iterates are robust.

The theorem is about a random iterate, so about the mean error of the first T iterates. T is counted
until that mean is at most :math:`2\epsilon`, while the gap :math:`\gamma - \nu` shrinks: for the
:math:`\beta`-robust error with :math:`\beta = 2\nu(1-\alpha)`, and for the robust error. Book label
``thm-training``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import loglog_slope
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.networks.two_layer import TwoLayer
from advtheory.reflection import bounds
from advtheory.reflection.experiments import margin_setting as setting
from advtheory.reflection.experiments.thm34_figure import alts, curve_of, draw
from advtheory.training.online import Attack, reflected_attack, train_online

if TYPE_CHECKING:
    import pandas as pd


EPS = 0.1
START = 1.0
M = 20
CHUNK = 16  # steps between two looks at whether all runs are through
GAPS = {"smoke": (0.4, 0.2), "laptop": (0.4, 0.2, 0.1), "paper": (0.4, 0.2, 0.1, 0.05, 0.025)}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 10}
MOST = {"exact": 8000, "PGD": 240}  # steps; PGD takes thousands of its own for each of them
SETTINGS = {
    "smoke": ((20, 1.0, "exact"), (2, 0.75, "PGD")),
    "laptop": ((20, 1.0, "exact"), (2, 0.75, "PGD"), (20, 1.0, "PGD")),
    "paper": (
        *((20, 1.0, "exact"), (2, 1.0, "exact"), (2, 0.75, "exact"), (2, 0.6, "exact")),
        *((20, 1.0, "PGD"), (2, 1.0, "PGD"), (2, 0.9, "PGD"), (2, 0.75, "PGD"), (2, 0.6, "PGD")),
    ),
}

COLUMNS = {
    "d": "input dimension",
    "alpha": "slope of the leaky ReLU at negative numbers; 1 is the identity",
    "attack": "exact: the worst point of the ball; PGD: Algorithm 1 with as many steps as needed",
    "gap": "gamma - nu; the margin gamma of the data is 0.5, their radius 1",
    "m": "width, the number of neurons",
    "beta": "2 nu (1 - alpha), the smallest beta that the theorem admits",
    "eps": "epsilon; the mean error is to be at most twice this",
    "seed": "seed of the start and of the examples",
    "iterations": "first T at which the mean beta-robust error of T iterates is 2 eps, or inf",
    "robust_iterations": "the same for the robust error",
    "bound": "the iterations that are proved to be enough",
    "attack_steps": "steps of PGD in all, up to the end of the run; 0 for the exact attack",
}

NAMES = {
    "slope": "slope of the iterations against the gap",
    "iterations/bound": "largest number of iterations over the proved one",
}


def grid(scale: str) -> list[Point]:
    """Gaps for each setting; the smaller ones for the exact attack only."""
    return [
        {"d": d, "alpha": alpha, "attack": attack, "gap": gap}
        for d, alpha, attack in SETTINGS[scale]
        for gap in GAPS[scale]
        if gap >= 0.1 or (attack == "exact" and alpha == 1 and d == 20)
    ]


class Means:
    r"""The mean errors of the iterates so far: :math:`\beta`-robust, and robust, ``(k,)`` each."""

    def __init__(self, fresh: setting.Fresh, nu: float, beta: float) -> None:
        self.fresh, self.nu, self.beta = fresh, nu, beta
        self.seen: list[Tensor] = []

    def __call__(self, net: TwoLayer) -> None:
        """Before a step."""
        worst = self.fresh.worst(net, self.nu)
        size = self.beta * torch.linalg.matrix_norm(net.w)[:, None]
        wrong = torch.stack([worst <= -size, worst <= 0], dim=-1)
        self.seen.append(wrong.double().mean(1))

    def first(self) -> Tensor:
        r"""The first T with a mean of at most :math:`2\epsilon`, or inf: ``(k, 2)``."""
        errors = torch.stack(self.seen)
        count = torch.arange(1, len(errors) + 1, device=errors.device)[:, None, None]
        good = errors.cumsum(0) / count <= 2 * EPS
        first = good.int().argmax(0) + 1.0
        return torch.where(good.any(0), first, torch.inf)


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed."""
    d, alpha, name = int(point["d"]), float(point["alpha"]), str(point["attack"])
    nu, device = setting.GAMMA - float(point["gap"]), place.device
    net = setting.networks(d, M, alpha, START, seeds, device)
    x, y = setting.examples(MOST[name], d, 0.5, seeds, device)
    means = Means(setting.Fresh(d, 0.5, device), nu, 2 * nu * (1 - alpha))
    steps, eta = 0, float(bounds.step_size(nu))
    for k in range(0, MOST[name], CHUNK):
        attack, each = attack_of(net, d, nu, eta, name)
        part = slice(k, k + CHUNK)
        run = train_online(net, x[:, part], y[:, part], attack, learning_rate=eta, watch=means)
        net, steps = run.net, steps + CHUNK * each
        if bool(means.first().isfinite().all()):
            break
    common = {**point, "m": M, "beta": means.beta, "eps": EPS, "attack_steps": steps}
    proved = bounds.perceptron_iterations if name == "exact" else bounds.training_iterations
    common["bound"] = float(proved(EPS, setting.GAMMA, nu, alpha=alpha, start=START))
    names = ("iterations", "robust_iterations")
    return [
        {**common, "seed": seed, **dict(zip(names, row, strict=True))}
        for seed, row in zip(seeds, means.first().tolist(), strict=True)
    ]


def attack_of(net: TwoLayer, d: int, nu: float, eta: float, name: str) -> tuple[Attack, int]:
    """The attack for the next steps, and how many steps it makes itself.

    How much the weights can grow meanwhile is what Lemma 3.7 says, so nobody has to look.
    """
    if name == "exact":
        return setting.plain_attack(name, d, nu), 0
    norm = float(torch.linalg.matrix_norm(net.w).max())
    steps = int(bounds.attack_iterations(EPS, nu, bounds.norm_bound(CHUNK, eta, start=norm)))
    return reflected_attack(nu, steps), steps


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """The slope against the gap, the largest share of the bound, the iterations at one gap."""
    found: dict[Key, Estimate] = {}
    for curve, part in table.groupby(curve_of(table), sort=False):
        proved = float((part["iterations"] / part["bound"]).max())
        found[Key("iterations/bound", str(curve))] = Estimate(proved, None, len(part))
        whole = part.groupby("gap")["robust_iterations"].max() < float("inf")
        part = part[part["gap"].isin(whole.index[whole])]
        if part["gap"].nunique() > 1:
            slope = loglog_slope(part["gap"], part["robust_iterations"], part["seed"])
            found[Key("slope", str(curve))] = slope
    return found


EXPERIMENTS = (
    Experiment(
        name="mianjy-thm34",
        title="iterations until the iterates are robust, against the gap between margin and attack",
        label="thm-training",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=alts,
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["gap"]) ** -2 * (50 if point["attack"] == "PGD" else 1),
        together=lambda point: 10,
        tolerance={
            "iterations": Tolerance(relative=0.05, absolute=1),
            "robust_iterations": Tolerance(relative=0.05, absolute=1),
            "attack_steps": Tolerance(relative=0.2),
        },
    ),
)
