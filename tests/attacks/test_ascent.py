"""Attacks: what they may never do, and where they must be optimal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import Schedule, ascend, bim, fgsm, pgd, steepest
from advtheory.losses import LOGISTIC, REFLECTED, Loss
from advtheory.networks import GAUSSIAN_RELU, RELU, AutogradModel, TwoLayer, initialise, leaky_relu
from advtheory.norms import L2, LINF, Ball

BALLS = pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)
balls = st.sampled_from([L2, LINF])
losses = st.sampled_from([None, LOGISTIC, REFLECTED])
seeds = st.integers(0, 10**6)
radii = st.sampled_from([0.0, 0.05, 0.7])


def images(n: int, d: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Inputs in [0, 1] and labels."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, d, generator=generator, dtype=torch.float64)
    return x, 2.0 * torch.randint(0, 2, (n,), generator=generator).double() - 1


def network(seeds: int | list[int] = 0, d: int = 6, m: int = 20, biases: bool = True) -> TwoLayer:
    return initialise(d, m, seeds, biases=biases, dtype=torch.float64)


def linear(d: int, seed: int = 0) -> tuple[AutogradModel, Tensor]:
    v = torch.randn(d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return AutogradModel(lambda x: x @ v - 0.3), v


def size(ball: Ball, v: Tensor) -> Tensor:
    return v.square().sum(-1).sqrt() if ball.name == "l2" else v.abs().amax(-1)


# What no attack may do.


@given(balls, losses, seeds, radii, st.sampled_from(["best", "last"]), st.booleans())
def test_attacks_stay_in_the_ball_and_in_the_box(
    ball: Ball, loss: Loss | None, seed: int, radius: float, keep: str, boxed: bool
) -> None:
    """sec-attacks: |x' - x| <= r and x' in [0, 1]^d, whatever the hooks."""
    net, (x, y) = network(seed), images(9, 6, seed)
    options: dict[str, Any] = {"box": (0.0, 1.0) if boxed else None, "keep": keep, "restarts": 1}
    options["generator"] = torch.Generator().manual_seed(seed)
    found = pgd(net, x, y, ball=ball, radius=radius, steps=5, loss=loss, **options)
    assert found.shape == x.shape
    assert (size(ball, found - x) <= radius + 1e-12).all()
    assert not boxed or bool(((found >= 0) & (found <= 1)).all())


@given(balls, losses, seeds, radii, st.sampled_from([0.01, 0.5, 100.0]))
def test_the_best_iterate_is_never_worse_than_the_start(
    ball: Ball, loss: Loss | None, seed: int, radius: float, step: float
) -> None:
    """sec-attacks: y f(x') <= y f(x), even with absurd steps."""
    net, (x, y) = network(seed), images(9, 6, seed)
    found = pgd(net, x, y, ball=ball, radius=radius, steps=4, step=step, loss=loss)
    assert (y * net.value(found) <= y * net.value(x)).all()


@given(balls, losses, seeds)
def test_more_steps_and_restarts_never_hurt(ball: Ball, loss: Loss | None, seed: int) -> None:
    """sec-attacks: the best of a longer run, or of more runs, has no larger margin."""
    net, (x, y) = network(seed), images(9, 6, seed)

    def margin(steps: int, restarts: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        options: dict[str, Any] = {"step": 0.1, "restarts": restarts, "generator": generator}
        found = pgd(net, x, y, ball=ball, radius=0.4, steps=steps, loss=loss, **options)
        return y * net.value(found)

    assert (margin(6, 0) <= margin(3, 0)).all()
    assert (margin(3, 2) <= margin(3, 1)).all()
    assert (margin(3, 1) <= margin(3, 0)).all()


@BALLS
@pytest.mark.parametrize("keep", ["best", "last"])
def test_no_budget_no_change(ball: Ball, keep: str) -> None:
    """sec-attacks: radius 0 returns x, exactly."""
    net, (x, y) = network(), images(9, 6)
    assert torch.equal(pgd(net, x, y, ball=ball, radius=0.0, keep=keep, restarts=1), x)
    assert torch.equal(fgsm(net, x, y, ball=ball, radius=0.0), x)


def test_the_inputs_are_not_touched() -> None:
    """sec-attacks: neither x nor y nor the network changes."""
    net, (x, y) = network(), images(9, 6)
    before = x.clone(), y.clone(), net.w.clone()
    pgd(net, x, y, radius=0.5, box=(0.0, 1.0), restarts=1)
    assert all(torch.equal(a, b) for a, b in zip(before, (x, y, net.w), strict=True))


@BALLS
def test_restarts_begin_inside_the_box(ball: Ball) -> None:
    """sec-attacks: a starting point may itself be the best one, so it must be allowed."""
    net, (x, y) = network(), images(200, 6)
    generator = torch.Generator().manual_seed(0)
    options: dict[str, Any] = {"box": (0.0, 1.0), "restarts": 2, "generator": generator}
    found = pgd(net, x, y, ball=ball, radius=0.5, steps=1, step=0.0, **options)
    assert (found != x).any(-1).sum() >= 50
    assert bool(((found >= 0) & (found <= 1)).all())
    assert (size(ball, found - x) <= 0.5 + 1e-6).all()


# Where the optimum is known.


@given(balls, seeds, radii)
def test_a_linear_model_is_attacked_optimally(ball: Ball, seed: int, radius: float) -> None:
    """sec-attacks, prop-steepest: for f(x) = v . x + c the smallest margin is y f(x) - r |v|_*."""
    (model, v), (x, y) = linear(6, seed), images(9, 6, seed)
    optimum = y * model.value(x) - radius * ball.dual_norm(v)
    long = pgd(model, x, y, ball=ball, radius=radius, steps=20)
    short = fgsm(model, x, y, ball=ball, radius=radius)
    other = pgd(model, x, y, ball=ball, radius=radius, steps=3, step=5.0, loss=REFLECTED)
    torch.testing.assert_close(y * model.value(long), optimum)
    torch.testing.assert_close(y * model.value(short), optimum)
    assert (y * model.value(other) >= optimum - 1e-12).all()


@given(balls, seeds, radii)
def test_a_single_neuron_is_attacked_optimally(ball: Ball, seed: int, radius: float) -> None:
    """sec-attacks: sigma(w . x + b) is monotone in z, and z ranges over z +- r |w|_*."""
    net = initialise(4, 1, seed, biases=True, activation=leaky_relu(0.1), dtype=torch.float64)
    x, y = images(9, 4, seed)
    assert net.c is not None
    sign = y * net.a  # the attack lowers sign * sigma(z)
    z = net.preactivation(x)[:, 0] - sign * radius * ball.dual_norm(net.w)
    optimum = sign * torch.where(z > 0, z, 0.1 * z) + y * net.c
    found = pgd(net, x, y, ball=ball, radius=radius, steps=20)
    torch.testing.assert_close(y * net.value(found), optimum)


@pytest.mark.parametrize("box", [None, (0.0, 1.0)])
def test_fgsm_by_hand(box: tuple[float, float] | None) -> None:
    """sec-attacks: x - r y sign(grad f), clipped."""
    net, (x, y) = network(), images(9, 6)
    point = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net.value(point).sum(), point)
    expected = x - 0.2 * y[:, None] * gradient.sign()
    expected = expected if box is None else expected.clip(*box)
    torch.testing.assert_close(fgsm(net, x, y, radius=0.2, box=box), expected)


def test_bim_by_hand() -> None:
    """sec-attacks: ten signed steps of r / 10, clipped to the box."""
    net, (x, y) = network(), images(9, 6)
    point = x
    for _ in range(10):
        gradient = AutogradModel(net.value).input_gradient(point)
        point = (point - 0.02 * y[:, None] * gradient.sign()).clip(x - 0.2, x + 0.2).clip(0, 1)
    torch.testing.assert_close(bim(net, x, y, radius=0.2, box=(0.0, 1.0)), point)


@BALLS
@pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED], ids=lambda loss: loss.name)
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_raw_attack_is_gradient_ascent_on_the_loss(ball: Ball, loss: Loss, steps: int) -> None:
    """sec-attacks: projected ascent on l(y f(x)), differentiated by autograd, step by step."""
    net, (x, y) = network(), images(9, 6)
    point = x
    for _ in range(steps):
        point = point.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss.value(net.value(point), y).sum(), point)
        delta = point.detach() + 0.15 * gradient - x
        if ball is L2:
            delta = delta * (0.3 / delta.norm(dim=-1, keepdim=True)).clamp(max=1.0)
        point = x + delta.clamp(-0.3, 0.3)
    options: dict[str, Any] = {"steps": steps, "step": 0.15, "loss": loss, "keep": "last"}
    found = pgd(net, x, y, ball=ball, radius=0.3, **options)
    torch.testing.assert_close(found, point.detach())


