r"""A network without gates, :math:`f(x) = v(W) \cdot x`: the theorem in its simplest case.

Its gradient :math:`v(W) = \frac{1}{\sqrt m}\sum_s a_s w_s` is the same at all inputs, and the lazy
ball becomes the ball of radius :math:`C_0` around :math:`v(W_0)`. Book label ``sec-linear-case``.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from advtheory.checks import Array, require_c0, require_dimension
from advtheory.laziness.bounds.random_networks import log_over
from advtheory.laziness.one_input import see
from advtheory.networks.two_layer import TwoLayer


def slope(net: TwoLayer) -> Tensor:
    r""":math:`v(W) = \frac{1}{\sqrt m}\sum_s a_s w_s`, the gradient of the network without gates.

    Its shape is ``(..., d)``. Book label ``sec-linear-case``.

    >>> slope(TwoLayer(torch.eye(4)[:, :3], torch.tensor([1.0, -1.0, 1.0, 1.0])))
    tensor([ 0.5000, -0.5000,  0.5000])
    """
    return torch.einsum("...s,...sd->...d", net.a, net.w) / math.sqrt(net.m)


def worst_distance(start: TwoLayer, x: Tensor, c0: float) -> Tensor:
    r"""The largest flipping distance at x in the lazy ball, for a network without gates.

    Args:
        start: One network or an ensemble.
        x: One input ``(d,)`` for all, or one for each member ``(..., d)``.
        c0: :math:`C_0`.

    Returns:
        :math:`\|x\|\sin(\min(\theta + \psi, \pi/2))` with :math:`\sin\theta = |v \cdot x| /
        (\|v\|\|x\|)` and :math:`\sin\psi = C_0/\|v\|` for the slope v of the start, and
        :math:`\psi = \pi/2` where :math:`C_0 \ge \|v\|`. It is 0 where v and :math:`C_0` are 0.
        Lazy weights that vanish at all inputs do not count. Book label ``prop-linear-exact``.

    Raises:
        ValueError: for what :func:`~advtheory.laziness.one_input.see` refuses.

    >>> start = TwoLayer(torch.tensor([[5.0, 0.0]]), torch.ones(1))
    >>> worst_distance(start, torch.tensor([0.0, 2.0]), c0=3)
    tensor(1.2000)
    """
    seen, v = see(start, x, c0), slope(start)
    length = torch.linalg.vector_norm(v, dim=-1).clamp(min=torch.finfo(v.dtype).tiny)
    theta = torch.asin(((v * seen.ahead).sum(-1).abs() / length).clamp(max=1))
    psi = torch.asin((c0 / length).clamp(max=1))
    return seen.length[..., 0] * torch.sin((theta + psi).clamp(max=math.pi / 2))


def value_bound(c0: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`F_1 = C_0 + \sqrt{2\log(2/\gamma)}`, a bound on :math:`|f(x; W)|` for all lazy W.

    Book label ``thm-linear-lazy``.

    >>> round(float(value_bound(2, 0.1)), 2)
    4.45
    """
    bound: Array = require_c0(c0) + np.sqrt(2 * log_over(2, gamma))
    return bound


def distance_bound(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\sqrt{2/d}\,F_1`, a bound on the flipping distance of all lazy W at once.

    It holds with probability at least :math:`1 - \gamma - e^{-d/16}`. Book label
    ``prop-linear-exact``.

    >>> round(float(distance_bound(2, d=784, gamma=0.01)), 3)
    0.265
    """
    bound: Array = value_bound(c0, gamma) * np.sqrt(2 / require_dimension(d))
    return bound
