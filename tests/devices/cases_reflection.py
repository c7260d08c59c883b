"""Calls of the wing of the part "Reflection", each on a device that is named."""

from collections.abc import Callable
from typing import Any

import torch

from advtheory import networks, reflection


def plane(device: str) -> tuple[networks.TwoLayer, torch.Tensor, torch.Tensor]:
    """A network of the plane, inputs and labels."""
    x = torch.linspace(-1, 1, 12).reshape(6, 2).to(device)
    net = networks.initialise(2, 8, 0, activation=networks.leaky_relu(0.3), device=device)
    return net, x, torch.where(x[:, 0] > 0, 1.0, -1.0)


CALLS: dict[str, Callable[[str], Any]] = {
    "reflection.best_in_disc": lambda d: reflection.best_in_disc(*plane(d), 0.2),
    "reflection.least_margin": lambda d: reflection.least_margin(*plane(d), 0.2),
}

NO_TENSORS: dict[str, str] = {}
