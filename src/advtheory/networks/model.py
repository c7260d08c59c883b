"""What an attack asks of a model, and how any differentiable function answers.

Book label ``sec-attacks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Model(Protocol):
    """What an attack asks of a model: its value, and its gradient with respect to the input."""

    def input_gradient(self, x: Tensor) -> Tensor:
        """The input gradient of f, shape ``(..., n, d)``."""
        ...

    def value(self, x: Tensor) -> Tensor:
        """f(x), shape ``(..., n)`` for inputs ``(..., n, d)``."""
        ...

    def value_and_gradient(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f(x) and its input gradient, shapes ``(..., n)`` and ``(..., n, d)``."""
        ...


@dataclass(frozen=True)
class AutogradModel:
    """Any differentiable function from ``(n, d)`` to ``(n,)``, with derivatives by autograd."""

    function: Callable[[Tensor], Tensor]

    def value(self, x: Tensor) -> Tensor:
        """The function itself, without a graph."""
        with torch.no_grad():
            return self.function(x)

    def input_gradient(self, x: Tensor) -> Tensor:
        """The input gradient alone."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Value and input gradient; each output may depend on its own row only."""
        with torch.enable_grad():
            point = x.detach().requires_grad_(True)
            f = self.function(point)
            (gradient,) = torch.autograd.grad(f.sum(), point)
        return f.detach(), gradient