@BALLS
def test_normalised_steps_have_their_length(ball: Ball) -> None:
    """sec-attacks: a step moves by its length along the dual direction of -y grad f."""
    net, (x, y) = network(), images(9, 6)
    schedule = Schedule(radius=10.0, step=0.01, steps=1, keep="last")
    found = ascend(net, x, y, ball=ball, schedule=schedule, direction=steepest(ball))
    gradient = net.input_gradient(x)
    torch.testing.assert_close(size(ball, found - x), torch.full((9,), 0.01).double())
    decrease = -y * ((found - x) * gradient).sum(-1)
    torch.testing.assert_close(decrease, 0.01 * ball.dual_norm(gradient))


# Saturation.


@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
def test_saturated_margins_do_not_stall_the_attack(loss: Loss | None) -> None:
    """sec-attacks: with weights times 10^6 the margin attack finds the same points.

    The reflected loss moves too, where the logistic loss has no gradient left.
    """
    small, (x, y) = network(biases=False).to("cpu", torch.float32), images(30, 6)
    x, y = x.float(), small.value(x.float()).sign()  # every margin is positive
    large = replace(small, w=small.w * 1e6)
    options: dict[str, Any] = {"radius": 0.3, "steps": 8, "keep": "last"}
    margin = y * large.value(x)
    assert margin.median() > 1e5
    stalled = pgd(large, x, y, loss=LOGISTIC, step=0.1, **options)
    assert torch.equal(stalled[margin > 1e3], x[margin > 1e3])
    found = pgd(large, x, y, loss=loss, step=0.1 if loss is None else 1e-8, **options)
    assert (y * large.value(found) < margin).all()
    if loss is None:
        torch.testing.assert_close(found, pgd(small, x, y, step=0.1, **options))


