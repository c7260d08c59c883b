r"""The points of a grid in a ball with the largest loss, exactly: no point of the grid is left out.

A perturbation runs through all grid points of :math:`(-h, h)^d` with :math:`\|\delta\|_2 \le r`.
They are visited slab by slab of the first coordinate; of each loss only the k largest values so
far are kept, so the memory is that of one slab. Source: Section 4.1 of Mianjy & Arora (2023); book
label ``sec-grid``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import require, require_nonnegative, require_positive_integer

Score = Callable[[Tensor], Tensor]
"""A loss of outputs that stand class by class: from ``(K, n)`` to ``(n,)``; class 0 is right."""

BLOCK = 2**15  # points at a time on a CPU: they stay in its cache; elsewhere a slab


@dataclass(frozen=True)
class Grid:
    r"""The grid points of the cube :math:`(-h, h)^d` in the ball of radius r.

    Attributes:
        side: points along an edge.
        half: h.
        radius: r.
        dimension: d, at least 2.
        ends: whether the first and the last point are :math:`\mp h`; else each point is the centre
            of one of ``side`` equal cells.

    Raises ValueError for a side or a dimension below 2, and for a negative length.

    >>> Grid(side=4, half=1.0, radius=9.0).axis().tolist()
    [-0.75, -0.25, 0.25, 0.75]
    >>> Grid(side=3, half=1.0, radius=9.0, ends=True).axis().tolist()
    [-1.0, 0.0, 1.0]
    """

    side: int
    half: float
    radius: float
    dimension: int = 3
    ends: bool = False

    def __post_init__(self) -> None:
        require(self.side >= 2, f"side is {self.side}; expected two points or more along an edge")
        require(
            self.dimension >= 2,
            f"dimension is {self.dimension}; expected two or more: on a line there are no slabs",
        )
        require_nonnegative(self.half, "half")
        require_nonnegative(self.radius, "radius")

    def axis(self, device: str | torch.device = "cpu") -> Tensor:
        """The coordinates along an edge, in double precision."""
        places = torch.arange(self.side, dtype=torch.float64, device=device)
        shares = places / (self.side - 1) if self.ends else (places + 0.5) / self.side
        return self.half * (2 * shares - 1)

    def points(self, index: Tensor) -> Tensor:
        """The points with these numbers in the order of the grid, ``(..., d)``.

        >>> Grid(side=3, half=1.0, radius=9.0, ends=True).points(torch.tensor([0, 5])).tolist()
        [[-1.0, -1.0, -1.0], [-1.0, 0.0, 1.0]]
        """
        powers = [self.side**k for k in reversed(range(self.dimension))]
        places = torch.stack([index // power % self.side for power in powers], -1)
        return self.axis(index.device)[places]


@dataclass(frozen=True)
class Top:
    """The points with the largest loss, the largest first.

    Attributes:
        points: ``(k, d)``, perturbations.
        values: ``(k,)``, their loss.
        flips: ``(k,)``, whether another class than 0 has a larger output there.
        tied: how many further points have the last of these values exactly. Among equal values the
            one that comes first in the grid, coordinate by coordinate, is kept.

    >>> where = torch.zeros(1, 3)
    >>> Top(where, torch.zeros(1), torch.ones(1, dtype=torch.bool), 0).count(1)
    1
    """

    points: Tensor
    values: Tensor
    flips: Tensor
    tied: int

    def count(self, k: int) -> int:
        """How many of the first k flip the label."""
        return int(self.flips[:k].sum())


@dataclass(frozen=True)
class Search:
    """What :func:`top` found.

    Attributes:
        top: name of a loss -> the points with the largest loss.
        points: how many grid points the ball holds.
        flips: how many of them flip the label.

    >>> Search({}, points=8, flips=0).points
    8
    """

    top: Mapping[str, Top]
    points: int
    flips: int


def cross_entropy(f: Tensor) -> Tensor:
    r""":math:`-\log p_0`, p the softmax of the outputs ``(K, n)``.

    >>> cross_entropy(torch.zeros(2, 1))
    tensor([0.6931])
    """
    return f.logsumexp(0) - f[0]


def margin_reflection(f: Tensor) -> Tensor:
    r""":math:`-\log(1 + e^z)` of the margin :math:`z = f_0 - \max_{k \ge 1} f_k`.

    >>> margin_reflection(torch.zeros(3, 1))
    tensor([-0.6931])
    """
    z = f[0] - f[1:].amax(0)
    return -torch.logaddexp(z, torch.zeros_like(z))


def softmax_reflection(f: Tensor) -> Tensor:
    r""":math:`\log p_k` of the best wrong class k.

    >>> softmax_reflection(torch.zeros(2, 1))
    tensor([-0.6931])
    """
    return f[1:].amax(0) - f.logsumexp(0)


LOSSES: Mapping[str, Score] = {
    "cross-entropy": cross_entropy,
    "margin reflection": margin_reflection,
    "softmax reflection": softmax_reflection,
}
"""The losses of Figure 2: one that is maximised usually, and two readings of its reflection."""


@torch.no_grad()
def top(
    outputs: Callable[[Tensor], Tensor],
    losses: Mapping[str, Score],
    grid: Grid,
    k: int,
    *,
    device: str | torch.device = "cpu",
) -> Search:
    """The k grid points in the ball with the largest value of each loss, and all label flips.

    Every grid point in the ball is evaluated, for all losses at once.

    Args:
        outputs: from perturbations ``(d, n)``, a coordinate a row, to outputs ``(K, n)``; class 0
            is the right one.
        losses: name -> loss of the outputs.
        grid: Where.
        k: How many points are kept; all, where the ball holds fewer.
        device: Where it is computed, in double precision.

    Raises ValueError for k below 1, and for a ball without a grid point.

    >>> x = torch.tensor([[3.0], [2.0], [1.0]], dtype=torch.float64)
    >>> grid = Grid(side=50, half=0.51, radius=0.7078)
    >>> found = top(lambda shift: x + shift, LOSSES, grid, 10)
    >>> [[round(v, 2) for v in best.points[0].tolist()] for best in found.top.values()]
    [[-0.5, 0.48, 0.13], [-0.5, 0.5, -0.03], [-0.48, 0.5, -0.13]]
    """
    require_positive_integer(k, "k")
    kept = {name: _Kept(k, device) for name in losses}
    points, flips = 0, torch.zeros((), dtype=torch.long, device=device)
    for index, shift in _blocks(grid, device):
        f = outputs(shift)
        points += len(index)
        flips += (f[1:].amax(0) > f[0]).sum()
        for name, loss in losses.items():
            kept[name].see(loss(f), index)
    if points == 0:
        raise ValueError(f"the ball of radius {grid.radius} holds no grid point; take a finer grid")
    return Search({name: kept[name].done(grid, outputs) for name in losses}, points, int(flips))


def _blocks(grid: Grid, device: str | torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """Numbers of grid points and the points themselves, ``(n,)`` and ``(d, n)``, a slab at a time.

    The points of a slab are sorted by their distance from its centre once for all slabs, so those
    in the ball come first.
    """
    axis, rest = grid.axis(device), grid.dimension - 1
    inner = torch.cartesian_prod(*[axis] * rest).reshape(-1, rest).mT
    square, order = inner.square().sum(0).sort(stable=True)
    inner = inner[:, order].contiguous()
    block = BLOCK if inner.device.type == "cpu" else len(order)
    for slab, first in enumerate(axis.tolist()):
        left = torch.full((1,), grid.radius**2 - first**2, dtype=axis.dtype, device=device)
        inside = int(torch.searchsorted(square, left, right=True))
        for start in range(0, inside, block):
            part = inner[:, start : min(start + block, inside)]
            shift = torch.cat([torch.full_like(part[:1], first), part])
            yield slab * grid.side**rest + order[start : start + part.shape[1]], shift


class _Kept:
    """The k largest values so far, and what they belong to."""

    def __init__(self, k: int, device: str | torch.device) -> None:
        self.k, self.tied, self.last = k, 0, -math.inf
        self.values = torch.zeros(0, dtype=torch.float64, device=device)
        self.index = torch.zeros(0, dtype=torch.long, device=device)

    def see(self, values: Tensor, index: Tensor) -> None:
        """Look at a block; most have nothing that is large enough."""
        if float(values.amax()) < self.last:
            return
        near = (values >= self.last).nonzero()[:, 0]
        values = torch.cat([self.values, values[near]])
        index = torch.cat([self.index, index[near]])
        place = index.argsort()  # equal values stay in the order of the grid
        place = place[values[place].argsort(descending=True, stable=True)]
        self.values, self.index = values[place[: self.k]], index[place[: self.k]]
        if len(values) >= self.k:
            lost, before = values[place[self.k :]], self.last
            self.last = float(self.values[-1])
            self.tied = self.tied * (self.last == before) + int((lost == self.last).sum())

    def done(self, grid: Grid, outputs: Callable[[Tensor], Tensor]) -> Top:
        points = grid.points(self.index)
        f = outputs(points.mT)
        return Top(points, self.values, f[1:].amax(0) > f[0], self.tied)
