"""The best attack on a linear classifier in closed form, and the counterexample to greed."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.attacks import pgd, targeted
from advtheory.losses import CROSS_ENTROPY, REFLECTED, REFLECTED_SOFTMAX, Loss, margin
from advtheory.networks import AutogradModel
from advtheory.norms import L2, LINF
from advtheory.reflection.linear_classes import distance, lowest_margin

ROWS = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]], dtype=torch.float64)
MODEL = AutogradModel(lambda x: x @ ROWS.mT, 3)
X, Y = torch.tensor([[1.0, 0.0]], dtype=torch.float64), torch.tensor([0])


@given(seed=st.integers(0, 10**6), radius=st.floats(0, 2))
def test_no_point_of_the_ball_is_lower(seed: int, radius: float) -> None:
    """prop-targeted: random points of the ball and its best points, pair by pair."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    b = torch.randn(4, generator=generator, dtype=torch.float64)
    x = torch.randn(1, 3, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 4, (1,), generator=generator)
    for ball in (L2, LINF):
        lowest = lowest_margin(rows, x, y, radius, ball=ball, b=b)
        points = x + ball.sample((200, 3), radius, generator)
        f = points @ rows.mT + b
        assert (margin(f, y.expand(200)) >= lowest - 1e-9).all()
        reached = [
            margin((x - radius * ball.dual_direction(rows[y] - rows[k])) @ rows.mT + b, y)
            for k in range(4)
            if k != int(y)
        ]
        torch.testing.assert_close(torch.stack(reached).amin(0), lowest)


@given(seed=st.integers(0, 10**6))
def test_the_distance_is_where_the_margin_ends(seed: int) -> None:
    """prop-targeted: radius and lowest margin agree about whether an attack exists."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(2, 4, 3, generator=generator, dtype=torch.float64)
    x = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    y = (x @ rows.mT).argmax(-1)
    for ball in (L2, LINF):
        far = distance(rows, x, y, ball=ball)
        for radius in far.flatten().tolist():
            exists = lowest_margin(rows, x, y, radius * (1 + 1e-9), ball=ball) < 0
            assert exists.equal(far <= radius)
    wrong = (y + 1) % 4
    assert distance(rows, x, wrong).eq(0).any()


def test_bad_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=r"rows has shape \(3, 2\) and x \(1, 4\)"):
        lowest_margin(ROWS, torch.ones(1, 4), Y, 0.1)
    with pytest.raises(ValueError, match=r"label outside 0, \.\.\., 2"):
        distance(ROWS, X, torch.tensor([3]))


@pytest.mark.parametrize("loss", [REFLECTED, REFLECTED_SOFTMAX], ids=lambda loss: loss.name)
@pytest.mark.parametrize("step", [0.001, 0.009, 0.1, 10.0])
def test_greedy_reflection_never_finds_the_third_class(loss: Loss, step: float) -> None:
    """prop-greedy-fails: for every step size and any number of steps, with every iterate looked at.

    The second output of the input never grows beyond 0, and class 2 never beats class 1.
    """
    for steps in (1, 7, 300):
        for keep in ("best", "last"):
            found = pgd(MODEL, X, Y, radius=0.3, step=step, steps=steps, loss=loss, keep=keep)
            assert float(found[0, 1]) <= 0
            assert margin(MODEL.value(found), Y) > 0


def test_plain_cross_entropy_and_targeted_reflection_find_it() -> None:
    """prop-greedy-fails: the attack that is not reflected ends near (1.87, 0.94, 2.93)."""
    options: dict[str, Any] = {"radius": 0.3, "step": 0.009, "steps": 100}
    plain = MODEL.value(pgd(MODEL, X, Y, loss=CROSS_ENTROPY, keep="last", **options))
    assert plain[0].tolist() == pytest.approx([1.87, 0.94, 2.93], abs=0.005)
    best = MODEL.value(targeted(MODEL, X, Y, loss=REFLECTED, **options))
    torch.testing.assert_close(margin(best, Y), lowest_margin(ROWS, X, Y, 0.3))
    assert lowest_margin(ROWS, X, Y, 0.3).item() == pytest.approx(2 - 0.3 * math.sqrt(104))
