"""What the tests share: repeatable property tests, networks trained on real images, a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import book_pages
import pytest
import torch
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium leave one test of the pages, which says so: see tests/book/test_pages.py."""
    if book_pages.chromium_path() is not None:
        return
    needs = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=needs)
    items[:] = [item for item in items if item not in needs]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser without a network for each test process."""
    executable = book_pages.chromium_path()
    assert executable is not None
    with book_pages.offline_browser(executable) as started:
        yield started
