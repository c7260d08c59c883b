"""Figure 7 of Wang et al. (2022): how the flipping distance spreads over the test images.

One setting, the largest of figures 5 and 6 at width 1000: every test image gives its gradient
norm, its exact flipping step and its flipping distance. Book label ``sec-figures-lazy``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from advtheory.attacks.flipping import flipping_step
from advtheory.contract.axes import GREY, legend_below
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.laziness.experiments.setting import EPOCHS, SEEDS, SIDES, SPHERE, lazy_exits
from advtheory.networks.two_layer import TwoLayer

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = {"smoke": 64, "laptop": 1000, "paper": 1000}

COLUMNS = {
    "d": "input dimension, the number of pixels",
    "m": "width, the number of neurons",
    "epochs": "most epochs of SGD allowed",
    "c0": "C0: training stops at the last iterate within C0/sqrt(m) of the start",
    "seed": "seed of the initial weights and of the order of the examples",
    "image": "index of the test image",
    "data": "data set",
    "label": "-1 for a zero, +1 for a one",
    "value": "f(x)",
    "gradient_norm": "Euclidean norm of the input gradient",
    "step": "exact flipping step; inf where the sign never flips on the ray",
    "distance": "flipping distance: step times gradient norm, to compare with |x| = 1",
}
DIGITS = 6  # significant digits kept of each measured number: 21,150 rows stay below 2 MB
# A neuron that switches at one image, by rounding, moves the length of its gradient: by 0.002 of it
# at one of 21,150 images. A value near 0 moves by a share of the other values.
TOLERANCE = {
    "value": Tolerance(relative=1e-4, absolute=1e-4),
    "gradient_norm": Tolerance(relative=0.01),
    "step": Tolerance(relative=0.01, absolute=1e-6),
    "distance": Tolerance(relative=0.01, absolute=1e-5),
}

PANELS = (
    ("distance", r"perturbation $\|\delta\|$"),
    ("gradient_norm", r"gradient norm $\|\nabla f(x)\|$"),
    ("step", r"flipping step $\eta$"),
)


WORDS = (
    ("distance", "flipping distance"),
    ("gradient_norm", "gradient norm"),
    ("step", "flipping step"),
)
NAMES = {
    f"{quantity}[{column}]": f"{quantity} of the {name}, by seed"
    for column, name in WORDS
    for quantity in ("mean", "skewness")
} | {"unflipped": "fraction of images that never flip on the ray"}


def grid(scale: str) -> list[Point]:
    """A single point: the largest dimension of the scale."""
    return [{"d": SIDES[scale][-1] ** 2, "m": WIDTH[scale], "epochs": EPOCHS[scale]}]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed and test image."""
    images, _, left = lazy_exits(point, seeds, place, SPHERE)
    rows: list[Row] = []
    for out in left:
        common = {**point, "c0": out.c0, "seed": seeds[out.member], "data": images.name}
        measured = _each_image(out.inside, images.test.x.to(place.device))
        labels = images.test.y.tolist()
        rows += [
            common | {"image": i, "label": int(label)} | row
            for i, (label, row) in enumerate(zip(labels, measured, strict=True))
        ]
    return rows


def _each_image(net: TwoLayer, x: Tensor) -> list[dict[str, float]]:
    flip = flipping_step(net, x)
    columns = {
        "value": flip.value,
        "gradient_norm": flip.gradient_norm,
        "step": flip.step,
        "distance": flip.distance,
    }
    lists = {name: _rounded(values) for name, values in columns.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _rounded(values: Tensor) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """Mean and skewness over the test images, by seed, and the fraction that never flips."""
    flips = table[table["step"] < float("inf")].groupby("seed")
    seeds = table["seed"].nunique()
    estimates = {Key("mean", column): mean_estimate(flips[column].mean()) for column, _ in PANELS}
    estimates |= {
        Key("skewness", column): mean_estimate(flips[column].skew()) for column, _ in PANELS
    }
    unflipped = float((table["step"] == float("inf")).mean())
    return estimates | {Key("unflipped"): Estimate(unflipped, None, seeds)}


def draw(table: pd.DataFrame) -> Figure:
    """Three histograms over the test images, one line for each seed and bars for their mean.

    The dashed line is the mean over seeds of each seed's mean, as in :func:`summarise`.
    """
    import matplotlib.pyplot as plt

    flips = table[table["step"] < float("inf")]
    figure, panels = plt.subplots(1, 3, figsize=(10.4, 4.5))
    for axes, (column, name) in zip(panels, PANELS, strict=True):
        _histogram(axes, flips, column)
        mean = flips.groupby("seed")[column].mean().mean()
        axes.axvline(mean, color="#D55E00", ls="--", label="mean")
        axes.set(xlabel=name, ylabel="images of one seed")
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter("{x:g}")
        legend_below(axes)
    return figure


def _histogram(axes: Axes, flips: pd.DataFrame, column: str) -> None:
    low, high = float(flips[column].min()), float(flips[column].quantile(0.999))
    edges = np.linspace(low, high, 61)
    each = [np.histogram(part[column], edges)[0] for _, part in flips.groupby("seed")]
    mean = np.mean(each, axis=0)
    axes.stairs(mean, edges, fill=True, color="#0072B2", alpha=0.6, label="mean of the seeds")
    for k, counts in enumerate(each):
        label = "each seed" if k == 0 else None
        axes.stairs(counts, edges, color=GREY, linewidth=0.6, alpha=0.8, label=label)


def alts(table: pd.DataFrame) -> list[str]:
    """One description for each panel, with the mean and the skewness of this table."""
    found = summarise(table)
    return [
        f"Histogram of the {name} over the test images, a line for each seed: mean "
        f"{found[Key('mean', column)].value:.3g}, skewness "
        f"{found[Key('skewness', column)].value:.2f}, both by seed."
        for column, name in WORDS
    ]


EXPERIMENTS = (
    Experiment(
        name="wang-fig7",
        title="lazy SGD on the unit sphere: histograms over the test images",
        label="sec-figures-lazy",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        seeds=SEEDS,
        quantities=NAMES,
        alts=alts,
        together=lambda point: 10,
        tolerance=TOLERANCE,
    ),
)
