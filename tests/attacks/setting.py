"""Inputs, labels and models that the tests of the attacks share."""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.networks import AutogradModel, TwoLayer, initialise
from advtheory.norms import Ball


def images(n: int, d: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Inputs in [0, 1] and labels."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, d, generator=generator, dtype=torch.float64)
    return x, 2.0 * torch.randint(0, 2, (n,), generator=generator).double() - 1


def network(seeds: int | list[int] = 0, d: int = 6, m: int = 20, biases: bool = True) -> TwoLayer:
    return initialise(d, m, seeds, biases=biases, dtype=torch.float64)


def linear(d: int, seed: int = 0) -> tuple[AutogradModel, Tensor]:
    v = torch.randn(d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return AutogradModel(lambda x: x @ v - 0.3), v


def size(ball: Ball, v: Tensor) -> Tensor:
    return v.square().sum(-1).sqrt() if ball.name == "l2" else v.abs().amax(-1)
