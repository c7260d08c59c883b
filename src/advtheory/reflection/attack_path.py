r"""Algorithm 1 of Mianjy & Arora (2023) with all of its points, not only the one that it returns.

:func:`~advtheory.attacks.projected_gradient.pgd` with the reflected loss is the same loop and keeps
one point. A proof speaks of all of them. Book label ``alg-reflected-attack``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.attacks.ascent import Direction, Schedule, walk
from advtheory.attacks.boundary import attackable
from advtheory.losses import REFLECTED, Loss
from advtheory.networks.model import Model
from advtheory.norms import L2, Radius


@torch.no_grad()
def iterates(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    radius: float,
    step: Radius,
    steps: int,
    loss: Loss = REFLECTED,
) -> Tensor:
    r"""The points :math:`x_1 = x, x_2, \ldots, x_{T+1}` of raw gradient ascent in the ball.

    .. math:: x_{t+1} = \Pi\big(x_t + \eta\,\nabla_x \ell_-(y f(x_t))\big).

    Args:
        model: Anything with ``linearise``.
        x: Inputs, ``(..., n, d)``.
        y: Labels -1 or +1, ``(..., n)``.
        radius: Radius :math:`\nu` of the ball.
        step: Step size :math:`\eta`, a number or one for each input.
        steps: Number of iterations T.
        loss: The loss that rises.

    Returns:
        ``(steps + 1, ..., n, d)``.

    Raises:
        ValueError: as :func:`~advtheory.attacks.ascent.ascend`.

    >>> from advtheory.networks import AutogradModel
    >>> plane = AutogradModel(lambda x: x @ torch.tensor([4.0, 0.0]))
    >>> x, y = torch.zeros(1, 2), torch.ones(1)
    >>> iterates(plane, x, y, radius=1.0, step=0.4, steps=2)[:, 0, 0]
    tensor([ 0.0000, -0.8000, -0.8627])
    """
    scale = step[..., None] if isinstance(step, Tensor) else step
    ascent = Direction(loss.slope, lambda gradient: scale * gradient)
    y, schedule = attackable(model, x, y, None), Schedule(radius, 1.0, steps)
    points = [point for point, _ in walk(model, x, y, x, L2, schedule, ascent)]
    # a network with an ensemble axis gives x that axis in its first step
    return torch.stack([point.expand_as(points[-1]) for point in points])
