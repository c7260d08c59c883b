"""Networks, inputs and layouts that the tests of networks share."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from advtheory.networks import (
    GAUSSIAN_RELU,
    RELU,
    SOFTPLUS,
    Activation,
    TwoLayer,
    initialise,
    leaky_relu,
)

LEAKY = leaky_relu(0.2)
ACTIVATIONS = pytest.mark.parametrize(
    "activation", [RELU, LEAKY, GAUSSIAN_RELU, SOFTPLUS], ids=lambda s: s.name
)
BIASES = pytest.mark.parametrize("biases", [False, True], ids=["no-bias", "bias"])
LAYOUTS = {"single": (None, ()), "shared-inputs": ([4, 5, 6], ()), "own-inputs": ([4, 5, 6], (3,))}
LAYOUT = pytest.mark.parametrize(("seeds", "lead"), LAYOUTS.values(), ids=LAYOUTS)


def points(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def network(seeds: list[int] | None, activation: Activation, biases: bool, m: int = 12) -> TwoLayer:
    return initialise(
        5,
        m,
        seeds if seeds else 4,
        biases=biases,
        activation=activation,
        dtype=torch.float64,
    )


def close(a: Tensor | None, b: Tensor | None, tolerance: float = 1e-10) -> bool:
    assert a is not None
    assert b is not None
    assert a.shape == b.shape
    return bool((a - b).abs().max() <= tolerance)
