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

    >>> from advtheory.networks import initialise
    >>> start = initialise(2, 4, 0)
    >>> deviation(start.each(lambda t: t + 0.5), start)  # two weights a row, each 0.5 further
    tensor(0.7071)

    Raises:
        ValueError: for weights that are not finite, or a start with other rows: another width or
            dimension, or biases on one side only.
    """
    _require_rows(net, start)
    require_finite(net.w, "w")
    return largest_move(net, start)


def largest_move(net: TwoLayer, start: TwoLayer) -> Tensor:
    """What :func:`deviation` returns, without its checks: for loops on a device, which would wait.

    >>> from advtheory.networks import initialise
    >>> start = initialise(2, 4, [0, 1])
    >>> largest_move(start, start)
    tensor([0., 0.])
    """
    squares = (net.w - start.w).square_().sum(-1)
    if net.b is not None and start.b is not None:
        squares += (net.b - start.b).square()
    return squares.amax(-1).sqrt()


def project_lazy(net: TwoLayer, start: TwoLayer, radius: float | Tensor) -> TwoLayer:
    r"""The nearest network with :math:`\|W - W_0\|_{2,\infty} \le V`, row by row.

    >>> from advtheory.networks import initialise
    >>> start = initialise(2, 4, 0)
    >>> deviation(project_lazy(start.each(lambda t: t + 0.5), start, 0.25), start)
    tensor(0.2500)

    Args:
        net: One network or an ensemble; with biases the row is :math:`(w_s, b_s)`.
        start: Its start, of the same shape.
        radius: V, a number or one for each member.

    Raises:
        ValueError: for weights that are not finite, a negative radius, a start of another shape, or
            biases on one side only.
    """
    if net.w.shape != start.w.shape:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} and its start {tuple(start.w.shape)}; expected the "
            "same shape: project a network onto the ball around its own start"
        )
    _require_rows(net, start)
    require_finite(net.w, "w")
    bound = torch.as_tensor(radius, dtype=net.w.dtype, device=net.w.device)
    if not bool((bound >= 0).all()):
        raise ValueError(f"radius is {radius}; expected a number of at least 0")
    return pull_back(net, start, bound)


def pull_back(net: TwoLayer, start: TwoLayer, radius: Tensor) -> TwoLayer:
    """What :func:`project_lazy` returns, without its checks: for loops on a device.

    >>> from advtheory.networks import initialise
    >>> start = initialise(2, 4, 0)
    >>> pull_back(start, start, torch.tensor(0.0)).w.equal(start.w)
    True
    """
    moved = net.w - start.w
    squares = moved.square().sum(-1)
    shift = None if net.b is None or start.b is None else net.b - start.b
    far = (squares if shift is None else squares + shift.square()).sqrt()
    shrink = torch.where(far > radius[..., None], radius[..., None] / far, 1.0)
    w = torch.addcmul(start.w, moved, shrink[..., None])
    b = net.b if shift is None or start.b is None else start.b + shrink * shift
    return replace(net, w=w, b=b)


def _require_rows(net: TwoLayer, start: TwoLayer) -> None:
    if net.w.shape[-2:] != start.w.shape[-2:] or (net.b is None) is not (start.b is None):
        ours, theirs = (
            f"{tuple(part.w.shape)}{'' if part.b is None else ' with biases'}"
            for part in (net, start)
        )
        raise ValueError(
            f"w is {ours} and its start {theirs}; expected the same rows: compare a network with "
            "its own start"
        )
