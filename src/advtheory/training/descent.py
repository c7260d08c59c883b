r"""The loop that every way of training shares: order, perturb, step, constrain.

Book label ``sec-lazy-sgd``.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from advtheory.training.members import Members
from advtheory.training.steps import Settings, move, propose


class Rule(Protocol):
    """What a way of training adds to plain descent: its hooks, in the order of the loop."""

    members: Members

    def begin(self, x: Tensor, y: Tensor) -> None:
        """An epoch begins."""
        ...

    def perturb(self, x: Tensor, y: Tensor, batch: Tensor) -> Tensor:
        """The inputs that the step learns from, ``(k, B, d)``; ``batch`` is ``(k, B)``."""
        ...

    def watch(self, bound: Tensor) -> None:
        """A step is about to be made that moves no row further than ``bound``, ``(k,)``."""
        ...

    def constrain(self) -> None:
        """The step is made: project the weights, or look whether they have left the ball."""
        ...

    def end(self) -> None:
        """An epoch is over: keep the members that go on."""
        ...


def descend(rule: Rule, x: Tensor, y: Tensor, settings: Settings) -> None:
    """Stochastic gradient descent on the logistic loss, until no member goes on.

    Args:
        rule: The hooks, and the members that train.
        x: Training inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        settings: Learning rate, batch size, most epochs.

    >>> from advtheory.networks import initialise
    >>> class Free:
    ...     members = Members(initialise(2, 8, [0]), [0])
    ...     begin = watch = lambda self, *seen: None
    ...     constrain = end = lambda self: None
    ...     perturb = lambda self, x, y, batch: x[batch]
    >>> rule, x, y = Free(), torch.eye(2), torch.tensor([1.0, -1.0])
    >>> descend(rule, x, y, Settings(learning_rate=1.0, epochs=100))
    >>> rule.members.net.value(x).sign()
    tensor([[ 1., -1.]])
    """
    members = rule.members
    for _ in range(settings.epochs):
        rule.begin(x, y)
        for batch in torch.split(members.orders(len(x)), settings.batch, dim=1):
            inputs = rule.perturb(x, y, batch)
            p, bound = propose(members.net, inputs, y[batch], settings.learning_rate)
            rule.watch(bound)
            move(members.net, inputs, p)
            rule.constrain()
        rule.end()
        if not members:
            return
