"""Attacks on models with one output for each class."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.losses import LOGISTIC, REFLECTED, Loss, margin
from advtheory.networks import AutogradModel
from advtheory.norms import L2, LINF, Ball
from tests.attacks.setting import images, network, size

D = 6
BALLS = pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)


def classifier(classes: int, seed: int) -> tuple[AutogradModel, Tensor]:
    """A linear classifier, and its rows."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(classes, D, generator=generator, dtype=torch.float64)
    return AutogradModel(lambda x: x @ rows.mT, classes), rows


def lowest(rows: Tensor, x: Tensor, y: Tensor, ball: Ball, radius: float) -> Tensor:
    """min over k of (w_y - w_k) . x - r |w_y - w_k|_*: each rival has its own worst point."""
    ahead = rows[y][:, None] - rows  # (n, K, d)
    heights = (ahead @ x[..., None])[..., 0] - radius * ball.dual_norm(ahead)
    return heights.scatter(1, y[:, None], torch.inf).amin(1)


@BALLS
@given(seed=st.integers(0, 10**6), radius=st.sampled_from([0.0, 0.05, 0.7]))
def test_two_classes_are_attacked_optimally(ball: Ball, seed: int, radius: float) -> None:
    """sec-attacks: with one rival the margin is linear, and its minimum is known."""
    (model, rows), (x, _) = classifier(2, seed), images(9, D, seed)
    y = torch.randint(0, 2, (9,), generator=torch.Generator().manual_seed(seed))
    found = pgd(model, x, y, ball=ball, radius=radius, steps=20)
    assert (size(ball, found - x) <= radius + 1e-12).all()
    torch.testing.assert_close(margin(model.value(found), y), lowest(rows, x, y, ball, radius))


@BALLS
def test_many_classes_are_attacked_nearly_optimally(ball: Ball) -> None:
    """sec-attacks: no point is below the closed form, and most runs find the best rival of all.

    Not all: the lowest of many margins is concave, and each rival may have a minimum of its own.
    """
    hits: list[Tensor] = []
    for seed in range(5):
        (model, rows), (x, _) = classifier(10, seed), images(100, D, seed)
        y = model.value(x).argmax(-1)
        best = lowest(rows, x, y, ball, 0.2)
        options: dict[str, Any] = {"restarts": 3, "generator": torch.Generator().manual_seed(seed)}
        found = margin(model.value(pgd(model, x, y, ball=ball, radius=0.2, **options)), y)
        assert (found >= best - 1e-12).all()
        hits.append(found <= best + 0.01 * size(L2, rows[y]))
    assert torch.cat(hits).double().mean() > 0.8


@BALLS
@pytest.mark.parametrize(
    "loss", [None, LOGISTIC, REFLECTED], ids=["margin", "logistic", "reflected"]
)
def test_two_outputs_are_one(ball: Ball, loss: Loss | None) -> None:
    """sec-losses: the outputs (-f/2, f/2) are attacked as f is, whatever the loss."""
    net, (x, y) = network(d=D), images(40, D)
    pair = AutogradModel(lambda x: torch.stack([-net.value(x) / 2, net.value(x) / 2], -1), 2)
    options: dict[str, Any] = {"ball": ball, "radius": 0.3, "steps": 6, "loss": loss}
    expected = pgd(net, x, y, **options)
    torch.testing.assert_close(pgd(pair, x, (y > 0).long(), **options), expected)
    assert torch.equal(pair.value(x).argmax(-1), (net.value(x) > 0).long())


@pytest.mark.parametrize("keep", ["best", "last"])
def test_a_batch_and_its_rows(keep: str) -> None:
    """sec-attacks: ten inputs of ten classes, one by one or together; classes of any whole type."""
    (model, _), (x, _) = classifier(10, 0), images(10, D)
    options: dict[str, Any] = {"radius": 0.3, "steps": 6, "keep": keep, "box": (0.0, 1.0)}
    together = pgd(model, x, torch.arange(10), **options)
    for k in range(10):
        alone = pgd(model, x[k : k + 1], torch.tensor([k], dtype=torch.int32), **options)
        torch.testing.assert_close(together[k : k + 1], alone)


def test_a_pull_back_by_definition() -> None:
    """sec-attacks: pull(c) is the gradient of <c, f>, in closed form and by autograd."""
    net, (x, _) = network([1, 2, 3], d=D), images(7, D)
    f, pull = net.linearise(x)
    model, rows = classifier(4, 0)
    scores, back = model.linearise(x)
    assert torch.equal(f, net.value(x))
    assert torch.equal(scores, model.value(x))
    for seed in range(2):
        c = torch.randn(3, 7, generator=torch.Generator().manual_seed(seed)).double()
        point = x.expand(3, 7, D).clone().requires_grad_()
        (expected,) = torch.autograd.grad((c * net.value(point)).sum(), point)
        torch.testing.assert_close(pull(c), expected)
        many = torch.randn(7, 4, generator=torch.Generator().manual_seed(seed)).double()
        torch.testing.assert_close(back(many), many @ rows)
