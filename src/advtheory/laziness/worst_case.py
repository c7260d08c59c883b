r"""The worst lazy weights at one input: for its value, for its gates, and along one direction.

The setting is that of :mod:`advtheory.laziness.bounds`: a start :math:`W_0` without biases, an
input x, and every row :math:`w_s` within :math:`V = C_0/\sqrt m` of :math:`w_{s,0}`. Value and
gradient are sums over neurons, and the rows move independently. So the largest value, and the
largest gradient along a given direction, are found exactly, neuron by neuron, in closed form.

Shapes: ``start`` is one network or an ensemble ``(..., m, d)``; ``x`` is one input ``(d,)`` for
all, or one for each member ``(..., d)``. Book label ``sec-lazy-stability``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import normalize

from advtheory.checks import require_dtype, require_finite, require_nonnegative
from advtheory.networks.two_layer import TwoLayer

NUDGE = 1e-6
"""How far beside its kink a row is put, in units of V."""


def value_range(start: TwoLayer, x: Tensor, c0: float) -> tuple[Tensor, Tensor]:
    r"""The smallest and the largest value at x that lazy weights can give, exactly.

    Returns:
        :math:`\frac1{\sqrt m}\sum_s a_s\,\sigma(w_{s,0} \cdot x \mp a_s V \|x\|)`, each ``(...)``.
        For the ReLU the largest exceeds f(x) by :math:`\frac{C_0}2 \|x\|` on average over random
        starts, and never by more than :math:`C_0 \|x\|`. Book labels ``lem-b5``,
        ``lem-lazy-value``.

    Raises:
        ValueError: for biases, another shape or precision of x, an x of length zero, or a negative
            :math:`C_0`.
    """
    _, length, g = _prepare(start, x, c0)
    z, shift = length * g, c0 / math.sqrt(start.m) * length * start.a
    low, high = (z - shift)[..., None, :], (z + shift)[..., None, :]
    smallest = start.value_at(low, start.gates(low))
    return smallest[..., 0], start.value_at(high, start.gates(high))[..., 0]


def extreme_value(start: TwoLayer, x: Tensor, c0: float, sign: float | Tensor) -> TwoLayer:
    r"""The lazy network with the largest value at x (sign +1) or the smallest (sign -1).

    Its rows are :math:`w_{s,0} + \mathrm{sign} \cdot a_s V x/\|x\|`. A tensor of signs has one for
    each member. The same ValueErrors as :func:`value_range`. Book label ``lem-b5``.
    """
    ahead, _, _ = _prepare(start, x, c0)
    signs = torch.as_tensor(sign).to(start.w)[..., None]
    move = signs * c0 / math.sqrt(start.m) * start.a
    return replace(start, w=start.w + move[..., None] * ahead[..., None, :])


def switching(start: TwoLayer, x: Tensor, c0: float) -> Tensor:
    r"""Which neurons some lazy row can switch at x: the set :math:`S_x`, exactly, ``(..., m)``.

    These are the s with :math:`-V < w_{s,0} \cdot x/\|x\| \le V`, since a gate is closed at zero.
    Book label ``lem-b4``; :math:`S_1` in Lemma B.4 of Wang et al. (2022). The same ValueErrors as
    :func:`value_range`.
    """
    _, _, g = _prepare(start, x, c0)
    radius = c0 / math.sqrt(start.m)
    return (g > -radius) & (g <= radius)


def split_bound(start: TwoLayer, x: Tensor, c0: float) -> Tensor:
    r"""What no lazy W can exceed: :math:`C_0 + \sqrt{|T|/m}\;\sigma_{\max}(W_{0,T})`, ``(...)``.

    It bounds :math:`\|\nabla f(x; W) - \nabla f(x; W_0)\|` without any exception. T is the set of
    the neurons with :math:`|w_{s,0} \cdot x| \le V \|x\|`. Book label ``lem-lazy-split``. The same
    ValueErrors as :func:`value_range`.
    """
    _, _, g = _prepare(start, x, c0)
    inside = g.abs() <= c0 / math.sqrt(start.m)
    members = zip(start.w.reshape(-1, start.m, start.d), inside.reshape(-1, start.m), strict=True)
    largest = torch.stack([_largest_singular(w[chosen]) for w, chosen in members])
    share = inside.to(g).mean(-1).sqrt()
    return c0 + share * largest.reshape(share.shape)


@dataclass(frozen=True)
class Moves:
    r"""Lazy weights :math:`w_s = w_{s,0} + \alpha_s \hat x + \beta_s v` and their gradient at x.

    Attributes:
        start: The network at the start.
        ahead: :math:`\hat x = x/\|x\|`, ``(..., d)``.
        side: A unit vector v orthogonal to it, ``(..., d)``.
        along: :math:`\alpha`, ``(..., m)``.
        across: :math:`\beta`, ``(..., m)``.
        open: Which gates are open at x, ``(..., m)``.
        support: The supremum of :math:`\langle\nabla f(x; W), u\rangle` over all lazy W, ``(...)``,
            for the direction u that the weights were made for.
    """

    start: TwoLayer
    ahead: Tensor
    side: Tensor
    along: Tensor
    across: Tensor
    open: Tensor
    support: Tensor

    @cached_property
    def gradient(self) -> Tensor:
        r""":math:`\nabla f(x; W)` for these weights, ``(..., d)``."""
        h = self.start.a * self.open / math.sqrt(self.start.m)
        along, across = ((h * part).sum(-1, keepdim=True) for part in (self.along, self.across))
        rows = (h[..., None, :] @ self.start.w)[..., 0, :]
        return rows + along * self.ahead + across * self.side

    def network(self) -> TwoLayer:
        """The network with these weights."""
        w = self.along[..., None] * self.ahead[..., None, :]
        w += self.across[..., None] * self.side[..., None, :]
        return replace(self.start, w=w.add_(self.start.w))


def towards(start: TwoLayer, x: Tensor, c0: float, direction: Tensor) -> Moves:
    r"""Lazy ReLU weights whose gradient at x is the largest along a direction.

    A neuron adds :math:`a_s w_s \cdot u/\sqrt m` where its gate is open, and nothing where it is
    closed. An open one moves by :math:`a_s V u`, or as far in that sense as its gate stays open;
    it is closed where that is possible and better. No lazy W does better. These weights reach the
    supremum but for the nudge: a row that would lie on its kink is put a share ``NUDGE`` of V
    beside it, which costs the row a share of at most :math:`\sqrt{2\,\mathrm{NUDGE}}` of V.

    Args:
        start: The start, in double precision: rounding must not undo the nudge.
        x: The input.
        c0: :math:`C_0`.
        direction: A multiple of the unit vector u, ``(d,)`` or ``(..., d)``; zero means u = 0.

    Raises:
        ValueError: as :func:`value_range`, and for another activation or precision.

    Book label ``lem-lazy-split``.
    """
    ahead, _, g = _prepare(start, x, c0)
    _require_relu_in_double(start)
    u, radius = normalize(direction.to(start.w), dim=-1), c0 / math.sqrt(start.m)
    cosine = (u * ahead).sum(-1, keepdim=True)
    side = u - cosine * ahead
    # once more: where u is nearly parallel to x, rounding leaves a side that is not orthogonal
    side = side - (side * ahead).sum(-1, keepdim=True) * ahead
    sine = torch.linalg.vector_norm(side, dim=-1, keepdim=True)
    gain, along, across = _open_rows(g, start.a * cosine, sine, radius)
    opened = torch.where(g > -radius, start.a * _times(start.w, u) + gain, -math.inf)
    closed = torch.where(g <= radius, 0.0, -math.inf)
    is_open = opened > closed
    return Moves(
        start=start,
        ahead=ahead,
        side=normalize(side, dim=-1),
        along=torch.where(is_open, along, _closing(g, radius)),
        across=torch.where(is_open, start.a * across, 0.0),
        open=is_open,
        support=torch.maximum(opened, closed).sum(-1) / math.sqrt(start.m),
    )


def _open_rows(
    g: Tensor, cosine: Tensor, sine: Tensor, radius: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Rows with an open gate: what the best move gains, and its parts along x and beside it.

    ``cosine`` and ``sine`` are those of the angle between x and the way each row would like to go.
    The part beside x still lacks the sign of the neuron.
    """
    free = g + radius * cosine > 0  # the whole move leaves the gate open
    room = (radius**2 - g * g).clamp_min(0).sqrt()
    gain = torch.where(free, radius * torch.hypot(cosine, sine), room * sine - g * cosine)
    edge = (NUDGE * radius - g).clamp_max(radius)
    along = torch.where(free, radius * cosine, edge)
    return gain, along, torch.where(free, radius * sine, (radius**2 - edge**2).clamp_min(0).sqrt())


