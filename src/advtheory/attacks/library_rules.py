r"""How attacks along the cross-entropy turn f and its gradient into a step, and where they stall.

The cross-entropy carries the factor :math:`1/(1 + e^{yf})`, which vanishes where the margin is
large. A released library divides by the length of what is left, with a guard :math:`\kappa` against
a division by zero. Where the gradient is shorter than the guard, the steps shrink. Book label
``sec-strongest``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from advtheory.attacks.ascent import Direction
from advtheory.losses import MARGIN, Outputs
from advtheory.norms import L2

Guard = Callable[[Tensor], Tensor]

BATCH = 256  # what a mean over the batch divides by, usually


def two_logits(f: Tensor, y: Tensor) -> Tensor:
    r"""The slope in f of the cross-entropy of the logits :math:`(-f/2, f/2)`, as PyTorch gets it.

    In exact arithmetic :math:`\ell'(yf)\,y = -y/(1 + e^{yf})`. In single precision one minus the
    right label's probability becomes 0 at a margin of about 17. The wrong label's probability
    does not, so one half of the slope is left until that underflows, at about 104.

    Args:
        f: Values of the network, ``(n,)``.
        y: Labels -1 or +1, ``(n,)``.

    >>> two_logits(torch.tensor([0.0, 200.0]), torch.ones(2))
    tensor([-0.5000,  0.0000])
    """
    with torch.enable_grad():
        f = f.detach().requires_grad_()
        logits = torch.stack([-f / 2, f / 2], -1)
        loss = functional.cross_entropy(logits, (y > 0).long(), reduction="sum")
    return torch.autograd.grad(loss, f)[0]


def one_logit(f: Tensor, y: Tensor) -> Tensor:
    r"""The same slope by the loss that takes f itself as a logit: probability minus target.

    The difference is exactly 0 from about 17 on where the target is 1; where it is 0, nothing is
    subtracted. Arguments as in :func:`two_logits`.

    >>> one_logit(torch.tensor([0.0, 20.0]), torch.ones(2))
    tensor([-0.5000,  0.0000])
    """
    target = (y > 0).to(f.dtype)
    with torch.enable_grad():
        f = f.detach().requires_grad_()
        loss = functional.binary_cross_entropy_with_logits(f, target, reduction="sum")
    return torch.autograd.grad(loss, f)[0]


def cleverhans(g: Tensor) -> Tensor:
    r""":math:`g / \sqrt{\max(10^{-12}, \sum_i g_i^2)}`: ``optimize_linear``, CleverHans 4.0.0.

    >>> cleverhans(torch.tensor([[3.0, 4.0], [3e-7, 4e-7]]))
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    return g / torch.sqrt(g.square().sum(-1, keepdim=True).clamp(min=1e-12))


def torchattacks(g: Tensor) -> Tensor:
    r""":math:`g / (\|g\| + 10^{-10})`: ``PGDL2`` of torchattacks 3.5.1.

    >>> torchattacks(torch.tensor([[3.0, 4.0], [0.6e-10, 0.8e-10]]))
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    length: Tensor = torch.linalg.vector_norm(g, dim=-1, keepdim=True)
    return g / (length + 1e-10)


def advertorch(g: Tensor) -> Tensor:
    r""":math:`g / \max(10^{-6}, \|g\|)`: ``normalize_by_pnorm`` of AdverTorch 0.2.3.

    >>> advertorch(torch.tensor([[3.0, 4.0], [3e-7, 4e-7]]))
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    return g / g.square().sum(-1, keepdim=True).sqrt().clamp(min=1e-6)


@dataclass(frozen=True)
class Rule:
    """How an attack turns f and its gradient into a step: a loss and a step rule.

    Attributes:
        slope: (f, y) -> the derivative of the loss in f.
        guard: Gradient ``(n, d)`` -> direction, of length 1 if nothing goes wrong.
        mean: Whether the loss is a mean over the batch, which makes the gradient shorter.
        floor: The length below which the guard, not the gradient, decides; 0 for none.

    >>> RULES["margin"].guard(torch.tensor([[3e-7, 4e-7]]))
    tensor([[0.6000, 0.8000]])
    """

    slope: Outputs
    guard: Guard
    mean: bool = False
    floor: float = 0.0

    @property
    def usual(self) -> int:
        """What the loss is divided by at the usual batch size."""
        return BATCH if self.mean else 1

    def direction(self, batch: int) -> Direction:
        """The hook of :func:`advtheory.attacks.ascent.ascend`, for batches of this size."""
        size = batch if self.mean else 1
        return Direction(lambda f, y: self.slope(f, y) / size, self.guard)


RULES: Mapping[str, Rule] = {
    "margin": Rule(MARGIN.slope, L2.dual_direction),
    "two logits": Rule(two_logits, L2.dual_direction),
    "one logit": Rule(one_logit, L2.dual_direction),
    "torchattacks": Rule(two_logits, torchattacks, mean=True, floor=1e-10),
    "AdverTorch": Rule(two_logits, advertorch, floor=1e-6),
    "CleverHans": Rule(two_logits, cleverhans, mean=True, floor=1e-6),
}
"""The margin; the cross-entropy normalised exactly, by two encodings; three libraries' guards."""


def stall_margin(rule: Rule, gradient_norm: float, batch: int) -> float:
    r"""The margin from which the guard shortens the steps: :math:`\log(\|\nabla f\|/(|I|\kappa))`.

    There :math:`e^{-yf}\|\nabla f\|/|I|`, the length of the gradient of a mean loss, is the guard's
    floor :math:`\kappa`; a sum has :math:`|I| = 1`. Infinite for a rule without a floor. Book label
    ``eq-stall``.

    >>> round(stall_margin(RULES["AdverTorch"], gradient_norm=5.0, batch=256), 1)
    15.4
    """
    size = batch if rule.mean else 1
    return math.log(gradient_norm / (size * rule.floor)) if rule.floor else math.inf
