"""SGD with the lazy rule, against the same walk by autograd, checked after every step."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory import data
from advtheory.networks import RELU, Activation, deviation, initialise
from advtheory.training import LazyExit, Settings, move, propose, train_lazy
from tests.oracles import Weights, story
from tests.training.cases import (
    ACTIVATIONS,
    BIASES,
    C0S,
    SEEDS,
    SETTINGS,
    ensemble,
    examples,
    same,
)


@ACTIVATIONS
@BIASES
def test_exits_are_those_of_plain_autograd(activation: Activation, biases: bool) -> None:
    """def-lazy: the last iterate within C0/sqrt(m); the next step leaves; the epoch's end."""
    net, (x, y) = ensemble(biases, activation), examples()
    exits = train_lazy(net, x, y, C0S, seeds=SEEDS, settings=SETTINGS)
    assert [(e.member, e.c0) for e in exits] == [(k, c0) for k in range(3) for c0 in C0S]
    stories = [story(net.member(k), seed, x, y, SETTINGS) for k, seed in enumerate(SEEDS)]
    for out in exits:
        told = stories[out.member]
        beyond = [step for step, far in enumerate(told.far) if far > out.c0]
        assert out.left == bool(beyond)
        assert out.steps == (beyond[0] - 1 if beyond else told.ends[-1])
        assert same(out.inside, told.weights[out.steps])
        end = next((end for end in told.ends if beyond and end >= beyond[0]), told.ends[-1])
        assert same(out.epoch_end, told.weights[end])
        assert (out.inside.m, out.inside.activation) == (30, activation)
    assert {out.left for out in exits} == {False, True}


@BIASES
def test_a_check_once_an_epoch_returns_the_epochs_end(biases: bool) -> None:
    """def-lazy: what the authors' code returns, the first end of an epoch beyond the radius."""
    net, (x, y) = ensemble(biases), examples()
    checked = 0
    for out in train_lazy(net, x, y, C0S, seeds=SEEDS, settings=SETTINGS):
        told = story(net.member(out.member), SEEDS[out.member], x, y, SETTINGS)
        late = [end for end in told.ends if told.far[end] > out.c0]
        if late:
            checked += 1
            assert same(out.epoch_end, told.weights[late[0]])
            assert float(deviation(out.epoch_end, net.member(out.member))) > out.c0 / math.sqrt(30)
    assert checked >= 6


@BIASES
def test_exits_are_exact_where_the_bound_is(biases: bool) -> None:
    """def-lazy: on a single example some row moves by the whole bound, and none is overlooked."""
    seeds, settings = range(6), Settings(learning_rate=0.5, batch=1, epochs=60)
    net = initialise(4, 30, seeds, biases=biases, dtype=torch.float64)
    x, y = torch.ones(1, 4).double() / 2, torch.ones(1).double()
    stories = [story(net.member(k), seed, x, y, settings) for k, seed in enumerate(seeds)]
    for c0 in (0.5, 0.9, 1.3, 1.7, 2.1):
        for out in train_lazy(net, x, y, [c0], seeds=seeds, settings=settings):
            beyond = [step for step, far in enumerate(stories[out.member].far) if far > c0]
            assert (out.left, out.steps) == (bool(beyond), beyond[0] - 1 if beyond else 60)


def test_on_real_images_the_next_step_leaves() -> None:
    """def-lazy: in float32, on real digits, inside means inside and one more step is too far."""
    images, seeds, settings = data.pair(5).train, (0, 4), Settings(epochs=6)
    x, y = images.x[:1500], images.y[:1500]
    net = initialise(x.shape[1], 100, seeds, biases=True)
    per_epoch = math.ceil(len(x) / 64)
    left = 0
    for out in train_lazy(net, x, y, [0.2, 0.5, 1.0], seeds=seeds, settings=settings):
        start = net.member(out.member)
        assert float(deviation(out.inside, start)) * 10 <= out.c0 * (1 + 1e-6)
        if out.left:
            left += 1
            generator = torch.Generator().manual_seed(seeds[out.member])
            epoch, place = divmod(out.steps, per_epoch)
            orders = [torch.randperm(len(x), generator=generator) for _ in range(epoch + 1)]
            batch = orders[-1][64 * place : 64 * place + 64]
            after = Weights.of(out.inside).step(start, x[batch], y[batch], 0.1)
            far = (after.rows() - Weights.of(start).rows()).norm(dim=1).max()
            assert float(far) * 10 >= out.c0 * (1 - 1e-6)
    assert left >= 3


@BIASES
def test_one_trajectory_serves_all_radii(biases: bool) -> None:
    """def-lazy: exits for several C0 are those of separate runs, in whatever order."""
    net, (x, y) = ensemble(biases), examples()
    together = train_lazy(net, x, y, [*reversed(C0S), *C0S], seeds=SEEDS, settings=SETTINGS)
    assert len(together) == 12
    for c0 in C0S:
        alone = train_lazy(net, x, y, [c0], seeds=SEEDS, settings=SETTINGS)
        for a, b in zip([e for e in together if e.c0 == c0], alone, strict=True):
            assert summary(a) == summary(b)
            assert same(a.inside, Weights.of(b.inside), 1e-12)
            assert same(a.epoch_end, Weights.of(b.epoch_end), 1e-12)


def summary(out: LazyExit) -> tuple[float, bool, int]:
    return out.c0, out.left, out.steps


