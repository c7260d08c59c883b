"""One margin: the bounds on the 0-1 loss are the best of their kind; times and steps to zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.reflection import lower, q, q_time, s, s_time, steps_to_zero, upper

ANY = st.floats(-300, 300)
RIGHT = st.floats(1e-3, 8)


def number(z: float) -> Tensor:
    return torch.tensor(z, dtype=torch.float64)


@given(ANY)
def test_the_step_lies_between_its_bounds(z: float) -> None:
    """prop-bounds: at every margin, and strictly so away from the limits of rounding."""
    low, high = float(lower(number(z))), float(upper(number(z)))
    assert low <= (z < 0) <= (z <= 0) <= high
    if 1e-9 < abs(z) < 30:
        assert low < (z < 0)
        assert high > (z <= 0)


def test_both_meet_at_zero() -> None:
    """prop-bounds: where the two readings of the 0-1 loss differ, each bound has its own."""
    assert float(lower(number(0.0))) == 0
    assert float(upper(number(0.0))) == 1


@given(ANY)
def test_one_bound_is_the_other_turned_around(z: float) -> None:
    """def-reflected, prop-bounds: lower(z) = 1 - upper(-z), and the two losses add up to -z."""
    assert float(lower(number(z))) == pytest.approx(1 - float(upper(number(-z))), rel=1e-12)
    both = (float(upper(number(z))) + float(lower(number(z))) - 1) * math.log(2)
    assert both == pytest.approx(-z, rel=1e-12, abs=1e-12)


@given(st.floats(0.01, 0.999), st.floats(-2, 2))
def test_no_other_constants_do_better(share: float, shift: float) -> None:
    """prop-bounds: a factor below 1/log 2 fails at 0, and a + c l_- with a > 1 far left."""
    c = share / math.log(2)
    assert c * math.log(2) < 1  # c l(0) is below the step
    a = 1 + abs(shift) + 1e-6
    assert a - c * math.log1p(math.exp(-50)) > 1  # above the step at -50
    assert 1 - c * math.log(2) > 0  # with a = 1, above the step at 0


@given(ANY)
def test_the_weights(z: float) -> None:
    """def-reflected, prop-lengths: q + s = 1, s(z) = q(-z), s = e^z q."""
    one, other = float(q(number(z))), float(s(number(z)))
    assert one + other == pytest.approx(1, rel=1e-15)
    assert other == pytest.approx(float(q(number(-z))), rel=1e-14)
    assert other == pytest.approx(math.exp(z) * one, rel=1e-12)


@pytest.mark.parametrize("z0", [0.3, 2.0, 5.0])
@pytest.mark.parametrize(("weight", "time"), [(q, q_time), (s, s_time)], ids=["q", "s"])
def test_times_by_quadrature(z0: float, weight: object, time: object) -> None:
    """prop-steps: the flow z' = -weight(z) takes the integral of 1/weight from 0 to z0."""
    assert callable(weight)
    assert callable(time)
    z = torch.linspace(0, z0, 200_001, dtype=torch.float64)
    integral = np.trapezoid(1 / weight(z).numpy(), z.numpy())
    assert float(time(number(z0))) == pytest.approx(integral, rel=1e-8)


@given(RIGHT, st.floats(0.05, 6))
def test_steps_lie_between_their_bounds(z0: float, h: float) -> None:
    """prop-steps: by a loop of single steps, for both losses."""
    counts = []
    for sign in (1, -1):
        z, count = z0, 0
        while z > 0:
            z, count = z - h / (1 + math.exp(sign * z)), count + 1
        counts.append(count)
    slow, fast = counts
    flow = (math.exp(z0) + z0 - 1) / h
    assert flow * (1 - 1e-12) <= slow < 1 + math.exp(h / 2) * flow + 1e-9
    assert z0 / h * (1 - 1e-12) <= fast < 1 + (z0 + 1 - math.exp(-z0)) / h + 1e-9
    most = slow + fast + 3
    for weight, count in ((q, slow), (s, fast)):
        assert abs(int(steps_to_zero(number(z0), h, weight, most)) - count) <= 1


def test_what_has_not_arrived_counts_the_most() -> None:
    """prop-steps: and what is wrong at the start needs no step."""
    z = torch.tensor([-3.0, 0.0, 1.0, 50.0])
    assert steps_to_zero(z, 1.0, q, 7).tolist() == [0, 0, 4, 7]
