"""One perturbation against all lazy networks: prop-best-margin and thm-common."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.attacks import unbroken
from advtheory.laziness import best_margin, bounds, doomed
from advtheory.networks import initialise, project_lazy

SEED = st.integers(0, 10**6)


def inputs(n: int, d: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 2, (n,), generator=generator) * 2.0 - 1.0
    return x / torch.linalg.vector_norm(x, dim=1, keepdim=True), y.double()


@settings(max_examples=30, deadline=None)
@given(SEED, st.integers(1, 8), st.integers(1, 40), st.floats(0, 3))
def test_prop_best_margin_is_reached_and_never_exceeded(
    seed: int, d: int, m: int, radius: float
) -> None:
    """prop-best-margin: moving every row along x reaches it, and gradient ascent does no better."""
    start = initialise(d, m, seed, dtype=torch.float64)
    x, y = inputs(1, d, seed)
    best = float(best_margin(start, x, y, radius))
    w = start.w + radius * (y * start.a)[:, None] * x
    torch.testing.assert_close(float(y * replace(start, w=w).value(x)), best, rtol=0, atol=1e-9)
    net = start
    for _ in range(30):
        gradient, _ = net.weight_gradient(x, y)
        net = project_lazy(replace(net, w=net.w + 0.5 * m * radius * gradient), start, radius)
        assert float(y * net.value(x)) <= best + 1e-9


def test_prop_best_margin_has_the_mean_half_c0() -> None:
    """prop-best-margin: the mean over random starts."""
    x, y = inputs(1, 5, 0)
    c0, m = 3.0, 400
    values = [
        float(best_margin(initialise(5, m, seed, dtype=torch.float64), x, y, c0 / math.sqrt(m)))
        for seed in range(600)
    ]
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    assert abs(float(np.mean(values)) - c0 / 2) < 4 * error


def test_doomed_inputs_are_lost_for_every_lazy_network() -> None:
    """prop-best-margin: for the start, a network that learns these inputs, and a random one."""
    d, m, radius, budget = 40, 300, 0.1, 0.3
    start = initialise(d, m, 0, dtype=torch.float64)
    x, y = inputs(60, d, 1)
    lost = doomed(start, x, y, radius, budget)
    assert 0.2 < float(lost.double().mean()) < 1
    net, generator = start, torch.Generator().manual_seed(2)
    for _ in range(50):
        gradient, _ = net.weight_gradient(x, y)
        net = project_lazy(replace(net, w=net.w + 0.1 * gradient), start, radius)
    move = torch.randn(m, d, generator=generator, dtype=torch.float64)
    shaken = project_lazy(replace(start, w=start.w + move), start, radius)
    for one in (start, net, shaken):
        assert not bool((unbroken(one, x, y, budget) & lost).any())


@pytest.mark.parametrize("n", [1, 256, 257, 600])
def test_doomed_takes_any_number_of_inputs(n: int) -> None:
    """H4: attacks take inputs in blocks on a CPU, and each input keeps its label."""
    start = initialise(6, 40, 0, dtype=torch.float64)
    x, y = inputs(n, 6, 3)
    lost = doomed(start, x, y, 0.1, 0.4, steps=10)
    parts = zip(torch.split(x, 50), torch.split(y, 50), strict=True)
    apart = [doomed(start, xs, ys, 0.1, 0.4, steps=10) for xs, ys in parts]
    assert torch.equal(lost, torch.cat(apart))
    assert n < 200 or 0 < int(lost.sum()) < n


def test_doomed_takes_a_single_class() -> None:
    start = initialise(6, 40, 0, dtype=torch.float64)
    x, y = inputs(50, 6, 3)
    lost = doomed(start, x, y, 0.1, 0.4)
    for sign in (-1.0, 1.0):
        mine = y == sign
        assert torch.equal(doomed(start, x[mine], y[mine], 0.1, 0.4), lost[mine])


def test_doom_comes_where_theory_expects_it() -> None:
    """prop-best-margin: half of random inputs are doomed near eq-doom, in small balls and large."""
    d = 196
    start = initialise(d, 1000, 0)
    x, y = (t.float() for t in inputs(100, d, 4))
    for c0 in (5.0, 10.0):
        limit, radius = c0 / math.sqrt(2 * d), c0 / math.sqrt(1000)
        below, above = (doomed(start, x, y, radius, k * limit) for k in (0.5, 1.5))
        assert float(below.double().mean()) < 0.2
        assert float(above.double().mean()) > 0.8


def test_doom_grows_with_the_budget_and_falls_with_the_radius() -> None:
    start = initialise(100, 400, 0)
    x, y = (t.float() for t in inputs(80, 100, 3))
    by_budget = [doomed(start, x, y, 0.1, eps).double().mean() for eps in (0.0, 0.2, 0.4, 0.8)]
    by_radius = [doomed(start, x, y, r, 0.4).double().mean() for r in (0.0, 0.05, 0.1, 0.4)]
    assert by_budget == sorted(by_budget)
    assert by_radius == sorted(by_radius, reverse=True)
    assert by_budget[0] < by_budget[-1]
    assert by_radius[-1] < by_radius[0]


@given(st.floats(0, 20), st.floats(1e-6, 0.99), st.integers(2, 10**9))
def test_thm_common_constants(c0: float, gamma: float, d: int) -> None:
    """thm-common: length and final sign, by the functions that hold the constants."""
    value, start = float(bounds.value_bound(c0, gamma)), float(bounds.value_bound(0, gamma))
    reach = float(bounds.perturbation_bound(c0, d, gamma))
    if reach > 0.5:
        return
    step = float(bounds.step_size(c0, d, gamma))
    lower = float(bounds.gradient_lower(d))
    assert step * float(bounds.gradient_upper(d, gamma)) <= reach * (1 + 1e-12)
    assert start - step * lower**2 / 2 + c0 * (1 + reach) <= -start / 2 + 1e-9 * value


def test_thm_common_at_a_size_that_fits() -> None:
    """thm-common: the step works far below the dimension that the constants ask for."""
    start = initialise(784, 3000, range(5))
    x = torch.eye(784)[:1]
    step = float(bounds.step_size(1.0, 784, 0.1))
    for k in range(5):
        net = start.member(k)
        g = net.input_gradient(x)
        for sign in (-1.0, 1.0):
            y = torch.tensor([sign])
            assert float(best_margin(net, x - sign * step * g, y, 1.0 / math.sqrt(3000))) < 0


@pytest.mark.parametrize(
    ("options", "radius", "message"),
    [
        ({"biases": True}, 0.1, "there are biases"),
        ({"seeds": [0]}, 0.1, "choose a member of an ensemble"),
        ({}, -1.0, "radius is -1.0"),
        ({}, math.nan, "radius is nan"),
    ],
)
def test_bad_input_gets_one_sentence(options: dict[str, Any], radius: float, message: str) -> None:
    start = initialise(3, 4, **{"seeds": 0, **options})
    with pytest.raises(ValueError, match=message):
        best_margin(start, torch.ones(2, 3), torch.ones(2), radius)


def test_weights_with_a_nan_are_refused() -> None:
    start = initialise(3, 4, 0)
    start.w[1, 2] = math.nan
    with pytest.raises(ValueError, match="w holds a NaN"):
        best_margin(start, torch.ones(2, 3), torch.ones(2), 0.1)
    with pytest.raises(ValueError, match="w holds a NaN"):
        doomed(start, torch.ones(2, 3), torch.ones(2), 0.1, 0.1)


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match=r"budget is -0\.1"):
        doomed(initialise(3, 4, 0), torch.ones(2, 3), torch.ones(2), 0.1, -0.1)
