r"""What the experiments on lazy training share: sizes, constants, the training of one point.

Book label ``sec-figures-lazy``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from advtheory import data
from advtheory.contract.experiment import Point
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.images import load
from advtheory.networks.two_layer import TwoLayer, initialise
from advtheory.networks.weight_balls import deviation
from advtheory.training.lazy import LazyExit, train_lazy
from advtheory.training.steps import Settings

SIDES = {"smoke": (5, 7), "laptop": (5, 10, 20), "paper": (5, 7, 10, 14, 20, 28)}
EPOCHS = {"smoke": 3, "laptop": 60, "paper": 200}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 10}

LEARNED = Tolerance(relative=1e-3)
"""For a mean after SGD; products that round in another order moved such means by 1e-5 at most."""
FEW_IMAGES = Tolerance(absolute=5.5 / 2115)
"""For a fraction of the test images, since those nearest to the boundary may change sides."""


class Setting(NamedTuple):
    """What differs between the figures: the inputs, biases, and the constants C0."""

    sphere: bool
    biases: bool
    c0s: tuple[float, ...]


def lazy_exits(
    point: Point, seeds: Sequence[int], place: Place, setting: Setting
) -> tuple[data.Dataset, TwoLayer, list[LazyExit]]:
    """Train the networks of a point: the data, the initial ensemble, one exit per seed and C0.

    >>> point = {"d": 25, "m": 64, "epochs": 3}
    >>> images, start, exits = lazy_exits(point, [0, 1], Place("cpu", "smoke"), SPHERE)
    >>> start.w.shape, [out.c0 for out in exits]
    (torch.Size([2, 64, 25]), [10.0, 10.0])
    """
    d, m, epochs = (int(point[key]) for key in ("d", "m", "epochs"))
    device = place.device
    images = load(d, sphere=setting.sphere, fallback=place.fallback)
    start = initialise(images.train.x.shape[1], m, seeds, biases=setting.biases, device=device)
    x, y = images.train.x.to(device), images.train.y.to(device)
    left = train_lazy(start, x, y, setting.c0s, seeds=seeds, settings=Settings(epochs=epochs))
    return images, start, left


def scaled_deviation(net: TwoLayer, start: TwoLayer) -> Tensor:
    r""":math:`\sqrt m` times the largest distance of a row from its start, to compare with C0."""
    return deviation(net, start).double() * math.sqrt(net.m)


RAW = Setting(sphere=False, biases=True, c0s=(10.0,))
SPHERE = Setting(sphere=True, biases=False, c0s=(10.0,))
