r"""The worst lazy weights for the gradient at one input: as short as possible, or changed by much.

Along one direction the extreme gradient is known exactly
(:func:`~advtheory.laziness.worst_case.towards`). Here the direction is searched for. Shapes as
there. Book label ``sec-stability``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from advtheory.laziness.one_input import Seen, require_relu_in_double, see
from advtheory.laziness.worst_case import Moves, along
from advtheory.networks.two_layer import TwoLayer

ROUNDS = 10
"""How many directions are tried, one after the other."""
PARTS = (0.7, 0.5, 0.35, 0.25, 0.175, 0.125)
"""Smaller balls that :func:`shrink` tries where the whole one lets the gradient overshoot zero."""


@dataclass(frozen=True)
class Shrunk:
    r"""The shortest gradient at x that was found, and a certificate.

    Attributes:
        moves: Lazy weights with this gradient.
        norm: Its length, ``(...)``: the minimum over all lazy W is at most this.
        floor: No lazy W has a shorter gradient at x, ``(...)``.

    >>> from advtheory.networks.two_layer import initialise
    >>> start, x = initialise(3, 100, 0, dtype=torch.float64), torch.ones(3).double()
    >>> found = shrink(start, x, c0=0.1)
    >>> bool(found.floor <= found.norm)
    True
    """

    moves: Moves
    norm: Tensor
    floor: Tensor


def shrink(start: TwoLayer, x: Tensor, c0: float) -> Shrunk:
    r"""Lazy weights that make the gradient at x short, and a lower bound for all lazy weights.

    For every unit vector u and lazy W, :math:`\|\nabla f(x; W)\| \ge \langle\nabla f(x; W),
    u\rangle`, and the minimum of the right side is known. The first u is the direction of the
    gradient at the start; the next ones are those of the Frank-Wolfe method for the point of least
    norm. Where the bound is zero, smaller balls are tried as well, and the shortest gradient that
    is found need not be the minimum. Book label ``lem-b7``. The same ValueErrors as
    :func:`advtheory.laziness.worst_case.towards`.

    >>> from advtheory.networks.two_layer import initialise
    >>> start, x = initialise(3, 100, 0, dtype=torch.float64), torch.ones(3).double()
    >>> found = shrink(start, x, c0=0.1)
    >>> round(float(found.floor), 2), round(float(found.norm), 2)
    (0.65, 0.65)
    """
    seen, before = _look(start, x, c0)
    best, floor = _descend(seen, before, c0)
    overshot = floor == 0
    for part in PARTS if overshot.any() else ():
        best = _shorter(best, _descend(seen, before, part * c0)[0], overshot)
    return Shrunk(best, _length(best.gradient), floor)


def largest_change(start: TwoLayer, x: Tensor, c0: float) -> Moves:
    r"""Lazy weights that change the gradient at x by much: a local maximum, nearly.

    The first direction is against the gradient at the start, each further one that of the change
    before. The length of the change never falls on the way, but for the nudge of
    :func:`advtheory.laziness.worst_case.towards`; the same ValueErrors as there. Book label
    ``thm-lazy-stability``.

    >>> from advtheory.networks.two_layer import initialise
    >>> start, x = initialise(3, 100, 0, dtype=torch.float64), torch.ones(3).double()
    >>> change = largest_change(start, x, c0=2).gradient - start.input_gradient(x[None])[0]
    >>> round(float(change.norm()), 2)
    2.12
    """
    seen, before = _look(start, x, c0)
    moves = along(seen, c0, -before)
    for _ in range(ROUNDS - 1):
        moves = along(seen, c0, moves.gradient - before)
    return moves


def _look(start: TwoLayer, x: Tensor, c0: float) -> tuple[Seen, Tensor]:
    """The start seen from x, and its gradient there."""
    require_relu_in_double(start)
    return see(start, x, c0), start.input_gradient(x[..., None, :])[..., 0, :]


def _descend(seen: Seen, point: Tensor, c0: float) -> tuple[Moves, Tensor]:
    """The shortest gradient on the way of the Frank-Wolfe method, and the best lower bound."""
    best = moves = along(seen, c0, -point)
    floor = (-best.support).clamp_min(0)
    anyone = torch.ones_like(floor, dtype=torch.bool)
    for _ in range(ROUNDS - 1):
        way = point - moves.gradient
        share = (point * way).sum(-1, keepdim=True) / (way * way).sum(-1, keepdim=True)
        point = point - share.nan_to_num(0.0).clamp(0, 1) * way
        moves = along(seen, c0, -point)
        best, floor = _shorter(best, moves, anyone), torch.maximum(floor, -moves.support)
    return best, floor


def _shorter(old: Moves, new: Moves, members: Tensor) -> Moves:
    """The new weights for those of the members whose gradient they make shorter."""
    take = members & (_length(new.gradient) < _length(old.gradient))
    if take.all() or not take.any():
        return new if take.all() else old

    def pick(name: str) -> Any:
        ours, theirs = getattr(new, name), getattr(old, name)
        return torch.where(take if ours.ndim == take.ndim else take[..., None], ours, theirs)

    names = ("side", "along", "across", "open", "support")
    return replace(old, **{name: pick(name) for name in names})


def _length(v: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(v, dim=-1)
    return length
