"""The flipping step where nothing flips, by hand, in batches and ensembles; what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.attacks import flipping_step
from advtheory.networks import GAUSSIAN_RELU, Activation, TwoLayer, initialise
from tests.attacks.rays import ACTIVATIONS, BIASES, DTYPES, agrees, points

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


def test_tensors_that_ask_for_gradients() -> None:
    """sec-flipping: inputs and weights with a graph have the same steps; no graph comes out."""
    net, x = initialise(6, 50, 0), points(9, 6).float()
    graph = replace(net, w=net.w.clone().requires_grad_())
    for found, expected in zip(
        flipping_step(graph, x.clone().requires_grad_()), flipping_step(net, x), strict=True
    ):
        assert not found.requires_grad
        assert torch.equal(found, expected)


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
    "half": (
        lambda: flipping_step(NET.to("cpu", torch.float16), X.half()),
        "w is torch.float16; the exact flipping step needs float32 or float64: convert the",
    ),
    "members": (
        lambda: flipping_step(initialise(5, 6, [0, 1, 2]), X.expand(2, 3, 5)),
        r"x has shape \(2, 3, 5\) and w \(3, 6, 5\); expected",
    ),
    "precision": (lambda: flipping_step(NET, X.double()), "x is torch.float64 and the network"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """sec-flipping: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
