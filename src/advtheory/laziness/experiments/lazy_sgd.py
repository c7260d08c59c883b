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
from advtheory.contract.experiment import Estimate, Experiment, Point, Row
from advtheory.contract.fits import curve_slopes
from advtheory.laziness.experiments.numbers import numbers, share
from advtheory.laziness.experiments.setting import (
    EPOCHS,
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
    from matplotlib.figure import Figure

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

QUANTITIES: Mapping[str, tuple[str, str, float]] = {
    "gradient_norm": ("gradient norm", r"$\|\nabla f(x)\|$", 0.5),
    "step": ("flipping step", r"$\eta$", -1.0),
    "relative": ("relative perturbation", r"$\|\delta\|/\|x\|$", -0.5),
}
"""Column -> (name, symbol, exponent of d that Theorem 3.1 predicts)."""

EXPONENTS = {0.5: r"\sqrt{d}", -1.0: r"d^{-1}", -0.5: r"d^{-1/2}"}


def _grid(widths: Mapping[str, Sequence[int]], scale: str) -> list[Point]:
    return [
        {"d": side * side, "m": m, "epochs": EPOCHS[scale]}
        for m in widths[scale]
        for side in SIDES[scale]
    ]


def measure(setting: Setting, point: Point, seeds: Sequence[int], device: str) -> list[Row]:
    """One row for each seed and C0: the means over the test images, by two protocols."""
    images, start, left = lazy_exits(point, seeds, device, setting)
    x, y = images.test.x.to(device), images.test.y.to(device)
    rows: list[Row] = []
    for out in left:
        first = start.member(out.member)
        where = {**point, "c0": out.c0, "seed": seeds[out.member], "data": images.name}
        way = {"left": int(out.left), "steps": out.steps}
        far = {"deviation": scaled_deviation(out.inside, first)}
        clean, authors = _clean(out.inside, x, y), _authors(out.epoch_end, first, x, y)
        rows.append({**where, **way, **numbers({**far, **clean, **authors})})
    return rows


def _clean(net: TwoLayer, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    flip = flipping_step(net, x)
    f = net.value(x)
    flips = flip.step.isfinite()
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
    right = y * net.value(x) > 0
    distance = torch.where(right, flip.distance, 0.0)
    step = torch.where(right, flip.step, 0.0)
    return {
        "authors_deviation": scaled_deviation(net, start),
        "authors_step": step.double().mean(),
        "authors_relative": (distance / torch.linalg.vector_norm(x, dim=1)).double().mean(),
    }


def authors_search(flip: Flip) -> Flip:
    """What a search in at most 5000 increments of 0.001 finds instead of the exact flip."""
    distance = torch.ceil(flip.distance / GRID).clamp(max=5000) * GRID
    return Flip(distance / flip.gradient_norm, flip.gradient_norm, distance)


def summarise(by: str, table: pd.DataFrame) -> dict[str, Estimate]:
    """Slopes against d for every curve, over all d and over the large ones where C0 weighs less.

    With several C0, also how often each quantity grows with it.
    """
    estimates: dict[str, Estimate] = {}
    for name, part in table.groupby(by):
        curve, large = f"{by}={name:g}", part[part["d"] >= LARGE]
        estimates |= curve_slopes(part, QUANTITIES, curve, part["d"].nunique())
        estimates |= curve_slopes(large, QUANTITIES, f"{curve}, d>={LARGE}", large["d"].nunique())
    if by == "c0":
        estimates |= {f"grows[{column}]": _grows(table, column) for column in QUANTITIES}
    return estimates


def _grows(table: pd.DataFrame, column: str) -> Estimate:
    """Fraction of the (d, seed) pairs at which the quantity increases at every step in C0."""
    wide = table.pivot_table(index=["d", "m", "seed"], columns="c0", values=column)
    rising = (wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=1)
    return Estimate(float(rising.mean()), None, len(rising))


def draw(by: str, symbol: str, table: pd.DataFrame) -> Figure:
    """Three panels against d, a curve for each width or C0, and the power of d from Theorem 3.1."""
    import matplotlib.pyplot as plt

    from advtheory.contract.axes import loglog_band, plain_ticks, power_law

    figure, panels = plt.subplots(1, 3, figsize=(11.4, 3.9))
    for axes, (column, (name, tex, exponent)) in zip(panels, QUANTITIES.items(), strict=True):
        for value, part in table.groupby(by):
            loglog_band(axes, part, "d", column, f"${symbol} = {value:g}$")
        power_law(axes, table, "d", column, exponent, f"$\\propto {EXPONENTS[exponent]}$")
        axes.set(title=name, xlabel="input dimension $d$", ylabel=tex)
        plain_ticks(axes, sorted(table["d"].unique()))
    panels[0].legend()
    return figure


def _experiment(
    number: int, setting: Setting, by: str, widths: Mapping[str, Sequence[int]], title: str
) -> Experiment:
    return Experiment(
        name=f"wang-fig{number}",
        title=title,
        label="sec-figures-lazy",
        columns=COLUMNS,
        grid=partial(_grid, widths),
        measure=partial(measure, setting),
        draw=partial(draw, by, {"m": "m", "c0": "C_0"}[by]),
        summarise=partial(summarise, by),
        seeds=SEEDS,
        cost=_cost(max(setting.c0s)),
        together=lambda point: max(1, ENSEMBLE // int(point["m"])),
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
