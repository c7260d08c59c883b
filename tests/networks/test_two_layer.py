"""Two-layer networks: closed forms against autograd, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.networks import (
    GAUSSIAN_RELU,
    RELU,
    SOFTPLUS,
    Activation,
    AutogradModel,
    TwoLayer,
    deviation,
    initialise,
    leaky_relu,
)
from tests.networks.cases import ACTIVATIONS, BIASES, LAYOUT, LEAKY, close, network, points

TEXTBOOK: dict[str, Callable[[Tensor], Tensor]] = {
    RELU.name: lambda z: z.clamp(min=0),
    LEAKY.name: lambda z: torch.where(z > 0, z, 0.2 * z),
    GAUSSIAN_RELU.name: lambda z: (
        z * 0.5 * (1 + torch.erf(z / math.sqrt(2))) + torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    ),
    SOFTPLUS.name: lambda z: torch.log(1 + torch.exp(z)),
}


def textbook(net: TwoLayer, x: Tensor, w: Tensor | None = None, b: Tensor | None = None) -> Tensor:
    """The formula of sec-two-layer written with einsum, for autograd to differentiate."""
    z = torch.einsum("...nd,...md->...nm", x, net.w if w is None else w)
    if net.b is not None:
        z = z + (net.b if b is None else b).unsqueeze(-2)
    neurons = TEXTBOOK[net.activation.name](z)
    f: Tensor = torch.einsum("...nm,...m->...n", neurons, net.a) / net.a.shape[-1] ** 0.5
    return f if net.c is None else f + net.c.unsqueeze(-1)


@ACTIVATIONS
@BIASES
@LAYOUT
def test_value_and_input_gradient_agree_with_autograd(
    activation: Activation, biases: bool, seeds: list[int] | None, lead: tuple[int, ...]
) -> None:
    """sec-two-layer: f and its input gradient in closed form."""
    net, x = network(seeds, activation, biases), points(*lead, 7, 5)
    own = (x if seeds is None or lead else x.expand(3, 7, 5)).clone().requires_grad_()
    f = textbook(net, own)
    (gradient,) = torch.autograd.grad(f.sum(), own)
    both = net.value_and_gradient(x)
    assert close(net.value(x), f)
    assert close(net.input_gradient(x), gradient)
    assert close(both[0], f)
    assert close(both[1], gradient)


@ACTIVATIONS
@BIASES
@LAYOUT
def test_weight_gradient_agrees_with_autograd(
    activation: Activation, biases: bool, seeds: list[int] | None, lead: tuple[int, ...]
) -> None:
    """sec-two-layer: gradients with respect to the rows of the first layer and the biases."""
    net, x = network(seeds, activation, biases), points(*lead, 7, 5)
    k = points(*(() if seeds is None else (3,)), 7, seed=1)
    w = net.w.clone().requires_grad_()
    b = None if net.b is None else net.b.clone().requires_grad_()
    variables = [w] if b is None else [w, b]
    expected = torch.autograd.grad((k * textbook(net, x, w, b)).sum(), variables)
    rows, shifts = net.weight_gradient(x, k)
    assert close(rows, expected[0])
    assert (shifts is None) is (not biases)
    assert not biases or close(shifts, expected[1])


@ACTIVATIONS
def test_one_coefficient_for_all_members(activation: Activation) -> None:
    """sec-two-layer: coefficients without the ensemble axis serve every member."""
    net, x, k = network([1, 2], activation, True), points(7, 5), points(7, seed=1)
    shared, each = net.weight_gradient(x, k), net.weight_gradient(x, k.expand(2, 7))
    assert close(shared[0], each[0])
    assert close(shared[1], each[1])


@ACTIVATIONS
@BIASES
def test_autograd_model_gives_the_same(activation: Activation, biases: bool) -> None:
    """sec-two-layer: the model by autograd and the closed forms are interchangeable."""
    net, x = network(None, activation, biases), points(7, 5)
    for function in (net.value, lambda x: textbook(net, x)):
        model = AutogradModel(function)
        assert close(model.value(x), net.value(x))
        assert close(model.input_gradient(x), net.input_gradient(x))
        assert close(model.linearise(x)[0], net.value(x))
        assert not model.value(x.requires_grad_()).requires_grad
        assert not model.linearise(x)[0].requires_grad
        x = x.detach()


@ACTIVATIONS
def test_calls_change_nothing(activation: Activation) -> None:
    """sec-two-layer: the in-place arithmetic never reaches the caller's tensors."""
    net, x, k = network([1, 2], activation, True), points(7, 5), points(7, seed=1)
    before = [t.clone() for t in (net.w, net.a, net.b, net.c, x, k) if t is not None]
    net.value_and_gradient(x)
    net.weight_gradient(x, k)
    after = [t for t in (net.w, net.a, net.b, net.c, x, k) if t is not None]
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))


