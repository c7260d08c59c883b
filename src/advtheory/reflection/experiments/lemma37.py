r"""Lemma 3.7 of Mianjy & Arora (2023): with any attack, even with none, training ends.

Online training on data with a margin, with four attacks. The mean pull :math:`\frac1T\sum p_t` and
the norm of the weights are held against their bounds at every step, and the robust error against
the mean pull: only an attack that finds the worst point makes the one control the other. Book label
``lem-perceptron``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.networks.two_layer import TwoLayer
from advtheory.reflection import bounds
from advtheory.reflection.experiments import margin_setting as setting
from advtheory.reflection.experiments.lemma37_figure import ATTACKS, alts, draw
from advtheory.training.online import Attack, Run, reflected_attack, train_online

if TYPE_CHECKING:
    import pandas as pd


PGD_STEPS = 10
LOOK = 100  # the errors are measured before every hundredth step
STEPS = {"smoke": 120, "laptop": 1000, "paper": 2000}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 10}
WIDTHS = {"smoke": (4,), "laptop": (2, 20), "paper": (2, 20, 200)}
SLOPES = {"smoke": (0.5,), "laptop": (0.5, 1.0), "paper": (0.1, 0.5, 1.0)}
STARTS = {"smoke": (1.0,), "laptop": (1.0,), "paper": (1.0, 10.0)}

COLUMNS = {
    "d": "input dimension",
    "m": "width, the number of neurons",
    "alpha": "slope of the leaky ReLU at negative numbers; 1 is the identity",
    "attack": "who perturbs the examples: none, random, PGD (10 steps of Algorithm 1), exact",
    "start": "Frobenius norm of the weights at the start",
    "nu": "radius of the attack, Euclidean; the margin of the data is 0.5 and their radius 1",
    "rare": "share of the examples whose second entry has the sign against the label",
    "steps": "T, steps of training",
    "seed": "seed of the start and of the examples",
    "mean_pull": "mean of p_t = -l'(y_t f(delta_t; W_t)) over the T steps",
    "pull_bound": "its bound",
    "pull_ratio": "largest ratio of the mean over the first t steps and its bound, over all t",
    "growth": "squared norm at the end minus that at the start, over eta T",
    "norm_ratio": "largest ratio of the growth of the squared norm after t steps and its bound",
    "violations": "number of steps t after which one of both bounds does not hold",
    "clean_error": "mean error on fresh examples, over the iterates that were looked at",
    "robust_error": "mean robust error on fresh examples, over the same iterates",
    "last_error": "robust error on fresh examples of the last iterate that was looked at",
}

NAMES = {
    "violations": "steps at which a bound does not hold, all runs together",
    "pull_ratio": "largest mean pull over its bound",
    "norm_ratio": "largest growth of the squared norm over its bound",
    "growth": "growth of the squared norm over eta T",
    "mean_pull": "mean pull at d = 20, alpha = 1",
    "robust/pull": "mean robust error over twice the mean pull, where the attack matters",
    "last_error": "robust error at the end, where the attack matters",
}


def grid(scale: str) -> list[Point]:
    """All settings with an attack of 0.2; and one in which the attack matters."""
    names = ("d", "m", "alpha", "attack", "start", "nu", "rare", "steps")
    steps = STEPS[scale]
    main = itertools.product(
        (2, 20), WIDTHS[scale], SLOPES[scale], ATTACKS, STARTS[scale], (0.2,), (0.5,), (steps,)
    )
    longer = 3 * steps // 2
    hard = itertools.product((2,), (20,), (0.5, 1.0), ATTACKS, (1.0,), (0.4,), (0.1,), (longer,))
    points: list[Point] = [dict(zip(names, place, strict=True)) for place in (*main, *hard)]
    return [p for p in points if p["attack"] != "exact" or p["d"] == 2 or p["alpha"] == 1]


def attack_of(point: Point, seeds: Sequence[int], device: str) -> Attack:
    """The hook of a point."""
    d, nu, name = int(point["d"]), float(point["nu"]), str(point["attack"])
    if name == "random":
        return setting.noise(int(point["steps"]), d, nu, seeds, device)
    return reflected_attack(nu, PGD_STEPS) if name == "PGD" else setting.plain_attack(name, d, nu)


class Looks:
    """Looks at the networks before every hundredth step: clean and robust errors, ``(k,)``."""

    def __init__(self, fresh: setting.Fresh, nu: float) -> None:
        self.fresh, self.nu, self.t = fresh, nu, 0
        self.clean: list[Tensor] = []
        self.robust: list[Tensor] = []

    def __call__(self, net: TwoLayer) -> None:
        """Before a step."""
        if self.t % LOOK == 0:
            self.clean.append(_share(self.fresh.y * net.value(self.fresh.x)))
            self.robust.append(_share(self.fresh.worst(net, self.nu)))
        self.t += 1


def _share(margin: Tensor) -> Tensor:
    return (margin <= 0).double().mean(-1)


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed."""
    d, m, steps = (int(point[key]) for key in ("d", "m", "steps"))
    alpha, nu, rare = (float(point[key]) for key in ("alpha", "nu", "rare"))
    device, eta = place.device, float(bounds.step_size(nu))
    start = setting.networks(d, m, alpha, float(point["start"]), seeds, device)
    x, y = setting.examples(steps, d, rare, seeds, device)
    looks = Looks(setting.Fresh(d, rare, device), nu)
    attack = attack_of(point, seeds, device)
    run = train_online(start, x, y, attack, learning_rate=eta, watch=looks)
    found = {
        **held(run, eta, float(bounds.correlation(setting.GAMMA, nu, alpha=alpha)), point),
        "clean_error": torch.stack(looks.clean).mean(0),
        "robust_error": torch.stack(looks.robust).mean(0),
        "last_error": looks.robust[-1],
    }
    table = torch.stack(list(found.values()), dim=1).tolist()
    return [
        {**point, "seed": seed, **dict(zip(found, row, strict=True))}
        for seed, row in zip(seeds, table, strict=True)
    ]


