"""The short statements of the part "Laziness", checked on random networks."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.attacks import flipping_step
from advtheory.losses import LOGISTIC, REFLECTED, Loss
from advtheory.networks import AutogradModel, TwoLayer, initialise, leaky_relu
from advtheory.norms import L2, LINF, Ball
from tests.draws import gates, start, unit

SEED = st.integers(0, 10**6)


# Networks at initialisation.


@given(SEED, st.floats(0.01, 100), st.sampled_from([0, 0.3]))
def test_scaling_the_input_or_the_rows(seed: int, c: float, alpha: float) -> None:
    """lem-homogeneity: its three lines, and x . grad f(x) = f(x)."""
    net = initialise(4, 9, seed, activation=leaky_relu(alpha), dtype=torch.float64)
    x, scaled = unit(seed, 5, 4), replace(net, w=c * net.w)
    f, gradient = net.value_and_gradient(x)
    torch.testing.assert_close(net.value(c * x), c * f)
    torch.testing.assert_close(scaled.value(x), c * f)
    torch.testing.assert_close(net.input_gradient(c * x), gradient)
    torch.testing.assert_close(scaled.input_gradient(x), c * gradient)
    torch.testing.assert_close((x * gradient).sum(-1), f)


def test_value_and_gradient_at_the_start() -> None:
    """prop-scales: the moments, and a chi-square law that knows neither f nor the gates."""
    d, m, n = 6, 20, 4000
    nets, x = initialise(d, m, range(n), dtype=torch.float64), unit(1, 1, d)
    f, gradient = (part[:, 0] for part in nets.value_and_gradient(x))
    square, active = gradient.square().sum(-1), gates(nets, x)[:, 0].sum(-1)
    for sample, mean in ((f, 0.0), (f**2, 0.5), (square, d / 2), (active, m / 2)):
        assert abs(float(sample.mean()) - mean) <= 4 * float(sample.std()) / math.sqrt(n)
    chi = ((square - f**2) * m / active).sort()
    shape = torch.tensor((d - 1) / 2, dtype=torch.float64)
    law = torch.special.gammainc(shape, chi.values / 2)
    ranks = (torch.arange(n) + 0.5).double() / n
    assert (law - ranks).abs().max() <= 1.95 / math.sqrt(n)  # Kolmogorov and Smirnov, at 0.1%
    for other in (f, f**2, active):
        pair = torch.stack([chi.values, other[chi.indices]])
        assert abs(float(torch.corrcoef(pair)[0, 1])) <= 4 / math.sqrt(n)


# Steps.


@pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)
@pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED], ids=lambda loss: loss.name)
@given(SEED, st.floats(0.01, 2))
def test_the_steepest_direction(ball: Ball, loss: Loss, seed: int, radius: float) -> None:
    """prop-steepest: no step of the ball does better, and every loss has the same direction."""
    net, x = start(seed, 6, 12), unit(seed + 1, 8, 6)
    y = torch.where(torch.arange(8) % 2 == 0, 1.0, -1.0).double()
    f, gradient = net.value_and_gradient(x)
    best = radius * ball.dual_direction(-y[:, None] * gradient)
    lowest = y * f - radius * ball.dual_norm(gradient)
    torch.testing.assert_close(y * f + y * (best * gradient).sum(-1), lowest)
    assert (ball.norm(best) <= radius * (1 + 1e-9)).all()
    others = ball.sample((500, 6), radius, torch.Generator().manual_seed(seed)).double()
    assert (y * f + y * (others @ gradient.mT) >= lowest - 1e-6 * radius).all()
    slope = AutogradModel(lambda p: loss.value(net.value(p), y)).input_gradient(x)
    torch.testing.assert_close(radius * ball.dual_direction(slope), best)


@given(SEED, st.integers(2, 6), st.integers(1, 40), st.sampled_from([0, 0.3]))
def test_a_network_along_its_gradient(seed: int, d: int, m: int, alpha: float) -> None:
    """prop-ray, cor-first-root: breakpoints by their formula against passes and the package."""
    net = initialise(d, m, seed, activation=leaky_relu(alpha), dtype=torch.float64)
    x = unit(seed, 1, d)
    f, g = net.value_and_gradient(x)
    if g.norm() < 1e-9:
        return
    z, q = net.preactivation(x)[0], -(torch.sign(f) * g @ net.w.mT)[0]
    crossing = ((z <= 0) & (q > 0)) | ((z > 0) & (q < 0))
    t, order = (-z / q)[crossing].sort()
    change = ((1 - alpha) * torch.sign(f) * net.a * q.abs() / math.sqrt(m))[crossing][order]

    def phi(eta: torch.Tensor) -> torch.Tensor:
        bends = (change * (eta[:, None] - t).clamp(min=0)).sum(-1)
        return f.abs() - eta * g.square().sum() + bends

    grid = torch.linspace(0, 5 / d, 50).double()
    passes = torch.sign(f) * net.value(x - grid[:, None] * torch.sign(f) * g)
    torch.testing.assert_close(phi(grid), passes, rtol=1e-9, atol=1e-9)
    corners = torch.cat([torch.zeros(1).double(), t])
    slopes = -g.square().sum() + torch.cat([torch.zeros(1).double(), change.cumsum(0)])
    ends = torch.cat([t, torch.tensor([math.inf]).double()])
    roots = corners - phi(corners) / slopes
    good = (slopes < -1e-9) & (roots <= ends)
    first = float(roots[good][0]) if good.any() else math.inf
    assert float(flipping_step(net, x).step) == pytest.approx(first, rel=1e-6)


# Lazy networks.


def moved(start: TwoLayer, c0: float, direction: torch.Tensor) -> TwoLayer:
    """Every row moved by exactly C0/sqrt(m) along its row of ``direction``."""
    unit = direction / torch.linalg.vector_norm(direction, dim=-1, keepdim=True)
    return replace(start, w=start.w + c0 / math.sqrt(start.m) * unit)


@settings(max_examples=50, deadline=None)
@given(SEED, st.integers(1, 20), st.integers(1, 50), st.floats(0.01, 20), st.booleans())
def test_values_of_lazy_networks(seed: int, d: int, m: int, c0: float, worst: bool) -> None:
    """lem-lazy-value: rows moved by the whole radius, at random and in the worst way."""
    start = initialise(d, m, seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, d, generator=generator, dtype=torch.float64)
    random = torch.randn(m, d, generator=generator, dtype=torch.float64)
    direction = start.a[:, None] * x if worst else random
    change = moved(start, c0, direction).value(x) - start.value(x)
    assert change.abs().item() <= c0 * torch.linalg.vector_norm(x).item() * (1 + 1e-9)


@pytest.mark.parametrize("c0", [0.5, 2.0])
def test_how_many_neurons_can_switch(c0: float) -> None:
    """lem-few-switch: the mean over 200 networks, and that the bound is nearly reached."""
    m, x = 2000, torch.eye(3)[:1]
    start = initialise(3, m, range(200))
    switching = (start.preactivation(x).abs() <= c0 / math.sqrt(m)).sum(-1).double()
    bound = c0 * math.sqrt(2 * m / math.pi)
    error = math.sqrt(bound / 200)  # binomial, so the variance is below the mean
    assert bound * 0.98 - 5 * error <= switching.mean() <= bound + 5 * error


@settings(max_examples=200, deadline=None)
@given(SEED, st.integers(2, 6), st.integers(2, 400), st.floats(1.01, 3))
def test_two_conditions_flip_the_sign(seed: int, d: int, m: int, factor: float) -> None:
    """lem-three-terms: where both conditions hold on the segment, the sign changes."""
    net = initialise(d, m, seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, d, generator=generator, dtype=torch.float64)
    f, g = net.value_and_gradient(x)
    length = torch.linalg.vector_norm(g)
    if f.abs() < 1e-9 or length < 1e-9:
        return
    delta = -factor * 2 * f.abs() / length**2 * torch.sign(f) * g
    z, q = net.preactivation(x)[0], (delta @ net.w.mT)[0]
    kinks = -z / q
    inside = kinks[(kinks > 0) & (kinks < 1)].sort().values
    ends = torch.cat([torch.zeros(1), inside, torch.ones(1)]).double()
    middles = (ends[1:] + ends[:-1]) / 2  # one point of every piece of the segment
    change = net.input_gradient(x + middles[:, None] * delta) - g
    if torch.linalg.vector_norm(change, dim=-1).max() <= length / 2:
        assert torch.sign(net.value(x + delta)) == -torch.sign(f)
