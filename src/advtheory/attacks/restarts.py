r"""Which inputs stay right, for networks so deep that an input leaves as soon as it is decided.

A classifier of K classes is attacked from several random points. Codes differ in what they then
count: whether *any* end point is misclassified, or whether the end point of *largest loss* is. A
misclassified point may have a cross-entropy just above :math:`\log 2` and a right one up to
:math:`\log K`, so the second reading can overstate the robust accuracy, and never understates it.
Book label ``sec-many-classes``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from advtheory.attacks.ascent import Direction, Schedule, climb, normalised
from advtheory.attacks.boundary import Box, attackable, random_start
from advtheory.checks import require_positive_integer
from advtheory.losses import CROSS_ENTROPY, Loss, margin
from advtheory.networks.model import Model
from advtheory.norms import LINF


@dataclass(frozen=True)
class Readings:
    """Which inputs stay right, in both readings of the same restarts: ``(n,)``, boolean.

    >>> Readings(torch.tensor([False]), torch.tensor([True])).any_restart
    tensor([False])
    """

    any_restart: Tensor
    largest_loss: Tensor


def signed(loss: Loss) -> Direction:
    """Steps along the signs of a loss's gradient, for the maximum norm.

    >>> signed(CROSS_ENTROPY).rule(torch.tensor([[0.3, -2.0]]))
    tensor([[ 1., -1.]])
    """
    return normalised(loss, LINF)


@torch.no_grad()
def restarted(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    schedule: Schedule,
    restarts: int,
    box: Box = None,
    generator: torch.Generator | None = None,
) -> Readings:
    r"""Sign steps on the cross-entropy from uniform points of the ball in the maximum norm.

    An input leaves as soon as neither reading can change: when its largest loss so far exceeds
    :math:`\log K` at a misclassified point, since a point that is right has
    :math:`p_y \ge 1/K`.

    Args:
        model: A classifier.
        x: Inputs, ``(n, d)``.
        y: Numbers of the classes, ``(n,)``.
        schedule: Radius, step, number of steps; the last iterate counts.
        restarts: How many runs.
        box: As in :func:`~advtheory.attacks.ascent.ascend`.
        generator: Of the random points.

    Raises:
        ValueError: as :func:`~advtheory.attacks.ascent.ascend`.

    >>> from advtheory.networks import AutogradModel
    >>> model = AutogradModel(lambda x: x @ torch.eye(2), classes=2)
    >>> x, y = torch.tensor([[1.0, 0.5], [1.0, 0.0]]), torch.tensor([0, 0])
    >>> schedule = Schedule(0.3, 0.1, 10, keep="last")
    >>> restarted(model, x, y, schedule=schedule, restarts=2).any_restart
    tensor([False,  True])
    """
    require_positive_integer(restarts, "restarts")
    y = attackable(model, x, y, box)
    run = partial(climb, ball=LINF, schedule=schedule, direction=signed(CROSS_ENTROPY), box=box)
    survives = torch.ones_like(y, dtype=torch.bool)
    right, worst = survives.clone(), torch.full_like(x[:, 0], -math.inf)
    rows = torch.arange(len(x), device=x.device)
    for _ in range(restarts):
        start = random_start(x, x.shape, LINF, schedule.radius, box, generator)
        f = model.value(run(model, x[rows], y[rows], start[rows]))
        good, loss = margin(f, y[rows]) > 0, CROSS_ENTROPY.value(f, y[rows])
        survives[rows] &= good
        right[rows] = torch.where(loss >= worst[rows], good, right[rows])
        worst[rows] = torch.maximum(loss, worst[rows])
        rows = rows[right[rows] | (worst[rows] <= math.log(f.shape[-1]))]
        if not len(rows):
            break
    return Readings(survives, right)


@torch.no_grad()
def every_class(
    model: Model, x: Tensor, y: Tensor, *, schedule: Schedule, box: Box = None
) -> Tensor:
    r"""Which inputs stay right when each wrong class in turn is the target: ``(n,)``, boolean.

    Sign steps from x itself on :math:`f_k - f_y`, first for the class k with the largest output at
    x, then the next; its gradient never vanishes as that of a saturated cross-entropy does. An
    input leaves at the first success, and at once where it is wrong without attack; where the
    lowest margin is asked for, use :func:`~advtheory.attacks.targeted.targeted`.

    Arguments and errors as in :func:`restarted`.

    >>> from advtheory.networks import AutogradModel
    >>> rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])  # (book, sec-many-classes)
    >>> model = AutogradModel(lambda x: x @ rows.T, classes=3)
    >>> x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    >>> every_class(model, x, y, schedule=Schedule(0.25, 0.05, 20, keep="last"))
    tensor([False])
    """
    y = attackable(model, x, y, box)
    f = model.value(x)
    right, classes = margin(f, y) > 0, f.shape[-1]
    targets = f.scatter(-1, y[:, None], math.inf).argsort(-1, descending=True)
    run = partial(climb, ball=LINF, schedule=schedule, direction=_towards(classes), box=box)
    for rank in range(1, classes):
        rows = right.nonzero()[:, 0]
        old, pairs = x[rows], y[rows] * classes + targets[rows, rank]
        f = model.value(run(model, old, pairs, old))
        right[rows] = margin(f, y[rows]) > 0
    return right


def _towards(classes: int) -> Direction:
    """The gap to one wrong class, which is another one for each input.

    A label holds the right class and the target, as y K + k, so that the loop splits both.
    """

    def slope(f: Tensor, pairs: Tensor) -> Tensor:
        one = torch.ones_like(f[..., :1])
        right, target = (pairs // classes)[..., None], (pairs % classes)[..., None]
        return torch.zeros_like(f).scatter(-1, target, one).scatter_add(-1, right, -one)

    return Direction(slope, LINF.dual_direction)
