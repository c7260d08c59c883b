r"""What the experiments on training with a margin share: networks, examples, attacks, errors.

The data lie at the margin :math:`\gamma` of the first unit vector, in the unit ball. Book label
``sec-margin-data``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.data.synthetic import apart, at_margin
from advtheory.networks.activations import leaky_relu
from advtheory.networks.two_layer import TwoLayer, initialise
from advtheory.norms import L2
from advtheory.reflection.exact_plane import least_margin, lowest
from advtheory.training.online import Attack, linear_attack, no_attack, noise_attack

GAMMA = 0.5
FRESH = 200  # examples on which errors are measured
NARROW = 20  # up to this width the exact attack is cheap
DIRECTIONS = 90  # two degrees apart: within 4% of the radius times the largest slope
REAL = torch.float64


def networks(
    d: int, m: int, alpha: float, norm: float, seeds: Sequence[int], device: str
) -> TwoLayer:
    r"""An ensemble with signs, so that :math:`\bar a = 1`, and :math:`\|W_1\|_F` = norm.

    >>> net = networks(2, 5, 0.3, 10.0, [0, 1], "cpu")
    >>> torch.linalg.matrix_norm(net.w).round(decimals=6)
    tensor([10., 10.], dtype=torch.float64)
    """
    net = initialise(d, m, seeds, activation=leaky_relu(alpha), device=device, dtype=REAL)
    return replace(net, w=net.w * (norm / torch.linalg.matrix_norm(net.w))[:, None, None])


def examples(
    steps: int, d: int, rare: float, seeds: Sequence[int], device: str
) -> tuple[Tensor, Tensor]:
    """A fresh example for each step of each run: x, ``(k, T, d)``, and y, ``(k, T)``."""
    drawn = [at_margin(steps, d=d, gamma=GAMMA, rare=rare, generator=apart(seed)) for seed in seeds]
    x, y = (torch.stack(part).to(device) for part in zip(*drawn, strict=True))
    return x, y


def noise(steps: int, d: int, nu: float, seeds: Sequence[int], device: str) -> Attack:
    """A uniform point of the ball, apart from the examples: one stream for each run."""
    drawn = [L2.sample((steps, d), nu, torch.Generator().manual_seed(2 * 10**6 + s)) for s in seeds]
    return noise_attack(torch.stack(drawn).to(device, REAL))


def plain_attack(name: str, d: int, nu: float) -> Attack:
    """The attacks "none" and "exact": exact for linear networks, nearly so in the plane."""
    if name == "none":
        return no_attack
    return worst_of_90(nu) if d == 2 else linear_attack(nu)


def worst_of_90(radius: float) -> Attack:
    """The worst of 90 points of the circle: for training, where wide networks need a cheap attack.

    :func:`~advtheory.reflection.exact_plane.best_in_disc` is exact and looks at 4m + 1 points at
    each step; errors are measured with it.

    >>> net = TwoLayer(torch.tensor([[5.0, 0.0]]), torch.ones(1))
    >>> worst_of_90(0.5)(net, torch.ones(1, 2), torch.ones(1))
    tensor([[0.5000, 1.0000]])
    """

    def attack(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
        angles = torch.arange(DIRECTIONS, device=x.device, dtype=x.dtype)
        angles = angles * (2 * math.pi / DIRECTIONS)
        circle = radius * torch.stack([angles.cos(), angles.sin()], dim=-1)
        return lowest(net, x[..., None, :] + circle, y)

    return attack


class Fresh:
    """Examples that no run trains on, and the errors of networks on them.

    >>> fresh = Fresh(2, 0.5, "cpu")
    >>> fresh.x.shape
    torch.Size([200, 2])
    """

    def __init__(self, d: int, rare: float, device: str) -> None:
        x, y = at_margin(FRESH, d=d, gamma=GAMMA, rare=rare, generator=apart(-1))
        self.x, self.y = x.to(device), y.to(device)

    def worst(self, net: TwoLayer, nu: float) -> Tensor:
        """The least margin in each ball, ``(k, n)``: exact in the plane, else by PGD.

        Wide networks are attacked by PGD in the plane, too; for a linear one it is exact.
        """
        if net.d == 2 and net.m <= NARROW:
            return least_margin(net, self.x, self.y, nu)
        found = pgd(net, self.x, self.y, radius=nu, steps=10)
        return self.y * net.value(found)
