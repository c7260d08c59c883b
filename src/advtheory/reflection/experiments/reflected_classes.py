r"""Greedy against targeted reflection: how often an attack is missed that exists.

Linear problems of several classes have random rows; each input is scaled so that the nearest input
of another class is at distance 1, so from radius 1 on an attack exists at every input. Digits are
classified by a linear classifier and by one with a hidden layer. Book label ``prop-targeted``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from advtheory import data
from advtheory.contract.axes import legend_below
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate, seed_means
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.networks.model import AutogradModel, Model
from advtheory.norms import L2
from advtheory.reflection.experiments.digit_classifiers import CLASSES, trained
from advtheory.reflection.experiments.rivals import RIVALS, margins
from advtheory.reflection.linear_classes import distance, lowest_margin

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RANDOM = {"3 classes in the plane": (3, 2), "10 classes, 20 dimensions": (10, 20)}
DIGITS = {"digits, linear": 0, "digits, 100 neurons": 100}
BEYOND = (1.02, 1.1, 1.3, 1.6, 2.0)  # radii, in distances
RADII = (0.25, 0.5, 0.75, 1.0, 1.5)  # of digits with pixels in [0, 1]
MIDDLE = 2  # of these five: the only one at smoke scale
PROBLEMS = {"smoke": 2, "laptop": 25, "paper": 100}  # random classifiers, INPUTS each
INPUTS = 40
TRAIN = {"smoke": 300, "laptop": 4000, "paper": 20000}
TEST = {"smoke": 20, "laptop": 200, "paper": 1000}
EPOCHS = {"smoke": 3, "laptop": 6, "paper": 6}
SIDE = {"smoke": 8, "laptop": 14, "paper": 14}
SEEDS = {"smoke": 1, "laptop": 2, "paper": 5}

COLUMNS = {
    "problem": "what is classified, and by what",
    "radius": "budget, Euclidean; of random problems in distances to the nearest other class",
    "seed": "seed of the problem, of the start and of the order of training",
    "data": "data set of the digits; random problems need none",
    "attack": "whose gradient is followed",
    "inputs": "inputs attacked: those that are classified correctly",
    "exists": "fraction of them at which an attack is known to exist: by the closed form for a "
    "linear classifier, else because one of these attacks found it",
    "broken": "fraction of them that the attack breaks",
    "missed": "fraction that it misses of those at which an attack is known to exist",
}
NAMES = {"missed": "attacks that are missed, of those that exist, at the worst radius"}
TOLERANCE = {name: Tolerance(absolute=0.02) for name in ("exists", "broken", "missed")}
TOLERANCE["inputs"] = Tolerance(absolute=5)


class Case(NamedTuple):
    """A model, inputs that it classifies correctly, and what is known of their lowest margins."""

    model: Model
    x: Tensor
    y: Tensor
    rows: Tensor | None


def grid(scale: str) -> list[Point]:
    """The random problems, then the digits."""
    kept = slice(MIDDLE, MIDDLE + 1) if scale == "smoke" else slice(None)
    radii: dict[str, tuple[float, ...]] = dict.fromkeys(RANDOM, BEYOND)
    radii |= dict.fromkeys(DIGITS, RADII)
    return [{"problem": name, "radius": r} for name, every in radii.items() for r in every[kept]]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed and each attack."""
    problem, radius = str(point["problem"]), float(point["radius"])
    make = random_case if problem in RANDOM else digit_case
    name = data.ten(SIDE[place.scale], fallback=place.fallback).name
    return [
        {**point, "seed": seed, "data": name, **row}
        for seed in seeds
        for row in shares(make(problem, seed, place), radius)
    ]


def random_case(problem: str, seed: int, place: Place) -> Case:
    """Linear classifiers with normal rows, and normal inputs at distance 1 of another class."""
    classes, d = RANDOM[problem]
    generator = torch.Generator().manual_seed(seed)
    many = PROBLEMS[place.scale]
    rows, x = (
        torch.randn(many, size, d, generator=generator, dtype=torch.float64).to(place.device)
        for size in (classes, INPUTS)
    )
    y = (x @ rows.mT).argmax(-1)
    model = AutogradModel(lambda x: x @ rows.mT, classes)
    return Case(model, x / distance(rows, x, y)[..., None], y, rows)


