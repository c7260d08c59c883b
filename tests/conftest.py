"""What the tests share: repeatable property tests, and networks trained on real images."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import torch
from hypothesis import HealthCheck, settings

from advtheory import data
from advtheory.networks import Activation, TwoLayer, initialise
from advtheory.training import Settings, train_lazy
from tests.twin import register

# autograd counts the devices at its first backward pass, in whatever test that is
register()

# The same examples in every run, and no verdict on the speed of a machine that others use too.
settings.register_profile(
    "book",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("book")

Trained = Callable[[bool, Activation], tuple[TwoLayer, torch.Tensor]]


@cache
def _trained(biases: bool, activation: Activation) -> tuple[TwoLayer, torch.Tensor]:
    images = data.pair(7, sphere=not biases)
    d = images.train.x.shape[1]
    start = initialise(d, 100, [5], biases=biases, activation=activation)
    x, y = images.train.x[:1280], images.train.y[:1280]
    (out,) = train_lazy(start, x, y, [10.0], seeds=[5], settings=Settings(epochs=4))
    return out.inside, images.test.x[:60]


@pytest.fixture(scope="session")
def trained() -> Trained:
    """A lazily trained network of width 100 and test images: raw pixels where it has biases."""
    return _trained
