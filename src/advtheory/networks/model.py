r"""What an attack asks of a model, and how any differentiable function answers.

A model answers with its value and a pull-back: for coefficients c of the shape of the value,
:math:`c \mapsto \nabla_x \langle c, f(x) \rangle`. Book label ``sec-attacks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Pull = Callable[[Tensor], Tensor]


class Model(Protocol):
    """What an attack asks of a model: its value, and a pull-back to the input.

    A model with one output answers ``(..., n)`` for inputs ``(..., n, d)``, and its sign is the
    class; one with K outputs answers ``(..., n, K)``, and the largest is the class.

    >>> from advtheory.networks import initialise
    >>> f, pull = initialise(3, 50, seeds=0).linearise(torch.ones(4, 3))
    >>> f.shape, pull(torch.ones(4)).shape
    (torch.Size([4]), torch.Size([4, 3]))
    """

    @property
    def classes(self) -> int | None:
        """K, or None for one output."""
        ...

    def value(self, x: Tensor) -> Tensor:
        """f(x)."""
        ...

    def linearise(self, x: Tensor) -> tuple[Tensor, Pull]:
        """f(x), and the pull-back at x; each output may depend on its own row only."""
        ...


@dataclass(frozen=True)
class AutogradModel:
    """Any differentiable function of rows, with the pull-back by autograd.

    Attributes:
        function: From ``(..., n, d)`` to ``(..., n)``, or to ``(..., n, K)`` for K classes.
        classes: K, or None for one output.

    >>> model = AutogradModel(lambda x: x @ torch.tensor([[1.0, 0.0], [2.0, 3.0]]), classes=2)
    >>> f, pull = model.linearise(torch.ones(1, 2))
    >>> f, pull(torch.tensor([[1.0, -1.0]]))
    (tensor([[3., 3.]]), tensor([[ 1., -1.]]))
    """

    function: Callable[[Tensor], Tensor]
    classes: int | None = None

    def value(self, x: Tensor) -> Tensor:
        """The function itself, without a graph.

        Raises ValueError for a value of another shape than the attributes promise.
        """
        with torch.no_grad():
            return self._outputs(x)

    def linearise(self, x: Tensor) -> tuple[Tensor, Pull]:
        """Value and pull-back. Raises ValueError as :meth:`value` does."""
        with torch.enable_grad():
            point = x.detach().requires_grad_(True)
            f = self._outputs(point)
        if not f.requires_grad:
            raise ValueError(
                "the function's value has no gradient in its input; expected operations of torch "
                "on the input, without detach() or no_grad()"
            )
        return f.detach(), lambda c: torch.autograd.grad(f, point, c, retain_graph=True)[0]

    def input_gradient(self, x: Tensor) -> Tensor:
        """The input gradient of the one output, ``(..., n, d)``."""
        f, pull = self.linearise(x)
        return pull(torch.ones_like(f))

    def _outputs(self, x: Tensor) -> Tensor:
        f = self.function(x)
        expected = x.shape[:-1] if self.classes is None else (*x.shape[:-1], self.classes)
        if f.shape != expected:
            raise ValueError(
                f"the function gives {tuple(f.shape)} for inputs {tuple(x.shape)}; expected "
                f"{tuple(expected)}: one number a row, for example f(x)[..., 0], or "
                "AutogradModel(f, classes=K) for K outputs"
            )
        return f
