r"""Projected gradient descent and its one-step and iterated forms.

Book label ``sec-attacks``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.attacks.ascent import Schedule, ascend, keep_lower, raw, steepest
from advtheory.checks import require_positive_integer
from advtheory.losses import Loss
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
    box: tuple[float, float] | None = None,
    restarts: int = 0,
    generator: torch.Generator | None = None,
    keep: str = "best",
) -> Tensor:
    """Projected gradient descent on the margin (Madry et al., 2018): the perturbed inputs.

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
    """
    length = 2.5 * radius / max(steps, 1) if step is None else step
    schedule = Schedule(radius, length, steps, keep)
    direction = steepest(ball) if loss is None else raw(loss)

    def run(start: Tensor | None) -> Tensor:
        return ascend(
            model, x, y, ball=ball, schedule=schedule, direction=direction, box=box, start=start
        )

    if restarts:
        require_positive_integer(restarts, "restarts")
    best = run(None)
    for _ in range(restarts):
        # a model with an ensemble axis gives each member its own points: start from best's shape
        start = x + ball.sample(tuple(best.shape), radius, generator).to(x)
        again = run(start if box is None else start.clamp_(*box))
        best = keep_lower(best, y * model.value(best), again, y * model.value(again))[0]
    return best


def fgsm(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    ball: Ball = LINF,
    box: tuple[float, float] | None = None,
) -> Tensor:
    """Fast gradient sign method (Goodfellow et al., 2015): one step to the boundary of the ball."""
    return pgd(model, x, y, radius=radius, ball=ball, steps=1, step=radius, box=box, keep="last")


def bim(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    steps: int = 10,
    box: tuple[float, float] | None = None,
) -> Tensor:
    """Basic iterative method (Kurakin et al., 2017): signed steps of radius / steps."""
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
