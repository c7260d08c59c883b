"""Examples and networks that the tests of lazy training share."""

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
from advtheory.training import Settings
from tests.oracles import Weights

LEAKY = leaky_relu(0.3)
ACTIVATIONS = pytest.mark.parametrize(
    "activation", [RELU, LEAKY, GAUSSIAN_RELU, SOFTPLUS], ids=lambda s: s.name
)
BIASES = pytest.mark.parametrize("biases", [False, True], ids=["no-bias", "bias"])
SETTINGS = Settings(learning_rate=0.5, batch=16, epochs=6)
C0S = (0.3, 1.0, 1.5, 100.0)
SEEDS = (3, 8, 1)


def examples(n: int = 50, d: int = 4) -> tuple[Tensor, Tensor]:
    """Inputs and labels that a plane separates but for a few."""
    x = torch.randn(n, d, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    y = (x[:, 0] + 0.3 * x[:, 1].sin() > 0).double() * 2 - 1
    y[::11] *= -1
    return x, y


def ensemble(biases: bool, activation: Activation = RELU) -> TwoLayer:
    return initialise(4, 30, SEEDS, biases=biases, activation=activation, dtype=torch.float64)


def same(net: TwoLayer, weights: Weights, tolerance: float = 1e-9) -> bool:
    return float((Weights.of(net).rows() - weights.rows()).abs().max()) <= tolerance
