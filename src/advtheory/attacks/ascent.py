r"""Attacks: one ascent loop with small hooks; PGD, FGSM and BIM are settings of it.

The loop only needs :math:`f` and :math:`\nabla f`. For a binary label the steepest direction that
lowers the margin :math:`y f(x)` is the dual direction of :math:`-y \nabla f(x)`: it does not
depend on the loss, so a saturated loss gradient can never stall it. Book label ``sec-attacks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import (
    require_examples,
    require_finite,
    require_nonnegative,
    require_positive_integer,
)
from advtheory.losses import Loss
from advtheory.networks.model import Model
from advtheory.norms import Ball

ROWS = 256  # inputs attacked together on a CPU: their preactivations stay in its cache


@dataclass(frozen=True)
class Direction:
    """The hook of the loop: where to move from the current points.

    Attributes:
        of: (f, gradient of f, y) -> (vectors ``(..., n, d)``, factors ``(..., n)``): each point
            moves along its factor times its vector. ``f`` is None unless asked for.
        needs_value: Whether ``of`` looks at f.
    """

    of: Callable[[Tensor | None, Tensor, Tensor], tuple[Tensor, Tensor]]
    needs_value: bool


def steepest(ball: Ball) -> Direction:
    r"""Normalised ascent: the dual direction of :math:`-y \nabla f`, whatever the loss."""
    return Direction(lambda f, g, y: (ball.dual_direction(g), -y), needs_value=False)


def raw(loss: Loss) -> Direction:
    r"""Raw ascent on a loss: :math:`\nabla_x \ell(y f) = \ell'(y f)\, y\, \nabla f`."""

    def of(f: Tensor | None, gradient: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        assert f is not None
        return gradient, loss.slope(y * f) * y

    return Direction(of, needs_value=True)


@dataclass(frozen=True)
class Schedule:
    """How far and how often the loop moves.

    Attributes:
        radius: Radius of the ball around each input.
        step: Length of a step (a factor on the direction).
        steps: Number of steps.
        keep: "best" returns the iterate with the smallest margin, "last" the last one.
    """

    radius: float
    step: float
    steps: int
    keep: str = "best"

    def __post_init__(self) -> None:
        require_nonnegative(self.radius, "radius")
        require_nonnegative(self.step, "step")
        require_positive_integer(self.steps, "steps")
        if self.keep not in ("best", "last"):
            raise ValueError(f"keep is {self.keep!r}; expected 'best' or 'last'")


def ascend(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: tuple[float, float] | None = None,
    start: Tensor | None = None,
) -> Tensor:
    r"""The loop: move by step * direction, project onto the ball around x, then onto the box.

    .. math:: x_{t+1} = \Pi\big(x_t + \eta\, u_t\big),
       \qquad \Pi \text{ onto } \{x' : \|x' - x\| \le r\}.

    Args:
        model: Anything with ``value`` and ``value_and_gradient``.
        x: Inputs, ``(..., n, d)``.
        y: Labels -1 or +1, ``(..., n)`` or ``(n,)``.
        ball: The norm.
        schedule: Radius, step, number of steps, which iterate to return.
        direction: The hook that turns f and its gradient into a direction.
        box: Pixel range (low, high), or None; clipping to it stays inside the ball when x is
            inside.
        start: First iterate; default x itself.

    Raises:
        ValueError: for labels other than -1 and +1, or not one for each row of x; for a NaN in x or
            f(x), an empty box, a negative radius or step.
    """
    require_examples(x, y)
    if box is not None and not box[0] <= box[1]:
        raise ValueError(f"box is {box}; expected (low, high) with low at most high")
    y = y.to(x.dtype)
    start = x if start is None else start
    rows = ROWS if x.device.type == "cpu" else x.shape[-2]
    inputs, starts, labels = (torch.split(t, rows, k) for t, k in ((x, -2), (start, -2), (y, -1)))
    blocks = zip(inputs, starts, labels, strict=True)
    return torch.cat(
        [_ascend_block(model, *block, ball, schedule, direction, box) for block in blocks], dim=-2
    )


def _ascend_block(
    model: Model,
    x: Tensor,
    start: Tensor,
    y: Tensor,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: tuple[float, float] | None,
) -> Tensor:
    point = best = start
    lowest: Tensor | None = None
    track = schedule.keep == "best"
    for _ in range(schedule.steps):
        if track or direction.needs_value:
            f, gradient = model.value_and_gradient(point)
        else:
            f, gradient = None, model.input_gradient(point)
        if track and f is not None:
            best, lowest = keep_lower(best, lowest, point, y * f)
        vectors, factors = direction.of(f, gradient, y)
        moved = torch.addcmul(point - x, vectors, (schedule.step * factors)[..., None])
        point = ball.project(moved, schedule.radius).add(x)
        point = point if box is None else point.clamp_(*box)
    return keep_lower(best, lowest, point, y * model.value(point))[0] if track else point


def keep_lower(
    best: Tensor, lowest: Tensor | None, point: Tensor, margin: Tensor
) -> tuple[Tensor, Tensor]:
    """Row by row, whichever of the two points has the smaller margin."""
    if lowest is None:
        require_finite(margin, "f(x)")
        return point, margin
    better = margin < lowest
    if bool(better.all()):
        return point, margin
    return torch.where(better[..., None], point, best), torch.where(better, margin, lowest)
