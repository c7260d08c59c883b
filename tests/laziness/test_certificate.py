"""The quadratic certificate (thm-certificate, lem-parabola) and robustness from both sides."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import pgd, unbroken
from advtheory.laziness import certified, margin_lower_bound
from advtheory.laziness.certificate import _parabola
from advtheory.networks import SOFTPLUS, TwoLayer, initialise
from tests.draws import unit

SEED = st.integers(0, 10**6)


def sphere(n: int, d: int, seed: int) -> Tensor:
    x = torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(x, dim=1)


@given(st.floats(-5, 5), st.floats(1e-3, 5), st.floats(1e-3, 2))
def test_lem_parabola(z: float, reach: float, cut: float) -> None:
    """lem-parabola: with the p and q that the certificate takes, for each |z| < r."""
    if abs(z) >= reach:
        return
    size, most = (torch.tensor([one], dtype=torch.float64) for one in (abs(z), reach))
    p, q = _parabola(size, most, cut)
    t = torch.linspace(-reach, reach, 801, dtype=torch.float64)
    excess = (t.abs() - abs(z)).clamp_min(0)
    assert bool((excess <= p + q * t.square() + 1e-9).all())


@settings(max_examples=60, deadline=None)
@given(SEED, st.integers(1, 10), st.integers(1, 80), st.floats(0, 1.5), st.booleans())
def test_thm_certificate_is_below_every_attack(
    seed: int, d: int, m: int, radius: float, biases: bool
) -> None:
    """thm-certificate: no attack gets below it."""
    net = initialise(d, m, seed, biases=biases, dtype=torch.float64)
    x = sphere(6, d, seed)
    y = torch.where(net.value(x) >= 0, 1.0, -1.0).double()
    bound = margin_lower_bound(net, x, y, radius)
    generator = torch.Generator().manual_seed(seed)
    attacked = pgd(net, x, y, radius=radius, steps=25, restarts=1, generator=generator)
    assert bool((bound <= y * net.value(attacked) + 1e-7).all())


@settings(max_examples=25, deadline=None)
@given(SEED, st.floats(0.05, 1.0))
def test_thm_certificate_against_the_exact_minimum_in_the_plane(seed: int, radius: float) -> None:
    """thm-certificate: nor does a fine grid on the whole disc."""
    net = initialise(2, 12, seed, dtype=torch.float64)
    x, y = sphere(1, 2, seed), torch.ones(1, dtype=torch.float64)
    angles = torch.linspace(0, 2 * math.pi, 721, dtype=torch.float64)
    lengths = torch.linspace(0, radius, 41, dtype=torch.float64)
    circle = torch.stack([angles.cos(), angles.sin()], dim=1)
    grid = x + (lengths[:, None, None] * circle).reshape(-1, 2)
    exact = float(net.value(grid).min())
    bound = float(margin_lower_bound(net, x, y, radius)[0])
    assert bound <= exact + 1e-9


def relaxed(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    """The linear relaxation: every kink at its worst at once (upper line, adaptive lower line)."""
    z = net.preactivation(x)
    reach = radius * torch.linalg.vector_norm(net.w, dim=1)
    a, high, low = y[:, None] * net.a / math.sqrt(net.m), z + reach, z - reach
    unstable = (high > 0) & (low < 0)
    upper = high / (high - low)
    slope = torch.where(
        unstable, torch.where(a < 0, upper, (high > -low).double()), (z > 0).double()
    )
    offset = torch.where(unstable & (a < 0), -a * upper * low, 0.0).sum(1)
    linear = (a * slope) @ net.w
    lowest: Tensor = (a * slope * z).sum(1) + offset - radius * linear.norm(dim=1)
    return lowest


def test_the_parabola_beats_the_linear_relaxation_on_a_wide_network() -> None:
    """thm-certificate: its gap to the attack is less than a quarter of the linear one's."""
    net, x = initialise(25, 1000, 0, dtype=torch.float64), sphere(40, 25, 0)
    y = torch.where(net.value(x) >= 0, 1.0, -1.0).double()
    attacked = y * net.value(pgd(net, x, y, radius=0.1))
    ours, theirs = margin_lower_bound(net, x, y, 0.1), relaxed(net, x, y, 0.1)
    assert bool((theirs <= attacked + 1e-9).all())
    assert (attacked - ours).mean() < 0.25 * (attacked - theirs).mean()


@settings(max_examples=150, deadline=None)
@given(SEED, st.integers(1, 6), st.integers(1, 30), st.floats(1e-3, 1.0), st.booleans())
def test_badly_scaled_rows_leave_a_number_below_every_attack(
    seed: int, d: int, m: int, radius: float, biases: bool
) -> None:
    """thm-certificate: rows between a millionth and a million times their usual length."""
    net = initialise(d, m, seed, biases=biases, dtype=torch.float64)
    scales = 10 ** (12 * torch.rand(m, 1, generator=torch.Generator().manual_seed(seed)) - 6)
    net = replace(net, w=net.w * scales.double())
    x = sphere(5, d, seed)
    y = torch.where(net.value(x) >= 0, 1.0, -1.0).double()
    bound = margin_lower_bound(net, x, y, radius)
    assert not bool(bound.isnan().any())
    generator = torch.Generator().manual_seed(seed)
    inside = x + radius * unit(seed + 1, 200, 5, d) * torch.rand(200, 5, 1, generator=generator)
    attacked = y * net.value(pgd(net, x, y, radius=radius, steps=25))
    lowest = torch.minimum((y * net.value(inside)).amin(0), attacked)
    assert bool((bound <= lowest + 1e-9 * float(torch.linalg.matrix_norm(net.w))).all())


