"""Projected adversarial training (alg-projected, lem-projection)."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.attacks import pgd
from advtheory.networks import TwoLayer, deviation, initialise, project_lazy
from advtheory.training import Plan, train_projected
from advtheory.training.projected import stalled

SEED = st.integers(0, 10**6)
QUICK = Plan(learning_rate=0.5, batch=8, epochs=4, attack_steps=5)


def problem(n: int = 40, d: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Two well separated bunches on the sphere."""
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(n) % 2 * 2.0 - 1.0
    x = 0.3 * torch.randn(n, d, generator=generator)
    x[:, 0] += y
    return x / torch.linalg.vector_norm(x, dim=1, keepdim=True), y


def moved(start: TwoLayer, size: float, seed: int) -> TwoLayer:
    generator = torch.Generator().manual_seed(seed)
    step = torch.randn(start.w.shape, generator=generator, dtype=start.w.dtype)
    b = start.b if start.b is None else start.b + size
    return replace(start, w=start.w + size * step, b=b)


@settings(max_examples=50, deadline=None)
@given(SEED, st.floats(0, 3), st.floats(0, 2), st.booleans())
def test_lem_projection(seed: int, size: float, radius: float, biases: bool) -> None:
    """lem-projection: it lies in the ball and stays there; no point of the ball is nearer."""
    start = initialise(4, 7, [0, 1], biases=biases, dtype=torch.float64)
    net = moved(start, size, seed)
    near = project_lazy(net, start, radius)
    assert bool((deviation(near, start) <= radius + 1e-12).all())
    again = project_lazy(near, start, radius)
    torch.testing.assert_close(again.w, near.w)

    def distance(other: TwoLayer) -> torch.Tensor:
        squares = (net.w - other.w).square().sum((-1, -2))
        if net.b is not None and other.b is not None:
            squares += (net.b - other.b).square().sum(-1)
        return squares

    for k in range(5):
        other = project_lazy(moved(start, 1.0, seed + k + 1), start, radius)
        assert bool((distance(near) <= distance(other) + 1e-12).all())


def test_projection_leaves_the_rows_inside_alone() -> None:
    """lem-projection: each row by itself."""
    start = initialise(4, 7, 0)
    net = replace(start, w=start.w.clone())
    net.w[0] += 1.0
    near = project_lazy(net, start, 0.5)
    assert torch.equal(near.w[1:], start.w[1:])
    assert math.isclose(float(deviation(near, start)), 0.5, rel_tol=1e-5)


def test_training_stays_in_the_ball_and_learns() -> None:
    """alg-projected: every member in its own ball, with a larger margin under attack."""
    x, y = problem()
    start = initialise(6, 50, [0, 1])
    done = train_projected(
        start, x, y, budgets=[0.1, 0.3], radii=[0.5, 0.2], seeds=[0, 1], plan=QUICK
    )
    for k, (one, radius, budget) in enumerate(zip(done, (0.5, 0.2), (0.1, 0.3), strict=True)):
        assert float(deviation(one.net, start.member(k))) <= radius + 1e-6
        assert one.before is one.net
        assert 1 <= len(one.robust) <= QUICK.epochs
        attacked = pgd(one.net, x, y, radius=budget)
        before = pgd(start.member(k), x, y, radius=budget)
        after = float((y * one.net.value(attacked)).mean())
        assert after > float((y * start.member(k).value(before)).mean())
    assert torch.equal(start.w, initialise(6, 50, [0, 1]).w)