def test_tiny_gradients_do_not_stall_the_attack() -> None:
    """sec-attacks: with weights times 10^-30 the margin attack finds the same points."""
    net, (x, y) = network(biases=False).to("cpu", torch.float32), images(30, 6)
    tiny = replace(net, w=net.w * 1e-30)
    expected, found = (pgd(f, x.float(), y, radius=0.3, keep="last") for f in (net, tiny))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


# Batches, ensembles, other models.


@BALLS
@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
def test_the_batch_does_not_matter(ball: Ball, loss: Loss | None) -> None:
    """sec-attacks: rows attacked one by one or with 600 others end at the same points."""
    net, (x, y) = network(), images(600, 6)
    together = pgd(net, x, y, ball=ball, radius=0.3, steps=6, loss=loss)
    for row in range(0, 600, 47):
        one = slice(row, row + 1)
        alone = pgd(net, x[one], y[one], ball=ball, radius=0.3, steps=6, loss=loss)
        torch.testing.assert_close(together[one], alone)


@BALLS
@pytest.mark.parametrize("activation", [RELU, GAUSSIAN_RELU], ids=lambda s: s.name)
def test_any_differentiable_model_will_do(ball: Ball, activation: Any) -> None:
    """sec-attacks: through autograd the same points are found."""
    net, (x, y) = replace(network(), activation=activation), images(40, 6)
    options: dict[str, Any] = {"ball": ball, "radius": 0.3, "steps": 6}
    closed = pgd(net, x, y, **options)
    torch.testing.assert_close(pgd(AutogradModel(net.value), x, y, **options), closed)


