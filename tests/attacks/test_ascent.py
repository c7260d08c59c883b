"""Attacks: what they may never do, and where they must be optimal."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import Schedule, ascend, bim, fgsm, pgd, steepest
from advtheory.losses import LOGISTIC, REFLECTED, Loss
from advtheory.networks import AutogradModel, initialise, leaky_relu
from advtheory.norms import L2, LINF, Ball
from tests.attacks.setting import images, linear, network, size

BALLS = pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)
balls = st.sampled_from([L2, LINF])
losses = st.sampled_from([None, LOGISTIC, REFLECTED])
seeds = st.integers(0, 10**6)
radii = st.sampled_from([0.0, 0.05, 0.7])


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
