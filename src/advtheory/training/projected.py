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
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.attacks.switching import last_iterate
from advtheory.checks import require_finite, require_positive_integer, require_training_data
from advtheory.networks.two_layer import TwoLayer
from advtheory.networks.weight_balls import pull_back
from advtheory.training.descent import descend
from advtheory.training.members import Members
from advtheory.training.steps import Settings

PROJECTIONS = ("step", "epoch")


@dataclass(frozen=True)
class Plan(Settings):
    """How projected adversarial training runs: the settings of descent, and its own.

    >>> Plan(epochs=3).learning_rate
    0.1

    Attributes:
        attack_steps: Steps of the attack, each 2.5 * budget / attack_steps long.
        patience: Training ends after so many epochs in a row without a gain.
        gain: Less than this much more robust training accuracy is no gain.
        projection: "step": attack every batch at the current weights and project after every step,
            as the paper says. "epoch": attack all examples and project once an epoch, as the
            published code does.
    """

    epochs: int = 20
    attack_steps: int = 100
    patience: int = 5
    gain: float = 1e-3
    projection: str = "step"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive_integer(self.attack_steps, "attack_steps")
        require_positive_integer(self.patience, "patience")
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

    >>> from advtheory.networks import deviation, initialise
    >>> start, x, y = initialise(2, 8, [0]), torch.eye(2), torch.tensor([1.0, -1.0])
    >>> plan = Plan(epochs=3, attack_steps=5)
    >>> (out,) = train_projected(start, x, y, budgets=[0.1], radii=[0.01], seeds=[0], plan=plan)
    >>> round(float(deviation(out.net, start.member(0))), 3) <= 0.01
    True
    """
    plan = plan or Plan()
    _check(net, x, y, budgets, radii, seeds)
    rule = _Projected(Members(net, seeds), torch.tensor(budgets), torch.tensor(radii), plan)
    descend(rule, x, y, plan)
    return [rule.done[k] for k in range(len(seeds))]


class _Projected:
    """The hooks of projected training, and what is known of the members."""

    def __init__(self, members: Members, budgets: Tensor, radii: Tensor, plan: Plan) -> None:
        self.members, self.plan, self.once = members, plan, plan.projection == "epoch"
        self.eps, self.radius = budgets.to(members.net.w), radii.to(members.net.w)
        self.robust: list[list[float]] = [[] for _ in members.numbers]
        self.done: dict[int, Trained] = {}

    def begin(self, x: Tensor, y: Tensor) -> None:
        """Once an epoch, attack all examples; count how many of them are still right."""
        self.right = torch.zeros(len(self.members), device=x.device)
        if self.once:
            self.fixed = self._attack(x.expand(len(self.members), -1, -1), y)
        self.examples = len(x)

    def perturb(self, x: Tensor, y: Tensor, batch: Tensor) -> Tensor:
        """Attack the batch, or take it from the examples that were attacked together."""
        if self.once:
            return self.fixed.gather(1, batch[..., None].expand(-1, -1, x.shape[1]))
        return self._attack(x[batch], y[batch])

    def watch(self, bound: Tensor) -> None:
        """The projection needs no bound."""

    def constrain(self) -> None:
        """After every step, back into the ball."""
        if not self.once:
            self._project()

    def end(self) -> None:
        """Write down the epoch; hand out the members that have ended."""
        require_finite(self.members.net.w, "w")
        before = self.members.net
        if self.once:
            self._project()
        stay = []
        for row, share in enumerate((self.right / self.examples).tolist()):
            member = self.members.numbers[row]
            self.robust[member].append(share)
            if self._over(self.robust[member]):
                net = self.members.copy(row)
                last = before.member(row).each(torch.clone) if self.once else net
                self.done[member] = Trained(net, last, tuple(self.robust[member]))
            else:
                stay.append(row)
        self.members.keep(stay)
        self.eps, self.radius = self.eps[stay], self.radius[stay]

    def _attack(self, x: Tensor, y: Tensor) -> Tensor:
        attacked = last_iterate(self.members.net, x, y, self.eps, self.plan.attack_steps)
        self.right += (y * self.members.net.value(attacked) > 0).sum(-1)
        return attacked

    def _project(self) -> None:
        members = self.members
        members.net = pull_back(members.net, members.start, self.radius)

    def _over(self, robust: Sequence[float]) -> bool:
        return len(robust) == self.plan.epochs or stalled(robust, self.plan)


def stalled(robust: Sequence[float], plan: Plan) -> bool:
    """Whether the last ``patience`` epochs brought no gain over the best one before them."""
    if len(robust) <= plan.patience:
        return False
    return max(robust[-plan.patience :]) < max(robust[: -plan.patience]) + plan.gain


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
