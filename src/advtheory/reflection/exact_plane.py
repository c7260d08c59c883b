r"""The best attack on a network with two inputs and no biases, exactly.

The neurons' lines go through the origin and cut the plane into cones, in each of which the network
is linear. Its smallest margin over a disc is therefore at the origin, where a line meets the
circle, or at the end of a radius against the gradient of a cone. Book label ``sec-pgd-measured``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from advtheory.checks import require, require_nonnegative
from advtheory.networks.two_layer import TwoLayer


def best_in_disc(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r"""A point of the disc of that radius around x with the smallest margin :math:`y f`.

    Args:
        net: A network, or an ensemble, with two inputs, no biases and a piecewise linear
            activation.
        x: Inputs, ``(..., n, 2)``.
        y: Labels -1 or +1, ``(..., n)``.
        radius: Radius of the disc.

    Returns:
        The points, of the shape of x with the axes of the ensemble.

    Raises:
        ValueError: for a network with another number of inputs, with biases, or a smooth one.

    >>> net = TwoLayer(torch.eye(2), torch.tensor([1.0, 1.0]))
    >>> best_in_disc(net, torch.tensor([[3.0, -1.0]]), torch.ones(1), 2.0)
    tensor([[ 1., -1.]])
    """
    require(
        net.d == 2 and net.b is None and net.activation.kink is not None,
        f"the network has {net.d} inputs and the activation {net.activation.name}; expected two "
        "inputs, no biases and a leaky ReLU: elsewhere use attacks.unbroken",
    )
    require_nonnegative(radius, "radius")
    return lowest(net, _candidates(net, x, y, radius), y)


def least_margin(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r""":math:`\min_{\|\delta - x\| \le r} y f(\delta)` in the plane, ``(..., n)``.

    Arguments and errors as in :func:`best_in_disc`.

    >>> net = TwoLayer(torch.tensor([[3.0, 4.0]]), torch.ones(1))
    >>> least_margin(net, torch.ones(1, 2), torch.ones(1), 1.0)
    tensor([2.0000])
    """
    return y * net.value(best_in_disc(net, x, y, radius))


def lowest(net: TwoLayer, points: Tensor, y: Tensor) -> Tensor:
    """Of k points for each input, ``(..., n, k, d)``, the one with the smallest margin.

    >>> net = TwoLayer(torch.eye(2), torch.ones(2))
    >>> lowest(net, torch.tensor([[[3.0, 1.0], [2.0, 1.0]]]), torch.ones(1))
    tensor([[2., 1.]])
    """
    values = net.value(points.flatten(-3, -2))
    z = y[..., None] * values.reshape(*values.shape[:-1], *points.shape[-3:-1])
    points = points.expand(*z.shape, points.shape[-1])
    at = z.argmin(-1)[..., None, None].expand_as(points[..., :1, :])
    return points.gather(-2, at)[..., 0, :]


def _candidates(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    """``(..., n, k, 2)``: all of them lie in the disc, and the best point is among them."""
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    origin = torch.where(length <= radius, 0.0, x)
    gradients = net.input_gradient(_directions(net))  # one for each cone
    size = torch.linalg.vector_norm(gradients, dim=-1, keepdim=True)
    ways = gradients / size.where(size > 0, 1.0)
    ends = x[..., None, :] - radius * y[..., None, None] * ways[..., None, :, :]
    points = torch.cat([_crossings(net, x, radius), ends], dim=-2)
    return torch.cat([origin[..., None, :].expand_as(points[..., :1, :]), points], dim=-2)


def _directions(net: TwoLayer) -> Tensor:
    """A unit vector in the middle of each of the 2m cones, ``(..., 2m, 2)``."""
    angle = torch.remainder(torch.atan2(net.w[..., 0], -net.w[..., 1]), math.pi).sort(-1).values
    around = torch.cat([angle, angle + math.pi, angle[..., :1] + 2 * math.pi], dim=-1)
    middle = (around[..., 1:] + around[..., :-1]) / 2
    return torch.stack([middle.cos(), middle.sin()], dim=-1)


def _crossings(net: TwoLayer, x: Tensor, radius: float) -> Tensor:
    """Where each line meets the circle, ``(..., n, 2m, 2)``; x itself where it does not."""
    along = torch.stack([-net.w[..., 1], net.w[..., 0]], dim=-1)
    size = torch.linalg.vector_norm(along, dim=-1, keepdim=True)
    along = (along / size.where(size > 0, 1.0))[..., None, :, :]
    middle = (x[..., None, :] * along).sum(-1, keepdim=True)
    away = torch.linalg.vector_norm(x[..., None, :] - middle * along, dim=-1, keepdim=True)
    half = (radius**2 - away**2).clamp(min=0).sqrt()
    ends = torch.cat([(middle + half) * along, (middle - half) * along], dim=-2)
    return torch.where(torch.cat([away, away], dim=-2) <= radius, ends, x[..., None, :])
