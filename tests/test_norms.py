"""Norm balls: projection, dual direction and sampling."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.norms import L2, LINF, Ball

BALLS = pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)
balls = st.sampled_from([L2, LINF])
seeds = st.integers(0, 10**6)
radii = st.sampled_from([0.0, 0.3, 1.0, 50.0])
sizes = st.floats(-3, 3).map(lambda e: 10.0**e)
EPS = 1e-12


def vectors(seed: int, size: float, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return size * torch.randn(*shape, generator=generator, dtype=torch.float64)


def length(ball: Ball, v: Tensor) -> Tensor:
    """The norm by its definition."""
    return v.square().sum(-1).sqrt() if ball.name == "l2" else v.abs().max(-1).values


@given(balls, seeds, sizes)
def test_norms_and_duals_by_definition(ball: Ball, seed: int, size: float) -> None:
    """sec-norms: l2 is its own dual, the dual of linf is l1."""
    v = vectors(seed, size, 4, 6)
    dual = v.square().sum(-1).sqrt() if ball.name == "l2" else v.abs().sum(-1)
    torch.testing.assert_close(ball.norm(v), length(ball, v))
    torch.testing.assert_close(ball.dual_norm(v), dual)


@given(balls, seeds, sizes, radii)
def test_projection_lands_inside_and_stays(
    ball: Ball, seed: int, size: float, radius: float
) -> None:
    """sec-norms: the projection is in the ball, projecting twice is projecting once."""
    v = vectors(seed, size, 8, 5)
    once = ball.project(v, radius)
    assert (length(ball, once) <= radius * (1 + EPS)).all()
    torch.testing.assert_close(ball.project(once, radius), once, rtol=EPS, atol=0)
    inside = length(ball, v) <= radius
    assert torch.equal(once[inside], v[inside])


@given(balls, seeds, sizes, radii)
def test_projection_is_nonexpansive(ball: Ball, seed: int, size: float, radius: float) -> None:
    """sec-norms: |P u - P v| <= |u - v| in the Euclidean norm."""
    u, v = vectors(seed, size, 8, 5), vectors(seed + 1, size, 8, 5)
    moved = (ball.project(u, radius) - ball.project(v, radius)).norm(dim=-1)
    assert (moved <= (u - v).norm(dim=-1) * (1 + EPS)).all()


@given(balls, seeds, sizes, radii)
def test_projection_is_the_nearest_point(ball: Ball, seed: int, size: float, radius: float) -> None:
    """sec-norms: <v - P v, u - P v> <= 0 for every u of the ball, also for its extreme points."""
    v = vectors(seed, size, 6, 4)
    nearest = ball.project(v, radius)
    others = vectors(seed + 1, 1.0, 50, 1, 4)
    others = others / length(ball, others)[..., None] * radius
    corners = radius * torch.tensor([[s, t, s, t] for s in (-1, 1) for t in (-1, 1)]).double()
    corners = corners[:, None] / (2 if ball.name == "l2" else 1)
    for u in (others, 0.5 * others, corners):
        products = ((v - nearest) * (u - nearest)).sum(-1)
        assert (products <= EPS * (1 + size) ** 2 * (1 + radius) ** 2).all()


@BALLS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("size", [1e25, 3e37])
def test_far_points_land_on_the_boundary(ball: Ball, dtype: torch.dtype, size: float) -> None:
    """sec-norms: also where the square of the length is no float32; the other rows do not care."""
    v = torch.tensor([[3.0, -4.0, 0.0], [-3.0, 4.0, 0.0], [0.0, 0.1, 0.2]]).to(dtype)
    far = v * torch.tensor([size, 1.0, 1.0]).to(dtype)[:, None]
    for radius in (2.0, torch.tensor([2.0, 2.0, 2.0], dtype=torch.float64)):
        near = ball.project(v, 2.0)
        near[0] = torch.tensor([1.2, -1.6, 0.0] if ball is L2 else [2.0, -2.0, 0.0])
        found = ball.project(far, radius)
        assert found.dtype == dtype
        torch.testing.assert_close(found[0], near[0])
        assert torch.equal(found[1:], near[1:])


@BALLS
def test_a_tensor_radius_serves_row_by_row(ball: Ball) -> None:
    """sec-norms: each row has its own radius, with or without an ensemble axis."""
    v = vectors(0, 1.0, 2, 3, 5)
    radius = torch.tensor([[0.1, 1.0, 9.0], [0.0, 0.5, 2.0]], dtype=torch.float64)
    together = ball.project(v, radius)
    for i in range(2):
        for j in range(3):
            alone = ball.project(v[i, j], float(radius[i, j]))
            torch.testing.assert_close(together[i, j], alone)


@given(balls, seeds, sizes)
def test_the_dual_direction_attains_the_dual_norm(ball: Ball, seed: int, size: float) -> None:
    """sec-norms: <g, u> = |g|_* with |u| <= 1, and no point of the ball does better."""
    g = vectors(seed, size, 7, 5)
    u = ball.dual_direction(g)
    assert (length(ball, u) <= 1 + EPS).all()
    torch.testing.assert_close((g * u).sum(-1), ball.dual_norm(g))
    others = vectors(seed + 1, 1.0, 40, 1, 5)
    others = others / length(ball, others)[..., None]
    assert ((g * others).sum(-1) <= ball.dual_norm(g) * (1 + EPS)).all()


@BALLS
@pytest.mark.parametrize("size", [1e-43, 1e-30, 1e-12, 1.0, 1e12, 1e30])
def test_the_dual_direction_survives_extreme_gradients(ball: Ball, size: float) -> None:
    """sec-norms: squares that leave the range of float32 do not shorten or turn the direction."""
    g = torch.tensor([[3.0, -4.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]).double()
    expected = ball.dual_direction(g)
    scaled = (size * g).float()
    # a denormal number has few digits: 1e-43 is 71 units of the smallest
    tolerance = 1e-2 if size < 1e-40 else 1e-6
    for rows in (slice(0, 1), slice(0, 2), slice(0, 3)):
        found = ball.dual_direction(scaled[rows]).double()
        torch.testing.assert_close(found, expected[rows], rtol=tolerance, atol=tolerance)


@BALLS
def test_no_gradient_means_no_direction(ball: Ball) -> None:
    """sec-norms: the dual direction of 0 is 0."""
    g = torch.tensor([[0.0, 0.0], [0.0, 2.0]])
    assert torch.equal(ball.dual_direction(g), torch.tensor([[0.0, 0.0], [0.0, 1.0]]))


# Uniform sampling. By the inequality of Dvoretzky, Kiefer and Wolfowitz an empirical distribution
# function of n samples is nowhere further than sqrt(log(2 / p) / 2n) from the true one, except with
# probability p; by Hoeffding's, the mean of n numbers in [-1, 1] is no further than
# sqrt(2 log(2 / p) / n) from its expectation.

SAMPLES, FAILURE = 20_000, 1e-9


def uniform(u: Tensor) -> bool:
    """Whether numbers look uniform on [0, 1], with a false alarm of probability FAILURE."""
    ordered = u.double().sort().values
    steps = torch.arange(len(u) + 1, dtype=torch.float64) / len(u)
    gap = torch.maximum(steps[1:] - ordered, ordered - steps[:-1]).max()
    return float(gap) <= math.sqrt(math.log(2 / FAILURE) / (2 * len(u)))


@BALLS
@pytest.mark.parametrize("d", [1, 2, 9])
def test_samples_are_uniform(ball: Ball, d: int) -> None:
    """sec-norms: (|u|/r)^d is uniform on [0, 1], and the coordinates have the ball's moments."""
    u = ball.sample((SAMPLES, d), 2.5, torch.Generator().manual_seed(d)) / 2.5
    assert u.shape == (SAMPLES, d)
    assert length(ball, u).max() <= 1 + 1e-6
    assert uniform(length(ball, u).double() ** d)
    second = 1 / (d + 2) if ball.name == "l2" else 1 / 3
    covariance = (u.T @ u / SAMPLES).double()
    bound = math.sqrt(2 * math.log(2 * d * (d + 1) / FAILURE) / SAMPLES)
    assert (covariance - second * torch.eye(d).double()).abs().max() <= bound
    assert u.mean(0).abs().max() <= bound


