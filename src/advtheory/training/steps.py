r"""One step of stochastic gradient descent in closed form, and its settings.

Book label ``sec-lazy-sgd``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from advtheory.checks import require_positive_integer
from advtheory.losses import LOGISTIC
from advtheory.networks.two_layer import TwoLayer


@dataclass(frozen=True)
class Settings:
    """How stochastic gradient descent runs: learning rate, batch size, most epochs.

    >>> Settings(epochs=6)
    Settings(learning_rate=0.1, batch=64, epochs=6)
    """

    learning_rate: float = 0.1
    batch: int = 64
    epochs: int = 200

    def __post_init__(self) -> None:
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning_rate is {self.learning_rate}; expected a positive number")
        require_positive_integer(self.batch, "batch")
        require_positive_integer(self.epochs, "epochs")


def propose(net: TwoLayer, x: Tensor, y: Tensor, learning_rate: float) -> tuple[Tensor, Tensor]:
    r"""One SGD step on the logistic loss, not yet made: weights on the examples, and how far rows
    may move.

    Row s would move by :math:`\sum_i p_{is} x_i` with :math:`p_{is} = -\frac{\eta}{B}
    \ell'(y_i f(x_i))\, y_i\, a_s \sigma'(z_{is}) / \sqrt m`, so, since :math:`|\sigma'| \le 1`, by
    at most :math:`\frac{\eta}{B\sqrt m}\sum_i |\ell'(y_i f(x_i))|\,\|x_i\|` (with biases
    :math:`\|(x_i, 1)\|`).

    Args:
        net: One network, or an ensemble with one leading axis.
        x: One batch for each member, ``(..., B, d)``.
        y: Labels, ``(..., B)``.
        learning_rate: :math:`\eta`.

    Returns:
        p, shape ``(..., B, m)``, and the bound on the movement of every row, shape ``(...)``.

    >>> from torch import ones
    >>> from advtheory.networks import initialise
    >>> p, bound = propose(initialise(2, 8, 0), ones(3, 2), ones(3), 0.1)
    >>> p.shape, bool((p.mT @ ones(3, 2)).norm(dim=1).max() <= 1.001 * bound)
    (torch.Size([3, 8]), True)
    """
    z = net.preactivation(x)
    h = net.gates(z)
    pull = y * LOGISTIC.slope(net.value_at(z, h), y) * (-learning_rate / x.shape[-2])
    return h.mul_((pull * y)[..., None]), (pull * reach(net, x)).sum(-1)


def reach(net: TwoLayer, x: Tensor) -> Tensor:
    r"""How far one example moves a row at most, per unit of pull: :math:`\|x_i\|/\sqrt m`, or with
    biases :math:`\|(x_i, 1)\|/\sqrt m`; shape ``(..., n)``.
    """
    squares = x.square().sum(-1) + (0.0 if net.b is None else 1.0)
    return squares.sqrt() / math.sqrt(net.m)


def move(net: TwoLayer, x: Tensor, p: Tensor) -> None:
    """Make the step that :func:`propose` returned, in place.

    >>> from torch import ones
    >>> from advtheory.networks import initialise
    >>> net, x, y = initialise(2, 8, 0), ones(3, 2), ones(3)
    >>> before = net.value(x)
    >>> move(net, x, propose(net, x, y, 0.1)[0])
    >>> bool((net.value(x) > before).all())
    True
    """
    if net.w.ndim < 3:
        net.w.addmm_(p.mT, x)
    else:
        net.w.baddbmm_(p.mT, x)
    if net.b is not None:
        net.b.add_(p.sum(-2))
