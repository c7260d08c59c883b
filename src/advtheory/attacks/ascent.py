r"""Attacks: one ascent loop with small hooks; PGD, FGSM and BIM are settings of it.

The loop only needs :math:`f` and its pull-back. For a binary label the steepest direction that
lowers the margin :math:`y f(x)` is the dual direction of :math:`-y \nabla f(x)`: it does not
depend on the loss, so a saturated loss gradient can never stall it. Book label ``sec-attacks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.attacks.boundary import Box, attackable, inside, require_outputs
from advtheory.attacks.lowest import Lowest
from advtheory.checks import require_nonnegative, require_positive_integer
from advtheory.losses import MARGIN, Loss, Outputs, margin
from advtheory.networks.blocks import blocks
from advtheory.networks.model import Model
from advtheory.norms import Ball

ROWS = 256  # inputs attacked together on a CPU: their preactivations stay in its cache


@dataclass(frozen=True)
class Direction:
    r"""The hook of the loop: which loss rises, and what becomes of its gradient in x.

    Attributes:
        slope: (f, y) -> the derivative of the loss in the outputs, of the shape of f.
        rule: The gradient of the loss, ``(..., n, d)`` -> where each point moves.

    >>> Direction(MARGIN.slope, torch.sign).slope(torch.tensor([0.3]), torch.tensor([-1.0]))
    tensor([1.])
    """

    slope: Outputs
    rule: Callable[[Tensor], Tensor]


def steepest(ball: Ball) -> Direction:
    r"""Normalised ascent on the margin loss: the dual direction of :math:`-y \nabla f`.

    >>> from advtheory.norms import LINF
    >>> steepest(LINF).rule(torch.tensor([[0.3, -2.0]]))
    tensor([[ 1., -1.]])
    """
    return normalised(MARGIN, ball)


def normalised(loss: Loss, ball: Ball) -> Direction:
    r"""Normalised ascent on a loss: the dual direction of :math:`\ell'(y f)\, y\, \nabla f`.

    For signs all losses that fall with the margin have that of :func:`steepest`, as long as their
    slope does not underflow. Book labels ``prop-steepest``, ``cor-fgsm``.

    >>> from advtheory.losses import LOGISTIC, REFLECTED
    >>> from advtheory.norms import LINF
    >>> f, y, gradient = torch.tensor([[2.0]]), torch.ones(1), torch.tensor([[0.3, -2.0]])
    >>> for loss in (LOGISTIC, REFLECTED):
    ...     direction = normalised(loss, LINF)
    ...     direction.rule(direction.slope(f, y) * gradient)
    tensor([[-1.,  1.]])
    tensor([[-1.,  1.]])
    """
    return Direction(loss.slope, ball.dual_direction)


def raw(loss: Loss) -> Direction:
    r"""Raw ascent on a loss: :math:`\nabla_x \ell(y f) = \ell'(y f)\, y\, \nabla f`.

    >>> from advtheory.losses import LOGISTIC
    >>> raw(LOGISTIC).slope(torch.zeros(1), torch.ones(1))
    tensor([-0.5000])
    """
    return Direction(loss.slope, lambda gradient: gradient)


@dataclass(frozen=True)
class Schedule:
    """How far and how often the loop moves.

    Attributes:
        radius: Radius of the ball around each input.
        step: Length of a step (a factor on the direction).
        steps: Number of steps.
        keep: "best" returns the iterate with the smallest margin, "last" the last one.
        decay: Every ``every`` steps the step is multiplied by it; 1 keeps the step as it is.
        every: After how many steps.

    >>> schedule = Schedule(radius=0.3, step=0.1, steps=10, decay=0.5, every=4)
    >>> [schedule.length(t) for t in (0, 3, 4, 8)]
    [0.1, 0.1, 0.05, 0.025]
    """

    radius: float
    step: float
    steps: int
    keep: str = "best"
    decay: float = 1.0
    every: int = 10

    def __post_init__(self) -> None:
        require_nonnegative(self.radius, "radius")
        require_nonnegative(self.step, "step")
        require_positive_integer(self.steps, "steps")
        if self.keep not in ("best", "last"):
            raise ValueError(f"keep is {self.keep!r}; expected 'best' or 'last'")
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay is {self.decay}; expected a factor above 0 and at most 1")
        require_positive_integer(self.every, "every")

    def length(self, t: int) -> float:
        """How long step t is, counted from 0."""
        return self.step * self.decay ** (t // self.every)


def ascend(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: Box = None,
    start: Tensor | None = None,
) -> Tensor:
    r"""The loop: move by step * direction, project onto the ball around x, then onto the box.

    .. math:: x_{t+1} = \Pi\big(x_t + \eta\, u_t\big),
       \qquad \Pi \text{ onto } \{x' : \|x' - x\| \le r\}.

    Args:
        model: Anything with ``value`` and ``linearise``.
        x: Inputs, ``(..., n, d)``.
        y: Labels -1 or +1, or the number of the class for a model with classes; ``(..., n)`` or
            ``(n,)``.
        ball: The norm.
        schedule: Radius, step, number of steps, which iterate to return.
        direction: The hook that turns f and its pull-back into a direction.
        box: Pixel range (low, high), or None; clipping to it stays inside the ball, as x is inside.
        start: First iterate; default x itself. Where it lies outside the ball or the box it is
            projected.

    Raises:
        ValueError: for other labels, or not one for each row of x; for a NaN in x or f(x), an empty
            box, an x outside it, a negative radius or step.

    >>> from advtheory.networks import AutogradModel
    >>> from advtheory.norms import L2
    >>> plane = AutogradModel(lambda x: x @ torch.tensor([3.0, 4.0]))
    >>> x, y = torch.ones(1, 2), torch.ones(1)
    >>> ascend(plane, x, y, ball=L2, schedule=Schedule(1.0, 0.5, 3), direction=steepest(L2))
    tensor([[0.4000, 0.2000]])
    """
    y = attackable(model, x, y, box)
    start = x if start is None else inside(start, x, ball, schedule.radius, box)
    return climb(model, x, y, start, ball=ball, schedule=schedule, direction=direction, box=box)


@torch.no_grad()
def climb(
    model: Model,
    x: Tensor,
    y: Tensor,
    start: Tensor,
    *,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: Box = None,
) -> Tensor:
    """What :func:`ascend` does when everything has been checked: block by block of inputs."""
    found = [
        _climb(model, inputs, labels, first, ball, schedule, direction, box)
        for inputs, first, labels in blocks(ROWS, [x, start], [y])
    ]
    return torch.cat(found, dim=-2)


def _climb(
    model: Model,
    x: Tensor,
    y: Tensor,
    start: Tensor,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: Box,
) -> Tensor:
    point, best = start, Lowest(start)
    for point, f in walk(model, x, y, start, ball, schedule, direction, box):
        if schedule.keep == "best":
            best.see(point, margin(model.value(point) if f is None else f, y))
    return best.point if schedule.keep == "best" else point


def walk(
    model: Model,
    x: Tensor,
    y: Tensor,
    start: Tensor,
    ball: Ball,
    schedule: Schedule,
    direction: Direction,
    box: Box = None,
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """The iterates one by one, each with f there; the last one with None, which nobody had to know.

    >>> from advtheory.networks import AutogradModel
    >>> from advtheory.norms import L2
    >>> line = AutogradModel(lambda x: x[..., 0])
    >>> x, schedule = torch.ones(1, 1), Schedule(1.0, 0.25, 2)
    >>> [float(point) for point, f in walk(line, x, x[0], x, L2, schedule, steepest(L2))]
    [1.0, 0.75, 0.5]
    """
    point = start
    for t in range(schedule.steps):
        f, pull = model.linearise(point)
        if t == 0:
            require_outputs(f, y, model.classes)
        yield point, f
        u, step = direction.rule(pull(direction.slope(f, y))), x.new_full((), schedule.length(t))
        point = ball.nearest(torch.addcmul(point - x, u, step), schedule.radius).add_(x)
        point = point if box is None else point.clamp_(*box)
    yield point, None
