"""What the attack is guaranteed to find, against networks, exact best attacks and a fine grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.losses import REFLECTED
from advtheory.networks import TwoLayer, leaky_relu
from advtheory.reflection import best_in_disc, bounds, iterates

SEEDS = st.integers(0, 10**6)
ALPHAS = st.floats(0, 1)


def drawn(seed: int, alpha: float, m: int, d: int = 2) -> TwoLayer:
    """Rows and a top layer of any size, in double precision."""
    generator = torch.Generator().manual_seed(seed)
    w, a, size = (
        torch.randn(*shape, generator=generator).double() for shape in ((m, d), (m,), (2,))
    )
    return TwoLayer(w * size[0].exp(), a * size[1].exp(), activation=leaky_relu(alpha))


def kappa(net: TwoLayer) -> float:
    return float(net.a.abs().max()) / math.sqrt(net.m)


def norm(net: TwoLayer) -> float:
    return float(torch.linalg.matrix_norm(net.w))


def points(seed: int, d: int = 2, n: int = 40) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(n, d, generator=generator).double()
    return x, torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0).double()


def q(margin: Tensor) -> Tensor:
    """The derivative of the logistic loss at the margin, without its sign; by autograd."""
    z = margin.clone().requires_grad_()
    (slope,) = torch.autograd.grad(torch.log1p(torch.exp(-z)).sum(), z)
    return -slope


def effective(net: TwoLayer, x: Tensor, y: Tensor, nu: float) -> tuple[Tensor, Tensor]:
    """The smallest margin in the disc, and where the normalised one is at most -beta."""
    assert net.activation.kink is not None
    best = y * net.value(best_in_disc(net, x, y, nu))
    beta = float(bounds.effective_threshold(nu, net.activation.kink, kappa(net), net.m))
    return best, best / norm(net) <= -beta * (1 + 1e-12)


@given(SEEDS, st.floats(0.5, 1), st.integers(1, 5), st.floats(0.1, 3), st.integers(1, 60))
def test_the_attack_is_found(seed: int, alpha: float, m: int, nu: float, steps: int) -> None:
    """thm-attack, prop-attack-first, prop-attack-sharp: at every point with an effective attack."""
    net, (x, y) = drawn(seed, alpha, m), points(seed)
    eta = float(bounds.attack_step(kappa(net), m, norm(net)))
    best, holds = effective(net, x, y, nu)
    found = y * net.value(pgd(net, x, y, radius=nu, step=eta, steps=steps, loss=REFLECTED))
    weights = q(found).clamp(0, 1).numpy()
    for bound in (bounds.attack_bound, bounds.first_bound, bounds.sharp_bound):
        most = torch.from_numpy(np.asarray(bound(weights, nu, eta, steps)))
        assert bool((q(best) <= most + 1e-12)[holds].all())
    if steps >= bounds.flip_iterations(nu, eta):
        assert bool((found <= 1e-9)[holds & (best <= -1)].all())


@given(SEEDS, st.floats(0.5, 1), st.integers(1, 5), st.floats(0.05, 1), st.floats(0.01, 1))
def test_how_low_the_attack_comes(
    seed: int, alpha: float, m: int, reach: float, share: float
) -> None:
    """prop-attack-sharp: chi_M of the margin found, and flips from M > 1/2 on, after any T."""
    net, (x, y) = drawn(seed, alpha, m), points(seed)
    g = kappa(net) * math.sqrt(m) * norm(net)
    nu, eta = 10 * reach / g, share * float(bounds.attack_step(kappa(net), m, norm(net)))
    best, holds = effective(net, x, y, nu)
    path = iterates(net, x, y, radius=nu, step=eta, steps=60)[:-1]
    found = (y * torch.stack([net.value(point) for point in path])).cummin(0).values
    s, strength, done = torch.sigmoid(found), -best, torch.arange(1, 61).double()[:, None]
    chi = s * (2 * found + strength - s)
    assert bool((chi <= nu**2 / (eta * done) + 1e-9)[:, holds].all())
    strong = holds & (strength > 0.51)
    late = torch.from_numpy(bounds.flip_iterations(nu, eta, strength[strong].numpy()))
    assert bool((found[:, strong] <= 1e-9)[done >= late].all())


def test_with_the_factor_one_it_is_false() -> None:
    """prop-attack-sharp: one straight neuron, one iteration; with 4/3 the bound holds."""
    net = TwoLayer(torch.ones(1, 1).double(), torch.ones(1).double(), activation=leaky_relu(1.0))
    x, y = torch.tensor([[0.015]], dtype=torch.float64), torch.ones(1).double()
    found = net.value(iterates(net, x, y, radius=0.03, step=1.0, steps=1)[0])
    best, excess = float(q(net.value(x - 0.03))), 0.03**2
    assert best == pytest.approx(0.50375, abs=5e-6)
    assert float(q(found)) + 4 * excess == pytest.approx(0.49985, abs=5e-6)
    assert float(q(found)) + 4 * excess < best < bounds.sharp_bound(float(q(found)), 0.03, 1, 1)


@given(SEEDS, ALPHAS, st.integers(1, 8), st.integers(2, 6))
def test_how_far_a_network_is_from_its_linearisation(
    seed: int, alpha: float, m: int, d: int
) -> None:
    """lem-linearisation-gap: at most (1 - alpha) kappa sqrt(m) |W| |x' - x|, at any two points."""
    net = drawn(seed, alpha, m, d)
    x, z = points(seed, d)[0], points(seed + 5, d)[0]
    f, gradient = net.value_and_gradient(x)
    gap = (net.value(z) - f - ((z - x) * gradient).sum(-1)).abs()
    most = (1 - alpha) * kappa(net) * math.sqrt(m) * norm(net) * (z - x).norm(dim=-1)
    assert bool((gap <= most * (1 + 1e-9) + 1e-9).all())


