r"""Projected gradient descent and its one-step and iterated forms.

Book label ``sec-attacks``.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from advtheory.attacks.ascent import Schedule, climb, raw, steepest
from advtheory.attacks.boundary import Box, attackable, random_start
from advtheory.attacks.lowest import Lowest
from advtheory.checks import require_positive_integer
from advtheory.losses import Loss, margin
from advtheory.networks.model import Model
from advtheory.norms import L2, LINF, Ball


def pgd(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    ball: Ball = L2,
    steps: int = 40,
    step: float | None = None,
    loss: Loss | None = None,
    box: Box = None,
    restarts: int = 0,
    generator: torch.Generator | None = None,
    keep: str = "best",
) -> Tensor:
    r"""Projected gradient descent on the margin (Madry et al., 2018): the perturbed inputs.

    Args:
        model: As in :func:`~advtheory.attacks.ascent.ascend`.
        x: As in :func:`~advtheory.attacks.ascent.ascend`.
        y: As in :func:`~advtheory.attacks.ascent.ascend`.
        box: As in :func:`~advtheory.attacks.ascent.ascend`.
        radius: Budget in the given norm.
        ball: ``L2`` or ``LINF``.
        steps: Number of steps.
        step: Length of a step; default 2.5 * radius / steps, as Wang et al. (2022) choose.
        loss: None for the normalised margin gradient; a loss for its raw gradient
            (``REFLECTED`` gives Algorithm 1 of Mianjy & Arora, 2023).
        restarts: Further runs from uniform points of the ball; the lowest margin wins.
        generator: Where the restarts' random numbers come from (on the device of x).
        keep: "best" iterate or "last".

    Raises:
        ValueError: as :func:`~advtheory.attacks.ascent.ascend`.

    Two networks, and a classifier of three directions; the labels of the latter are whole numbers:

    >>> from advtheory.networks import AutogradModel, initialise
    >>> x, y = torch.ones(1, 2), torch.ones(1)
    >>> pgd(initialise(2, 50, [0, 1]), x, y, radius=0.3).shape
    torch.Size([2, 1, 2])
    >>> rows = torch.tensor([[3.0, 0.0], [0.0, 0.0], [0.0, -1.0]])
    >>> model = AutogradModel(lambda x: x @ rows.T, classes=3)
    >>> pgd(model, x, torch.tensor([0]), radius=0.5)
    tensor([[0.5000, 1.0000]])
    """
    length = 2.5 * radius / max(steps, 1) if step is None else step
    schedule = Schedule(radius, length, steps, keep)
    if restarts:
        require_positive_integer(restarts, "restarts")
    y = attackable(model, x, y, box)
    direction = steepest(ball) if loss is None else raw(loss)
    run = partial(climb, model, x, y, ball=ball, schedule=schedule, direction=direction, box=box)
    found = run(x)
    if not restarts:
        return found
    best = Lowest(found)
    best.see(found, margin(model.value(found), y))
    for _ in range(restarts):
        # a model with an ensemble axis gives each member its own points: of found's shape
        again = run(random_start(x, found.shape, ball, radius, box, generator))
        found = best.see(again, margin(model.value(again), y))
    return found


def fgsm(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    ball: Ball = LINF,
    box: Box = None,
) -> Tensor:
    """Fast gradient sign method (Goodfellow et al., 2015): one step to the boundary of the ball.

    Arguments and errors as in :func:`pgd`.

    >>> from advtheory.networks import AutogradModel
    >>> plane = AutogradModel(lambda x: x @ torch.tensor([3.0, -4.0]))
    >>> fgsm(plane, torch.ones(1, 2), torch.ones(1), radius=0.5)
    tensor([[0.5000, 1.5000]])
    """
    return pgd(model, x, y, radius=radius, ball=ball, steps=1, step=radius, box=box, keep="last")


def bim(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    steps: int = 10,
    box: Box = None,
) -> Tensor:
    """Basic iterative method (Kurakin et al., 2017): signed steps of radius / steps.

    Arguments and errors as in :func:`pgd`.

    >>> from advtheory.networks import AutogradModel
    >>> plane = AutogradModel(lambda x: x @ torch.tensor([3.0, -4.0]))
    >>> bim(plane, torch.ones(1, 2), torch.ones(1), radius=0.5, box=(0.0, 1.0))
    tensor([[0.5000, 1.0000]])
    """
    return pgd(
        model,
        x,
        y,
        radius=radius,
        ball=LINF,
        steps=steps,
        step=radius / max(steps, 1),
        box=box,
        keep="last",
    )
