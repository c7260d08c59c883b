r"""One margin z: bounds on the 0-1 loss, the weights q and s, and how many raw steps reach zero.

The logistic loss over log 2 lies above the 0-1 loss, one plus the reflected loss over log 2 below
it. Their slopes weigh the gradient of the margin by q and s. Source: Mianjy & Arora (2023), Figure
1; book labels ``prop-bounds``, ``prop-lengths``, ``prop-steps``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from advtheory.losses import LOGISTIC, REFLECTED

Weight = Callable[[Tensor], Tensor]


def upper(z: Tensor) -> Tensor:
    r""":math:`\ell(z)/\log 2 \ge \mathbf 1\{z \le 0\}`, with equality at 0.

    >>> upper(torch.tensor([0.0, -1.0]))
    tensor([1.0000, 1.8946])
    """
    return LOGISTIC.value(z, torch.ones_like(z)) / math.log(2)


def lower(z: Tensor) -> Tensor:
    r""":math:`1 + \ell_-(z)/\log 2 \le \mathbf 1\{z < 0\}`, with equality at 0.

    >>> lower(torch.tensor([0.0, -1.0]))
    tensor([0.0000, 0.5481])
    """
    return 1 + REFLECTED.value(z, torch.ones_like(z)) / math.log(2)


def q(z: Tensor) -> Tensor:
    r""":math:`q(z) = -\ell'(z) = 1/(1 + e^z)`: what the logistic loss makes of a unit gradient.

    >>> q(torch.tensor([0.0, 4.0]))
    tensor([0.5000, 0.0180])
    """
    return -LOGISTIC.slope(z, torch.ones_like(z))


def s(z: Tensor) -> Tensor:
    r""":math:`s(z) = -\ell_-'(z) = 1/(1 + e^{-z}) = 1 - q(z)`: what its reflection makes of it.

    >>> s(torch.tensor([0.0, 4.0]))
    tensor([0.5000, 0.9820])
    """
    return -REFLECTED.slope(z, torch.ones_like(z))


def q_time(z: Tensor) -> Tensor:
    r""":math:`e^z + z - 1`: when :math:`\dot z = -q(z)` arrives at 0, for :math:`z \ge 0`.

    No raw ascent on the logistic loss crosses zero in fewer than q_time(z)/h steps, where h is the
    step times the largest squared gradient.

    >>> q_time(torch.tensor([0.0, 4.0]))
    tensor([ 0.0000, 57.5981])
    """
    return torch.expm1(z) + z


def s_time(z: Tensor) -> Tensor:
    r""":math:`z + 1 - e^{-z}`: when :math:`\dot z = -s(z)` arrives at 0, for :math:`z \ge 0`.

    >>> s_time(torch.tensor([0.0, 4.0]))
    tensor([0.0000, 4.9817])
    """
    return z - torch.expm1(-z)


def steps_to_zero(z: Tensor, h: float, weight: Weight, most: int) -> Tensor:
    r"""The first t with :math:`z_t \le 0` where :math:`z_{t+1} = z_t - h\,` weight :math:`(z_t)`.

    So the margin falls in raw ascent on a linear network, with :math:`h = \eta \|w\|^2`.

    Args:
        z: Margins at the start, of any shape.
        h: The step times the squared gradient.
        weight: ``q``, ``s``, or another function of the margin.
        most: Steps that are made; what has not arrived by then counts ``most``.

    Returns:
        Whole numbers, int64, of the shape of z.

    >>> start = torch.tensor([-1.0, 1.0, 4.0])
    >>> steps_to_zero(start, 1.0, q, 100), steps_to_zero(start, 1.0, s, 100)
    (tensor([ 0,  4, 60]), tensor([0, 2, 5]))
    """
    steps = torch.zeros_like(z, dtype=torch.int64)
    for _ in range(most):
        steps += z > 0
        z = torch.where(z > 0, z - h * weight(z), z)
    return steps
