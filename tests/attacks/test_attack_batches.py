"""Attacks on saturated networks, batches, ensembles and any other model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.losses import LOGISTIC, REFLECTED, Loss
from advtheory.networks import GAUSSIAN_RELU, RELU, AutogradModel
from advtheory.norms import L2, LINF, Ball
from tests.attacks.setting import images, network, size

BALLS = pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)

# Saturation.


@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
def test_saturated_margins_do_not_stall_the_attack(loss: Loss | None) -> None:
    """sec-attacks: with weights times 10^6 the margin attack finds the same points.

    The reflected loss moves too, where the logistic loss has no gradient left.
    """
    small, (x, y) = network(biases=False).to("cpu", torch.float32), images(30, 6)
    x, y = x.float(), small.value(x.float()).sign()  # every margin is positive
    large = replace(small, w=small.w * 1e6)
    options: dict[str, Any] = {"radius": 0.3, "steps": 8, "keep": "last"}
    margin = y * large.value(x)
    assert margin.median() > 1e5
    stalled = pgd(large, x, y, loss=LOGISTIC, step=0.1, **options)
    assert torch.equal(stalled[margin > 1e3], x[margin > 1e3])
    found = pgd(large, x, y, loss=loss, step=0.1 if loss is None else 1e-8, **options)
    assert (y * large.value(found) < margin).all()
    if loss is None:
        torch.testing.assert_close(found, pgd(small, x, y, step=0.1, **options))


def test_tiny_gradients_do_not_stall_the_attack() -> None:
    """sec-attacks: with weights times 10^-30 the margin attack finds the same points."""
    net, (x, y) = network(biases=False).to("cpu", torch.float32), images(30, 6)
    tiny = replace(net, w=net.w * 1e-30)
    expected, found = (pgd(f, x.float(), y, radius=0.3, keep="last") for f in (net, tiny))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


# Batches, ensembles, other models.


@BALLS
@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
def test_the_batch_does_not_matter(ball: Ball, loss: Loss | None) -> None:
    """sec-attacks: rows attacked one by one or with 600 others end at the same points."""
    net, (x, y) = network(), images(600, 6)
    together = pgd(net, x, y, ball=ball, radius=0.3, steps=6, loss=loss)
    for row in range(0, 600, 47):
        one = slice(row, row + 1)
        alone = pgd(net, x[one], y[one], ball=ball, radius=0.3, steps=6, loss=loss)
        torch.testing.assert_close(together[one], alone)


@BALLS
@pytest.mark.parametrize("activation", [RELU, GAUSSIAN_RELU], ids=lambda s: s.name)
def test_any_differentiable_model_will_do(ball: Ball, activation: Any) -> None:
    """sec-attacks: through autograd the same points are found."""
    net, (x, y) = replace(network(), activation=activation), images(40, 6)
    options: dict[str, Any] = {"ball": ball, "radius": 0.3, "steps": 6}
    closed = pgd(net, x, y, **options)
    torch.testing.assert_close(pgd(AutogradModel(net.value), x, y, **options), closed)


@BALLS
@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
@pytest.mark.parametrize("own_inputs", [False, True])
@pytest.mark.parametrize("own_labels", [False, True])
def test_an_ensemble_equals_its_members(
    ball: Ball, loss: Loss | None, own_inputs: bool, own_labels: bool
) -> None:
    """sec-attacks: shared or own inputs, shared or own labels, more inputs than one block."""
    team, (x, y) = network([1, 2, 3]), images(300, 6)
    x = x if not own_inputs else torch.stack([images(300, 6, k)[0] for k in range(3)])
    y = y if not own_labels else torch.stack([images(300, 6, k)[1] for k in range(3)])
    options: dict[str, Any] = {"ball": ball, "radius": 0.3, "steps": 4, "loss": loss}
    together = pgd(team, x, y, box=(0.0, 1.0), **options)
    assert together.shape == (3, 300, 6)
    for k in range(3):
        own = (x[k] if own_inputs else x), (y[k] if own_labels else y)
        alone = pgd(team.member(k), *own, box=(0.0, 1.0), **options)
        torch.testing.assert_close(together[k], alone)


def test_restarts_of_an_ensemble_are_valid_and_no_worse() -> None:
    """sec-attacks: each member gets its own starting points, and the lower margin wins."""
    team, (x, y) = network([1, 2, 3]), images(300, 6)
    labels = torch.stack([y, -y, y])

    def run(restarts: int) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        return pgd(
            team, x, labels, radius=0.3, steps=3, restarts=restarts, generator=generator, box=(0, 1)
        )

    once, again = run(0), run(2)
    assert (size(L2, again - x) <= 0.3 + 1e-12).all()
    lower = labels * (team.value(again) - team.value(once))
    assert (lower <= 0).all()
    assert (lower < -1e-6).any()
    assert torch.equal(again, run(2))


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.float64], ids=str)
def test_labels_of_any_type(dtype: torch.dtype) -> None:
    """sec-attacks: whole or real labels of either precision mean the same."""
    net, (x, y) = network(), images(9, 6)
    for model, inputs in ((net, x), (net.to("cpu", torch.float32), x.float())):
        found = pgd(model, inputs, y.to(dtype), radius=0.3, restarts=1, loss=REFLECTED)
        assert found.dtype == inputs.dtype
    assert torch.equal(pgd(net, x, y.to(dtype), radius=0.3), pgd(net, x, y, radius=0.3))


def test_no_inputs_no_outputs() -> None:
    """sec-attacks: an empty batch comes back empty."""
    x, y = images(0, 6)
    assert pgd(network(), x, y, radius=0.3).shape == (0, 6)
