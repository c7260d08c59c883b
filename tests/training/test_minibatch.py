"""Descent on both layers: against autograd, against plain numpy, and its sentences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, softplus

from advtheory.networks import TwoLayer
from advtheory.reflection.choices import Choice, start
from advtheory.training.minibatch import Decay, descend_both, train_minibatch

Array = NDArray[np.float64]
D, M, RATE = 6, 10, 0.7


def networks(logits: int, biases: str = "yes", seeds: tuple[int, ...] = (0, 1)) -> TwoLayer:
    return start(Choice(logits=logits, biases=biases), D, M, seeds).to("cpu", torch.float64)


def batches(seed: int, k: int = 2, size: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(k, size, D, generator=generator, dtype=torch.float64)
    return x, torch.randn(k, size, generator=generator, dtype=torch.float64).sign()


def leaves(*tensors: Tensor) -> list[Tensor]:
    return [tensor.clone().requires_grad_() for tensor in tensors]


def stepped(loss: Tensor, *tensors: Tensor) -> list[Tensor]:
    """The tensors after a step of autograd along the loss."""
    gradients = torch.autograd.grad(loss, tensors)
    return [(t - RATE * g).detach() for t, g in zip(tensors, gradients, strict=True)]


@given(st.integers(0, 50))
def test_a_step_with_one_logit_is_the_step_of_autograd(seed: int) -> None:
    net, (x, y) = networks(1, seeds=(seed, seed + 1)), batches(seed)
    assert net.b is not None
    assert net.c is not None
    w, b, v, c = leaves(net.w, net.b, net.a / math.sqrt(M), net.c)
    f = (torch.relu(x @ w.mT + b[:, None]) * v[:, None]).sum(-1) + c[:, None]
    expected = stepped(softplus(-y * f).mean(-1).sum(), w, b, v, c)
    descend_both(net, x, y, RATE, top=1.0)
    for ours, theirs in zip((net.w, net.b, net.a / math.sqrt(M), net.c), expected, strict=True):
        torch.testing.assert_close(ours, theirs)


@given(st.integers(0, 50))
def test_two_logits_are_one_whose_top_layer_learns_twice_as_fast(seed: int) -> None:
    net, (x, y) = networks(2, seeds=(seed, seed + 1)), batches(seed)
    assert net.b is not None
    assert net.c is not None
    w, b = leaves(net.w, net.b)
    # any first logit: only the difference counts
    first = torch.randn(2, M, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    (v,) = leaves(torch.stack([first, first + net.a / math.sqrt(M)], dim=1))
    (c,) = leaves(torch.stack([torch.zeros_like(net.c), net.c], dim=1))
    outputs = torch.relu(x @ w.mT + b[:, None]) @ v.mT + c[:, None]
    classes = ((y + 1) / 2).long()
    loss = cross_entropy(outputs.flatten(0, 1), classes.flatten(), reduction="none")
    new = stepped(loss.view(2, -1).mean(-1).sum(), w, b, v, c)
    descend_both(net, x, y, RATE, top=2.0)
    torch.testing.assert_close(net.w, new[0])
    torch.testing.assert_close(net.b, new[1])
    torch.testing.assert_close(net.a / math.sqrt(M), new[2][:, 1] - new[2][:, 0])
    torch.testing.assert_close(net.c, new[3][:, 1] - new[3][:, 0])


def test_a_fixed_top_layer_stays_as_it_was() -> None:
    net, (x, y) = networks(1), batches(0)
    assert net.c is not None
    before, last = net.a.clone(), net.c.clone()
    descend_both(net, x, y, RATE, top=0.0)
    assert torch.equal(net.a, before)
    assert torch.equal(net.c, last)


def by_numpy(net: TwoLayer, x: Array, y: Array, seed: int, settings: Decay) -> tuple[Array, Array]:
    """The same training of one network, example by example: first layer and v."""
    w, v = net.w.numpy().copy(), (net.a / math.sqrt(M)).numpy().copy()
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(settings.epochs):
        rate = settings.learning_rate * settings.factor ** (epoch // settings.every)
        order = torch.randperm(len(x), generator=generator).numpy()
        for first in range(0, len(x), settings.batch):
            chosen = order[first : first + settings.batch]
            dw, dv = np.zeros_like(w), np.zeros_like(v)
            for i in chosen:
                z = w @ x[i]
                k = y[i] / (1 + np.exp(y[i] * (v @ np.maximum(z, 0)))) / len(chosen)
                dw += np.outer(k * v * (z > 0), x[i])
                dv += k * np.maximum(z, 0)
            w, v = w + rate * dw, v + settings.top * rate * dv
    return w, v


def test_a_small_training_is_that_of_plain_numpy() -> None:
    net = networks(1, biases="no")
    x, y = (t[0] for t in batches(3, k=1, size=37))
    settings = Decay(batch=8, epochs=7, every=3)  # the last batch is smaller
    trained = train_minibatch(net, x, y, seeds=[5, 6], settings=settings)
    for k, seed in enumerate((5, 6)):
        w, v = by_numpy(net.member(k), x.numpy(), y.numpy(), seed, settings)
        np.testing.assert_allclose(trained.w[k], w, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(trained.a[k] / math.sqrt(M), v, rtol=1e-9, atol=1e-12)


def test_the_start_is_left_alone_and_the_attack_sees_the_present_weights() -> None:
    net = networks(1)
    kept = net.w.clone()
    seen: list[Tensor] = []

    def attack(now: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
        seen.append(now.w.clone())
        return torch.zeros_like(x)

    x, y = (t[0] for t in batches(3, k=1, size=20))
    settings = Decay(batch=10, epochs=2)
    trained = train_minibatch(net, x, y, seeds=[0, 1], settings=settings, attack=attack)
    assert torch.equal(net.w, kept)
    assert torch.equal(trained.w, kept)  # at the input 0 no row of w moves
    assert len(seen) == 4
    assert torch.equal(seen[0], kept)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"factor": 0.0}, "factor is 0.0; expected above 0 and at most 1"),
        ({"top": -1.0}, "top is -1.0; expected 0"),
        ({"top": math.inf}, "top is inf; expected 0"),
        ({"every": 0}, "every"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Decay(**wrong)


def test_an_ensemble_needs_a_seed_for_each_member() -> None:
    x, y = (t[0] for t in batches(3, k=1))
    for net in (networks(1), networks(1).member(0)):
        with pytest.raises(ValueError, match=r"expected \(k, m, d\) with one"):
            train_minibatch(net, x, y, seeds=[0])
