"""The exact flipping step against bisection, exact arithmetic and its own definition."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.attacks import flipping_step
from advtheory.networks import Activation, TwoLayer, initialise
from tests.attacks.rays import ACTIVATIONS, BIASES, DIGITS, DTYPES, agrees, points
from tests.conftest import Trained
from tests.oracles import Walk, exact_step


@ACTIVATIONS
@BIASES
@DTYPES
@pytest.mark.parametrize(("d", "m"), [(5, 16), (30, 200), (50, 3000)])
def test_random_networks_against_bisection(
    activation: Activation, biases: bool, dtype: torch.dtype, d: int, m: int
) -> None:
    """sec-flipping: the first sign change that a dense scan from 0 finds, on random networks."""
    net = initialise(d, m, d, biases=biases, activation=activation, dtype=dtype)
    x = points(12, d).to(dtype)
    walk, found = Walk(net, x), flipping_step(net, x).step
    reach = 10 / d**0.5
    expected = walk.scan(reach, 2000 if m < 1000 else 300)
    near = found < reach
    assert near.sum() >= 4
    assert agrees(found[near], expected[near], DIGITS[dtype], floor=float(found[near].median()))
    assert expected[found > reach].isinf().all()


@ACTIVATIONS
@BIASES
def test_trained_networks_against_bisection(
    trained: Trained, activation: Activation, biases: bool
) -> None:
    """thm-lazy-fragile: on lazily trained networks and real test images, bisection agrees."""
    net, x = trained(biases, activation)
    flip = flipping_step(net, x)
    reach = float(flip.step[flip.step.isfinite()].max()) * 1.1
    assert flip.step.isfinite().float().mean() > 0.9
    expected, usual = Walk(net, x).scan(reach, 1500), float(flip.step.median())
    wide = flipping_step(net.to("cpu", torch.float64), x.double())
    assert agrees(flip.step, expected, 1e-4, floor=usual)
    assert agrees(wide.step, expected, 1e-9, floor=usual)


@ACTIVATIONS
@BIASES
@given(seed=st.integers(0, 10**6), d=st.integers(1, 12), root=st.integers(1, 7))
def test_the_definition_holds(
    activation: Activation, biases: bool, seed: int, d: int, root: int
) -> None:
    """sec-flipping: f = 0 at the step and keeps its sign before it, for ever if it is infinite."""
    net = initialise(d, root * root, seed, biases=biases, activation=activation).to(
        "cpu", torch.float64
    )
    x = points(6, d, seed)
    flip, walk = flipping_step(net, x), Walk(net, x)
    finite = flip.step.isfinite()
    scale = walk.height(torch.zeros(6).double()) + flip.gradient_norm**2 * flip.step.where(
        finite, 0.0
    )
    assert (walk.height(flip.step.where(finite, 0.0)).abs() <= 1e-9 * scale)[finite].all()
    far = flip.step.where(finite, 1e4) * (1 - 1e-9)
    shares = torch.cat([torch.linspace(0, 1, 200), torch.logspace(-6, 0, 100)]).double()
    assert (walk.height(shares[:, None] * far) >= -1e-9 * scale).all()


def zigzag(seed: int) -> TwoLayer:
    """On the line: slopes that alternate between 1 and -1 at 99 random kinks in [-10, 10]."""
    kinks = 20 * torch.rand(100, generator=torch.Generator().manual_seed(seed)).double() - 10
    kinks = kinks.sort().values
    w = torch.full((100, 1), 20.0).double()
    w[0] = 10.0  # one over the root of the width is 1/10
    signs = torch.tensor([1.0, -1.0] * 50).double()
    return TwoLayer(w, signs, -w[:, 0] * kinks, torch.tensor(-0.2).double())


def test_the_first_of_several_crossings_is_found() -> None:
    """sec-flipping, cor-first-root: of many crossings along the ray the first one counts."""
    x, several = torch.linspace(-11, 11, 23).double()[:, None], 0
    for seed in range(6):
        walk, found = Walk(zigzag(seed), x), flipping_step(zigzag(seed), x).step
        expected = walk.scan(22.0, 8800)
        assert (found <= expected * (1 + 1e-9)).all()  # two crossings may hide between grid points
        count = walk.crossings(22.0, 2200)
        several += int((count >= 3).sum())
        assert (found == expected)[expected.isinf()].all()
        assert (found / expected > 1 - 1e-9)[expected.isfinite()].float().mean() > 0.9
    assert several >= 50


def test_crowded_rays_against_bisection() -> None:
    """sec-flipping: in the plane, with biases, a ray passes hundreds of kinks."""
    for seed in range(6):
        net, x = initialise(2, 400, seed, biases=True, dtype=torch.float64), 3 * points(30, 2, seed)
        found, expected = flipping_step(net, x).step, Walk(net, x).scan(4.0, 2000)
        assert agrees(found[found < 4], expected[found < 4], 1e-9)
        assert expected[found > 4].isinf().all()


@ACTIVATIONS
@BIASES
@DTYPES
@pytest.mark.parametrize("whole", [False, True], ids=["real", "whole"])
@given(
    seed=st.integers(0, 10**6),
    d=st.integers(1, 3),
    root=st.sampled_from([1, 2, 4]),
    c=st.booleans(),
)
def test_small_networks_against_exact_arithmetic(
    activation: Activation,
    biases: bool,
    dtype: torch.dtype,
    whole: bool,
    seed: int,
    d: int,
    root: int,
    c: bool,
) -> None:
    """sec-flipping, cor-first-root: also where f only touches 0 or dies out, and with ties.

    A tie is a kink at x or at the root: whole weights and inputs make them common, one dimension
    without biases certain.
    """
    net = initialise(d, root * root, seed, biases=biases, activation=activation, dtype=dtype)
    x = points(2, d, seed).to(dtype)
    if whole:
        net = replace(net, w=net.w.round(), b=None if net.b is None else net.b.round())
        x = (2 * x).round()
    net = replace(net, c=torch.tensor(0.5 * (-1) ** seed, dtype=dtype) if c else None)
    found = flipping_step(net, x).step
    expected = torch.tensor([exact_step(net, row) for row in x], dtype=torch.float64)
    assert agrees(found, expected, DIGITS[dtype])