@BALLS
def test_samples_repeat_and_take_any_shape(ball: Ball) -> None:
    """sec-norms: the same generator, the same points; radius 0 gives the centre."""
    first, second = (ball.sample((2, 3, 4), 1.0, torch.Generator().manual_seed(1)) for _ in "ab")
    assert first.shape == (2, 3, 4)
    assert torch.equal(first, second)
    assert ball.sample((3, 4), 0.0).abs().max() == 0
    assert ball.sample((4,), 1.0).shape == (4,)


@BALLS
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda ball: pickle.loads(pickle.dumps(ball))])
def test_a_copy_is_the_same_norm(ball: Ball, copied: Callable[[Ball], Ball]) -> None:
    """sec-norms: a copy, as another process receives it, still projects in its own norm."""
    v = torch.tensor([[3.0, 0.5], [0.1, -2.0]])
    assert torch.equal(copied(ball).project(v, 1.0), ball.project(v, 1.0))
    assert copied(ball) == ball
    assert {copied(ball), L2, LINF} == {L2, LINF}


WRONG: dict[str, tuple[Callable[[Ball], object], str]] = {
    "negative": (lambda ball: ball.project(torch.ones(2, 3), -1.0), "radius is -1.0; expected"),
    "nan": (lambda ball: ball.project(torch.ones(2, 3), math.nan), "radius is nan; expected"),
    "infinite": (lambda ball: ball.sample((2, 3), math.inf), "radius is inf; expected"),
    "tensor": (
        lambda ball: ball.project(torch.ones(2, 3), torch.tensor([1.0, -1.0])),
        "radius holds a negative number or a NaN",
    ),
    "tensor-nan": (
        lambda ball: ball.project(torch.ones(2, 3), torch.tensor([1.0, math.nan])),
        "radius holds a negative number or a NaN",
    ),
    "column": (
        lambda ball: ball.project(torch.ones(2, 3), torch.ones(2, 1)),
        r"radius has shape \(2, 1\); expected a number, or one for each vector, \(2,\)",
    ),
    "too-many": (lambda ball: ball.project(torch.ones(2, 3), torch.ones(4)), r"shape \(4,\); exp"),
    "whole": (
        lambda ball: ball.project(torch.ones(2, 3).long(), 0.5),
        "v is torch.int64; expected",
    ),
    "truth": (lambda ball: ball.project(torch.ones(2, 3) > 0, 0.5), "v is torch.bool; expected"),
}


@BALLS
@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_a_bad_radius_gets_one_sentence(
    ball: Ball, call: Callable[[Ball], object], sentence: str
) -> None:
    """sec-norms: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence):
        call(ball)
