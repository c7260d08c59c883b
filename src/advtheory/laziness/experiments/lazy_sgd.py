r"""Figures 2, 3, 5 and 6 of Wang et al. (2022): networks that SGD keeps lazy, and what flips them.

Two-layer ReLU networks learn 0 against 1 with SGD on the logistic loss. Training stops at the last
iterate whose rows are within :math:`C_0/\sqrt m` of their start. Then, on every test image, the
exact flipping step is found. Figures 2 and 3 use pixels in [0, 1] and biases, as the authors' code
does; figures 5 and 6 use the setting of Theorem 3.1: unit sphere, no biases. Book labels
``thm-lazy-fragile``, ``sec-figures-lazy``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.attacks.flipping import Flip, flipping_step
from advtheory.contract.estimates import OVER_IMAGES, Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import curve_slopes
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.laziness.experiments.lazy_sgd_figure import QUANTITIES, alts, draw
from advtheory.laziness.experiments.numbers import numbers, share
from advtheory.laziness.experiments.projected_errors import TEST_IMAGES, binomial_error
from advtheory.laziness.experiments.setting import (
    EPOCHS,
    FEW_IMAGES,
    LEARNED,
    RAW,
    SEEDS,
    SIDES,
    SPHERE,
    Setting,
    lazy_exits,
    scaled_deviation,
)
from advtheory.networks.two_layer import TwoLayer

if TYPE_CHECKING:
    import pandas as pd

GRID = 0.001  # the authors' search moves along the gradient in steps of this length
LARGE = 196  # from here on sqrt(d/2) is about C0 = 10 or more
ENSEMBLE = 10_000  # neurons trained together: ten networks of width 1000

COLUMNS = {
    "d": "input dimension, the number of pixels",
    "m": "width, the number of neurons",
    "epochs": "most epochs of SGD allowed",
    "c0": "C0: training stops at the last iterate within C0/sqrt(m) of the start",
    "seed": "seed of the initial weights and of the order of the examples",
    "data": "data set",
    "left": "1 if SGD left the lazy ball before the epochs ran out, else 0",
    "steps": "SGD steps made inside the ball",
    "deviation": "sqrt(m) times the largest distance of a row from its start, to compare with C0",
    "test_error": "fraction of test images that the network misclassifies",
    "value": "mean of |f(x)| over the test images",
    "gradient_norm": "mean of the Euclidean norm of the input gradient over the test images",
    "step": "mean of the exact flipping step over the test images",
    "relative": "mean of the flipping distance divided by the norm of the image",
    "unflipped": "fraction of test images whose sign never flips on the ray; not in the means",
    "authors_deviation": "deviation of the network that a check made once an epoch returns",
    "authors_step": "step by the authors' protocol: that network, misclassified images count as 0",
    "authors_relative": "relative perturbation by the authors' protocol",
}
BY_C0 = {
    **COLUMNS,
    "authors_test_error": "test error of the network that a check once an epoch gives",
}
"""Where C0 varies, both protocols say how well the network has learnt when it leaves the ball."""

NAMES = {
    column: f"slope of the {name} against d" for column, (name, _, _) in QUANTITIES.items()
} | {
    "grows": "fraction of (d, seed) pairs that grow with C0",
    "largest test error": "largest test error of all networks",
}

TOLERANCE = {
    **dict.fromkeys(BY_C0, LEARNED),
    "steps": Tolerance(absolute=2),  # where the ball ends there, rounding decides
    **{name: FEW_IMAGES for name in BY_C0 if name.endswith(("test_error", "unflipped"))},
}


def _grid(widths: Mapping[str, Sequence[int]], scale: str) -> list[Point]:
    return [
        {"d": side * side, "m": m, "epochs": EPOCHS[scale]}
        for m in widths[scale]
        for side in SIDES[scale]
    ]


def measure(
    setting: Setting, columns: Sequence[str], point: Point, seeds: Sequence[int], place: Place
) -> list[Row]:
    """One row for each seed and C0: the means over the test images, by two protocols."""
    images, start, left = lazy_exits(point, seeds, place, setting)
    x, y = images.test.x.to(place.device), images.test.y.to(place.device)
    rows: list[Row] = []
    for out in left:
        first = start.member(out.member)
        where = {**point, "c0": out.c0, "seed": seeds[out.member], "data": images.name}
        way = {"left": int(out.left), "steps": out.steps}
        far = {"deviation": scaled_deviation(out.inside, first)}
        clean, authors = _clean(out.inside, x, y), _authors(out.epoch_end, first, x, y)
        row = {**where, **way, **numbers({**far, **clean, **authors})}
        rows.append({column: row[column] for column in columns})
    return rows


def _clean(net: TwoLayer, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    flip = flipping_step(net, x)
    f, flips = flip.value, flip.step.isfinite()
    relative = flip.distance / torch.linalg.vector_norm(x, dim=1)
    return {
        "test_error": share(y * f <= 0),
        "value": f.abs().double().mean(),
        "gradient_norm": flip.gradient_norm.double().mean(),
        "step": flip.step[flips].double().mean(),
        "relative": relative[flips].double().mean(),
        "unflipped": share(~flips),
    }


def _authors(net: TwoLayer, start: TwoLayer, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """The published code's way: per-epoch check, zeros for mistakes, a search in steps of 0.001."""
    flip = authors_search(flipping_step(net, x))
    right = y * flip.value > 0
    distance = torch.where(right, flip.distance, 0.0)
    step = torch.where(right, flip.step, 0.0)
    return {
        "authors_test_error": share(~right),
        "authors_deviation": scaled_deviation(net, start),
        "authors_step": step.double().mean(),
        "authors_relative": (distance / torch.linalg.vector_norm(x, dim=1)).double().mean(),
    }