def held(run: Run, eta: float, gain: float, point: Point) -> dict[str, Tensor]:
    """Pull and norm against their bounds, one number of each for each run."""
    begun, steps = float(point["start"]), run.pull.shape[1]
    t = torch.arange(1, steps + 1, device=run.pull.device, dtype=run.pull.dtype)
    count = np.arange(1.0, steps + 1)
    bound = torch.from_numpy(bounds.mean_bound(count, eta, gain, start=begun)).to(t)
    pull = run.pull.cumsum(1) / t
    grown = run.norm[:, 1:].square() - run.norm[:, :1].square()
    most = torch.from_numpy(bounds.norm_bound(count, eta)).to(t).square()
    tiny = 1e-12 * run.norm[:, 1:].square()  # rounding of the squares
    return {
        "mean_pull": pull[:, -1],
        "pull_bound": bound[-1].expand(len(pull)),
        "pull_ratio": (pull / bound).amax(1),
        "growth": grown[:, -1] / (eta * steps),
        "norm_ratio": (grown / most).amax(1),
        "violations": ((pull > bound) | (grown > most + tiny)).double().sum(1),
    }


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """Violations, the largest ratios, and what each attack does."""
    n = len(table)
    found = {
        Key("violations"): Estimate(float(table["violations"].sum()), None, n),
        Key("pull_ratio"): Estimate(float(table["pull_ratio"].max()), None, n),
        Key("norm_ratio"): Estimate(float(table["norm_ratio"].max()), None, n),
        Key("growth"): Estimate(float(table["growth"].max()), None, n),
    }
    wide = table[(table["d"] == 20) & (table["alpha"] == 1) & (table["start"] == 1)]
    for (attack, m), part in wide.groupby(["attack", "m"], sort=False):
        found[Key("mean_pull", f"{attack}, m={m}")] = mean_estimate(part["mean_pull"])
    for (attack, alpha), part in table[table["rare"] < 0.5].groupby(["attack", "alpha"]):
        curve = f"{attack}, alpha={alpha:g}"
        ratio = part["robust_error"] / (2 * part["mean_pull"])
        found[Key("robust/pull", curve)] = mean_estimate(ratio)
        found[Key("last_error", curve)] = mean_estimate(part["last_error"])
    return found


EXPERIMENTS = (
    Experiment(
        name="mianjy-lemma37",
        title="training with any attack, even none, against the bounds of Lemma 3.7",
        label="lem-perceptron",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=alts,
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["steps"]) * (8 if point["attack"] == "PGD" else 1),
        together=lambda point: 10,
        tolerance={
            **dict.fromkeys(("mean_pull", "pull_ratio", "growth", "norm_ratio"), Tolerance(1e-3)),
            **dict.fromkeys(("clean_error", "robust_error"), Tolerance(absolute=2.5e-3)),
            "last_error": Tolerance(absolute=2.5 / setting.FRESH),
        },
    ),
)
