"""What the experiments on Table 1 share: sizes, images, counts of test images.

Book label ``sec-reflected``.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from advtheory.contract.experiment import Point
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.images import Split, load

SIZES: dict[str, Point] = {
    "smoke": {"d": 25, "epochs": 1, "images": 320},
    "laptop": {"d": 784, "epochs": 2, "images": 12_665},
    "paper": {"d": 784, "epochs": 20, "images": 12_665},
}
A_FEW = Tolerance(absolute=40)
"""Of the 2115 test images, since twenty epochs of training carry a rounding on."""

IN_COMMON = {
    "d": "input dimension, the number of pixels",
    "epochs": "epochs of training; 20 in the paper",
    "images": "training images, at most",
    "init": "initialisation: pytorch, glorot, he or gaussian",
    "top": "whether the top layer is trained or fixed",
    "biases": "whether the neurons and the output have biases",
    "logits": "1 with the logistic loss, 2 with the cross-entropy",
    "gradient": "whose raw gradient: each example's, the batch's mean, or that in one norm",
    "steps": "iterations of the attacks",
    "keep": "the iterate that an attack returns, last or best",
    "seed": "seed of the initial weights and of the order of the examples",
    "data": "data set",
    "tests": "test images",
    "clean": "test images that are misclassified without an attack",
}
"""Columns of both experiments."""


def size(scale: str) -> Point:
    """Dimension, epochs and training images of a scale."""
    return SIZES[scale]


def column(attack: str) -> str:
    """The column of an attack.

    >>> column("R-PGD-2")
    'R_PGD_2'
    """
    return attack.replace("-", "_")


def images_of(point: Point, place: Place) -> tuple[str, Split, Split]:
    """The name of the data, its training images (as many as the point says) and its test images."""
    data, n = load(int(point["d"]), sphere=False, fallback=place.fallback), int(point["images"])
    train = Split(data.train.x[:n].to(place.device), data.train.y[:n].to(place.device))
    test = Split(data.test.x.to(place.device), data.test.y.to(place.device))
    return data.name, train, test


def counted(found: Mapping[str, Tensor]) -> list[dict[str, int]]:
    """For each member, how many inputs each column holds; ``(k, n)`` booleans, one transfer.

    >>> counted({"clean": torch.tensor([[True, False], [True, True]])})
    [{'clean': 1}, {'clean': 2}]
    """
    counts = torch.stack([which.sum(-1) for which in found.values()], dim=-1).tolist()
    return [dict(zip(found, member, strict=True)) for member in counts]
