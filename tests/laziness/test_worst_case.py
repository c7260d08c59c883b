"""The worst lazy weights at one input, against lists of all choices and fine grids."""

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

from advtheory.laziness import bounds, extreme_value, split_bound, switching, towards, value_range
from advtheory.networks import (
    GAUSSIAN_RELU,
    RELU,
    SOFTPLUS,
    Activation,
    TwoLayer,
    deviation,
    initialise,
    leaky_relu,
)
from tests.draws import GAMMA, random_lazy, start, unit, value

SEED = st.integers(0, 10**6)
RADIUS = st.sampled_from([0.0, 0.3, 2.0, 7.0, 40.0])
SIZE = {"seed": SEED, "d": st.integers(1, 6), "m": st.integers(1, 40), "c0": RADIUS}


# The value.


@settings(max_examples=30, deadline=None)
@given(SEED, st.integers(1, 4), st.integers(1, 6), RADIUS, st.floats(0.1, 5))
def test_the_value_against_all_choices(seed: int, d: int, m: int, c0: float, r: float) -> None:
    """lem-b5: each row at either end of its way along x, all 2^m choices listed."""
    net, x = start(seed, d, m), r * unit(seed + 1, d)
    w, a, v = net.w.numpy(), net.a.numpy(), x.numpy()
    move = c0 / math.sqrt(m) * v / np.linalg.norm(v)
    ends = [
        sum(a[s] * max((w[s] + e * move) @ v, 0) for s, e in enumerate(choice)) / math.sqrt(m)
        for choice in itertools.product((-1, 1), repeat=m)
    ]
    low, high = value_range(net, x, c0)
    assert float(low) == pytest.approx(min(ends), abs=1e-9)
    assert float(high) == pytest.approx(max(ends), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(**SIZE, share=st.floats(0, 1))
def test_the_value_of_other_lazy_networks(
    seed: int, d: int, m: int, c0: float, share: float
) -> None:
    """lem-b5: random lazy networks stay in the range; the two extreme ones are its ends."""
    net, x = start(seed, d, m), unit(seed, d)
    low, high = value_range(net, x, c0)
    inside = value(random_lazy(net, c0, seed + 2, share), x)
    assert low - 1e-9 <= inside <= high + 1e-9
    for sign, end in ((1.0, high), (-1.0, low)):
        extreme = extreme_value(net, x, c0, sign)
        torch.testing.assert_close(value(extreme, x), end, rtol=1e-9, atol=1e-9)
        assert deviation(extreme, net) <= c0 / math.sqrt(m) * (1 + 1e-9) + 1e-12
    assert max(high - value(net, x), value(net, x) - low) <= c0 * (1 + 1e-9) + 1e-12


def test_the_value_by_projected_ascent() -> None:
    """lem-b5: ascent over the weights, projected onto the balls of the rows, ends at the same."""
    c0, net, x = 3.0, start(4, 5, 30), unit(4, 5)
    radius = c0 / math.sqrt(net.m)
    rows = random_lazy(net, c0, 1).w
    for _ in range(400):
        rows.requires_grad_()
        # a softplus lets a row whose gate is closed see which way is up
        height = value(replace(net, w=rows, activation=SOFTPLUS), x)
        (up,) = torch.autograd.grad(height, rows)
        move = rows.detach() + up - net.w
        rows = net.w + move * (radius / move.norm(dim=1, keepdim=True)).clamp(max=1)
    found = value(replace(net, w=rows), x)
    torch.testing.assert_close(found, value_range(net, x, c0)[1], rtol=1e-6, atol=0)


@pytest.mark.parametrize("activation", [leaky_relu(0.3), GAUSSIAN_RELU, SOFTPLUS])
def test_the_value_with_another_activation(activation: Activation) -> None:
    """lem-lazy-value: every activation that grows has its extremes at the same rows."""
    net, x = initialise(4, 25, range(3), dtype=torch.float64), unit(8, 3, 4)
    net = replace(net, activation=activation, c=torch.tensor([0.1, 0.0, -2.0]).double())
    low, high = value_range(net, x, 2.0)
    signs = torch.tensor([1.0, -1.0, 1.0])
    ends = torch.where(signs > 0, high, low)
    torch.testing.assert_close(value(extreme_value(net, x, 2.0, signs), x), ends)
    for seed in range(20):
        inside = value(random_lazy(net, 2.0, seed), x)
        assert bool(((low <= inside) & (inside <= high)).all())


def test_half_of_the_bound_on_average() -> None:
    """lem-lazy-value: lazy weights raise the value by C0/2 on average, and by C0 at most."""
    n, c0 = 2000, 2.0
    net, x = initialise(3, 50, range(n), dtype=torch.float64), unit(0, 3)
    raised = value_range(net, x, c0)[1] - value(net, x)
    error = float(raised.std()) / math.sqrt(n)
    assert abs(float(raised.mean()) - c0 / 2) <= 4 * error
    assert bool((raised <= c0).all())
    # sharp: all gates open and stay so
    full = TwoLayer(3 * x.expand(16, 3).clone(), torch.ones(16).double())
    low, high = value_range(full, 2 * x, c0)
    torch.testing.assert_close(torch.stack([high - low]), torch.tensor([4 * c0]).double())


# Neurons that switch.


def test_which_neurons_switch_at_the_border() -> None:
    """lem-b4: a gate is closed at zero, so a row at +V can close and one at -V cannot open."""
    rows = torch.tensor([[-1.0, 5], [1, 5], [0, 5], [1.5, 5], [-1.5, 0], [1, 0], [-1, 0], [0.5, 0]])
    net = TwoLayer(rows[:4].double(), torch.ones(4).double())
    x = torch.tensor([7.0, 0.0]).double()
    assert switching(net, x, 2.0).tolist() == [False, True, True, False]
    net = TwoLayer(rows[4:].double(), torch.ones(4).double())
    assert switching(net, x, 2.0).tolist() == [False, True, False, True]
    assert switching(net, x, 0.0).tolist() == [False] * 4


@settings(max_examples=50, deadline=None)
@given(**SIZE)
def test_which_neurons_switch(seed: int, d: int, m: int, c0: float) -> None:
    """lem-b4: straight along x one switches or not; in other directions no other neuron does."""
    net, x = start(seed, d, m), unit(seed + 1, d)
    can = switching(net, x, c0)
    open_before = net.w @ x > 0
    away = torch.where(open_before, -1.0, 1.0)[:, None] * x * c0 / math.sqrt(m)
    for share in (1 - 1e-9, 1 + 1e-9):
        switched = ((net.w + share * away) @ x > 0) != open_before
        assert bool((switched <= can).all()) if share < 1 else bool((switched >= can).all())
    for k in range(20):
        after = random_lazy(net, c0, seed + k, shrink=1 - 1e-9).w @ x > 0
        assert bool(((after != open_before) <= can).all())


@pytest.mark.parametrize("c0", [0.5, 5.0])
def test_how_many_neurons_switch(c0: float) -> None:
    """lem-b4: the bound fails with probability gamma at most; the mean is its first term, nearly.

    The size is binomial with p = P(|g| <= V), which falls short of V sqrt(2/pi) by V^2/6 of it.
    """
    n, m = 500, 1000
    count = switching(initialise(2, m, range(n), dtype=torch.float64), unit(0, 2), c0).sum(-1)
    most = float(bounds.switch_count(c0, m, GAMMA))
    assert float((count > most).double().mean()) <= GAMMA
    p = math.erf(c0 / math.sqrt(2 * m))
    assert abs(float(count.double().mean()) - m * p) <= 4 * math.sqrt(m * p / n)
    mean = c0 * math.sqrt(2 * m / math.pi)
    assert mean * (1 - c0**2 / m / 6) <= m * p <= mean


# Shapes and sentences.


def test_an_ensemble_is_its_members() -> None:
    """lem-lazy-split: with one input for all, or one for each."""
    nets, inputs = initialise(4, 20, range(3), dtype=torch.float64), unit(0, 3, 4)
    for x in (inputs, inputs[0]):
        moves, bound = towards(nets, x, 2.0, unit(1, 4)), split_bound(nets, x, 2.0)
        low, high = value_range(nets, x, 2.0)
        for k in range(3):
            net, y = nets.member(k), inputs[k] if x.ndim == 2 else x
            alone = towards(net, y, 2.0, unit(1, 4))
            torch.testing.assert_close(moves.network().w[k], alone.network().w)
            torch.testing.assert_close(moves.gradient[k], alone.gradient)
            torch.testing.assert_close(moves.support[k], alone.support)
            torch.testing.assert_close(bound[k], split_bound(net, y, 2.0))
            torch.testing.assert_close((low[k], high[k]), value_range(net, y, 2.0))
            assert torch.equal(switching(nets, x, 2.0)[k], switching(net, y, 2.0))


@pytest.mark.parametrize("sign", [2.0, 0.0, math.nan, [1.0, -1.0], [1.0, 1.0, 0.5]])
def test_a_sign_is_one(sign: float | list[float]) -> None:
    """lem-b5: another factor would leave the ball."""
    nets, x = initialise(3, 5, range(3), dtype=torch.float64), unit(0, 3)
    with pytest.raises(ValueError, match="expected \\+1 for the largest value"):
        extreme_value(nets, x, 1.0, torch.tensor(sign))


def test_bad_input_is_refused_in_one_sentence() -> None:
    """sec-lazy-stability: biases, shapes, precisions, zero, a negative C0, other activations."""
    net, x = start(0, 3, 5), unit(0, 3)
    single = initialise(3, 5, 0)
    cases: list[tuple[TwoLayer, Tensor, float, str]] = [
        (initialise(3, 5, 0, biases=True, dtype=torch.float64), x, 1.0, "has biases"),
        (net, x[:2], 1.0, r"x has shape \(2,\); expected \(3,\)"),
        (net, x.expand(2, 3), 1.0, r"x has shape \(2, 3\); expected \(3,\)"),
        (net, x.float(), 1.0, "use one precision"),
        (net, 0 * x, 1.0, "x is zero"),
        (net, x * math.nan, 1.0, "NaN"),
        (replace(net, w=net.w * math.nan), x, 1.0, "w holds a NaN"),
        (replace(net, w=net.w / 0), x, 1.0, "w holds a NaN or an infinity"),
        (net, x, -1.0, "c0 is -1.0"),
        (net, x, math.inf, "c0 is inf"),
    ]
    for function in (value_range, switching, split_bound):
        for network, point, c0, sentence in cases:
            with pytest.raises(ValueError, match=sentence):
                function(network, point, c0)
    for network, point, c0, sentence in cases:
        with pytest.raises(ValueError, match=sentence):
            extreme_value(network, point, c0, 1.0)
        with pytest.raises(ValueError, match=sentence):
            towards(network, point, c0, x)
    for direction, sentence in ((x[:2], "direction has shape"), (x * math.nan, "direction holds")):
        with pytest.raises(ValueError, match=sentence):
            towards(net, x, 1.0, direction)
    with pytest.raises(ValueError, match="double precision"):
        towards(single, x.float(), 1.0, x.float())
    with pytest.raises(ValueError, match="softplus"):
        towards(replace(net, activation=SOFTPLUS), x, 1.0, x)
    assert towards(replace(net, activation=leaky_relu(0.0)), x, 1.0, x).support == (
        towards(replace(net, activation=RELU), x, 1.0, x).support
    )
