"""The perceptron under attack: its mistakes are counted against the bound."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from advtheory.reflection import bounds

Rows = NDArray[np.float64]


def at_margin(draw: np.random.Generator, n: int, d: int, gamma: float) -> tuple[Rows, Rows]:
    """Inputs of the unit ball with the margin gamma along the first unit vector, and labels."""
    y = draw.choice([-1.0, 1.0], n)
    rest = draw.normal(size=(n, d - 1))
    rest *= np.sqrt(1 - gamma**2) / np.linalg.norm(rest, axis=1, keepdims=True)
    return np.column_stack([gamma * y, rest]), y


def mistakes(x: Rows, y: Rows, nu: float, worst: bool, draw: np.random.Generator) -> int:
    """The perceptron from 0; the attacker shows the worst point, or any point of the ball."""
    w, count = np.zeros(x.shape[1]), 0
    for one, label in zip(x, y, strict=True):
        way = -label * w if worst else draw.normal(size=len(w))
        length = float(np.linalg.norm(way))
        delta = one + nu * way / length if length else one
        if label * w @ delta <= 0:
            w, count = w + label * delta, count + 1
    return count


@given(st.floats(0.1, 0.8), st.floats(0, 0.95), st.integers(2, 20), st.booleans(), st.integers(0))
def test_no_attack_makes_more_mistakes(
    gamma: float, share: float, d: int, worst: bool, seed: int
) -> None:
    """thm-novikoff: at most ((R + nu)/(gamma - nu))^2, whatever is shown, def-margin-radius."""
    draw, nu = np.random.default_rng(seed), share * gamma
    x, y = at_margin(draw, 300, d, gamma)
    count = mistakes(x, y, nu, worst, draw)
    assert count <= float(bounds.perceptron_mistakes(gamma, nu)) * (1 + 1e-9)


def test_the_bound_is_reached_without_an_attack() -> None:
    """thm-novikoff: n orthogonal inputs have the margin 1/sqrt n, and each is a mistake."""
    n = 25
    count = mistakes(np.eye(n), np.ones(n), 0.0, True, np.random.default_rng(0))
    assert count == n == round(float(bounds.perceptron_mistakes(1 / np.sqrt(n), 0.0)))


def test_with_an_attack_as_long_as_the_margin_the_mistakes_go_on() -> None:
    """thm-novikoff: at nu = gamma both classes meet at 0, and every step is a mistake."""
    x, y = np.tile([[0.5, 0.0], [-0.5, 0.0]], (50, 1)), np.tile([1.0, -1.0], 50)
    delta = np.zeros_like(x)
    assert np.abs(x - delta).max() <= 0.5
    assert mistakes(delta, y, 0.0, True, np.random.default_rng(0)) == 100