@BALLS
@pytest.mark.parametrize("loss", [None, REFLECTED], ids=["margin", "reflected"])
@pytest.mark.parametrize("own_inputs", [False, True])
@pytest.mark.parametrize("own_labels", [False, True])
def test_an_ensemble_equals_its_members(
    ball: Ball, loss: Loss | None, own_inputs: bool, own_labels: bool
) -> None:
    """sec-attacks: shared or own inputs, shared or own labels, more inputs than one block."""
    team, (x, y) = network([1, 2, 3]), images(300, 6)
    x = x if not own_inputs else torch.stack([images(300, 6, k)[0] for k in range(3)])
    y = y if not own_labels else torch.stack([images(300, 6, k)[1] for k in range(3)])
    options: dict[str, Any] = {"ball": ball, "radius": 0.3, "steps": 4, "loss": loss}
    together = pgd(team, x, y, box=(0.0, 1.0), **options)
    assert together.shape == (3, 300, 6)
    for k in range(3):
        own = (x[k] if own_inputs else x), (y[k] if own_labels else y)
        alone = pgd(team.member(k), *own, box=(0.0, 1.0), **options)
        torch.testing.assert_close(together[k], alone)


def test_restarts_of_an_ensemble_are_valid_and_no_worse() -> None:
    """sec-attacks: each member gets its own starting points, and the lower margin wins."""
    team, (x, y) = network([1, 2, 3]), images(300, 6)
    labels = torch.stack([y, -y, y])

    def run(restarts: int) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        return pgd(
            team, x, labels, radius=0.3, steps=3, restarts=restarts, generator=generator, box=(0, 1)
        )

    once, again = run(0), run(2)
    assert (size(L2, again - x) <= 0.3 + 1e-12).all()
    lower = labels * (team.value(again) - team.value(once))
    assert (lower <= 0).all()
    assert (lower < -1e-6).any()
    assert torch.equal(again, run(2))


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.float64], ids=str)
def test_labels_of_any_type(dtype: torch.dtype) -> None:
    """sec-attacks: whole or real labels of either precision mean the same."""
    net, (x, y) = network(), images(9, 6)
    for model, inputs in ((net, x), (net.to("cpu", torch.float32), x.float())):
        found = pgd(model, inputs, y.to(dtype), radius=0.3, restarts=1, loss=REFLECTED)
        assert found.dtype == inputs.dtype
    assert torch.equal(pgd(net, x, y.to(dtype), radius=0.3), pgd(net, x, y, radius=0.3))


def test_no_inputs_no_outputs() -> None:
    """sec-attacks: an empty batch comes back empty."""
    x, y = images(0, 6)
    assert pgd(network(), x, y, radius=0.3).shape == (0, 6)


# Bad input.

NET, (X, Y) = network(), images(9, 6)
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "labels-01": (lambda: pgd(NET, X, (Y + 1) / 2, radius=0.1), "y holds a label other than -1"),
    "labels-nan": (lambda: pgd(NET, X, Y * math.nan, radius=0.1), "y holds a label other"),
    "labels-column": (lambda: pgd(NET, X, Y[:, None], radius=0.1), "one label a row of x"),
    "labels-few": (lambda: pgd(NET, X, Y[:5], radius=0.1), r"x has shape \(9, 6\) and y \(5,\)"),
    "one-input": (lambda: pgd(NET, X[0], Y[:1], radius=0.1), r"x has shape \(6,\)"),
    "columns": (lambda: fgsm(NET, X[:, :5], Y, radius=0.1), r"x has shape \(9, 5\); expected"),
    "nan": (lambda: bim(NET, X * math.nan, Y, radius=0.1), "x holds a NaN"),
    "network-nan": (
        lambda: pgd(replace(NET, w=NET.w * math.nan), X, Y, radius=0.1),
        r"f\(x\) holds a NaN",
    ),
    "radius": (lambda: pgd(NET, X, Y, radius=-0.1), "radius is -0.1; expected"),
    "radius-nan": (lambda: fgsm(NET, X, Y, radius=math.nan), "radius is nan; expected"),
    "step": (lambda: pgd(NET, X, Y, radius=0.1, step=-1.0), "step is -1.0; expected"),
    "steps": (lambda: pgd(NET, X, Y, radius=0.1, steps=0), "steps is 0; expected an integer"),
    "steps-bim": (lambda: bim(NET, X, Y, radius=0.1, steps=0), "steps is 0; expected an integer"),
    "restarts": (lambda: pgd(NET, X, Y, radius=0.1, restarts=-1), "restarts is -1; expected"),
    "box": (lambda: pgd(NET, X, Y, radius=0.1, box=(1.0, 0.0)), r"box is \(1.0, 0.0\); expected"),
    "keep": (lambda: pgd(NET, X, Y, radius=0.1, keep="worst"), "keep is 'worst'; expected 'best'"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """sec-attacks: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
