r"""Balls of weights around a start: the distance to it, and the projection.

Book labels ``def-lazy``, ``alg-projected``.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from advtheory.checks import require_finite
from advtheory.networks.two_layer import TwoLayer


def deviation(net: TwoLayer, start: TwoLayer) -> Tensor:
    r""":math:`\|W - W_0\|_{2,\infty} = \max_s \|w_s - w_{s,0}\|_2`, shape ``(...)``.

    With biases the row is :math:`(w_s, b_s)`. Definition 2.1 of Wang et al. (2022); book label
    ``def-lazy``.
    """
    require_finite(net.w, "w")
    squares = (net.w - start.w).square_().sum(-1)
    if net.b is not None and start.b is not None:
        squares += (net.b - start.b).square()
    return squares.amax(-1).sqrt()


def project_lazy(net: TwoLayer, start: TwoLayer, radius: float | Tensor) -> TwoLayer:
    r"""The nearest network with :math:`\|W - W_0\|_{2,\infty} \le V`, row by row.

    Args:
        net: One network or an ensemble; with biases the row is :math:`(w_s, b_s)`.
        start: Its start, of the same shape.
        radius: V, a number or one for each member.

    Raises:
        ValueError: for weights that are not finite, a negative radius, or a start of another shape.
    """
    if net.w.shape != start.w.shape:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} and its start {tuple(start.w.shape)}; expected the "
            "same shape: project a network onto the ball around its own start"
        )
    require_finite(net.w, "w")
    bound = torch.as_tensor(radius, dtype=net.w.dtype, device=net.w.device)
    if not bool((bound >= 0).all()):
        raise ValueError(f"radius is {radius}; expected a number of at least 0")
    moved = net.w - start.w
    squares = moved.square().sum(-1)
    shift = None if net.b is None or start.b is None else net.b - start.b
    far = (squares if shift is None else squares + shift.square()).sqrt()
    shrink = torch.where(far > bound[..., None], bound[..., None] / far, 1.0)
    w = torch.addcmul(start.w, moved, shrink[..., None])
    b = net.b if shift is None or start.b is None else start.b + shrink * shift
    return replace(net, w=w, b=b)