@lru_cache(maxsize=16)
def digit_case(problem: str, seed: int, place: Place) -> Case:
    """A trained classifier and the test images that it gets right."""
    images = data.ten(SIDE[place.scale], fallback=place.fallback)
    train, test = images.train, images.test
    x, y = _first(train, TRAIN[place.scale], place)
    layers = trained(x, y, hidden=DIGITS[problem], epochs=EPOCHS[place.scale], seed=seed)
    x, y = _first(test, TEST[place.scale], place)
    right = layers.value(x).argmax(-1) == y
    rows = layers.top if layers.hidden is None else None
    return Case(layers.model, x[right], y[right], rows)


def _first(images: data.Split, many: int, place: Place) -> tuple[Tensor, Tensor]:
    return images.x[:many].to(place.device).double(), images.y[:many].to(place.device)


def shares(case: Case, radius: float) -> list[dict[str, float | str]]:
    """The columns from "attack" on, an attack a row."""
    found = {name: z < 0 for name, z in margins(case.model, case.x, case.y, radius, L2).items()}
    exists = torch.stack(list(found.values())).any(0)
    if case.rows is not None:
        exists |= lowest_margin(case.rows, case.x, case.y, radius) < 0
    known = exists.double().sum().clamp(min=1.0)
    return [
        {
            "attack": name,
            "inputs": broken.numel(),
            "exists": exists.double().mean().item(),
            "broken": broken.double().mean().item(),
            "missed": ((exists & ~broken).double().sum() / known).item(),
        }
        for name, broken in found.items()
    ]


def summarise(table: pd.DataFrame) -> Mapping[Key, Estimate]:
    """For each problem and attack: what it misses at its worst radius."""
    found: dict[Key, Estimate] = {}
    for (problem, attack), part in table.groupby(["problem", "attack"], sort=False):
        worst = part.groupby("radius")["missed"].mean().idxmax()
        at = part[part["radius"] == worst]
        found[Key("missed", f"{problem}: {attack}")] = mean_estimate(at["missed"])
    return found


def draw(table: pd.DataFrame) -> Figure:
    """What each attack misses against the radius, a panel for each problem."""
    import matplotlib.pyplot as plt

    problems = [name for name in (*RANDOM, *DIGITS) if name in set(table["problem"])]
    rows = (len(problems) + 1) // 2
    figure, panels = plt.subplots(rows, 2, figsize=(8.4, 4.6 * rows), squeeze=False)
    for axes, name in zip(panels.flat, problems, strict=False):
        _curves(axes, table[table["problem"] == name])
        unit = "distances" if name in RANDOM else "pixels in [0, 1]"
        axes.set(title=name, xlabel=f"radius ({unit})", ylabel="missed of what exists")
        legend_below(axes)
    for axes in panels.flat[len(problems) :]:
        axes.remove()
    return figure


def _curves(axes: Axes, table: pd.DataFrame) -> None:
    for place, attack in enumerate(RIVALS):
        means = seed_means(table[table["attack"] == attack], "radius", "missed")
        x, marker = means["radius"], "osv^D"[place]
        axes.plot(x, means["mean"], color=f"C{place}", marker=marker, label=attack)
        low, high = means["mean"] - means["error"], means["mean"] + means["error"]
        axes.fill_between(x, low, high, color=f"C{place}", alpha=0.25, linewidth=0)


def alts(table: pd.DataFrame) -> Sequence[str]:
    """A sentence for each panel: the worst radius of each attack."""
    found = summarise(table)
    said = []
    for problem in dict.fromkeys(table["problem"]):
        worst = ", ".join(
            f"{attack} {found[Key('missed', f'{problem}: {attack}')].value:.3f}"
            for attack in RIVALS
        )
        said.append(f"{problem}: share of missed attacks at each one's worst radius: {worst}.")
    return said


EXPERIMENTS = (
    Experiment(
        name="reflected-classes",
        title="many classes: greedy reflection against every wrong class in turn",
        label="prop-targeted",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=alts,
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: 1.0 if str(point["problem"]) in RANDOM else float(CLASSES),
        together=lambda point: 5,
        tolerance=TOLERANCE,
    ),
)