@given(SEEDS, st.floats(0, 0.5), st.integers(1, 8), st.floats(0.01, 10))
def test_no_right_answer_has_an_effective_attack(
    seed: int, alpha: float, m: int, nu: float
) -> None:
    """prop-void: for alpha up to one half, at no point with a positive margin."""
    net, (x, y) = drawn(seed, alpha, m), points(seed)
    _, holds = effective(net, x, y, nu)
    assert not bool((holds & (y * net.value(x) > 0)).any())


@pytest.mark.parametrize("alpha", [0.51, 0.6, 0.75, 1.0])
def test_above_one_half_there_are_such_points(alpha: float) -> None:
    """prop-void: one neuron that pulls down, up to t = (2 alpha - 1) nu behind it, no further."""
    net = TwoLayer(torch.tensor([[1.0, 0.0]]).double(), -torch.ones(1).double())
    net, ends, y = replace(net, activation=leaky_relu(alpha)), (2 * alpha - 1) * 0.5, torch.ones(3)
    shares = torch.tensor([0.01, 0.999, 1.001]).double()
    x = -ends * torch.stack([shares, 0 * shares], dim=-1)
    _, holds = effective(net, x, y.double(), 0.5)
    assert bool((net.value(x) > 0).all())
    assert holds.tolist() == [True, True, False]


def test_the_normalised_statement_fails_as_printed() -> None:
    """prop-attack-normalised: the counterexample, and the same numbers for the network itself."""
    net = TwoLayer(torch.tensor([[0.001]], dtype=torch.float64), torch.tensor([1000.0]).double())
    net, nu, eta, steps = replace(net, activation=leaky_relu(1.0)), 0.1, 0.01, 10
    x, y = torch.tensor([[0.09]], dtype=torch.float64), torch.ones(1).double()
    assert eta <= bounds.attack_step(kappa(net), 1, norm(net))
    found = net.value(pgd(net, x, y, radius=nu, step=eta, steps=steps, loss=REFLECTED))
    best = net.value(x - nu)
    sides = {}
    for name, scale in (("normalised", 1 / norm(net)), ("itself", 1.0)):
        right = bounds.attack_bound(float(q(scale * found)), nu, eta, steps)
        sides[name] = float(q(scale * best)), float(right)
    assert sides["normalised"] == pytest.approx((0.99995, 0.400), abs=5e-6)
    assert sides["itself"] == pytest.approx((0.50, 1.38), abs=5e-3)


