r"""Linear classifiers of many classes: the best attack in closed form.

For :math:`f(x) = Wx + b` the pair margin :math:`f_y - f_k` is linear, and its minimum over a ball
of radius r is :math:`f_y(x) - f_k(x) - r \|w_y - w_k\|_*`. Book label ``prop-targeted``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.checks import require, require_nonnegative
from advtheory.losses import require_classes
from advtheory.norms import L2, Ball


def lowest_margin(
    rows: Tensor, x: Tensor, y: Tensor, radius: float, *, ball: Ball = L2, b: Tensor | None = None
) -> Tensor:
    r"""The smallest margin in the ball around each input, ``(..., n)``; an attack exists where < 0.

    .. math:: \min_{k \ne y}\ f_y(x) - f_k(x) - r\, \|w_y - w_k\|_*

    Args:
        rows: W, ``(..., K, d)``, K at least 2.
        x: Inputs, ``(..., n, d)``.
        y: The numbers of their classes, ``(..., n)``.
        radius: r.
        ball: The norm.
        b: ``(..., K)`` or None.

    Raises ValueError for a label that there is not, another shape, and a negative radius.

    The counterexample of Mianjy & Arora (2023): the third class wins inside the ball.

    >>> rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])
    >>> lowest_margin(rows, torch.tensor([[1.0, 0.0]]), torch.tensor([0]), 0.3)
    tensor([-1.0594])
    """
    require_nonnegative(radius, "radius")
    ahead, steep = _pairs(rows, x, y, ball, b)
    return (ahead - radius * steep).amin(-1)


def distance(
    rows: Tensor, x: Tensor, y: Tensor, *, ball: Ball = L2, b: Tensor | None = None
) -> Tensor:
    r"""How far the nearest input of another class is, ``(..., n)``: 0 where x is not of class y.

    .. math:: \min_{k \ne y}\ \frac{\max(f_y(x) - f_k(x), 0)}{\|w_y - w_k\|_*}

    Arguments and errors as in :func:`lowest_margin`; infinity where no other class ever wins.

    >>> rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])
    >>> distance(rows, torch.tensor([[1.0, 0.0]]), torch.tensor([0]))
    tensor([0.1961])
    """
    ahead, steep = _pairs(rows, x, y, ball, b)
    ahead = ahead.clamp(min=0.0)
    return torch.where(ahead > 0, ahead / steep, ahead).amin(-1)


def _pairs(
    rows: Tensor, x: Tensor, y: Tensor, ball: Ball, b: Tensor | None
) -> tuple[Tensor, Tensor]:
    """f_y - f_k and the dual norm of w_y - w_k for each wrong k, ``(..., n, K - 1)``."""
    classes, d = rows.shape[-2:]
    require(
        x.shape[-1] == d and classes >= 2,
        f"rows has shape {tuple(rows.shape)} and x {tuple(x.shape)}; expected (..., K, d) with K "
        "at least 2 and (..., n, d)",
    )
    require_classes(y, classes)
    wrong = (y[..., None] + torch.arange(1, classes, device=y.device)) % classes
    f = x @ rows.mT + (0 if b is None else b[..., None, :])
    ahead = f.gather(-1, y[..., None]) - f.gather(-1, wrong)
    between = ball.dual_norm(rows[..., :, None, :] - rows[..., None, :, :])  # (..., K, K)
    between = between.expand(*f.shape[:-2], classes, classes)
    columns = y[..., None].expand(*y.shape, classes)
    return ahead, between.gather(-2, columns).gather(-1, wrong)
