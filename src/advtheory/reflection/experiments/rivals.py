"""Attacks on many classes that differ in the gradient they follow, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from torch import Tensor

from advtheory.attacks.ascent import Schedule, ascend, normalised
from advtheory.attacks.targeted import targeted
from advtheory.losses import CROSS_ENTROPY, REFLECTED, REFLECTED_SOFTMAX, Loss, margin
from advtheory.networks.model import Model
from advtheory.norms import Ball

STEPS = 36  # for ten classes 4 towards each cost the same
FAR = 2.5  # radii that all steps reach together
EQUAL = "targeted, same cost"
GREEDY: Mapping[str, Loss] = {
    "cross-entropy": CROSS_ENTROPY,
    "greedy margin": REFLECTED,
    "greedy softmax": REFLECTED_SOFTMAX,
}
RIVALS = (*GREEDY, EQUAL, "targeted")


def margins(model: Model, x: Tensor, y: Tensor, radius: float, ball: Ball) -> dict[str, Tensor]:
    """Attack -> the lowest margin that it finds for each input.

    Every step has the same length: along the normalised gradient of the loss, so that neither a
    vanishing gradient nor a step size decides.

    >>> import torch
    >>> from advtheory.networks import AutogradModel
    >>> from advtheory.norms import L2
    >>> rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])
    >>> model = AutogradModel(lambda x: x @ rows.T, classes=3)
    >>> found = margins(model, torch.tensor([[1.0, 0.0]]), torch.tensor([0]), 0.3, L2)
    >>> [name for name, z in found.items() if z < 0]
    ['cross-entropy', 'targeted, same cost', 'targeted']
    """
    rivals: dict[str, Callable[[], Tensor]] = {
        name: partial(greedy, model, x, y, radius, ball, loss) for name, loss in GREEDY.items()
    }
    each = max(1, STEPS // ((model.classes or 2) - 1))
    for name, steps in ((EQUAL, each), ("targeted", STEPS)):
        rivals[name] = partial(targeted, model, x, y, radius=radius, ball=ball, steps=steps)
    return {name: margin(model.value(attack()), y) for name, attack in rivals.items()}


def greedy(model: Model, x: Tensor, y: Tensor, radius: float, ball: Ball, loss: Loss) -> Tensor:
    """One run along the normalised gradient of a loss of all outputs: the best iterates."""
    schedule = Schedule(radius, FAR * radius / STEPS, STEPS)
    way = normalised(loss, ball)
    return ascend(model, x, y, ball=ball, schedule=schedule, direction=way)
