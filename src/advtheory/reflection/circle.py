r"""The exact attack in the plane: the worst point of a disc lies on its circle.

The network is positively homogeneous, :math:`f(cx) = c f(x)` for :math:`c > 0`. So from a point
inside the disc where :math:`f \ne 0`, one of the two ways along the ray through the origin makes
:math:`y f` smaller. Book label ``cor-exact-oracle``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from advtheory.checks import require, require_nonnegative
from advtheory.networks.two_layer import TwoLayer

DIRECTIONS = 90  # of the circle, two degrees apart from any other: 4% of radius * slope at most


def around(x: Tensor, radius: float) -> Tensor:
    """Points of the circles around the inputs ``(..., n, 2)``: ``(..., n, 90, 2)``.

    >>> around(torch.zeros(1, 2), 2.0)[0, :2].round(decimals=2)
    tensor([[2.0000, 0.0000],
            [2.0000, 0.1400]])
    """
    require_nonnegative(radius, "radius")
    require(x.shape[-1] == 2, f"x has shape {tuple(x.shape)}; expected (..., n, 2), the plane")
    angles = torch.arange(DIRECTIONS, device=x.device, dtype=x.dtype) * (2 * math.pi / DIRECTIONS)
    return x[..., None, :] + radius * torch.stack([angles.cos(), angles.sin()], dim=-1)


def least_margin(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r""":math:`\min_{\|\delta - x\| \le r} y f(\delta)` in the plane, ``(..., n)``.

    >>> net = TwoLayer(torch.tensor([[3.0, 4.0]]), torch.ones(1))
    >>> least_margin(net, torch.ones(1, 2), torch.ones(1), 0.0)
    tensor([7.])
    """
    return _margins(net, around(x, radius), y).amin(-1)


def circle_attack(radius: float) -> Callable[[TwoLayer, Tensor, Tensor], Tensor]:
    """The worst of 90 points of the circle, as an attack for ``train_online``.

    >>> net = TwoLayer(torch.tensor([[5.0, 0.0]]), torch.ones(1))
    >>> circle_attack(0.5)(net, torch.ones(1, 2), torch.ones(1))
    tensor([[0.5000, 1.0000]])
    """

    def attack(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
        points = around(x, radius)
        worst = _margins(net, points, y).argmin(-1)[..., None, None]
        return points.gather(-2, worst.expand(*worst.shape[:-1], 2))[..., 0, :]

    return attack


def _margins(net: TwoLayer, points: Tensor, y: Tensor) -> Tensor:
    values = net.value(points.flatten(-3, -2))
    return y[..., None] * values.reshape(*values.shape[:-1], *points.shape[-3:-1])