@given(SEEDS, st.floats(0.5, 1), st.integers(1, 5), st.floats(1, 20), st.integers(1, 60))
def test_the_normalised_statement_holds_for_large_weights(
    seed: int, alpha: float, m: int, size: float, steps: int
) -> None:
    """prop-attack-normalised: it holds wherever the norm of W is at least 1."""
    net, (x, y) = drawn(seed, alpha, m), points(seed)
    net = replace(net, w=net.w * size / norm(net))
    eta = float(bounds.attack_step(kappa(net), m, norm(net)))
    best, holds = effective(net, x, y, 1.0)
    found = y * net.value(pgd(net, x, y, radius=1.0, step=eta, steps=steps, loss=REFLECTED))
    weights = q(found / size).clamp(0, 1).numpy()
    most = torch.from_numpy(np.asarray(bounds.attack_bound(weights, 1.0, eta, steps)))
    assert bool((q(best / size) <= most + 1e-12)[holds].all())


def test_the_inequalities_of_numbers() -> None:
    """thm-attack, prop-attack-first: the steps from z to numbers, on a fine grid of z >= 0."""
    z = np.linspace(0, 40, 400_001)
    s = 1 / (1 + np.exp(-z))
    chi, psi = s * (2 * z + 1 - s), s * (2 * z - s)
    assert (np.diff(chi) > 0).all()
    assert (np.diff(psi) > 0).all()
    assert chi[0] == 0.25
    least = (2 * (1 - s) + 4 * np.maximum(psi, 0)).min()
    assert 6 / 7 <= least == pytest.approx(0.8582, abs=1e-4)
    assert math.exp(-math.log1p(math.exp(-1))) == pytest.approx(0.7311, abs=1e-4)
    assert least > 3 / 4 > 1 / (1 + math.exp(-1))
    first = (7 / 3 * (1 - s) + np.maximum(psi, 0)).min()
    assert 1 <= first == pytest.approx(1.0013, abs=5e-5)
    assert math.log(4 / 3) > 2 / 7
    assert z[(psi > 0).argmax()] == pytest.approx(0.2854, abs=2e-4)
    assert z[(psi > 0).argmax()] < math.log(4 / 3)


def test_the_inequality_with_four_thirds() -> None:
    """prop-attack-sharp: 4/3 q + max(chi_M, 0) > s(M), on a grid; and the ratio in the limit."""
    z, strength = np.linspace(-40, 30, 7001), np.linspace(0, 60, 601)[:, None]
    s, right = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-strength))
    chi = s * (2 * z + strength - s)
    assert 0.02 < (4 / 3 * (1 - s) + np.maximum(chi, 0) - right).min() < 0.04
    z = z[2 * z <= s]
    s = 1 / (1 + np.exp(-z))
    ratio = (1 + np.exp(z)) / (1 + np.exp(2 * z - s))  # of s(M) and q(z), with M = s(z) - 2z
    assert 1.28 < ratio.max() < 1.285


@given(st.floats(0, 3), st.floats(1e-3, 10), st.floats(1e-3, 1))
def test_iterations_are_enough(nu: float, eta: float, eps: float) -> None:
    """cor-attack-iterations: after so many the second term is at most eps, after one less not."""
    steps = float(bounds.suboptimal_iterations(nu, eta, eps))
    assert bounds.attack_bound(0, nu, eta, steps) <= eps * (1 + 1e-9)
    assert steps == 1 or bounds.attack_bound(0, nu, eta, steps - 1) > eps * (1 - 1e-9)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bounds.effective_threshold(1, 1.5, 1, 1), "alpha is 1.5; expected the slope"),
        (lambda: bounds.effective_threshold(-1, 0.5, 1, 1), "nu is -1.0; expected a finite number"),
        (lambda: bounds.attack_step(0, 1, 1), "kappa is 0.0; expected a finite number above 0"),
        (lambda: bounds.attack_bound(1.2, 1, 1, 1), "q_atk is 1.2; expected a weight from 0 to 1"),
        (lambda: bounds.attack_bound(0.5, 1, 1, math.nan), "steps is nan; expected"),
        (lambda: bounds.flip_iterations(1, 1, 0.5), "M is 0.5; expected a finite number above 1/2"),
        (lambda: bounds.suboptimal_iterations(1, 1, 0), "eps is 0.0; expected a number above 0"),
    ],
)
def test_bad_input_gets_a_sentence(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