@BIASES
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_members_are_trained_as_if_alone(biases: bool, dtype: torch.dtype) -> None:
    """def-lazy: each member has its own batches and leaves at its own time."""
    net, (x, y) = ensemble(biases).to("cpu", dtype), examples()
    x, y = x.to(dtype), y.to(dtype)
    together = train_lazy(net, x, y, C0S, seeds=SEEDS, settings=SETTINGS)
    for k, seed in enumerate(SEEDS):
        one = initialise(4, 30, [seed], biases=biases, dtype=dtype)
        alone = train_lazy(one, x, y, C0S, seeds=[seed], settings=SETTINGS)
        for a, b in zip([e for e in together if e.member == k], alone, strict=True):
            assert summary(a) == summary(b)
            assert same(a.inside, Weights.of(b.inside), 1e-5)


@BIASES
def test_training_changes_neither_network_nor_data(biases: bool) -> None:
    """def-lazy: the initial weights survive, and no two exits share memory with them."""
    net, (x, y) = ensemble(biases), examples()
    before = net.w.clone(), None if net.b is None else net.b.clone(), x.clone(), y.clone()
    exits = train_lazy(net, x, y, C0S, seeds=SEEDS, settings=SETTINGS)
    for old, new in zip(before, (net.w, net.b, x, y), strict=True):
        assert (old is None and new is None) or (
            old is not None and new is not None and torch.equal(old, new)
        )
    again = train_lazy(net, x, y, C0S, seeds=SEEDS, settings=SETTINGS)
    assert all(torch.equal(a.inside.w, b.inside.w) for a, b in zip(exits, again, strict=True))
    for out in exits:
        assert torch.equal(out.inside.a, net.member(out.member).a)
        out.inside.w.zero_()
    assert torch.equal(net.w, before[0])


def test_never_leaving() -> None:
    """def-lazy: a radius too large to reach gives the final iterate, and says so."""
    net, (x, y) = ensemble(False), examples()
    for out in train_lazy(net, x, y, [1e4], seeds=SEEDS, settings=SETTINGS):
        told = story(net.member(out.member), SEEDS[out.member], x, y, SETTINGS)
        assert (out.left, out.steps) == (False, 24)
        assert same(out.inside, told.weights[-1])
        assert torch.equal(out.inside.w, out.epoch_end.w)


def test_leaving_at_once() -> None:
    """def-lazy: a step that is too long at once leaves the initial weights, after 0 steps."""
    net, (x, y) = ensemble(True), examples()
    huge = replace(SETTINGS, learning_rate=1e3)
    for out in train_lazy(net, x, y, [1.0], seeds=SEEDS, settings=huge):
        assert (out.left, out.steps) == (True, 0)
        assert same(out.inside, Weights.of(net.member(out.member)), 0.0)


@ACTIVATIONS
@BIASES
@given(
    seed=st.integers(0, 10**6),
    size=st.sampled_from([1, 2, 9]),
    scale=st.sampled_from([0.01, 1.0, 30.0]),
)
def test_a_proposal_is_a_gradient_step_of_bounded_length(
    activation: Activation, biases: bool, seed: int, size: int, scale: float
) -> None:
    """def-lazy, lem-row-movement: no row moves further than the bound."""
    generator = torch.Generator().manual_seed(seed)
    net = initialise(4, 8, seed, biases=biases, activation=activation, dtype=torch.float64)
    x = scale * torch.randn(size, 4, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 2, (size,), generator=generator).double() * 2 - 1
    before = Weights.of(net)
    p, bound = propose(net, x, y, 0.7)
    assert p.shape == (size, 8)
    assert same(net, before, 0.0)
    after = before.step(net, x, y, 0.7)
    lengths = (after.rows() - before.rows()).norm(dim=1)
    assert float(lengths.max()) <= float(bound) * (1 + 1e-9) + 1e-12
    if size == 1 and activation is RELU and float(lengths.max()) > 0:
        assert float(lengths.max()) == pytest.approx(float(bound))  # one example: no cancellation
    move(net, x, p)
    assert same(net, after, 1e-9 * scale)


@BIASES
def test_proposals_of_an_ensemble(biases: bool) -> None:
    """def-lazy: each member has its own batch and its own bound."""
    net = ensemble(biases)
    x, y = (torch.stack([t[k : k + 9] for k in range(3)]) for t in examples())
    p, bound = propose(net, x, y, 0.7)
    after = replace(net, w=net.w.clone(), b=None if net.b is None else net.b.clone())
    move(after, x, p)
    for k in range(3):
        alone = propose(net.member(k), x[k], y[k], 0.7)
        torch.testing.assert_close(p[k], alone[0])
        torch.testing.assert_close(bound[k], alone[1])
        assert same(after.member(k), Weights.of(net.member(k)).step(net.member(k), x[k], y[k], 0.7))


def test_training_is_lazy_for_some_steps() -> None:
    """lem-row-movement: C0/eta steps at least, and hardly more where every example is far wrong."""
    x = torch.eye(4, dtype=torch.float64)[:1].repeat(64, 1)
    net, rate = replace(ensemble(False), w=1e4 * ensemble(False).w), 0.25
    settings = Settings(learning_rate=rate, batch=16, epochs=10)
    for member, seed in enumerate(SEEDS):
        alone = replace(net, w=net.w[member : member + 1], a=net.a[member : member + 1])
        wrong = -alone.value(x[:1]).sign().item() * torch.ones(64).double()
        for out in train_lazy(alone, x, wrong, [0.9, 3.1], seeds=[seed], settings=settings):
            assert out.left
            assert math.floor(out.c0 / rate) <= out.steps <= math.ceil(out.c0 / rate)