@ACTIVATIONS
def test_activations_and_their_slopes(activation: Activation) -> None:
    """sec-two-layer: each activation is the textbook's, and its slope lies in [0, 1]."""
    z = torch.linspace(-6, 6, 1001, dtype=torch.float64).requires_grad_()
    reference = TEXTBOOK[activation.name](z)
    (slope,) = torch.autograd.grad(reference.sum(), z)
    away = z.detach().abs() > 0 if activation.kink is not None else torch.ones_like(z).bool()
    assert close(activation.value(z.detach()), reference.detach())
    assert close(activation.slope(z.detach())[away], slope[away])
    assert activation.slope(z.detach()).min() >= 0
    assert activation.slope(z.detach()).max() <= 1


@pytest.mark.parametrize("alpha", [0.0, 0.2])
def test_the_slope_at_a_kink_is_the_left_one(alpha: float) -> None:
    """sec-two-layer: at z = 0 the derivative from the left is used."""
    zero = torch.zeros(1)
    assert leaky_relu(alpha).slope(zero).item() == pytest.approx(alpha)
    assert leaky_relu(alpha).kink == alpha
    assert GAUSSIAN_RELU.kink is SOFTPLUS.kink is None


@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), alpha=st.sampled_from([0, 0.3, 1]))
def test_networks_without_biases_are_homogeneous(seed: int, scale: float, alpha: float) -> None:
    """sec-two-layer: f(x) = x . grad f(x), and f(tx) = t f(x) with the same gradient."""
    net = initialise(4, 9, seed, activation=leaky_relu(alpha), dtype=torch.float64)
    x = points(5, 4, seed=seed)
    f, gradient = net.value_and_gradient(x)
    assert close(f, (x * gradient).sum(-1))
    assert close(net.value(scale * x), scale * f, 1e-10 * scale)
    assert close(net.input_gradient(scale * x), gradient)


@BIASES
def test_deviation_is_the_largest_row(biases: bool) -> None:
    """def-lazy: |W - W_0| is the largest Euclidean length of a row, with biases of (w_s, b_s)."""
    start = network([1, 2], RELU, biases)
    moved = replace(
        start,
        w=start.w + points(2, 12, 5, seed=3),
        b=None if start.b is None else start.b + points(2, 12, seed=4),
    )
    rows = moved.w - start.w
    if moved.b is not None and start.b is not None:
        rows = torch.cat([rows, (moved.b - start.b)[..., None]], dim=-1)
    assert close(deviation(moved, start), rows.norm(dim=-1).max(dim=-1).values)
    assert deviation(start, start).abs().max() == 0
    with pytest.raises(ValueError, match="w holds a NaN"):
        deviation(replace(start, w=start.w * math.nan), start)


# Bad input.

NET, TEAM = initialise(5, 6, 0), initialise(5, 6, [0, 1])
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "width-0": (lambda: initialise(5, 0, 0), "m is 0; expected an integer of at least 1"),
    "d-negative": (lambda: initialise(-1, 5, 0), "d is -1; expected an integer of at least 1"),
    "no-seeds": (lambda: initialise(5, 6, []), "seeds is empty"),
    "signs": (lambda: initialise(5, 6, 0, signs="odd"), "signs is 'odd'; expected 'independent'"),
    "odd": (lambda: initialise(5, 7, 0, signs="antisymmetric"), "m is 7; .* choose an even width"),
    "alpha-1": (lambda: leaky_relu(1.1), r"alpha is 1.1; .* \[0, 1\]"),
    "alpha-nan": (lambda: leaky_relu(math.nan), "alpha is nan"),
    "columns": (lambda: NET.value(torch.ones(3, 4)), r"x has shape \(3, 4\); expected"),
    "no-rows": (lambda: NET.input_gradient(torch.ones(5)), r"x has shape \(5,\); expected"),
    "precision": (lambda: NET.value(torch.ones(3, 5).double()), "x is torch.float64 and the"),
    "member": (lambda: NET.member(0), "single network; member"),
    "a": (lambda: TwoLayer(NET.w, torch.ones(5)), r"w has shape \(6, 5\) and a \(5,\); expected"),
    "w": (lambda: TwoLayer(torch.ones(6), torch.ones(6)), r"w has shape \(6,\)"),
    "b": (lambda: TwoLayer(NET.w, NET.a, torch.ones(5)), r"b has shape \(5,\); expected that of a"),
    "c": (lambda: TwoLayer(NET.w, NET.a, None, torch.ones(3)), r"c has shape \(3,\); expected one"),
    "c-team": (lambda: replace(TEAM, c=torch.ones(())), r"c has shape \(\); .* \(2,\)"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """sec-two-layer: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
