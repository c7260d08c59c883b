r"""Stochastic gradient descent on the logistic loss, with the lazy rule of Wang et al. (2022).

.. math:: w_s \leftarrow w_s - \frac{\eta}{B} \sum_{i \in \text{batch}}
   \ell'(y_i f(x_i))\, y_i\, \nabla_{w_s} f(x_i),

stopped as soon as :math:`\max_s \|w_s - w_{s,0}\|` leaves :math:`C_0 / \sqrt m` (Section 5.1 of the
paper; book label ``def-lazy``). All members of an ensemble are trained together, each with its own
seed, batches and stopping time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from advtheory.checks import require_finite, require_training_data
from advtheory.networks.two_layer import TwoLayer
from advtheory.networks.weight_balls import deviation
from advtheory.training.members import copied, detached, rows
from advtheory.training.steps import Settings, move, propose


@dataclass(frozen=True)
class LazyExit:
    r"""One network at one radius :math:`C_0/\sqrt m`.

    Attributes:
        member: Which member of the ensemble.
        c0: :math:`C_0`.
        inside: The last iterate inside the ball (the final one if it never left).
        epoch_end: The iterate at the end of the epoch in which it left, which is what a check made
            once an epoch returns; equal to ``inside`` if it never left.
        left: Whether it left the ball before the epochs ran out.
        steps: Number of SGD steps that led to ``inside``.
    """

    member: int
    c0: float
    inside: TwoLayer
    epoch_end: TwoLayer
    left: bool
    steps: int


class _Walk:
    """The members still training: their weights, seeds, displacement bounds and pending radii."""

    def __init__(self, net: TwoLayer, seeds: Sequence[int], c0s: Sequence[float]) -> None:
        self.start, self.net = net, net
        self.net = self.copy()
        self.c0s = sorted(set(c0s))
        self.members = list(range(len(seeds)))
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.bound = torch.zeros(len(seeds), dtype=torch.float64)  # never below the true deviation
        self.exits: list[LazyExit] = []
        self.waiting: dict[tuple[int, float], tuple[TwoLayer, int]] = {}
        self.passed = [0] * len(seeds)  # how many radii each member has left

    def radius(self, row: int) -> float:
        """The smallest radius that the member in this row has not left."""
        member = self.members[row]
        k = self.passed[member]
        return self.c0s[k] / math.sqrt(self.net.m) if k < len(self.c0s) else math.inf

    def near_exit(self) -> bool:
        """Whether the summed movements allow some member to be beyond its radius (or are NaN)."""
        return any(not bound <= self.radius(row) for row, bound in enumerate(self.bound.tolist()))

    def copy(self) -> TwoLayer:
        """The weights as they are now."""
        return replace(self.net, w=self.net.w.clone(), b=copied(self.net.b))

    def orders(self, n: int) -> Tensor:
        """A fresh order of the examples for each member, from its own generator."""
        return torch.stack([torch.randperm(n, generator=self.generators[k]) for k in self.members])

    def note_exits(self, before: TwoLayer, steps: int) -> None:
        """Measure the true deviation; a member beyond a radius leaves it with the one before."""
        true = deviation(self.net, self.start).double().cpu()
        require_finite(true, "the distance of w from its start")
        self.bound = true
        for row, member in enumerate(self.members):
            while float(true[row]) > self.radius(row):
                c0 = self.c0s[self.passed[member]]
                self.waiting[member, c0] = (detached(before, row), steps)
                self.passed[member] += 1

    def end_epoch(self) -> None:
        """Close the exits of this epoch, and let the members go that have left every radius."""
        for (member, c0), (inside, steps) in self.waiting.items():
            end = detached(self.net, self.members.index(member))
            self.exits.append(LazyExit(member, c0, inside, end, True, steps))
        self.waiting.clear()
        stay = [r for r, k in enumerate(self.members) if self.passed[k] < len(self.c0s)]
        if len(stay) < len(self.members):
            self.net, self.start = rows(self.net, stay), rows(self.start, stay)
            self.members = [self.members[r] for r in stay]
            self.bound = self.bound[stay]

    def end(self, steps: int) -> None:
        """Members that never left some radius keep their final iterate there."""
        for row, member in enumerate(self.members):
            final = detached(self.net, row)
            for c0 in self.c0s[self.passed[member] :]:
                self.exits.append(LazyExit(member, c0, final, final, False, steps))


def train_lazy(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    c0s: Sequence[float],
    *,
    seeds: Sequence[int],
    settings: Settings | None = None,
) -> list[LazyExit]:
    r"""Train an ensemble until each member has left every radius :math:`C_0/\sqrt m`.

    One trajectory serves all radii: it passes the small ones first. The rule is checked after every
    step, at almost no cost: between two measurements of :math:`\max_s\|w_s - w_{s,0}\|` the row
    movements are added up, and only when the sum could reach the radius is the maximum measured
    again.

    Args:
        net: An ensemble with a leading axis, one member for each seed; it is not changed.
        x: Training inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        c0s: The constants :math:`C_0 > 0`.
        seeds: Seeds of the members' batch orders.
        settings: Learning rate, batch size and most epochs; defaults as in the paper.

    Returns:
        One :class:`LazyExit` for each member and each :math:`C_0`, in that order.

    Raises:
        ValueError: for a network without a leading axis, labels other than -1 and +1, :math:`C_0
            \le 0`, or a loss that has become infinite.
    """
    settings = settings or Settings()
    _check(net, x, y, c0s, seeds)
    walk, steps = _Walk(net, seeds, c0s), 0
    for _ in range(settings.epochs):
        steps = _epoch(walk, x, y, settings, steps)
        walk.end_epoch()
        if not walk.members:
            break
    require_finite(walk.net.w, "the trained w")
    walk.end(steps)
    return sorted(walk.exits, key=lambda e: (e.member, e.c0))


def _epoch(walk: _Walk, x: Tensor, y: Tensor, settings: Settings, steps: int) -> int:
    order = walk.orders(len(x)).to(x.device)
    for batch in torch.split(order, settings.batch, dim=1):
        xb, yb = x[batch], y[batch]
        p, moved = propose(walk.net, xb, yb, settings.learning_rate)
        walk.bound += moved.double().cpu()
        before = walk.copy() if walk.near_exit() else None
        move(walk.net, xb, p)
        if before is not None:
            walk.note_exits(before, steps)
        steps += 1
    return steps


def _check(net: TwoLayer, x: Tensor, y: Tensor, c0s: Sequence[float], seeds: Sequence[int]) -> None:
    if net.w.ndim != 3 or len(net.w) != len(seeds):
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} for {len(seeds)} seeds; expected (k, m, d) with one "
            "member for each seed: initialise the ensemble with a sequence of seeds"
        )
    if not c0s or not all(math.isfinite(c0) and c0 > 0 for c0 in c0s):
        raise ValueError(f"C0 is {list(c0s)}; expected positive numbers")
    require_training_data(x, y)
