r"""Attacks along raw or signed gradients with less work: in closed form for two-layer networks.

For experiments that make millions of steps; elsewhere
:func:`~advtheory.attacks.ascent.ascend` does the same. The loop moves the shift
:math:`\delta` and keeps :math:`Wx + b`; a raw step is one product, since its length and the slope
of the loss go into the gates. In the Euclidean ball without a box every shift is
:math:`W^\top c`: the preactivations are :math:`Wx + b + Kc` with the Gram matrix
:math:`K = WW^\top`, and :math:`\|\delta\|^2 = c^\top Kc`, so the loop runs in m numbers instead
of d. Book label ``sec-reflected``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from advtheory.attacks.ascent import ROWS, Schedule
from advtheory.attacks.boundary import attackable
from advtheory.attacks.lowest import Lowest
from advtheory.losses import Loss, margin
from advtheory.networks.blocks import blocks
from advtheory.networks.two_layer import TwoLayer
from advtheory.norms import L2, Ball

WEAK = 1e-30  # a pull below this moves no pixel by as much as a float can tell
Path = Iterator[tuple[Tensor, Tensor]]
"""Margins ``(..., n)`` and the shift in the loop's coordinates, iterate after iterate."""


class Way(NamedTuple):
    """What an attack does, without the network and the inputs.

    Attributes:
        ball: The norm.
        schedule: Radius, steps, and which iterate counts.
        loss: What rises.
        signed: Move along the signs of the gradient (FGSM, BIM), not along the gradient itself.
        box: The range of a pixel, or None.

    >>> from advtheory.losses import REFLECTED
    >>> Way(L2, Schedule(2.0, 10.0, 40, decay=0.2), REFLECTED).spanned
    True
    """

    ball: Ball
    schedule: Schedule
    loss: Loss
    signed: bool = False
    box: tuple[float, float] | None = None

    @property
    def spanned(self) -> bool:
        """Whether the attack stays in the span of the rows of W."""
        return self.ball == L2 and self.box is None and not self.signed


@torch.no_grad()
def perturb(net: TwoLayer, x: Tensor, y: Tensor, way: Way) -> Tensor:
    r"""The perturbed inputs, ``(..., n, d)``.

    Args:
        net: One network or an ensemble, piecewise linear.
        x: Inputs, ``(..., n, d)``; nothing is checked, for loops that have checked once.
        y: Labels -1 or +1 as real numbers, ``(..., n)``.
        way: The attack.

    >>> from advtheory.losses import REFLECTED
    >>> net = TwoLayer(torch.eye(2), torch.tensor([3.0, 4.0]) * 2**0.5)
    >>> way = Way(L2, Schedule(0.5, 10.0, 3), REFLECTED)
    >>> perturb(net, torch.ones(1, 2), torch.ones(1), way)
    tensor([[0.7000, 0.6000]])
    """
    path = _path(net, x, y, way)
    z, found = next(path)
    best = Lowest(found)
    best.see(found, z)
    for z, shift in path:
        found = shift if way.schedule.keep == "last" else best.see(shift, z)
    return x + torch.matmul(found, net.w) if way.spanned else x + found


@torch.no_grad()
def margins(net: TwoLayer, x: Tensor, y: Tensor, way: Way) -> Tensor:
    """The margin of every iterate, start and end included: ``(steps + 1, ..., n)``.

    Args:
        net: As in :func:`perturb`.
        x: Inputs, ``(n, d)``; they are attacked block by block.
        y: Labels -1 or +1, ``(n,)``.
        way: The attack.

    Raises:
        ValueError: for other labels, or not one for each row of x; a NaN in x; an empty box, or an
            x outside it; a smooth activation.

    >>> from advtheory.losses import REFLECTED
    >>> net = TwoLayer(torch.eye(2), torch.tensor([3.0, 4.0]) * 2**0.5)
    >>> way = Way(L2, Schedule(0.5, 10.0, 2), REFLECTED)
    >>> margins(net, torch.ones(1, 2), torch.ones(1), way)[:, 0]
    tensor([7.0000, 4.5000, 4.5000])
    """
    if net.activation.kink is None:
        raise ValueError(f"{net.activation.name} is smooth; raw paths need a piecewise linear one")
    y = attackable(net, x, y, way.box)
    parts = [
        torch.stack([z for z, _ in _path(net, inputs, labels, way)])
        for inputs, labels in blocks(ROWS, [x], [y])
    ]
    return torch.cat(parts, dim=-1)


