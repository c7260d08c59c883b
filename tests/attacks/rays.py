"""What the tests of the flipping step share."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from advtheory.networks import RELU, leaky_relu

LEAKY = leaky_relu(0.25)
ACTIVATIONS = pytest.mark.parametrize("activation", [RELU, LEAKY], ids=lambda s: s.name)
BIASES = pytest.mark.parametrize("biases", [False, True], ids=["no-bias", "bias"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
DIGITS = {torch.float32: 1e-4, torch.float64: 1e-9}  # relative accuracy to ask for


def points(n: int, d: int, seed: int = 0) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def agrees(found: Tensor, expected: Tensor, tolerance: float, floor: float = 0.0) -> bool:
    """Whether steps are equal up to a relative tolerance, infinite ones exactly.

    Where f(x) is small by cancellation, a step inherits its absolute error: give a ``floor``.
    """
    found = found.double()
    near = (found - expected).abs() <= tolerance * (expected + floor)
    return bool(((found == expected) | near).all())