def test_the_edges_of_double_precision_leave_a_number() -> None:
    """thm-certificate: a budget of zero and huge weights; a spectrum that swallows the distance."""
    net, x, y = initialise(6, 20, 1, dtype=torch.float64), sphere(5, 6, 1), torch.ones(5).double()
    huge = replace(net, w=1e12 * net.w)
    torch.testing.assert_close(margin_lower_bound(huge, x, y, 0.0), y * huge.value(x))
    for radius in (1e-200, 1e-12, 1.0):
        assert not bool(margin_lower_bound(huge, x, y, radius).isnan().any())


def test_it_is_exact_where_no_neuron_can_switch() -> None:
    net, x = initialise(6, 20, 1, dtype=torch.float64), sphere(5, 6, 1)
    y = torch.where(net.value(x) >= 0, 1.0, -1.0).double()
    f, gradient = net.value_and_gradient(x)
    room = (net.preactivation(x).abs() / torch.linalg.vector_norm(net.w, dim=1)).min()
    radius = 0.99 * float(room)
    exact = y * f - radius * torch.linalg.vector_norm(gradient, dim=1)
    torch.testing.assert_close(margin_lower_bound(net, x, y, radius), exact, rtol=0, atol=1e-6)


def test_budget_zero_is_the_margin() -> None:
    net, x, y = initialise(6, 20, 1), sphere(5, 6, 1).float(), torch.ones(5)
    bound = margin_lower_bound(net, x, y, 0.0)
    torch.testing.assert_close(bound, net.value(x).double(), rtol=0, atol=1e-5)


def test_the_bound_falls_with_the_budget() -> None:
    net, x, y = initialise(10, 200, 2), sphere(5, 10, 2).float(), torch.ones(5)
    bounds = [margin_lower_bound(net, x, y, r) for r in (0.0, 0.05, 0.1, 0.3, 1.0)]
    assert all(bool((b <= a + 1e-6).all()) for a, b in itertools.pairwise(bounds))


@settings(max_examples=20, deadline=None)
@given(SEED, st.integers(1, 8), st.integers(1, 60), st.floats(0, 0.6))
def test_certified_inputs_are_unbroken(seed: int, d: int, m: int, radius: float) -> None:
    net, x = initialise(d, m, seed), sphere(12, d, seed).float()
    y = torch.ones(12)
    proved = certified(net, x, y, radius)
    left = unbroken(net, x, y, radius, steps=20, seed=seed)
    assert not bool((proved & ~left).any())
    assert not bool((left & (net.value(x) <= 0)).any())


def test_unbroken_is_no_weaker_than_its_parts() -> None:
    net, x, y = initialise(20, 200, 3), sphere(200, 20, 3).float(), torch.ones(200)
    left = unbroken(net, x, y, 0.15)
    plain = y * net.value(pgd(net, x, y, radius=0.15, steps=100)) > 0
    assert 0 < int(left.sum()) <= int(plain.sum())
    assert torch.equal(unbroken(net, x, y, 0.0), net.value(x) > 0)


@pytest.mark.parametrize("part", ["w", "b", "c"])
def test_weights_with_a_nan_are_refused(part: str) -> None:
    net = initialise(3, 5, 0, biases=True)
    getattr(net, part).flatten()[0] = math.nan
    for function in (margin_lower_bound, certified):
        with pytest.raises(ValueError, match=f"{part} holds a NaN"):
            function(net, torch.ones(2, 3), torch.ones(2), 0.1)


@pytest.mark.parametrize(
    ("net", "x", "y", "radius", "message"),
    [
        (initialise(3, 5, [0]), torch.ones(2, 3), torch.ones(2), 0.1, "choose a member"),
        (
            initialise(3, 5, 0, activation=SOFTPLUS),
            torch.ones(2, 3),
            torch.ones(2),
            0.1,
            "softplus",
        ),
        (initialise(3, 5, 0), torch.ones(2, 4), torch.ones(2), 0.1, "expected"),
        (initialise(3, 5, 0), torch.ones(2, 3), torch.ones(3), 0.1, "one label a row"),
        (initialise(3, 5, 0), torch.ones(2, 3), torch.zeros(2), 0.1, "label other"),
        (initialise(3, 5, 0), torch.full((2, 3), math.nan), torch.ones(2), 0.1, "x holds a NaN"),
        (initialise(3, 5, 0), torch.ones(2, 3), torch.ones(2), -0.1, "radius is -0.1"),
    ],
)
@pytest.mark.parametrize("function", [margin_lower_bound, unbroken])
def test_bad_input_gets_one_sentence(
    function: Callable[[TwoLayer, Tensor, Tensor, float], Tensor],
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    radius: float,
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        function(net, x, y, radius)