def _closing(g: Tensor, radius: float) -> Tensor:
    """The move along x that closes a gate; none where it is closed already."""
    return torch.where(g > 0, (-NUDGE * radius - g).clamp_min(-radius), 0.0)


def _largest_singular(rows: Tensor) -> Tensor:
    square = rows.mT @ rows if len(rows) > rows.shape[1] else rows @ rows.mT
    return torch.linalg.eigvalsh(square)[-1].sqrt() if len(rows) else rows.new_zeros(())


def _times(w: Tensor, v: Tensor) -> Tensor:
    """The products of all rows with one vector for each member."""
    return (w @ v[..., None])[..., 0]


def _prepare(start: TwoLayer, x: Tensor, c0: float) -> tuple[Tensor, Tensor, Tensor]:
    r""":math:`\hat x`, the length of x ``(..., 1)`` and :math:`g_s = w_{s,0} \cdot \hat x`."""
    require_nonnegative(c0, "c0")
    if start.b is not None:
        raise ValueError("the network has biases; the worst weights are known for b = None only")
    if x.shape not in ((start.d,), (*start.a.shape[:-1], start.d)):
        raise ValueError(
            f"x has shape {tuple(x.shape)}; expected ({start.d},), or one such input for each "
            f"member of an ensemble of shape {tuple(start.a.shape[:-1])}"
        )
    require_dtype(x, start.w.dtype, "x")
    require_finite(x, "x")
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    if not bool((length > 0).all()):
        raise ValueError("x is zero; every gate is closed there: choose another input")
    return x / length, length, _times(start.w, x / length)


def _require_relu_in_double(start: TwoLayer) -> None:
    if start.activation.kink != 0:
        raise ValueError(
            f"the activation is {start.activation.name}; the worst gradients are known for the "
            "ReLU only"
        )
    if start.w.dtype != torch.float64:
        raise ValueError(
            f"the network is {start.w.dtype}; rows next to their kinks need double precision: use "
            "initialise(..., dtype=torch.float64)"
        )
