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
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import require_finite, require_training_data
from advtheory.networks.two_layer import TwoLayer
from advtheory.networks.weight_balls import largest_move
from advtheory.training.descent import descend
from advtheory.training.members import Members
from advtheory.training.steps import Settings, reach

STRETCH = 64  # steps for one look where the host would have to wait for it
MARGIN = 1.001  # for rounding in the bound on a step
MOST = 10**9  # steps without a look, if nothing moves


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

    >>> from advtheory.networks import initialise
    >>> net = initialise(2, 8, 0)
    >>> LazyExit(member=0, c0=1.0, inside=net, epoch_end=net, left=False, steps=0).left
    False
    """

    member: int
    c0: float
    inside: TwoLayer
    epoch_end: TwoLayer
    left: bool
    steps: int


class _Stop:
    """The hooks of lazy training: who is near a radius, who has left it, and with which weights.

    On a CPU the bound on a step is looked at before the step. Elsewhere a look makes the host wait,
    so there it covers many steps: as many as surely end inside, since no step moves a row further
    than ``cap``, or near a radius so many steps with every iterate kept.
    """

    def __init__(self, members: Members, c0s: Sequence[float], cap: float) -> None:
        self.members, self.c0s, self.cap = members, sorted(set(c0s)), cap
        self.stretch = 0 if members.net.w.device.type == "cpu" else STRETCH
        self.passed = [0] * len(members)  # how many radii each member has left
        self.waiting: dict[tuple[int, float], tuple[TwoLayer, int]] = {}
        self.exits: list[LazyExit] = []
        self.steps = 0
        self.ahead = 0  # steps until the next look
        self.before: list[TwoLayer] = []  # iterates kept since the last look
        self.measured: list[Tensor] = []  # the true deviation after each of their steps
        self._stand(torch.zeros(len(members), dtype=torch.float64))

    def begin(self, x: Tensor, y: Tensor) -> None:
        """Nothing to prepare."""

    def perturb(self, x: Tensor, y: Tensor, batch: Tensor) -> Tensor:
        """The examples as they are."""
        return x[batch]

    def watch(self, bound: Tensor) -> None:
        """Add the bound up; look when it is time; near a radius keep the iterate."""
        self.moved += bound.double()
        if self.ahead == 0:
            self._look()
        if self.careful:
            self.before.append(self.members.net.each(torch.clone))

    def constrain(self) -> None:
        """Near a radius, measure; the weights themselves are left alone."""
        self.steps += 1
        self.ahead -= 1
        if self.careful:
            self.measured.append(largest_move(self.members.net, self.members.start))
            if self.ahead == 0:
                self._note_exits()

    def end(self) -> None:
        """Close the exits of this epoch, and let the members go that have left every radius."""
        self._note_exits()
        for (member, c0), (inside, steps) in self.waiting.items():
            end = self.members.copy(self.members.numbers.index(member))
            self.exits.append(LazyExit(member, c0, inside, end, True, steps))
        self.waiting.clear()
        numbers = self.members.numbers
        stay = [row for row, k in enumerate(numbers) if self.passed[k] < len(self.c0s)]
        self.members.keep(stay)
        self._stand((self.far + self.moved.cpu())[stay])

    def finish(self) -> list[LazyExit]:
        """Members that never left some radius keep their final iterate there."""
        for row, member in enumerate(self.members.numbers):
            final = self.members.copy(row)
            for c0 in self.c0s[self.passed[member] :]:
                self.exits.append(LazyExit(member, c0, final, final, False, self.steps))
        return sorted(self.exits, key=lambda out: (out.member, out.c0))

    def _radius(self, member: int) -> float:
        """The smallest radius that the member has not left."""
        k = self.passed[member]
        return self.c0s[k] / math.sqrt(self.members.net.m) if k < len(self.c0s) else math.inf

    def _look(self) -> None:
        """How many more steps surely end inside; where there are few, care is needed."""
        free = float(((self.slack - self.moved.cpu()) / self.cap).min())
        self.careful = not free >= self.stretch  # also if it is NaN
        if self.careful or not self.stretch:
            self.ahead = max(1, self.stretch)
        else:
            self.ahead = 1 + int(min(free, MOST))

    def _note_exits(self) -> None:
        """Whoever was measured beyond a radius leaves it with the iterate before."""
        if not self.measured:
            return
        true = torch.stack(self.measured).double().cpu()
        if not bool(torch.isfinite(true).all()):
            require_finite(self.members.net.w, "w")
        require_finite(true, "the distance of w from its start")
        first = self.steps - len(true)
        for step, far in enumerate(true.tolist()):
            for row, member in enumerate(self.members.numbers):
                while far[row] > self._radius(member):
                    c0 = self.c0s[self.passed[member]]
                    inside = self.before[step].member(row).each(torch.clone)
                    self.waiting[member, c0] = (inside, first + step)
                    self.passed[member] += 1
        self._stand(true[-1])

    def _stand(self, far: Tensor) -> None:
        """From here on, movements are added to these deviations (or bounds on them)."""
        radii = torch.tensor([self._radius(k) for k in self.members.numbers], dtype=torch.float64)
        self.far, self.slack, self.careful = far, radii - far, False
        self.moved: Tensor = far.new_zeros(len(far)).to(self.members.net.w.device)
        self.before, self.measured, self.ahead = [], [], 0


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
        c0s: The constants :math:`C_0 > 0`; one that is named twice counts once.
        seeds: Seeds of the members' batch orders.
        settings: Learning rate, batch size and most epochs; defaults as in the paper.

    Returns:
        One :class:`LazyExit` for each member and each :math:`C_0`, in that order.

    Raises:
        ValueError: for a network without a leading axis, labels other than -1 and +1, :math:`C_0
            \le 0`, or a loss that has become infinite.

    >>> from advtheory.networks import initialise
    >>> x, y = torch.eye(2), torch.tensor([1.0, -1.0])
    >>> exits = train_lazy(initialise(2, 8, [0]), x, y, [0.1, 100.0], seeds=[0])
    >>> [(out.c0, out.left) for out in exits]
    [(0.1, True), (100.0, False)]
    """
    settings = settings or Settings()
    _check(net, x, y, c0s, seeds)
    cap = MARGIN * settings.learning_rate * float(reach(net, x).max())
    stop = _Stop(Members(net, seeds), c0s, cap)
    descend(stop, x, y, settings)
    require_finite(stop.members.net.w, "the trained w")
    return stop.finish()


def _check(net: TwoLayer, x: Tensor, y: Tensor, c0s: Sequence[float], seeds: Sequence[int]) -> None:
    if net.w.ndim != 3 or len(net.w) != len(seeds):
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} for {len(seeds)} seeds; expected (k, m, d) with one "
            "member for each seed: initialise the ensemble with a sequence of seeds"
        )
    if not c0s or not all(math.isfinite(c0) and c0 > 0 for c0 in c0s):
        raise ValueError(f"C0 is {list(c0s)}; expected positive numbers")
    require_training_data(x, y)
