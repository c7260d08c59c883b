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

from advtheory.checks import require, require_finite
from advtheory.laziness.one_input import (
    Seen,
    products,
    require_one_each,
    require_relu_in_double,
    see,
)
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
        ValueError: for biases, another shape or precision of x, an x of length zero, a NaN or an
            infinity in x or the weights, or a negative :math:`C_0`.

    >>> start, x = TwoLayer(torch.eye(2), torch.ones(2)), torch.tensor([3.0, 4.0])
    >>> start.value(x[None]), value_range(start, x, c0=1)
    (tensor([4.9497]), (tensor(0.3284), tensor(9.9497)))
    """
    seen = see(start, x, c0)
    z, shift = seen.length * seen.g, c0 / math.sqrt(start.m) * seen.length * start.a
    low, high = (z - shift)[..., None, :], (z + shift)[..., None, :]
    smallest = start.value_at(low, start.gates(low))
    return smallest[..., 0], start.value_at(high, start.gates(high))[..., 0]


def extreme_value(start: TwoLayer, x: Tensor, c0: float, sign: float | Tensor) -> TwoLayer:
    r"""The lazy network with the largest value at x (sign +1) or the smallest (sign -1).

    Its rows are :math:`w_{s,0} + \mathrm{sign} \cdot a_s V x/\|x\|`. A tensor of signs has one for
    each member. The same ValueErrors as :func:`value_range`, and one for another sign. Book label
    ``lem-b5``.

    >>> start, x = TwoLayer(torch.eye(2), torch.ones(2)), torch.tensor([3.0, 4.0])
    >>> extreme_value(start, x, c0=1, sign=1).value(x[None])
    tensor([9.9497])
    """
    seen, signs = see(start, x, c0), torch.as_tensor(sign).to(start.w)
    good = signs.shape in ((), start.a.shape[:-1]) and bool((signs.abs() == 1).all())
    require(
        good,
        f"sign is {sign}; expected +1 for the largest value or -1 for the smallest, or one such "
        "sign for each member",
    )
    move = signs[..., None] * c0 / math.sqrt(start.m) * start.a
    return replace(start, w=start.w + move[..., None] * seen.ahead[..., None, :])


def switching(start: TwoLayer, x: Tensor, c0: float) -> Tensor:
    r"""Which neurons some lazy row can switch at x: the set :math:`S_x`, exactly, ``(..., m)``.

    These are the s with :math:`-V < w_{s,0} \cdot x/\|x\| \le V`, since a gate is closed at zero.
    Book label ``lem-b4``; :math:`S_1` in Lemma B.4 of Wang et al. (2022). The same ValueErrors as
    :func:`value_range`.

    >>> start, x = TwoLayer(torch.eye(2), torch.ones(2)), torch.tensor([3.0, 4.0])
    >>> switching(start, x, c0=1)
    tensor([ True, False])
    """
    g, radius = see(start, x, c0).g, c0 / math.sqrt(start.m)
    return (g > -radius) & (g <= radius)


def split_bound(start: TwoLayer, x: Tensor, c0: float) -> Tensor:
    r"""What no lazy W can exceed: :math:`C_0 + \sqrt{|T|/m}\;\sigma_{\max}(W_{0,T})`, ``(...)``.

    It bounds :math:`\|\nabla f(x; W) - \nabla f(x; W_0)\|` without any exception. T is the set of
    the neurons with :math:`|w_{s,0} \cdot x| \le V \|x\|`. Book label ``lem-lazy-split``. The same
    ValueErrors as :func:`value_range`.

    >>> start, x = TwoLayer(torch.eye(2), torch.ones(2)), torch.tensor([3.0, 4.0])
    >>> split_bound(start, x, c0=1)
    tensor(1.7071)
    """
    g = see(start, x, c0).g
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

    >>> start = TwoLayer(torch.eye(2).double(), torch.tensor([1.0, -1.0]).double())
    >>> x, u = torch.tensor([3.0, 4.0]).double(), torch.tensor([0.0, 1.0])
    >>> towards(start, x, 1, u).open
    tensor([True, True])
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
        ValueError: as :func:`value_range`, and for another activation or precision, or a direction
            with another shape or a NaN.

    Book label ``lem-lazy-split``.

    >>> start = TwoLayer(torch.eye(2).double(), torch.tensor([1.0, -1.0]).double())
    >>> x, u = torch.tensor([3.0, 4.0]).double(), torch.tensor([0.0, 1.0])
    >>> moves = towards(start, x, 1, u)
    >>> round(float(moves.gradient @ u.double()), 3), round(float(moves.support), 3)
    (0.293, 0.293)
    """
    require_relu_in_double(start)
    require_one_each(start, direction, "direction", "direction")
    require_finite(direction, "direction")
    return along(see(start, x, c0), c0, direction)


def along(seen: Seen, c0: float, direction: Tensor) -> Moves:
    """The same weights as :func:`towards` finds, without a check.

    >>> start = TwoLayer(torch.eye(2).double(), torch.tensor([1.0, -1.0]).double())
    >>> x = torch.tensor([3.0, 4.0]).double()
    >>> round(float(along(see(start, x, 1), 1, torch.tensor([0.0, 1.0])).support), 3)
    0.293
    """
    start, ahead, g = seen.start, seen.ahead, seen.g
    u, radius = normalize(direction.to(start.w), dim=-1), c0 / math.sqrt(start.m)
    cosine = (u * ahead).sum(-1, keepdim=True)
    side = u - cosine * ahead
    # once more: where u is nearly parallel to x, rounding leaves a side that is not orthogonal
    side = side - (side * ahead).sum(-1, keepdim=True) * ahead
    sine = torch.linalg.vector_norm(side, dim=-1, keepdim=True)
    gain, along, across = _open_rows(g, start.a * cosine, sine, radius)
    opened = torch.where(g > -radius, start.a * products(start.w, u) + gain, -math.inf)
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