def test_one_step_is_attack_then_gradient_then_projection() -> None:
    """alg-projected: against autograd on the attacked inputs, with the attack of another module."""
    x, y = problem(8)
    start = initialise(6, 30, [0], dtype=torch.float64)
    x, y = x.double(), y.double()
    plan = Plan(learning_rate=2.0, batch=8, epochs=1, attack_steps=7)
    (one,) = train_projected(start, x, y, budgets=[0.2], radii=[0.05], seeds=[0], plan=plan)
    first = start.member(0)
    attacked = pgd(first, x, y, radius=0.2, steps=7, keep="last")
    w = first.w.clone().requires_grad_(True)
    f = torch.relu(attacked @ w.T) @ first.a / math.sqrt(30)
    (slope,) = torch.autograd.grad(torch.nn.functional.softplus(-y * f).mean(), w)
    stepped = replace(first, w=(w - 2.0 * slope).detach())
    torch.testing.assert_close(one.net.w, project_lazy(stepped, first, 0.05).w, rtol=0, atol=1e-8)
    share = float((y * first.value(attacked) > 0).double().mean())
    assert list(one.robust) == [pytest.approx(share)]


def test_projecting_once_an_epoch_leaves_the_ball_in_between() -> None:
    x, y = problem()
    plan = replace(QUICK, projection="epoch")
    start = initialise(6, 50, [0])
    (one,) = train_projected(start, x, y, budgets=[0.3], radii=[0.02], seeds=[0], plan=plan)
    assert float(deviation(one.net, start.member(0))) <= 0.02 + 1e-6
    assert float(deviation(one.before, start.member(0))) > 0.03


def test_a_member_trains_as_it_would_alone() -> None:
    x, y = problem()
    start = initialise(6, 20, [3, 4])
    plan = replace(QUICK, patience=1)
    both = train_projected(
        start, x, y, budgets=[0.9, 0.1], radii=[0.1, 0.5], seeds=[5, 6], plan=plan
    )
    for k, (seed, budget, radius) in enumerate([(5, 0.9, 0.1), (6, 0.1, 0.5)]):
        (alone,) = train_projected(
            initialise(6, 20, [3 + k]),
            x,
            y,
            budgets=[budget],
            radii=[radius],
            seeds=[seed],
            plan=plan,
        )
        assert alone.robust == pytest.approx(both[k].robust)
        torch.testing.assert_close(alone.net.w, both[k].net.w, rtol=0, atol=1e-4)


def test_the_stopping_rule() -> None:
    plan = Plan(patience=2, gain=0.01)
    assert not stalled([0.1, 0.1], plan)
    assert stalled([0.1, 0.1, 0.1], plan)
    assert stalled([0.5, 0.505, 0.509], plan)
    assert not stalled([0.5, 0.52, 0.5], plan)
    assert stalled([0.5, 0.52, 0.5, 0.5], plan)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budgets": [0.1]}, "one of each for every member"),
        ({"budgets": [-0.1, 0.1]}, "budgets is"),
        ({"radii": [math.nan, 0.1]}, "radii is"),
        ({"x": torch.ones(4, 3)}, "expected"),
        ({"x": torch.full((2, 6), math.nan)}, "x holds a NaN"),
        ({"y": torch.zeros(2)}, "label other"),
        ({"net": initialise(6, 5, 0)}, "one of each for every member"),
    ],
)
def test_bad_input_gets_one_sentence(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "net": initialise(6, 5, [0, 1]),
        "x": torch.ones(2, 6),
        "y": torch.ones(2),
        "budgets": [0.1, 0.1],
        "radii": [0.1, 0.1],
        "seeds": [0, 1],
    }
    with pytest.raises(ValueError, match=message):
        train_projected(**{**arguments, **change})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"patience": 0}, "patience is 0"),
        ({"projection": "never"}, "projection is 'never'; expected 'step' or 'epoch'"),
    ],
)
def test_a_bad_plan_gets_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Plan(**options)


def test_a_bad_projection_gets_one_sentence() -> None:
    start = initialise(3, 4, 0)
    with pytest.raises(ValueError, match="radius is -1"):
        project_lazy(start, start, -1.0)
    with pytest.raises(ValueError, match="same shape"):
        project_lazy(start, initialise(3, 5, 0), 1.0)
