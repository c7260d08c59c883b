"""The worst lazy weights along one direction, against fine grids and other lazy networks."""

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

from advtheory.laziness import extreme_value, split_bound, towards
from advtheory.laziness.experiments.lazy_worst_case_figure import LIMIT
from advtheory.laziness.worst_case import NUDGE
from advtheory.networks import (
    TwoLayer,
    deviation,
    initialise,
)
from tests.draws import gradient, random_lazy, start, unit, value

SEED = st.integers(0, 10**6)
RADIUS = st.sampled_from([0.0, 0.3, 2.0, 7.0, 40.0])
SIZE = {"seed": SEED, "d": st.integers(1, 6), "m": st.integers(1, 40), "c0": RADIUS}


def best_on_a_grid(net: TwoLayer, x: Tensor, c0: float, u: Tensor) -> float:
    """In the plane: every row on a fine polar grid of its disc, the best one of each neuron."""
    angle = torch.arange(40_000).double() * (2 * math.pi / 40_000)
    circle = torch.stack([angle.cos(), angle.sin()], dim=-1)
    disc = torch.cat([share * circle for share in (0.0, 0.5, 0.9, 1.0)])
    rows = net.w[:, None] + c0 / math.sqrt(net.m) * disc
    terms = net.a[:, None] * (rows @ u) * (rows @ x > 0)
    return float(terms.max(1).values.sum()) / math.sqrt(net.m)


@settings(max_examples=25, deadline=None)
@given(SEED, st.integers(1, 5), st.sampled_from([0.0, 0.5, 3.0, 20.0]))
def test_the_support_on_a_grid(seed: int, m: int, c0: float) -> None:
    """lem-lazy-split: no row of the grid does better, and the grid comes as near as it is fine."""
    net, x, u = start(seed, 2, m), unit(seed + 1, 2), unit(seed + 2, 2)
    found, best = float(towards(net, x, c0, u).support), best_on_a_grid(net, x, c0, u)
    assert best <= found + 1e-9
    # near a tangent point the chord of the kink misses by the root of the grid's step
    assert best >= found - 0.02 * c0 - 1e-9


@settings(max_examples=80, deadline=None)
@given(**SIZE, way=st.sampled_from(["random", "x", "-x", "zero", "gradient"]))
def test_the_weights_reach_the_support(seed: int, d: int, m: int, c0: float, way: str) -> None:
    """lem-lazy-split: they are lazy, and autograd sees the gradient that is promised."""
    net, x = start(seed, d, m), 3 * unit(seed + 1, d)
    directions = {"random": unit(seed + 2, d), "x": x, "-x": -x, "zero": 0 * x}
    direction = directions.get(way, gradient(net, x))
    moves = towards(net, x, c0, direction)
    made, point = moves.network(), x.clone().requires_grad_()
    assert deviation(made, net) <= c0 / math.sqrt(m) * (1 + 1e-9) + 1e-12
    (slope,) = torch.autograd.grad(value(made, point), point)
    torch.testing.assert_close(slope, moves.gradient, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(made.w @ x > 0, moves.open)
    gap = float(moves.support - slope @ torch.nn.functional.normalize(direction, dim=-1))
    assert -1e-9 <= gap <= c0 * math.sqrt(2 * NUDGE) + 1e-9


@settings(max_examples=40, deadline=None)
@given(**SIZE)
def test_no_lazy_network_does_better(seed: int, d: int, m: int, c0: float) -> None:
    """lem-lazy-split: random rows, rows moved straight along u, and rows of other worst weights."""
    net, x, u = start(seed, d, m), unit(seed + 1, d), unit(seed + 2, d)
    support = towards(net, x, c0, u).support
    straight = replace(net, w=net.w + c0 / math.sqrt(m) * net.a[:, None] * u)
    others = [straight, extreme_value(net, x, c0, 1.0), towards(net, x, c0, -x).network()]
    others += [random_lazy(net, c0, seed + k) for k in range(10)]
    for other in others:
        assert gradient(other, x) @ u <= support + 1e-9


def test_the_limit_of_great_width() -> None:
    """lem-lazy-split: along a fixed direction the change is (1/2 + 1/pi) C0, beside x."""
    n, c0 = 40, 4.0
    net, axes = initialise(3, 20_000, range(n), dtype=torch.float64), torch.eye(3).double()
    change = towards(net, axes[0], c0, axes[1]).support - gradient(net, axes[0]) @ axes[1]
    error = float(change.std()) / math.sqrt(n)
    assert abs(float(change.mean()) - LIMIT * c0) <= 4 * error + 0.01 * c0


def test_the_bound_on_the_change() -> None:
    """lem-lazy-split: by the singular values of numpy; no worst weights exceed it."""
    for seed, c0 in itertools.product(range(10), (0.0, 0.5, 4.0, 30.0)):
        net, x = start(seed, 4, 60), 2 * unit(seed, 4)
        g = net.w.numpy() @ x.numpy() / 2
        rows = net.w.numpy()[abs(g) <= c0 / math.sqrt(60)]
        largest = np.linalg.svd(rows, compute_uv=False)[0] if len(rows) else 0.0
        bound = split_bound(net, x, c0)
        assert float(bound) == pytest.approx(c0 + math.sqrt(len(rows) / 60) * largest)
        for k in range(5):
            change = gradient(towards(net, x, c0, unit(k, 4)).network(), x) - gradient(net, x)
            assert change.norm() <= bound + 1e-9
