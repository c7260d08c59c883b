r"""Minibatch descent on both layers of two-layer networks, in closed form, for an ensemble.

.. math:: f(x) = \sum_s v_s\,\sigma(w_s \cdot x + b_s) + c, \qquad v_s = a_s/\sqrt m .

One step of rate :math:`\eta` on the mean logistic loss of B examples, with
:math:`k_i = \frac{\eta}{B}\, q(y_i f(x_i))\, y_i` and :math:`q(z) = 1/(1+e^z)`, adds

.. math:: \Delta w_s = \sum_i k_i v_s \sigma'(z_{is})\, x_i, \quad
   \Delta b_s = \sum_i k_i v_s \sigma'(z_{is}), \quad
   \Delta v_s = \rho \sum_i k_i\, \sigma(z_{is}), \quad \Delta c = \rho \sum_i k_i .

:math:`\rho = 1` trains one logit, :math:`\rho = 0` fixes the top layer. Two logits with the
cross-entropy are :math:`\rho = 2`: their difference is f, and each of them moves. Book label
``sec-reflected``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import require_finite, require_positive_integer, require_training_data
from advtheory.losses import LOGISTIC
from advtheory.networks.two_layer import TwoLayer
from advtheory.training.members import Members
from advtheory.training.steps import Settings

Attack = Callable[[TwoLayer, Tensor, Tensor], Tensor]
"""(net, x ``(k, B, d)``, y ``(k, B)``) -> the perturbed inputs, ``(k, B, d)``."""


@dataclass(frozen=True)
class Decay(Settings):
    r"""Settings with a rate that falls, and the rate of the top layer beside that of the first.

    Attributes:
        factor: What the learning rate is multiplied by after every ``every`` epochs.
        every: See ``factor``.
        top: :math:`\rho`: 0 fixes the top layer, 1 trains one logit, 2 trains two.

    >>> [round(Decay().rate(epoch), 3) for epoch in (0, 4, 5, 19)]
    [1.0, 1.0, 0.2, 0.008]
    """

    learning_rate: float = 1.0
    epochs: int = 20
    factor: float = 0.2
    every: int = 5
    top: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive_integer(self.every, "every")
        if not 0 < self.factor <= 1:
            raise ValueError(f"factor is {self.factor}; expected above 0 and at most 1")
        if not (math.isfinite(self.top) and self.top >= 0):
            raise ValueError(f"top is {self.top}; expected 0 (fixed), 1 or 2 logits")

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        return self.learning_rate * self.factor ** (epoch // self.every)


@torch.no_grad()
def train_minibatch(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    seeds: Sequence[int],
    settings: Decay | None = None,
    attack: Attack | None = None,
) -> TwoLayer:
    r"""Train every member of an ensemble, each with its own order of the examples.

    Args:
        net: The start, with a leading axis of k members; it is not changed.
        x: Training inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        seeds: Seeds of the orders, one for each member.
        settings: Rates, batch, epochs.
        attack: Perturbs each batch at the weights of its step; None trains on the batch itself.

    Raises:
        ValueError: for a network without a leading axis, another number of seeds, labels other than
            -1 and +1, or weights that have become infinite.

    >>> from advtheory.networks import initialise
    >>> x, y = torch.eye(2), torch.tensor([1.0, -1.0])
    >>> trained = train_minibatch(initialise(2, 8, [0]), x, y, seeds=[0])
    >>> trained.value(x).sign()
    tensor([[ 1., -1.]])
    """
    settings = settings or Decay()
    _check(net, x, y, seeds)
    members, y = Members(net, seeds), y.to(x)
    for epoch in range(settings.epochs):
        rate = settings.rate(epoch)
        for batch in torch.split(members.orders(len(x)), settings.batch, dim=1):
            inputs, labels = x[batch], y[batch]
            if attack is not None:
                inputs = attack(members.net, inputs, labels)
            descend_both(members.net, inputs, labels, rate, settings.top)
    require_finite(members.net.w, "w")
    return members.net


def descend_both(net: TwoLayer, x: Tensor, y: Tensor, rate: float, top: float) -> None:
    r"""One step, in place, at the batches ``(k, B, d)`` with labels ``(k, B)``.

    The sum over neurons of :math:`v_s \sigma(z_s)` moves, so a moves by :math:`\sqrt m\,\Delta v`.

    >>> net = TwoLayer(torch.eye(2)[None], torch.tensor([[1.0, -1.0]]))
    >>> descend_both(net, torch.tensor([[[1.0, 0.0]]]), torch.ones(1, 1), 1.0, top=0.0)
    >>> bool(net.w[0, 0, 0] > 1), net.a.tolist()  # the neuron that sees the input rises
    (True, [[1.0, -1.0]])
    """
    z = net.preactivation(x)
    h = net.gates(z)
    pull = LOGISTIC.slope(net.value_at(z, h), y) * (-rate / x.shape[-2])
    p = h.mul_(pull[..., None])
    if top:
        moved = torch.matmul(pull[..., None, :], net.activation.value(z))[..., 0, :]
        net.a.add_(moved, alpha=top * math.sqrt(net.m))
    net.w.baddbmm_(p.mT, x)
    if net.b is not None:
        net.b.add_(p.sum(-2))
    if top and net.c is not None:
        net.c.add_(pull.sum(-1), alpha=top)


def _check(net: TwoLayer, x: Tensor, y: Tensor, seeds: Sequence[int]) -> None:
    if net.w.ndim != 3 or len(net.w) != len(seeds):
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} for {len(seeds)} seeds; expected (k, m, d) with one "
            "seed for every member"
        )
    require_training_data(x, y)
