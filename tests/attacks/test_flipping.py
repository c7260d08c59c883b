"""The exact flipping step against bisection, exact arithmetic and its own definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.networks import GAUSSIAN_RELU, RELU, Activation, TwoLayer, initialise, leaky_relu
from tests.conftest import Trained
from tests.oracles import Walk, exact_step

LEAKY = leaky_relu(0.25)
ACTIVATIONS = pytest.mark.parametrize("activation", [RELU, LEAKY], ids=lambda s: s.name)
BIASES = pytest.mark.parametrize("biases", [False, True], ids=["no-bias", "bias"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
DIGITS = {torch.float32: 1e-4, torch.float64: 1e-9}  # relative accuracy to ask for


def points(n: int, d: int, seed: int = 0) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def agrees(found: Tensor, expected: Tensor, tolerance: float, floor: float = 0.0) -> bool:
    """Whether steps are equal up to a relative tolerance, infinite ones exactly.

    Where f(x) is small by cancellation, a step inherits its absolute error: give a ``floor``.
    """
    found = found.double()
    near = (found - expected).abs() <= tolerance * (expected + floor)
    return bool(((found == expected) | near).all())


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


# Rays on which nothing flips.


@DTYPES
@given(seed=st.integers(0, 10**6), d=st.integers(1, 5))
def test_a_dying_neuron_leaves_the_sign_to_the_output_bias(
    dtype: torch.dtype, seed: int, d: int
) -> None:
    """sec-flipping: relu(w . x) + c with c > 0 never flips; rounding must not invent a far root."""
    net = initialise(d, 1, seed, dtype=dtype)
    net = replace(net, a=torch.ones_like(net.a), c=torch.ones((), dtype=dtype))
    flip = flipping_step(net, points(4, d, seed).to(dtype))
    assert flip.step.isinf().all()
    assert flip.distance.isinf().all()


def test_no_gradient_no_flip() -> None:
    """sec-flipping: where every neuron is off, f is a constant and the ray is a point."""
    net = TwoLayer(torch.eye(2), torch.tensor([1.0, -1.0]), None, torch.tensor(-0.5))
    flip = flipping_step(net, torch.tensor([[-1.0, -2.0]]))
    assert flip.gradient_norm.tolist() == [0.0]
    assert flip.step.tolist() == flip.distance.tolist() == [math.inf]


def test_by_hand() -> None:
    """sec-flipping: f = (relu(x_1) + relu(-x_1) - relu(x_2) + relu(-x_2)) / 2 = (|x_1| - x_2) / 2.

    Both rays run along (-1, 1) / 2. From (2, 1), f falls from 1/2 at the rate 1/2 and is 0 after
    eta = 1. From (1, -2), it falls from 3/2 to 1/2 at (0, -1), where |x_1| begins to rise as fast
    as x_2: f stays 1/2 for ever.
    """
    w = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    net = TwoLayer(w, torch.tensor([1.0, 1.0, -1.0, 1.0]))
    flip = flipping_step(net, torch.tensor([[2.0, 1.0], [1.0, -2.0]]))
    torch.testing.assert_close(flip.step, torch.tensor([1.0, math.inf]))
    torch.testing.assert_close(flip.gradient_norm, torch.full((2,), 0.5**0.5))
    torch.testing.assert_close(flip.distance, torch.tensor([0.5**0.5, math.inf]))


@ACTIVATIONS
def test_on_the_boundary_the_step_is_zero(activation: Activation) -> None:
    """sec-flipping: f(x) = 0 needs no step; without biases x = 0 is such a point."""
    net = initialise(5, 9, 0, activation=activation)
    flip = flipping_step(net, torch.cat([torch.zeros(1, 5), torch.ones(1, 5)]))
    assert flip.step[0] == flip.distance[0] == 0
    assert flip.step[1] > 0


def test_neurons_on_their_kink() -> None:
    """sec-flipping: z = 0 at x counts as off, and the neuron joins at once if the ray lifts it.

    f = relu(x_1) - relu(x_2 - x_1) from (1, 1): the gradient is (1, 0), so the ray lowers x_1 and
    the second neuron, with z = 0, starts at once: f = (1 - eta) - eta.
    """
    w = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])
    net = TwoLayer(w, torch.tensor([1.0, -1.0]))
    flip = flipping_step(net, torch.ones(1, 2))
    root = 0.5**0.5  # the gradient is (1, 0) / sqrt(2)
    torch.testing.assert_close(flip.step, torch.tensor([0.5 / root]))
    torch.testing.assert_close(flip.distance, torch.tensor([0.5]))


# Scaling, ensembles, batches.


@BIASES
@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-3, 0.5, 7.0, 1e3]))
def test_steps_scale(biases: bool, seed: int, scale: float) -> None:
    """sec-flipping, prop-cone: steps of c f are those of f over c; steps grow with x."""
    net = initialise(5, 30, seed, biases=biases, dtype=torch.float64)
    x = points(5, 5, seed)
    step = flipping_step(net, x).step
    b, c = (None if t is None else scale * t for t in (net.b, net.c))
    louder = flipping_step(replace(net, w=scale * net.w, b=b, c=c), x)
    assert agrees(louder.step, step / scale, 1e-7)
    assert biases or agrees(flipping_step(net, scale * x).step, step * scale, 1e-7)


@ACTIVATIONS
@BIASES
def test_an_ensemble_equals_its_members(activation: Activation, biases: bool) -> None:
    """sec-flipping: members share inputs or have their own; an ensemble of one is its member."""
    make = partial(initialise, 6, 40, biases=biases, activation=activation, dtype=torch.float64)
    team = make([3, 4, 5])
    shared, own = points(7, 6), torch.stack([points(7, 6, k) for k in range(3)])
    for x in (shared, own):
        together = flipping_step(team, x)
        for k in range(3):
            alone = flipping_step(team.member(k), x if x is shared else x[k])
            assert all(agrees(a[k], b, 1e-9) for a, b in zip(together, alone, strict=True))
    pairs = zip(flipping_step(make([3]), shared), flipping_step(make(3), shared), strict=True)
    assert all(agrees(a[0], b, 1e-9) for a, b in pairs)


def test_the_batch_does_not_matter() -> None:
    """sec-flipping: inputs are worked on in blocks, which nobody may notice."""
    net, x = initialise(4, 2000, 0, dtype=torch.float64), points(400, 4)
    together = flipping_step(net, x)
    assert together.step.shape == together.gradient_norm.shape == together.distance.shape == (400,)
    for row in range(0, 400, 37):
        alone = flipping_step(net, x[row : row + 1])
        assert agrees(together.step[row : row + 1], alone.step, 1e-9)
    assert flipping_step(net, x[:0]).step.shape == (0,)


@DTYPES
def test_norm_distance_and_value(dtype: torch.dtype) -> None:
    """sec-flipping: f, its gradient and the length of the step, in the precision of the inputs."""
    net, x = initialise(6, 50, 0, dtype=dtype), points(9, 6).to(dtype)
    flip = flipping_step(net, x)
    assert [part.dtype for part in flip] == [dtype] * 4
    torch.testing.assert_close(flip.gradient_norm, net.input_gradient(x).norm(dim=-1))
    torch.testing.assert_close(flip.distance, flip.step * flip.gradient_norm)
    torch.testing.assert_close(flip.value, net.value(x))


# Bad input.

NET, X = initialise(5, 6, 0), torch.ones(3, 5)
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "smooth": (
        lambda: flipping_step(replace(NET, activation=GAUSSIAN_RELU), X),
        "activation is Gaussian ReLU, which is smooth; .* use ReLU or a leaky ReLU",
    ),
    "columns": (lambda: flipping_step(NET, X[:, :4]), r"x has shape \(3, 4\); expected"),
    "one-input": (lambda: flipping_step(NET, X[0]), r"x has shape \(5,\); expected"),
    "nan": (lambda: flipping_step(NET, X * math.nan), "x holds a NaN"),
    "infinite": (lambda: flipping_step(NET, X * math.inf), "x holds a NaN or an infinity"),
    "network": (lambda: flipping_step(replace(NET, w=NET.w * math.nan), X), r"f\(x\) holds a NaN"),
    "precision": (lambda: flipping_step(NET, X.double()), "x is torch.float64 and the network"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """sec-flipping: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
