"""Calls of the wing of the part "Reflection", each on a device that is named."""

from collections.abc import Callable
from typing import Any

import torch

from advtheory import networks, reflection
from advtheory.reflection.exact_grid import LOSSES


def plane(device: str) -> tuple[networks.TwoLayer, torch.Tensor, torch.Tensor]:
    """A network of the plane, inputs and labels."""
    x = torch.linspace(-1, 1, 12).reshape(6, 2).to(device)
    net = networks.initialise(2, 8, 0, activation=networks.leaky_relu(0.3), device=device)
    return net, x, torch.where(x[:, 0] > 0, 1.0, -1.0)


def path(device: str) -> torch.Tensor:
    """Every point of Algorithm 1, with a step for each input."""
    net, x, y = plane(device)
    step = torch.linspace(0.1, 0.5, 6).to(device)
    return reflection.iterates(net, x, y, radius=0.3, step=step, steps=5)


def searched(device: str) -> dict[str, reflection.Top]:
    """The worst points of a coarse grid, by every loss of three classes."""
    scores = torch.tensor([[3.0], [2.0], [1.0]], dtype=torch.float64, device=device)
    grid = reflection.Grid(side=10, half=0.51, radius=0.7)
    return dict(reflection.top(lambda shift: scores + shift, LOSSES, grid, 7, device=device).top)


def of_margins(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[str], torch.Tensor]:
    return lambda device: function(torch.linspace(-3, 3, 9).to(device))


CALLS: dict[str, Callable[[str], Any]] = {
    "reflection.best_in_disc": lambda d: reflection.best_in_disc(*plane(d), 0.2),
    "reflection.iterates": path,
    "reflection.least_margin": lambda d: reflection.least_margin(*plane(d), 0.2),
    "reflection.lower": of_margins(reflection.lower),
    "reflection.q": of_margins(reflection.q),
    "reflection.q_time": of_margins(reflection.q_time),
    "reflection.s": of_margins(reflection.s),
    "reflection.s_time": of_margins(reflection.s_time),
    "reflection.steps_to_zero": of_margins(
        lambda z: reflection.steps_to_zero(z, 0.7, reflection.q, 40)
    ),
    "reflection.top": searched,
    "reflection.upper": of_margins(reflection.upper),
}

NO_TENSORS: dict[str, str] = {
    "reflection.Choice": "names and numbers",
    "reflection.Grid": "numbers; top goes through its points",
    "reflection.Search": "what top returns",
    "reflection.Top": "what top returns",
}
