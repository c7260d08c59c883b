"""Pairs that cancel: the start, the shifted networks, and the bounds on every gradient."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import flipping_step, pgd
from advtheory.laziness import two_starts
from advtheory.laziness.bounds import step_size
from advtheory.networks import TwoLayer, deviation, initialise

SIGNS = ["independent", "antisymmetric"]


def sphere(n: int, d: int, seed: int) -> Tensor:
    x = torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    unit: Tensor = x / torch.linalg.vector_norm(x, dim=1, keepdim=True)
    return unit


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 99))
def test_pairs_cancel_at_the_start(d: int, pairs: int, seed: int) -> None:
    """lem-pairs-cancel: value and gradient vanish at every input."""
    net = initialise(d, 2 * pairs, seed, signs="antisymmetric", dtype=torch.float64)
    f, gradient = net.value_and_gradient(sphere(5, d, seed))
    assert f.abs().max() <= 1e-12
    assert gradient.abs().max() <= 1e-12


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize(
    ("d", "m", "c0", "cosine"),
    [(6, 20, 0, 0.6), (6, 20, 2, 0.6), (6, 20, 30, 0.6), (3, 2, 2, 0.6), (2, 2, 2, -1.0)],
)
def test_the_size_of_shifted_networks(signs: str, d: int, m: int, c0: float, cosine: float) -> None:
    """prop-shifted: value and squared gradient of 4000 networks, within four standard errors."""
    start = initialise(d, m, range(4000), signs=signs, dtype=torch.float64)
    v, x = torch.zeros(d).double(), torch.zeros(1, d).double()
    v[0], x[0, 0], x[0, 1] = 1.0, cosine, math.sqrt(1 - cosine**2)
    net = two_starts.shifted(start, v, c0)
    f, gradient = net.value_and_gradient(x)
    samples = {
        "value": (f[:, 0], c0 * cosine / 2),
        "square": (
            gradient.square().sum(-1)[:, 0],
            two_starts.gradient_square(d, m, c0, cosine, signs),
        ),
    }
    for values, expected in samples.values():
        error = float(values.std()) / math.sqrt(len(values))
        assert abs(float(values.mean()) - expected) <= 4 * error + 1e-9
    assert deviation(net, start).max() * math.sqrt(m) == pytest.approx(c0, abs=1e-9)


def test_only_the_noise_of_pairs_grows_with_the_dimension() -> None:
    """prop-shifted: with a fixed start d/2, with pairs a share that falls like 1/sqrt(m)."""
    slope = {
        (signs, m): two_starts.gradient_square(1001, m, 2, 0.5, signs)
        - two_starts.gradient_square(1, m, 2, 0.5, signs)
        for signs in SIGNS
        for m in (10_000, 1_000_000)
    }
    assert slope["independent", 10_000] == pytest.approx(500)
    assert slope["antisymmetric", 10_000] == pytest.approx(
        1000 / math.sqrt(2 * math.pi * 1e4), rel=1e-3
    )
    ratio = slope["antisymmetric", 10_000] / slope["antisymmetric", 1_000_000]
    assert ratio == pytest.approx(10, rel=1e-3)


def test_the_numbers_on_the_page() -> None:
    """prop-shifted, cor-pairs-order: what the page says about d = 784, and about small widths."""
    noise = two_starts.gradient_square(784, 4000, 2, 0.5, "antisymmetric")
    learnt = two_starts.gradient_square(1, 4000, 2, 0.5, "antisymmetric")
    assert noise - learnt == pytest.approx(4.9, abs=0.05)
    assert learnt == pytest.approx(1, abs=0.01)
    assert (784 * math.log(784)) ** 2 == pytest.approx(2.7e7, rel=0.02)
    smallest = {3: 12.0, 4: (4 * math.log(4)) ** 2, 5: (5 * math.log(5)) ** 2}
    for d, m in smallest.items():
        assert (d + 1) * math.log(math.e * m / (d + 1)) / math.sqrt(m) < (2.43 if d == 3 else 2.55)
    for m in (4000, (784 * math.log(784)) ** 2):
        assert two_starts.gradient_bound(784, 2 * round(m / 2), 2.0, 0.05) > 4 * math.sqrt(784 / 2)


def test_the_constant_of_the_limit() -> None:
    """thm-pairs-limit: the best bounded density, by Monte Carlo against the closed form."""
    w = torch.randn(400_000, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for angle in (0.2, 1.0, 2.5):
        x = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
        other = torch.tensor([math.cos(angle), math.sin(angle), 0.0], dtype=torch.float64)
        gap = (w @ x > 0)[:, None] * x - (w @ other > 0)[:, None] * other
        chord = 2 * math.sin(angle / 2)
        exact = chord * (0.5 - angle / (2 * math.pi)) + angle / math.pi
        assert float(gap.norm(dim=1).mean()) == pytest.approx(exact, abs=5e-3)
        assert exact <= chord / 2 + angle / math.pi


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize(("m", "c0"), [(2, 1.0), (40, 3.0), (2000, 3.0)])
def test_what_training_adds(signs: str, m: int, c0: float) -> None:
    """prop-pairs-limit: two rules with a known f_c, the mean error over 300 networks."""
    d, x = 5, 2 * sphere(4, 5, 7)
    start, v = initialise(d, m, range(300), signs=signs, dtype=torch.float64), sphere(1, 5, 8)[0]
    # E (u . x)_+ for a uniform direction u
    outwards = 2 * math.gamma(d / 2) / (2 * math.sqrt(math.pi) * math.gamma((d + 1) / 2))
    rules = [  # c / C0, and f_c / C0
        (v.expand(start.w.shape), x @ v / 2),
        (start.w / start.w.norm(dim=-1, keepdim=True), torch.full((4,), outwards).double()),
    ]
    allowed = 2 * c0 / math.sqrt(m) * (math.sqrt(2) + c0 * math.sqrt(2 / math.pi))
    for rule, limit in rules:
        net = replace(start, w=start.w + c0 / math.sqrt(m) * start.a[..., None] * rule)
        error = (net.value(x) - start.value(x) - c0 * limit).abs().mean(0)
        assert (error <= allowed).all()
        assert error.max() > 0.05 * allowed


def worst_at(start: TwoLayer, y: Tensor, c0: float) -> TwoLayer:
    """Lazy weights that make the gradient at y long: every pair in the slab is made to switch."""
    radius = c0 / math.sqrt(start.m)
    goal = torch.randn(start.d, generator=torch.Generator().manual_seed(1)).to(y)
    goal /= goal.norm()
    # a row that helps the goal is pushed on, one that hurts it is pushed off
    helps = torch.sign(start.a * (start.w @ goal))
    return replace(start, w=start.w + radius * helps[:, None] * y)


@pytest.mark.parametrize(("d", "m", "c0"), [(3, 40, 1.0), (10, 400, 5.0), (30, 2000, 2.0)])
def test_no_lazy_gradient_exceeds_the_bound(d: int, m: int, c0: float) -> None:
    """thm-pairs-gradient: hostile weights at one input, looked at there and elsewhere."""
    start = initialise(d, m, 3, signs="antisymmetric", dtype=torch.float64)
    y = sphere(50, d, 5)
    for k in range(5):
        net = worst_at(start, y[k], c0)
        assert deviation(net, start) * math.sqrt(m) <= c0 * (1 + 1e-9)
        norms = torch.linalg.vector_norm(net.input_gradient(y), dim=1)
        assert norms.max() <= two_starts.gradient_bound(d, m, c0, 0.05)
        inside = (start.w[: m // 2] @ y.T).abs() <= c0 / math.sqrt(m)
        assert inside.sum(0).max() <= two_starts.switching_pairs(d, m, c0, 0.05)


@given(st.integers(3, 2000), st.floats(1.0, 1e4), st.floats(0.0, 100.0), st.floats(0.0, 1.0))
def test_the_order_of_the_bound(d: int, wider: float, c0: float, share: float) -> None:
    """cor-pairs-order, thm-contrast: G <= 115 (1 + C0) sqrt(log m), and R_0 from below."""
    m = 2 * math.ceil(wider * (d * math.log(d)) ** 2 / 2)
    gamma = max(4 * math.exp(-share * math.sqrt(m)), 1e-300)
    if gamma <= 1:
        bound = two_starts.gradient_bound(d, m, c0, gamma)
        assert bound <= 115 * (1 + c0) * math.sqrt(math.log(m))
        radius = 0.3 * c0 / bound if c0 else 0.0  # with rho = 1
        assert radius >= c0 / (1 + c0) / (384 * math.sqrt(math.log(m)))


@pytest.mark.parametrize(("d", "m", "c0"), [(10, 1200, 2.0), (40, 2000, 8.0)])
def test_one_lazy_network_is_robust_when_it_starts_from_pairs(d: int, m: int, c0: float) -> None:
    """thm-contrast: shifted pairs have the margin 0.3 C0 rho, and no attack within R_0 succeeds."""
    rho, v = 0.4, torch.eye(d, dtype=torch.float64)[0]
    side = torch.where(torch.arange(60) % 2 == 0, 1.0, -1.0).double()
    cosine = side * torch.linspace(rho, 1, 60).double()
    across = torch.nn.functional.pad(sphere(60, d - 1, 2), (1, 0))
    x = cosine[:, None] * v + (1 - cosine**2).sqrt()[:, None] * across
    for seed in range(3):
        start = initialise(d, m, seed, signs="antisymmetric", dtype=torch.float64)
        net = two_starts.shifted(start, v, c0)
        lost = side * net.value(x) < 0.3 * c0 * rho
        assert lost.double().mean() <= math.exp(-m / 200)
        radius = 0.3 * c0 * rho / two_starts.gradient_bound(d, m, c0, 0.05)
        assert (flipping_step(net, x).distance >= radius).all()
        attacked = pgd(net, x, side, radius=radius, steps=20)
        assert (side * net.value(attacked) > 0).all()
    independent = initialise(d, m, range(20), dtype=torch.float64)
    steepest = two_starts.shifted(independent, v, c0).input_gradient(x).norm(dim=-1)
    assert steepest.mean() > net.input_gradient(x).norm(dim=-1).mean()


def test_in_high_dimensions_the_step_is_too_short_for_pairs() -> None:
    """thm-contrast: the last claim, 16 F G / (d - 1) < R_0 for large d."""
    c0, rho, gamma = 2.0, 0.4, 0.1
    reach = []
    for d in (10**4, 10**6, 10**8, 10**10):
        m = 2 * math.ceil((d * math.log(d)) ** 2 / 2)
        longest = two_starts.gradient_bound(d, m, c0, (1 - 8 * gamma) / 4)
        reach.append(float(step_size(c0, d, gamma)) * longest / (0.3 * c0 * rho / longest))
    assert reach == sorted(reach, reverse=True)
    assert reach[-1] < 0.01


def test_bad_input() -> None:
    start = initialise(3, 4, 0)
    with pytest.raises(ValueError, match=r"direction has shape \(2,\); expected \(3,\)"):
        two_starts.shifted(start, torch.ones(2), 1.0)
    with pytest.raises(ValueError, match="c0 is -1"):
        two_starts.shifted(start, torch.ones(3), -1.0)
    with pytest.raises(ValueError, match="signs is 'same'"):
        two_starts.gradient_square(3, 4, 1.0, 0.5, "same")
    for direction in (2 * torch.eye(3)[0], torch.zeros(3), torch.full((3,), math.nan)):
        with pytest.raises(ValueError, match=r"direction has length .*; expected a unit vector"):
            two_starts.shifted(start, direction, 1.0)
    wrong: list[tuple[int, int, float, float, str, str]] = [
        (-3, 4, 1.0, 0.5, "independent", "d is -3; expected an integer of at least 1"),
        (3, 0, 1.0, 0.5, "independent", "m is 0; expected"),
        (3, 4, -1.0, 0.5, "independent", "c0 is -1.0; expected"),
        (3, 4, 1.0, 2.0, "independent", "cosine is 2.0; expected a number from -1 to 1"),
        (3, 4, 1.0, math.nan, "antisymmetric", "cosine is nan"),
        (3, 5, 1.0, 0.5, "antisymmetric", "m is 5; antisymmetric signs pair the neurons"),
    ]
    for d, m, c0, cosine, signs, sentence in wrong:
        with pytest.raises(ValueError, match=sentence):
            two_starts.gradient_square(d, m, c0, cosine, signs)
    for d, m in ((2, 5), (4, 6)):
        with pytest.raises(ValueError, match="expected an even width of at least 2d"):
            two_starts.gradient_bound(d, m, 1.0, 0.1)
