"""The worst lazy weights for the gradient, against lists of all gates and a grid of directions."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from advtheory.laziness import bounds, largest_change, shrink, split_bound, towards
from advtheory.laziness.worst_case import NUDGE
from advtheory.laziness.worst_gradient import PARTS
from advtheory.networks import SOFTPLUS, TwoLayer, deviation, initialise
from tests.draws import GAMMA, gradient, random_lazy, start, unit

SEED = st.integers(0, 10**6)
RADIUS = st.sampled_from([0.0, 0.3, 1.0, 3.0, 20.0])
ANGLES = 720


# In the plane everything can be listed.


def extremes(net: TwoLayer, x: Tensor, c0: float) -> tuple[float, float]:
    """The shortest gradient and its largest change, d = 2: every pattern of gates, by its support.

    For fixed gates the gradients form a convex set, the sum of one for each neuron. Its support in
    ANGLES directions is read off a fine grid on the circles of the rows, without any formula.
    """
    way = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    u = np.stack([np.cos(way), np.sin(way)])
    fine = np.arange(4 * ANGLES) * (np.pi / 2 / ANGLES)
    circle = np.stack([np.cos(fine), np.sin(fine)], axis=1)
    supports: list[list[np.ndarray]] = []  # for each neuron, those of its possible gates
    for row, sign in zip(net.w.numpy(), net.a.numpy(), strict=True):
        ends = row + c0 / math.sqrt(net.m) * circle
        is_open = ends @ x.numpy() > 0
        able = [np.zeros(ANGLES)] if not is_open.all() else []
        able += [(sign * ends[is_open] @ u).max(0)] if is_open.any() else []
        supports.append(able)
    before, shortest, change = gradient(net, x).numpy(), math.inf, 0.0
    for pattern in itertools.product(*supports):
        support = np.sum(pattern, axis=0) / math.sqrt(net.m)
        # the distance of 0 from a convex set is the largest -support, if that is not negative
        shortest = min(shortest, max(0.0, -support.min()))
        change = max(change, (support - before @ u).max())
    return shortest, change


@pytest.mark.parametrize("c0", [0.4, 1.0, 3.0])
def test_the_shortest_gradient_and_the_largest_change(c0: float) -> None:
    """lem-b7, thm-lazy-stability: all gates of 7 neurons; the certificate holds, the search finds.

    A search may stop at a local maximum. In most of 10 networks it must find the exact one.
    """
    shorts, changes = [], []
    for seed in range(10):
        net, x = start(seed, 2, 7), unit(seed + 50, 2)
        shortest, largest = extremes(net, x, c0)
        found, change = shrink(net, x, c0), largest_change(net, x, c0)
        slack = 0.01 * c0  # the grid
        assert found.floor <= shortest + slack
        assert shortest <= found.norm + slack
        length = float((change.gradient - gradient(net, x)).norm())
        assert length <= largest + slack
        shorts.append((float(found.norm) - shortest) / float(gradient(net, x).norm() + 0.1))
        changes.append(length / largest)
    assert np.median(changes) > 0.99
    assert np.mean(shorts) < 0.3


# In any dimension: what is promised holds, whatever else one tries.


@settings(max_examples=25, deadline=None)
@given(SEED, st.integers(1, 6), st.integers(1, 40), RADIUS)
def test_the_certificate_and_the_weights(seed: int, d: int, m: int, c0: float) -> None:
    """lem-b7: floor <= every lazy gradient, found one too; the weights are lazy and have it."""
    net, x = start(seed, d, m), 2 * unit(seed + 1, d)
    found = shrink(net, x, c0)
    made = found.moves.network()
    assert deviation(made, net) <= c0 / math.sqrt(m) * (1 + 1e-9) + 1e-12
    torch.testing.assert_close(gradient(made, x).norm(), found.norm, rtol=1e-9, atol=1e-9)
    assert 0 <= found.floor <= found.norm + 1e-9
    others = [net, largest_change(net, x, c0).network()]
    others += [random_lazy(net, c0, seed + k) for k in range(5)]
    others += [towards(net, x, c0, unit(seed + k, d)).network() for k in range(5)]
    # an adversary of its own: a few steps against the gradient, each from another ball
    point = gradient(net, x)
    for k in range(5):
        point = towards(net, x, c0, -point).gradient / (k + 2) + point * (k + 1) / (k + 2)
        others.append(towards(net, x, c0, -point).network())
    for other in others:
        assert gradient(other, x).norm() >= found.floor - 1e-9


def test_descent_over_the_weights_does_not_get_below() -> None:
    """lem-b7: projected descent on the length of the gradient, with the gates of a softplus."""
    for seed, c0 in itertools.product(range(3), (0.5, 2.0)):
        net, x = start(seed, 10, 80), unit(seed, 10)
        radius, rows, best = c0 / math.sqrt(80), net.w.clone(), math.inf
        for k in range(150):
            rows.requires_grad_()
            gates = torch.sigmoid((rows @ x) * (20 + k)) * net.a / math.sqrt(80)
            (down,) = torch.autograd.grad((gates @ rows).norm(), rows)
            move = rows.detach() - 0.3 * down - net.w
            rows = net.w + move * (radius / move.norm(dim=1, keepdim=True)).clamp(max=1)
            best = min(best, float(gradient(replace(net, w=rows), x).norm()))
        found = shrink(net, x, c0)
        assert best >= found.floor
        assert found.norm <= best + 0.1 * gradient(net, x).norm()


@settings(max_examples=60, deadline=None)
@given(SEED, st.integers(1, 6), st.integers(1, 40), RADIUS)
def test_the_change_stays_below_the_bound(seed: int, d: int, m: int, c0: float) -> None:
    """lem-lazy-split: no exception; and the first direction alone is not better than the search."""
    net, x = start(seed, d, m), unit(seed + 1, d)
    before, moves = gradient(net, x), largest_change(net, x, c0)
    length = (moves.gradient - before).norm()
    torch.testing.assert_close(gradient(moves.network(), x), moves.gradient, rtol=1e-9, atol=1e-9)
    assert length <= split_bound(net, x, c0) + 1e-9
    first = towards(net, x, c0, -before)
    if before.norm() > 1e-9:
        along = -(first.gradient - before) @ before / before.norm()
        assert length >= along - 10 * c0 * math.sqrt(2 * NUDGE) - 1e-9


def test_the_bound_for_random_starts() -> None:
    """thm-lazy-stability, lem-b7: E_W holds where it may fail with probability gamma, by far."""
    d, m, n, c0 = 10, 400, 20, 1.0
    nets, x = initialise(d, m, range(n), dtype=torch.float64), unit(0, d)
    change = (largest_change(nets, x, c0).gradient - gradient(nets, x)).norm(dim=-1)
    bound = float(bounds.lazy_gradient_change(c0, d, m, GAMMA))
    assert bool((change <= split_bound(nets, x, c0)).all())
    assert float(change.max()) < bound / 5
    assert bool((change > c0 / 2).all())  # moving the open half of the rows alone does this


def test_the_certificate_is_sharp_for_wide_networks() -> None:
    """lem-b7: where no gradient is overshot, floor and shortest gradient nearly agree."""
    nets, x = initialise(50, 4000, range(4), dtype=torch.float64), unit(1, 50)
    norm = gradient(nets, x).norm(dim=-1)
    for c0 in (0.5, 2.0):
        found = shrink(nets, x, c0)
        assert bool((found.norm - found.floor <= 0.005 * norm).all())
        lost = (norm - found.floor) / c0
        assert bool(((lost > 0.6) & (lost < 1.1)).all())  # 1/2 + 1/pi in the limit


def test_no_ball_no_change() -> None:
    """thm-lazy-stability: C0 = 0 leaves the start, and the certificate says so."""
    net, x = start(3, 4, 30), unit(3, 4)
    found = shrink(net, x, 0.0)
    for number in (found.norm, found.floor):
        torch.testing.assert_close(number, gradient(net, x).norm())
    torch.testing.assert_close(largest_change(net, x, 0.0).network().w, net.w)


def test_smaller_balls_where_the_gradient_is_overshot() -> None:
    """lem-b7: a larger ball holds the smaller ones, and what they found is not forgotten."""
    net, x = start(5, 9, 400), unit(5, 9)
    full, parts = shrink(net, x, 12.0), [shrink(net, x, 12.0 * part) for part in PARTS]
    assert full.floor == 0
    assert full.norm < 0.5 * gradient(net, x).norm()
    assert full.norm <= min(part.norm for part in parts if part.floor > 0) + 1e-9


def test_an_ensemble_is_its_members() -> None:
    """sec-stability: whether the ball is small for all members, for some, or for none."""
    nets, x = initialise(6, 60, range(4), dtype=torch.float64), unit(0, 4, 6)
    for c0 in (0.5, 1.9, 9.0):
        together, change = shrink(nets, x, c0), largest_change(nets, x, c0)
        for k in range(4):
            alone = shrink(nets.member(k), x[k], c0)
            torch.testing.assert_close(together.norm[k], alone.norm)
            torch.testing.assert_close(together.floor[k], alone.floor)
            torch.testing.assert_close(together.moves.network().w[k], alone.moves.network().w)
            single = largest_change(nets.member(k), x[k], c0)
            torch.testing.assert_close(change.gradient[k], single.gradient)


@pytest.mark.parametrize("function", [shrink, largest_change])
def test_bad_input_is_refused_in_one_sentence(function: object) -> None:
    """sec-stability: the sentences of the worst case along one direction."""
    assert callable(function)
    net, x = start(0, 3, 5), unit(0, 3)
    with pytest.raises(ValueError, match="double precision"):
        function(initialise(3, 5, 0), x.float(), 1.0)
    with pytest.raises(ValueError, match="softplus"):
        function(replace(net, activation=SOFTPLUS), x, 1.0)
    with pytest.raises(ValueError, match="x is zero"):
        function(net, 0 * x, 1.0)
    with pytest.raises(ValueError, match="has biases"):
        function(initialise(3, 5, 0, biases=True, dtype=torch.float64), x, 1.0)
    with pytest.raises(ValueError, match="c0 is -1"):
        function(net, x, -1.0)