def _path(net: TwoLayer, x: Tensor, y: Tensor, way: Way) -> Path:
    if way.spanned:
        return _loop(net, x, y, way, _in_the_span(net, x, way))
    return _loop(net, x, y, way, _in_the_pixels(net, x, way))


class _Moves(NamedTuple):
    """Where a shift begins, and one step: (shift, gates, slopes, length) -> shift, W times it."""

    shift: Tensor
    step: Callable[[Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor]]


def _loop(net: TwoLayer, x: Tensor, y: Tensor, way: Way, moves: _Moves) -> Path:
    first, shift = net.preactivation(x), moves.shift
    z = first
    for t in range(way.schedule.steps):
        h = net.gates(z)
        f = net.value_at(z, h)
        yield margin(f, y), shift
        slopes = way.loss.slope(f, y)[..., None]
        shift, moved = moves.step(shift, h, slopes, way.schedule.length(t))
        z = first + moved
    yield margin(net.value_at(z, net.gates(z)), y), shift


def _in_the_pixels(net: TwoLayer, x: Tensor, way: Way) -> _Moves:
    """The shift itself, ``(..., n, d)``."""
    low, high = (None, None) if way.box is None else (way.box[0] - x, way.box[1] - x)

    def step(shift: Tensor, h: Tensor, slopes: Tensor, length: float) -> tuple[Tensor, Tensor]:
        if way.signed:  # the sum first: its signs then do not depend on the loss
            move = _through(h, net.w).mul_(slopes).sign_().mul_(length)
        else:
            move = _through(h.mul_(_felt(slopes * length)), net.w)
        new = way.ball.nearest(move.add_(shift), way.schedule.radius)
        new = new if low is None else new.clamp_(low, high)
        return new, torch.matmul(new, net.w.mT)

    return _Moves(torch.zeros_like(x), step)


def _in_the_span(net: TwoLayer, x: Tensor, way: Way) -> _Moves:
    """The coefficients c of the shift, ``(..., n, m)``."""
    gram, radius = torch.matmul(net.w, net.w.mT), way.schedule.radius

    def step(c: Tensor, h: Tensor, slopes: Tensor, length: float) -> tuple[Tensor, Tensor]:
        new = c + h.mul_(_felt(slopes * length))
        moved = torch.matmul(new, gram)
        norm = torch.linalg.vecdot(new, moved).clamp_(min=0).sqrt_()
        shrink = torch.where(norm > radius, radius / norm, 1.0)[..., None]
        return new.mul_(shrink), moved.mul_(shrink)

    return _Moves(x.new_zeros((*x.shape[:-1], net.m)), step)


def _felt(pull: Tensor) -> Tensor:
    """The pull on each input; none where it is so weak that no pixel can feel it.

    A saturated loss makes numbers below the range of normal floats, and those are slow.
    """
    return pull.where(pull.abs() > WEAK, 0.0)


def _through(h: Tensor, w: Tensor) -> Tensor:
    """The product ``h @ w``. On a CPU the neurons that are off at every input are left out: most
    neurons of a trained network are, and their rows of w count for nothing.
    """
    if h.device.type != "cpu":
        return torch.matmul(h, w)
    if w.ndim > 2:
        parts = [_through(gates, rows) for gates, rows in zip(h, w, strict=True)]
        return torch.stack(parts) if len(parts) > 1 else parts[0][None]
    on = (h != 0).flatten(0, -2).any(0).nonzero()[:, 0]
    few = 2 * len(on) < len(w)  # gathering rows costs time too
    return torch.matmul(h[..., on], w[on]) if few else torch.matmul(h, w)
