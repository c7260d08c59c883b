r"""Losses of outputs and labels, with their derivatives, and the margin that they are losses of.

The logistic loss trains; the reflected logistic loss :math:`\ell_-(z) = -\ell(-z)` is what
Mianjy & Arora (2023) maximise in the inner loop. Both are losses of the margin :math:`z`. Book
label ``sec-losses``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Outputs = Callable[[Tensor, Tensor], Tensor]


def margin(f: Tensor, y: Tensor) -> Tensor:
    r"""The margin, shape ``(..., n)``; an input is broken where it is at most 0.

    For signs it is :math:`y f`. For classes it is :math:`f_y - \max_{k \ne y} f_k`: the right
    output minus the best wrong one.

    Args:
        f: One output for each input, ``(..., n)``; or one for each class, ``(..., n, K)``.
        y: Signs -1 and +1, real numbers; or classes 0, ..., K - 1, whole numbers. ``(..., n)``.

    >>> margin(torch.tensor([0.5, 0.5]), torch.tensor([1.0, -1.0]))
    tensor([ 0.5000, -0.5000])
    >>> margin(torch.tensor([[3.0, 1.0, 2.5]]), torch.tensor([0]))
    tensor([0.5000])
    """
    if y.is_floating_point():
        return y * f
    right, wrong = _rivals(f, y)
    return (f.gather(-1, right) - f.gather(-1, wrong))[..., 0]


def require_classes(y: Tensor, classes: int) -> None:
    """Raise ValueError unless every entry of ``y`` is a whole number from 0 to ``classes`` - 1.

    >>> require_classes(torch.tensor([0, 3]), 3)
    Traceback (most recent call last):
    ValueError: y holds a label outside 0, ..., 2; expected the number of the class of each input
    """
    if y.is_floating_point() or y.dtype == torch.bool:
        raise ValueError(f"y is {y.dtype}; expected the numbers of classes, like torch.int64")
    if not bool(((y >= 0) & (y < classes)).all()):
        raise ValueError(
            f"y holds a label outside 0, ..., {classes - 1}; expected the number of the class of "
            "each input"
        )


def _pulled(slope: Tensor, f: Tensor, y: Tensor) -> Tensor:
    """The chain rule: slopes in the margin times the derivative of the margin in the outputs."""
    if y.is_floating_point():
        return slope * y
    right, wrong = _rivals(f, y)
    slope = slope[..., None]
    return torch.zeros_like(f).scatter(-1, right, slope).scatter(-1, wrong, -slope)


def _rivals(f: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The right class and the best wrong one, ``(..., n, 1)``."""
    right = y.expand(f.shape[:-1])[..., None]
    return right, f.scatter(-1, right, -torch.inf).argmax(-1, keepdim=True)


@dataclass(frozen=True)
class Loss:
    """A loss of outputs f and labels y, as :func:`margin` takes them.

    Attributes:
        name: Its name.
        value: (f, y) -> one number for each input, ``(..., n)``.
        slope: (f, y) -> its derivative with respect to the outputs, of the shape of f.

    >>> f, y = torch.tensor([0.0, 0.0]), torch.tensor([1.0, -1.0])
    >>> LOGISTIC.value(f, y), LOGISTIC.slope(f, y)
    (tensor([0.6931, 0.6931]), tensor([-0.5000,  0.5000]))
    """

    name: str
    value: Outputs
    slope: Outputs


def of_margin(
    name: str, value: Callable[[Tensor], Tensor], slope: Callable[[Tensor], Tensor]
) -> Loss:
    r"""The loss :math:`\ell(z)` of the margin z, for signs and for classes.

    Args:
        name: Its name.
        value: :math:`\ell`.
        slope: :math:`\ell'`.

    >>> square = of_margin("square", lambda z: (1 - z) ** 2, lambda z: 2 * (z - 1))
    >>> square.slope(torch.tensor([3.0]), torch.tensor([-1.0]))
    tensor([8.])
    """
    return Loss(
        name,
        lambda f, y: value(margin(f, y)),
        lambda f, y: _pulled(slope(margin(f, y)), f, y),
    )


def _softplus(z: Tensor) -> Tensor:
    # log(1 + e^z) without overflow, and without the linear cut that torch's softplus makes at 20
    return torch.logaddexp(z, torch.zeros_like(z))


LOGISTIC = of_margin("logistic", lambda z: _softplus(-z), lambda z: -torch.sigmoid(-z))
r""":math:`\ell(z) = \log(1 + e^{-z})`, :math:`\ell'(z) = -1 / (1 + e^z)`."""

REFLECTED = of_margin("reflected logistic", lambda z: -_softplus(z), lambda z: -torch.sigmoid(z))
r""":math:`\ell_-(z) = -\log(1 + e^z)`, :math:`\ell_-'(z) = -1 / (1 + e^{-z})`."""

MARGIN = of_margin("margin", lambda z: -z, lambda z: -torch.ones_like(z))
r""":math:`-z`: the loss whose gradient never vanishes, whatever the margin."""


def _best_wrong(f: Tensor, y: Tensor) -> Tensor:
    """The log p_k of the best wrong class k, p the softmax of the outputs."""
    return f.log_softmax(-1).gather(-1, _rivals(f, y)[1])[..., 0]


def _one_hot(index: Tensor, f: Tensor) -> Tensor:
    return torch.zeros_like(f).scatter(-1, index, 1.0)


CROSS_ENTROPY = Loss(
    "cross-entropy",
    lambda f, y: -f.log_softmax(-1).gather(-1, _rivals(f, y)[0])[..., 0],
    lambda f, y: f.softmax(-1) - _one_hot(_rivals(f, y)[0], f),
)
r""":math:`-\log p_y`, for classes only; :math:`p` is the softmax of the outputs."""

REFLECTED_SOFTMAX = Loss(
    "reflected softmax",
    _best_wrong,
    lambda f, y: _one_hot(_rivals(f, y)[1], f) - f.softmax(-1),
)
r""":math:`\log p_k` of the best wrong class :math:`k`, for classes only: one reading of "maximise
the log-likelihood of the wrong class". :data:`REFLECTED` on the margin is the other one."""