def authors_search(flip: Flip) -> Flip:
    """What a search in at most 5000 increments of 0.001 finds instead of the exact flip."""
    distance = torch.ceil(flip.distance / GRID).clamp(max=5000) * GRID
    return flip._replace(step=distance / flip.gradient_norm, distance=distance)


def summarise(by: str, table: pd.DataFrame) -> dict[Key, Estimate]:
    """Slopes against d for every curve, over all d and over the large ones where C0 weighs less.

    With several C0, also how often each quantity grows with it.
    """
    estimates: dict[Key, Estimate] = {}
    for name, part in table.groupby(by):
        curve, large = f"{by}={name:g}", part[part["d"] >= LARGE]
        estimates |= curve_slopes(part, QUANTITIES, curve, part["d"].nunique())
        estimates |= curve_slopes(large, QUANTITIES, f"{curve}, d>={LARGE}", large["d"].nunique())
    if by == "c0":
        estimates |= {Key("grows", column): _grows(table, column) for column in QUANTITIES}
    return estimates | test_errors(table, by)


STOPS = {"test_error": "exact stop", "authors_test_error": "end of an epoch"}
"""Column -> which network of a run it is about."""


def test_errors(table: pd.DataFrame, by: str) -> dict[Key, Estimate]:
    """The largest test error of all networks of a curve, for both protocols; nothing from a table
    without the authors' test error.
    """
    if "authors_test_error" not in table:
        return {}
    return {
        Key("largest test error", f"{by}={name:g}, {stop}"): _largest(part, column)
        for name, part in table.groupby(by)
        for column, stop in STOPS.items()
    }


def _largest(part: pd.DataFrame, column: str) -> Estimate:
    """The largest share, with its error over the test images of that one network."""
    error = binomial_error(part[column].to_numpy(float), TEST_IMAGES[str(part["data"].iloc[0])])
    worst = int(part[column].to_numpy().argmax())
    return Estimate(float(part[column].max()), float(error[worst]), len(part), OVER_IMAGES)


def _grows(table: pd.DataFrame, column: str) -> Estimate:
    """Fraction of the (d, seed) pairs at which the quantity increases at every step in C0."""
    wide = table.pivot_table(index=["d", "m", "seed"], columns="c0", values=column)
    rising = (wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=1)
    return Estimate(float(rising.mean()), None, len(rising))


def _experiment(
    number: int, setting: Setting, by: str, widths: Mapping[str, Sequence[int]], title: str
) -> Experiment:
    columns = BY_C0 if by == "c0" else COLUMNS
    return Experiment(
        name=f"wang-fig{number}",
        title=title,
        label="sec-figures-lazy",
        columns=columns,
        grid=partial(_grid, widths),
        measure=partial(measure, setting, list(columns)),
        draw=partial(draw, by),
        summarise=partial(summarise, by),
        seeds=SEEDS,
        quantities=NAMES,
        alts=partial(alts, by),
        cost=_cost(max(setting.c0s)),
        together=lambda point: max(1, ENSEMBLE // int(point["m"])),
        tolerance={name: TOLERANCE[name] for name in columns},
    )


def _cost(c0: float) -> Callable[[Point], float]:
    """Relative work per seed: d m for an epoch, and more epochs for a larger C0."""
    return lambda point: float(point["d"]) * float(point["m"]) * c0 / 10


WIDTHS = {"smoke": (64, 128), "laptop": (1000, 3000), "paper": (1000, 3000, 10_000)}
ONE_WIDTH = {"smoke": (64,), "laptop": (1000,), "paper": (1000,)}

EXPERIMENTS = (
    _experiment(2, RAW, "m", WIDTHS, "lazy SGD on raw pixels: three widths against d"),
    _experiment(
        3, RAW._replace(c0s=(5.0, 10.0, 20.0)), "c0", ONE_WIDTH, "lazy SGD on raw pixels: three C0"
    ),
    _experiment(5, SPHERE, "m", WIDTHS, "lazy SGD on the unit sphere: three widths against d"),
    _experiment(
        6,
        SPHERE._replace(c0s=(5.0, 10.0, 20.0)),
        "c0",
        ONE_WIDTH,
        "lazy SGD on the sphere: three C0",
    ),
)
