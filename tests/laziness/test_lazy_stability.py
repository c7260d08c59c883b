"""Lazy networks against adversaries who choose the weights and the inputs; hard inputs; cones."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.laziness import bounds
from advtheory.networks import TwoLayer, deviation, initialise
from tests.draws import GAMMA, gates, start, unit

seeds = st.integers(0, 10**6)


def adversary(net: TwoLayer, y: Tensor, c0: float) -> TwoLayer:
    """Lazy weights that shorten the gradient at y as much as they can along its direction.

    A row moves against the direction where that keeps its gate. Where moving it along y can open
    or close the gate, and the row itself then helps more than the movement, it does that instead.
    """
    radius = c0 / math.sqrt(net.m)
    direction = torch.nn.functional.normalize(net.input_gradient(y[None])[0], dim=0)
    z, length = net.w @ y, y.norm()
    along = net.a * (net.w @ direction)  # what closing the gate gains, and opening it loses
    gain = torch.where(z > 0, along, -along)
    switch = (z.abs() < radius * length) & (gain > radius)
    flip = -torch.where(z > 0, 1.0, -1.0)[:, None] * y / length
    move = torch.where(switch[:, None], flip, -net.a[:, None] * direction)
    stays = (((net.w + radius * move) @ y > 0) == (z > 0)) | switch
    return replace(net, w=net.w + radius * move * stays[:, None])


@given(seeds, st.sampled_from([(3, 100), (12, 300), (40, 1000)]), st.floats(0.2, 10))
def test_lazy_stability_against_an_adversary(seed: int, size: tuple[int, int], c0: float) -> None:
    """lem-lazy-split, thm-lazy-stability, lem-uniform-count: W and y are chosen by an adversary."""
    d, m = size
    net = start(seed, d, m)
    for y in (unit(seed, d), 7 * net.w[0], torch.nn.functional.normalize(net.a @ net.w, dim=0)):
        worst = adversary(net, y, c0)
        assert float(deviation(worst, net)) <= c0 / math.sqrt(m) * (1 + 1e-9)
        change = float((worst.input_gradient(y[None]) - net.input_gradient(y[None])).norm())
        inside = (net.w @ y).abs() <= c0 / math.sqrt(m) * y.norm()
        assert ((gates(worst, y) == gates(net, y)) | inside).all()
        rows = net.w[inside]
        sigma = float(torch.linalg.matrix_norm(rows, 2)) if len(rows) else 0.0
        split = c0 + math.sqrt(len(rows) / m) * sigma
        assert 0.2 * c0 <= change <= split
        assert split <= bounds.lazy_gradient_change(c0, d, m, GAMMA)
        assert len(rows) <= bounds.lazy_count(c0, d, m, GAMMA)
        if len(rows):
            assert sigma <= bounds.row_norm(len(rows), d, m, GAMMA)


def test_how_many_neurons_can_switch_at_a_fixed_input() -> None:
    """lem-b4: 300 networks exceed the count rarely enough, and its mean is nearly reached."""
    c0, d, m = 5.0, 10, 2000
    net = initialise(d, m, range(300))
    count = (net.w[..., 0].abs() <= c0 / math.sqrt(m)).sum(-1).double()
    assert (count > float(bounds.switch_count(c0, m, GAMMA))).double().mean() <= GAMMA
    assert count.mean() == pytest.approx(c0 * math.sqrt(2 * m / math.pi), rel=0.03)


@given(seeds, st.floats(0, 20))
def test_values_of_lazy_networks(seed: int, c0: float) -> None:
    """lem-b5: the lazy W with the largest value at x, where the random value is not exceptional."""
    net, x = start(seed, 8, 200), torch.eye(8, dtype=torch.float64)[:1]
    assume(float(net.value(x).abs()) <= bounds.value_bound(0, GAMMA))
    for sign in (-1, 1):
        best = replace(net, w=net.w + sign * c0 / math.sqrt(net.m) * net.a[:, None] * x)
        assert float(best.value(x).abs()) <= bounds.value_bound(c0, GAMMA)


def test_how_often_a_neuron_switches_under_two_changes() -> None:
    """lem-b6: a row and an input that move in the worst way, for 100,000 rows."""
    d, v, t = 8, 0.05, 4.0
    net, (x, delta) = start(0, d, 100_000), unit(1, 2, d)
    z = x + 0.3 * delta
    for eps in (0.0, 0.01, 0.1):
        side = torch.where(net.w @ z > 0, 1.0, -1.0)[:, None]
        moved = z - eps * side * torch.nn.functional.normalize(net.w, dim=1)
        rows = net.w - v * side * torch.nn.functional.normalize(moved, dim=1)
        switched = ((rows * moved).sum(1) > 0) != (side[:, 0] > 0)
        reach = v * (z.norm() + eps) + eps * (math.sqrt(d) + math.sqrt(2 * t))
        claimed = math.sqrt(2 / math.pi) * float(reach / z.norm()) + math.exp(-t)
        assert 0.5 * claimed - math.exp(-t) <= float(switched.double().mean()) <= claimed


@given(seeds, st.floats(0.1, 5), st.floats(0.01, 0.5))
def test_gradients_of_lazy_networks_on_a_ball(seed: int, c0: float, radius: float) -> None:
    """lem-b7, lem-b9: W is the worst at x, or the worst at x + delta."""
    d, m = 12, 300
    net, x = start(seed, d, m), torch.eye(d, dtype=torch.float64)[0]
    y = x - radius * torch.nn.functional.normalize(net.input_gradient(x[None])[0], dim=0)
    most = bounds.lazy_gradient_change(c0, d, m, GAMMA)
    for worst in (adversary(net, x, c0), adversary(net, y, c0)):
        here, there = worst.input_gradient(torch.stack([x, y]))
        away = float(bounds.ball_gradient_change(radius, d, m, GAMMA))
        assert float((there - here).norm()) <= 2 * most + away
        assert float(here.norm()) <= bounds.gradient_upper(d, GAMMA) + most
        assert float(here.norm()) >= bounds.gradient_lower(d) - most


def test_the_step_of_the_theorem_at_small_sizes() -> None:
    """thm-fragile-explicit, thm-lazy-fragile: it flips signs, far from its hypotheses."""
    c0, d, m = 0.5, 400, 2000
    x = torch.eye(d, dtype=torch.float64)[:1]
    for seed in range(4):
        net = start(seed, d, m)
        for lazy in (net, adversary(net, x[0], c0)):
            f, gradient = lazy.value_and_gradient(x)
            delta = -float(bounds.step_size(c0, d, GAMMA)) * f.sign()[:, None] * gradient
            assert float(delta.norm()) <= bounds.perturbation_bound(c0, d, GAMMA)
            assert lazy.value(x + delta).sign() == -f.sign()


def test_no_lazy_network_is_robust_on_inputs_fixed_beforehand() -> None:
    """cor-robust-error: with the labels that a network gives itself, so that it is never wrong.

    The lazy weights are the start, and rows moved so that all margins grow at once.
    """
    c0, d, m, t = 0.5, 400, 2000, 0.1
    x = unit(11, 60, d)
    for seed in range(3):
        net = start(seed, d, m)
        outwards = torch.nn.functional.normalize(net.value(x).sign() @ x, dim=0)
        away = replace(net, w=net.w + c0 / math.sqrt(m) * net.a[:, None] * outwards)
        for lazy in (net, away):
            f, gradient = lazy.value_and_gradient(x)
            delta = -float(bounds.step_size(c0, d, GAMMA)) * f.sign()[:, None] * gradient
            broken = lazy.value(x + delta).sign() == -f.sign()
            broken &= delta.norm(dim=-1) <= float(bounds.perturbation_bound(c0, d, GAMMA))
            assert broken.double().mean() >= 1 - t


# Quantifiers and cones.


@pytest.mark.parametrize("d", [5, 20, 80])
def test_inputs_that_no_short_step_breaks(d: int) -> None:
    """prop-hard-input: at v or -v the value is at least |v|/2 and the flip is far."""
    m = 600
    for seed in range(10):
        net = start(seed, d, m)
        v = net.a @ net.w / math.sqrt(m)
        both = torch.stack([v, -v]) / v.norm()
        f = net.value(both)
        assert float(f[0] - f[1]) == pytest.approx(float(v.norm()), rel=1e-9)
        hard = both[f.abs().argmax()][None]
        limit = v.norm() / 2 / float(bounds.gradient_everywhere(d, m, GAMMA))
        assert float(flipping_step(net, hard).distance) >= limit
        fixed = torch.eye(d, dtype=torch.float64)[:1]
        assert d < 80 or flipping_step(net, hard).distance > flipping_step(net, fixed).distance


def climb(net: TwoLayer) -> Tensor:
    """A local maximiser of |f| on the sphere: gradient steps that shrink, from v or -v."""
    x = torch.nn.functional.normalize(net.a @ net.w, dim=0)
    x = torch.stack([x, -x])
    x, rate = x[net.value(x).abs().argmax()][None], 1.0
    for _ in range(400):
        uphill = net.input_gradient(x) * net.value(x).sign()
        x = torch.nn.functional.normalize(x + rate * uphill / uphill.norm(), dim=-1)
        rate *= 0.96
    return x


def test_at_a_maximiser_the_step_goes_through_the_origin() -> None:
    """sec-quantifiers: the flipping distance is 1 where f is differentiable, and about 1 on kinks.

    Narrow networks have differentiable maximisers; those of wide networks sit on kinks.
    """
    smooth = 0
    for seed in range(10):
        net = start(seed, 3, 6)
        x = climb(net)
        f, gradient = net.value_and_gradient(x)
        if float((gradient - f[:, None] * x).norm()) < 1e-6:
            smooth += 1
            distance = float(flipping_step(net, x).distance)
            if net.value(-x) * f > 0:  # then f only touches 0 at the origin, which rounding misses
                assert distance == math.inf or distance == pytest.approx(1, rel=1e-5)
            else:
                assert distance == pytest.approx(1, rel=1e-5)
            assert float(gradient.norm()) == pytest.approx(float(f.abs()), rel=1e-5)
    assert smooth >= 5
    wide = [start(seed, 40, 1000) for seed in range(3)]
    assert all(0.9 < float(flipping_step(net, climb(net)).distance) < 1.1 for net in wide)


@given(seeds, st.sampled_from([1e-2, 0.5, 30.0]))
def test_in_the_cone_the_step_is_rescaled(seed: int, c: float) -> None:
    """prop-cone: the same perturbation breaks cW, with the step divided by c."""
    net, x = start(seed, 12, 80), unit(seed, 6, 12)
    scaled = replace(net, w=c * net.w)
    here, there = flipping_step(net, x), flipping_step(scaled, x)
    torch.testing.assert_close(there.distance, here.distance, rtol=1e-9, atol=0)
    torch.testing.assert_close(there.step, here.step / c, rtol=1e-9, atol=0)
    delta = -0.01 * net.value(x).sign()[:, None] * net.input_gradient(x)
    same = -0.01 / c * scaled.value(x).sign()[:, None] * scaled.input_gradient(x)
    torch.testing.assert_close(delta, same)
