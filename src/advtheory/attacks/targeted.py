r"""The lowest margin over all targets: every wrong class in turn, each with its own margin.

For a wrong class k the pair margin :math:`f_y - f_k` is that of a network with one output, and
projected gradient descent lowers it, whichever wrong class is the best one on the way. The lowest
margin of all runs wins. Book label ``prop-targeted``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.attacks.ascent import Direction, Schedule, climb, raw, steepest
from advtheory.attacks.boundary import Box, attackable, random_start
from advtheory.attacks.lowest import Lowest
from advtheory.checks import require_positive_integer
from advtheory.losses import MARGIN, Loss, margin
from advtheory.networks.model import Model
from advtheory.norms import L2, Ball


def targeted(
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
) -> Tensor:
    r"""Projected gradient descent towards each of the K - 1 wrong classes: the lowest margins.

    .. math:: \min_{k \ne y}\ \min_t\ f_y(x_t^{(k)}) - \max_{j \ne y} f_j(x_t^{(k)}),

    where :math:`x_t^{(k)}` follows the pair :math:`(y, k)` alone. It costs K - 1 times as much as
    :func:`~advtheory.attacks.projected_gradient.pgd` with the same steps.

    Args:
        model: A model with classes.
        x: Inputs, ``(..., n, d)``.
        y: The numbers of their classes, ``(..., n)`` or ``(n,)``.
        radius: Budget in the given norm.
        ball: ``L2`` or ``LINF``.
        steps: Number of steps towards each class.
        step: Length of a step; default 2.5 * radius / steps.
        loss: None for the normalised gradient of the pair margin; a loss of the two outputs for its
            raw gradient (``REFLECTED``: targeted reflection, Algorithm 1 of Mianjy & Arora, 2023,
            for each pair).
        box: The range of a pixel, (low, high), or None.
        restarts: Further runs towards each class, from uniform points of the ball.
        generator: Where their random numbers come from (on the device of x).

    Raises:
        ValueError: for a model with one output or with one class, and as
            :func:`~advtheory.attacks.projected_gradient.pgd`.

    The greedy attack keeps to class 1, which never wins; class 2 wins at (1, 0.3):

    >>> from advtheory.attacks import pgd
    >>> from advtheory.losses import REFLECTED, margin
    >>> from advtheory.networks import AutogradModel
    >>> rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])
    >>> model = AutogradModel(lambda x: x @ rows.T, classes=3)
    >>> x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    >>> for attack in (pgd, targeted):
    ...     found = attack(model, x, y, radius=0.3, step=0.009, steps=100, loss=REFLECTED)
    ...     print(model.value(found).argmax(-1))
    tensor([0])
    tensor([2])
    """
    if model.classes is None or model.classes < 2:
        raise ValueError(
            f"the model has classes={model.classes}; expected two classes or more: for one output "
            "use pgd, which has one wrong answer to aim at"
        )
    length = 2.5 * radius / max(steps, 1) if step is None else step
    schedule = Schedule(radius, length, steps)
    if restarts:
        require_positive_integer(restarts, "restarts")
    y = attackable(model, x, y, box)
    best, found = Lowest(x), x
    for start in range(1 + restarts):
        for ahead in range(1, model.classes):
            way = towards(ahead, model.classes, ball, loss)
            begin = random_start(x, x.shape, ball, radius, box, generator) if start else x
            new = climb(model, x, y, begin, ball=ball, schedule=schedule, direction=way, box=box)
            found = best.see(new, margin(model.value(new), y))
    return found


def towards(ahead: int, classes: int, ball: Ball, loss: Loss | None) -> Direction:
    """The hook of the loop for the pair of y and the class ``ahead`` places after it, in a circle.

    The other outputs have no say: the loss is that of two classes.

    >>> f, y = torch.tensor([[3.0, 2.0, 2.5]]), torch.tensor([0])
    >>> towards(1, 3, L2, None).slope(f, y)
    tensor([[-1.,  1.,  0.]])
    """
    of_pair = MARGIN if loss is None else loss

    def slope(f: Tensor, y: Tensor) -> Tensor:
        right = y.expand(f.shape[:-1])
        pair = torch.stack([right, (right + ahead) % classes], -1)
        first = torch.zeros_like(right)
        return torch.zeros_like(f).scatter(-1, pair, of_pair.slope(f.gather(-1, pair), first))

    return Direction(slope, steepest(ball).rule if loss is None else raw(of_pair).rule)
