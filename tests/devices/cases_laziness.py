"""Calls of the wing of the part "Laziness", each on a device that is named."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from advtheory import laziness
from advtheory.networks import TwoLayer
from tests.devices.cases_core import RADIUS, inputs, net


def start(device: str) -> TwoLayer:
    """Two networks in double precision, as the worst cases need them."""
    return net(device, seeds=[0, 1], dtype=torch.float64)


def one(device: str) -> Tensor:
    """One input in double precision."""
    return inputs(device)[0][0].double()


def moves(device: str) -> Any:
    found = laziness.towards(start(device), one(device), 2.0, one(device).flip(0))
    return found, found.gradient, found.network()


CALLS: dict[str, Callable[[str], Any]] = {
    "laziness.best_margin": lambda d: laziness.best_margin(net(d), *inputs(d), RADIUS),
    "laziness.certified": lambda d: laziness.certified(net(d), *inputs(d), 0.05),
    "laziness.doomed": lambda d: laziness.doomed(net(d), *inputs(d), 0.2, RADIUS),
    "laziness.extreme_value": lambda d: laziness.extreme_value(start(d), one(d), 2.0, 1.0),
    "laziness.largest_change": lambda d: laziness.largest_change(start(d), one(d), 2.0),
    "laziness.margin_lower_bound": lambda d: laziness.margin_lower_bound(net(d), *inputs(d), 0.1),
    "laziness.Moves": moves,
    "laziness.shifted": lambda d: laziness.shifted(net(d), torch.eye(6, device=d)[0], 2.0),
    "laziness.shrink": lambda d: laziness.shrink(start(d), one(d), 3.0),
    "laziness.split_bound": lambda d: laziness.split_bound(start(d), one(d), 2.0),
    "laziness.switching": lambda d: laziness.switching(start(d), one(d), 2.0),
    "laziness.towards": moves,
    "laziness.value_range": lambda d: laziness.value_range(start(d), one(d), 2.0),
}

NO_TENSORS = {
    "laziness.Shrunk": "what shrink returns",
    "laziness.alignment": "of a data set, which stays on the CPU",
    "laziness.gradient_bound": "of numbers",
    "laziness.gradient_square": "of numbers",
    "laziness.predicted": "of a table",
    "laziness.switching_pairs": "of numbers",
}
