"""Classifiers of ten digits that are trained in a second: linear, or with one hidden layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.networks.model import AutogradModel

CLASSES, BATCH, RATE = 10, 100, 0.3


@dataclass(frozen=True)
class Layers:
    """The weights: ``hidden`` is (m, d) or None for a linear classifier, ``top`` is (K, m or d).

    >>> Layers(None, torch.eye(10)).value(torch.ones(2, 10)).shape
    torch.Size([2, 10])
    """

    hidden: Tensor | None
    top: Tensor

    def value(self, x: Tensor) -> Tensor:
        """The outputs, ``(..., n, K)``."""
        return (x if self.hidden is None else (x @ self.hidden.mT).relu()) @ self.top.mT

    @property
    def model(self) -> AutogradModel:
        """What attacks ask for."""
        return AutogradModel(self.value, CLASSES)


def trained(x: Tensor, y: Tensor, *, hidden: int, epochs: int, seed: int) -> Layers:
    """Stochastic gradient descent on the cross-entropy, from a normal start, in double precision.

    Args:
        x: Inputs, ``(n, d)``.
        y: The numbers of their classes.
        hidden: Neurons of the hidden layer; 0 for a linear classifier.
        epochs: Passes through the inputs.
        seed: Of the start and of the order of the inputs.

    >>> x = torch.eye(10)[:4]
    >>> trained(x, torch.arange(4), hidden=0, epochs=30, seed=0).value(x.double()).argmax(-1)
    tensor([0, 1, 2, 3])
    """
    generator = torch.Generator().manual_seed(seed)  # on the CPU: a seed means the same everywhere
    x, d = x.double(), x.shape[1]
    sizes = [(hidden, d), (CLASSES, hidden)] if hidden else [(CLASSES, d)]
    start = [torch.randn(size, generator=generator) / size[1] ** 0.5 for size in sizes]
    weights = [w.to(x).requires_grad_() for w in start]
    layers = Layers(weights[0] if hidden else None, weights[-1])
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator).to(x.device)
        for batch in torch.split(order, BATCH):
            _descend(layers, weights, x[batch], y[batch])
    ready = [w.detach() for w in weights]
    return Layers(ready[0] if hidden else None, ready[-1])


def _descend(layers: Layers, weights: list[Tensor], x: Tensor, y: Tensor) -> None:
    loss = torch.nn.functional.cross_entropy(layers.value(x), y)
    for w, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        w.data.add_(gradient, alpha=-RATE)
