r"""Projected adversarial training: Algorithm 1 of Wang et al. (2022), for an ensemble of networks.

Every step attacks a batch inside the ball of radius :math:`\varepsilon`, makes a gradient step on
the logistic loss at the attacked inputs, and projects the weights back onto the lazy ball,

.. math:: w_s \leftarrow w_{s,0} + \min\Big\{1, \frac{V}{\|w_s - w_{s,0}\|}\Big\}(w_s - w_{s,0}).

Training ends when the robust training accuracy no longer increases. Book label
``alg-projected``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from advtheory.attacks.switching import switching_pgd
from advtheory.checks import require_positive_integer, require_training_data
from advtheory.networks.two_layer import TwoLayer
from advtheory.networks.weight_balls import project_lazy
from advtheory.training.steps import move, propose

PROJECTIONS = ("step", "epoch")


@dataclass(frozen=True)
class Plan:
    """How projected adversarial training runs.

    Attributes:
        learning_rate: Of the steps on the weights.
        batch: Batch size.
        epochs: Most epochs.
        attack_steps: Steps of the attack, each 2.5 * budget / attack_steps long.
        patience: Training ends after so many epochs in a row without a gain.
        gain: Less than this much more robust training accuracy is no gain.
        projection: "step": attack every batch at the current weights and project after every step,
            as the paper says. "epoch": attack all examples and project once an epoch, as the
            published code does.
    """

    learning_rate: float = 0.1
    batch: int = 64
    epochs: int = 20
    attack_steps: int = 100
    patience: int = 5
    gain: float = 1e-3
    projection: str = "step"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning_rate is {self.learning_rate}; expected a positive number")
        for name in ("batch", "epochs", "attack_steps", "patience"):
            require_positive_integer(getattr(self, name), name)
        if self.projection not in PROJECTIONS:
            raise ValueError(f"projection is {self.projection!r}; expected 'step' or 'epoch'")


@dataclass(frozen=True)
class Trained:
    """One network at the end of projected adversarial training.

    Attributes:
        net: The network after the last projection.
        before: The network before the last projection, which is what the published code measures.
        robust: Robust training accuracy of every epoch: the share of the examples that the attack
            of their step did not break.
    """

    net: TwoLayer
    before: TwoLayer
    robust: tuple[float, ...]


def train_projected(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    budgets: Sequence[float],
    radii: Sequence[float],
    seeds: Sequence[int],
    plan: Plan | None = None,
) -> list[Trained]:
    r"""Train every member of an ensemble with its own budget, radius and order of the examples.

    Args:
        net: The start, an ensemble with a leading axis of k members; it is not changed.
        x: Training inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        budgets: :math:`\varepsilon` of each member.
        radii: V of each member; :math:`C_0/\sqrt m` keeps it lazy.
        seeds: Seeds of the batch orders.
        plan: The settings; defaults as in the experiment ``wang-fig4-left``.

    Raises:
        ValueError: for a network without a leading axis, lists of other lengths, labels other than
            -1 and +1, a negative budget or radius, or weights that have become infinite.
    """
    plan = plan or Plan()
    _check(net, x, y, budgets, radii, seeds)
    run = _Run(net, torch.tensor(budgets), torch.tensor(radii), seeds, plan)
    done: dict[int, Trained] = {}
    for epoch in range(plan.epochs):
        accuracy = run.epoch(x, y)
        over = run.note(accuracy, last=epoch + 1 == plan.epochs)
        done |= over
        if not run.members:
            break
    return [done[k] for k in range(len(seeds))]


class _Run:
    """The members still training, and what is known of them."""

    def __init__(
        self, net: TwoLayer, budgets: Tensor, radii: Tensor, seeds: Sequence[int], plan: Plan
    ) -> None:
        self.start, self.net, self.before, self.plan = net, _copy(net), net, plan
        self.eps, self.radius = budgets.to(net.w), radii.to(net.w)
        self.members = list(range(len(seeds)))
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.robust: list[list[float]] = [[] for _ in seeds]

    def epoch(self, x: Tensor, y: Tensor) -> Tensor:
        """One pass; the robust accuracy of each member, at the time of each attack."""
        orders = [torch.randperm(len(x), generator=self.generators[k]) for k in self.members]
        order = torch.stack(orders).to(x.device)
        once = self.plan.projection == "epoch"
        fixed = self.attack(x.expand(len(self.members), -1, -1), y) if once else None
        right = torch.zeros(len(self.members), device=x.device)
        if fixed is not None:
            right += (y * self.net.value(fixed) > 0).sum(-1)
        for batch in torch.split(order, self.plan.batch, dim=1):
            if fixed is None:
                attacked = self.attack(x[batch], y[batch])
                right += (y[batch] * self.net.value(attacked) > 0).sum(-1)
            else:
                attacked = fixed.gather(1, batch[..., None].expand(-1, -1, x.shape[1]))
            p, _ = propose(self.net, attacked, y[batch], self.plan.learning_rate)
            move(self.net, attacked, p)
            if not once:
                self.project()
        if once:
            self.project()
        return right / len(x)

    def attack(self, x: Tensor, y: Tensor) -> Tensor:
        return switching_pgd(self.net, x, y, radius=self.eps, steps=self.plan.attack_steps)

    def project(self) -> None:
        self.before, self.net = self.net, project_lazy(self.net, self.start, self.radius)

    def note(self, accuracy: Tensor, last: bool) -> dict[int, Trained]:
        """Write down the epoch; hand out the members that have ended, and go on with the others."""
        over: dict[int, Trained] = {}
        for row, member in enumerate(self.members):
            self.robust[member].append(float(accuracy[row]))
            if last or stalled(self.robust[member], self.plan):
                net, before = _copy(self.net.member(row)), _copy(self.before.member(row))
                once = self.plan.projection == "epoch"
                over[member] = Trained(net, before if once else net, tuple(self.robust[member]))
        keep = [row for row, member in enumerate(self.members) if member not in over]
        self.members = [self.members[row] for row in keep]
        self.start, self.net, self.before = (
            _rows(part, keep) for part in (self.start, self.net, self.before)
        )
        self.eps, self.radius = self.eps[keep], self.radius[keep]
        return over


def stalled(robust: Sequence[float], plan: Plan) -> bool:
    """Whether the last ``patience`` epochs brought no gain over the best one before them."""
    if len(robust) <= plan.patience:
        return False
    return max(robust[-plan.patience :]) < max(robust[: -plan.patience]) + plan.gain


def _copy(net: TwoLayer) -> TwoLayer:
    return replace(net, w=net.w.clone(), b=None if net.b is None else net.b.clone())


def _rows(net: TwoLayer, rows: Sequence[int]) -> TwoLayer:
    b, c = (None if t is None else t[list(rows)] for t in (net.b, net.c))
    return replace(net, w=net.w[list(rows)], a=net.a[list(rows)], b=b, c=c)


def _check(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    budgets: Sequence[float],
    radii: Sequence[float],
    seeds: Sequence[int],
) -> None:
    if net.w.ndim != 3 or not len(net.w) == len(budgets) == len(radii) == len(seeds) > 0:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} for {len(budgets)} budgets, {len(radii)} radii and "
            f"{len(seeds)} seeds; expected (k, m, d) with one of each for every member"
        )
    for name, values in (("budgets", budgets), ("radii", radii)):
        if not all(math.isfinite(value) and value >= 0 for value in values):
            raise ValueError(f"{name} is {list(values)}; expected finite numbers of at least 0")
    require_training_data(x, y)
