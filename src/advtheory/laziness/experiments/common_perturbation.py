r"""One perturbation against all lazy networks: a line above which Figure 4 of Wang et al. is empty.

Nothing is trained. For random starts and the images of Figure 4, PGD looks for a perturbation that
breaks *every* network of the ball at once (:mod:`advtheory.laziness.common_perturbation`). Where it
finds one, no training inside the ball, adversarial or not, can be robust. *Left*: the dimension and
the budget vary, :math:`V = C_0/\sqrt m`. *Right*: the width and V vary. Book label ``thm-common``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from advtheory.contract.axes import colour_map, legend_below, line_on_map
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.images import load
from advtheory.laziness.common_perturbation import doomed
from advtheory.laziness.experiments import alts
from advtheory.laziness.experiments.numbers import share
from advtheory.laziness.experiments.projected import left_grid, right_grid
from advtheory.laziness.experiments.projected_thresholds import (
    LEFT,
    RIGHT,
    crossings,
    threshold_law,
)
from advtheory.laziness.experiments.setting import SEEDS
from advtheory.networks.two_layer import initialise

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


IMAGES = 200  # test images that are attacked
AXES = {"left": LEFT, "right": RIGHT}

COLUMNS = {
    "panel": "left: dimension and budget vary; right: width and radius vary",
    "d": "input dimension, the number of pixels",
    "m": "width, the number of neurons",
    "eps": "length of the perturbation, Euclidean; all images have length 1",
    "radius": "V, how far every row may move from its start",
    "epochs": "which grid of Figure 4 this is: the most epochs that training has there",
    "c0": "V sqrt(m), to compare with C0",
    "seed": "seed of the start",
    "data": "data set",
    "doomed": "fraction of the images with one perturbation that no network of the ball survives",
}


NAMES = {
    "exponent[left]": "slope against d of the budget at which half of the images are doomed",
    "exponent[right]": "slope against m of the radius V at which half of the images are doomed",
    "threshold": "budget or radius V at which half of the images are doomed",
}


def grid(scale: str) -> list[Point]:
    """The points of both panels of Figure 4."""
    keys = ("d", "m", "eps", "radius", "epochs")
    points: list[Point] = []
    for panel, of in (("left", left_grid), ("right", right_grid)):
        for point in of(scale):
            if point["projection"] == "step":
                points.append({"panel": panel, **{key: point[key] for key in keys}})
    return points


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed."""
    d, m = int(point["d"]), int(point["m"])
    eps, radius = float(point["eps"]), float(point["radius"])
    images = load(d, sphere=True, fallback=place.fallback)
    device = place.device
    x, y = images.test.x[:IMAGES].to(device), images.test.y[:IMAGES].to(device)
    common = {**point, "c0": radius * math.sqrt(m), "data": images.name}
    starts = (initialise(d, m, seed, device=device) for seed in seeds)
    shares = torch.stack([share(doomed(start, x, y, radius, eps)) for start in starts]).tolist()
    return [
        {**common, "seed": seed, "doomed": part} for seed, part in zip(seeds, shares, strict=True)
    ]


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """The exponent of both thresholds, and the thresholds themselves."""
    estimates: dict[Key, Estimate] = {}
    for panel, axis in AXES.items():
        part = table[table["panel"] == panel]
        found = threshold_law(crossings(part, axis, "doomed", IMAGES), axis)
        if Key("exponent") in found:
            estimates[Key("exponent", panel)] = found.pop(Key("exponent"))
        estimates |= found
    return estimates


def draw(table: pd.DataFrame) -> Figure:
    """The share of doomed images over both planes, with the fitted law of exponent -1/2."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(8.4, 4.6))
    for axes, (panel, axis) in zip(panels, AXES.items(), strict=True):
        part = table[table["panel"] == panel]
        colour_map(axes, part, axis, "doomed", "share of doomed images")
        found = crossings(part, axis, "doomed").groupby(axis.x)["threshold"].mean()
        if len(found):
            x = found.index.to_numpy(float)
            c = float(np.exp(np.mean(np.log(found) + np.log(x) / 2)))
            axes.plot(x, found, "o", color="white", mec="black", zorder=3, label="half are doomed")
            law = f"{c:.2g}$/\\sqrt{{{axis.x}}}$"
            line_on_map(axes, x, c / np.sqrt(x), "--", "black", law)
            legend_below(axes)
    return figure


EXPERIMENTS = (
    Experiment(
        name="common-perturbation",
        title="one perturbation against all lazy networks at once: no training",
        label="thm-common",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=lambda table: alts.common_perturbation(summarise(table)),
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["m"]) * (30 + float(point["d"])),
        tolerance={"doomed": Tolerance(absolute=2.5 / IMAGES)},
    ),
)
