"""The constants of the proof that lazy networks are fragile: the inequalities between them.

That no network exceeds them is tested in test_random_networks.py and test_lazy_stability.py.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advtheory.laziness import bounds
from tests.draws import GAMMA

BOOK = Path(__file__).resolve().parents[2] / "book" / "laziness"
PAGES = ("random-networks.md", "lazy-stability.md")
c0s = st.floats(0, 20)
gammas = st.floats(-12, -0.91).map(lambda e: 10.0**e)


# The assembly.


@given(c0s, gammas, st.floats(0, 30))
def test_the_norm_check(c0: float, gamma: float, excess: float) -> None:
    """thm-fragile-explicit, eq-norm-check: with R <= 1/2 and E_W <= G_-/10, |delta| <= R."""
    d = (1600 * float(bounds.value_bound(c0, gamma)) ** 2 + 1) * math.exp(excess)
    longest = bounds.gradient_upper(d, gamma) + bounds.gradient_lower(d) / 10
    step, limit = bounds.step_size(c0, d, gamma), bounds.perturbation_bound(c0, d, gamma)
    assert limit <= 0.5 * (1 + 1e-9)
    assert step * longest <= 18.7 / 20 * limit
    lower = 0.9 * bounds.gradient_lower(d)
    assert step * lower**2 > 2.4 * bounds.value_bound(c0, gamma)
    assert bounds.failure_probability(d, d, gamma) <= 8 * gamma


@given(gammas, st.floats(0, 20))
def test_the_norm_check_of_random_networks(gamma: float, excess: float) -> None:
    """cor-random-fragile: 16 F_0 G_+ / (d-1) <= 18 F_0 / sqrt(d-1) where that is at most 1/2."""
    value = bounds.value_bound(0, gamma)
    d = (36 * float(value)) ** 2 * math.exp(excess) + 1
    step = bounds.step_size(0, d, gamma)
    assert step * bounds.gradient_upper(d, gamma) <= 18 * value / math.sqrt(d - 1)
    assert step * bounds.gradient_lower(d) ** 2 > 2 * value


WIDE = 700.0  # beyond it the width itself overflows


@given(
    st.floats(-3, 4).map(lambda e: 10.0**e), st.floats(-60, -0.91).map(lambda e: 10.0**e),
    st.floats(16, 40), st.floats(0, 1),
)  # fmt: skip
def test_the_window(c0: float, gamma: float, exponent: float, place: float) -> None:
    """prop-window, thm-lazy-fragile: the three conditions, and the inequalities of the proof."""
    d, value = 10.0**exponent, float(bounds.value_bound(c0, gamma))
    lowest = math.log(bounds.smallest_width(d))
    highest = float(bounds.largest_log_width(c0, d, gamma))
    assume(d >= 1600 * value**2 + 1 and lowest <= highest)
    assert d > 1e16
    log_m = lowest + place * (min(highest, WIDE) - lowest)
    m, k = math.exp(log_m), 1.6 * c0 + 21
    radius = float(bounds.perturbation_bound(c0, d, gamma))
    fourth = math.sqrt(value) * d**0.25
    assert bounds.lazy_count(c0, d, m, gamma) <= k * math.sqrt(m)
    assert bounds.lazy_gradient_change(c0, d, m, gamma) <= 2 * k * math.sqrt(log_m)
    assert bounds.ball_count(radius, d, m, gamma) <= 1.01 * m * radius
    change = bounds.ball_gradient_change(radius, d, m, gamma)
    assert change <= 15.1 * fourth * math.sqrt(math.log(d) * log_m)
    assert max(bounds.conditions(c0, d, m, gamma).values()) <= 1


def test_the_window_is_not_empty() -> None:
    """prop-window: for every C0 and gamma, large dimensions have admitted widths."""
    for c0, gamma in itertools.product((0.0, 1.0, 1e3), (0.12, 1e-9)):
        d = np.logspace(30, 60, 50)
        assert (bounds.largest_log_width(c0, d, gamma) > np.log(bounds.smallest_width(d))).all()


@pytest.mark.parametrize(
    ("c0", "lazy", "ball"), [(0.5, 2e7, 3e16), (2.0, 2e7, 1e17)], ids=["C0=0.5", "C0=2"]
)
def test_the_honest_size(c0: float, lazy: float, ball: float) -> None:
    """sec-honest-size: the orders of magnitude that an independent referee found."""
    found = bounds.smallest_dimension(c0, GAMMA)
    assert found["radius"] == math.ceil(1600 * float(bounds.value_bound(c0, GAMMA)) ** 2 + 1)
    assert 0.5 <= found["lazy"] / lazy <= 2
    assert 0.5 <= found["ball"] / ball <= 2
    for name, d in found.items():
        for factor, expected in ((0.99, False), (1.01, True), (3.0, True), (1e9, True)):
            ratios = bounds.conditions(c0, d * factor, bounds.smallest_width(d * factor), GAMMA)
            assert (ratios[name] <= 1) == expected


def test_the_conditions_fall_once_counts_are_below_the_width() -> None:
    """smallest_dimension: the bisection may not miss an earlier place where a condition holds."""
    d = np.unique(np.floor(np.logspace(0.7, 20, 4000)))
    for c0 in (0.0, 0.5, 10.0):
        ratios = bounds.conditions(c0, d, bounds.smallest_width(d), GAMMA)
        for name, dimension in bounds.smallest_dimension(c0, GAMMA).items():
            assert ((ratios[name] <= 1) == (d >= dimension)).all()


# Monotone, broadcasting, strict.


@given(
    c0s, gammas, st.integers(2, 300), st.floats(1, 1e6), st.floats(0, 0.5),
    st.floats(1, 3), st.sampled_from(["c0", "d", "gamma", "radius"]),
)  # fmt: skip
def test_bounds_move_the_right_way(
    c0: float, gamma: float, d: int, wider: float, radius: float, factor: float, which: str
) -> None:
    """More movement, dimensions, certainty or a larger ball never make a bound smaller."""
    m = 4.0 * d * wider
    low: dict[str, float] = {"c0": c0, "d": d, "gamma": gamma, "radius": radius}
    change = {"gamma": gamma / factor, "radius": min(0.5, radius * factor)}
    high = low | {which: change.get(which, low[which] * factor)}

    def everything(a: dict[str, float]) -> list[float]:
        c0, d, gamma = a["c0"], a["d"], a["gamma"]
        return [
            float(bounds.value_bound(c0, gamma)),
            float(bounds.gradient_lower(d)),
            float(bounds.gradient_upper(d, gamma)),
            float(bounds.switch_count(c0, m, gamma)),
            float(bounds.lazy_count(c0, d, m, gamma)),
            float(bounds.lazy_gradient_change(c0, d, m, gamma)),
            float(bounds.ball_count(a["radius"], d, m, gamma)),
            float(bounds.ball_gradient_change(a["radius"], d, m, gamma)),
            float(bounds.gradient_everywhere(d, m, gamma)),
        ]

    assert all(y >= x * (1 - 1e-12) for x, y in zip(everything(low), everything(high), strict=True))


def test_arrays_broadcast() -> None:
    """A table over d and m in one call holds what single calls return."""
    d, m = np.array([[10.0], [100.0]]), np.array([1e3, 1e4, 1e5])
    for function in (bounds.lazy_gradient_change, bounds.ball_gradient_change):
        table = function(0.3, d, m, GAMMA)
        assert table.shape == (2, 3)
        assert table[1, 2] == function(0.3, 100, 100_000, GAMMA)
    assert bounds.row_norm([1, 10], 5, 20, GAMMA).shape == (2,)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "c0": (lambda: bounds.value_bound(-1, 0.1), "C0 is -1.0; expected a finite number"),
    "nan": (lambda: bounds.lazy_count(math.nan, 5, 10, 0.1), "C0 is nan; expected"),
    "gamma": (lambda: bounds.value_bound(1, 1.0), "gamma is 1.0; expected a probability"),
    "d": (lambda: bounds.gradient_lower(1), "d is 1.0; expected a dimension of at least 2"),
    "m": (lambda: bounds.gradient_everywhere(9, 8, 0.1), "m is 8.0 and d is 9.0; expected a"),
    "width": (lambda: bounds.switch_count(1, 0, 0.1), "m is 0.0; expected a width of at least 1"),
    "endless": (lambda: bounds.switch_count(1, math.inf, 0.1), "m is inf; expected a width"),
    "huge": (lambda: bounds.gradient_lower(10**400), "expected a number below 1e308"),
    "word": (lambda: bounds.value_bound("much", 0.1), "a str was given that is no real number"),
    "k": (lambda: bounds.row_norm(0, 5, 8, 0.1), "k is 0.0; expected a number of rows from 1"),
    "radius": (lambda: bounds.ball_count(0.6, 5, 8, 0.1), "radius is 0.6; expected a number from"),
    "hopeless": (lambda: bounds.smallest_dimension(1e30, 0.1), "fails at every d; choose a"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


# What the pages print.


@pytest.mark.parametrize("page", PAGES)
def test_the_lines_on_the_pages_run(page: str) -> None:
    """Every block of code on the two theory pages, with its assertions."""
    blocks = re.findall(r"^```python\n(.*?)^```", (BOOK / page).read_text("utf-8"), re.M | re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})


def test_the_table_of_honest_sizes() -> None:
    """sec-honest-size: the printed table is what smallest_dimension returns."""
    text = (BOOK / "lazy-stability.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\$.*)\|$", text, re.M)
    assert len(rows) == 4
    for c0, gamma, value, sizes in rows:
        printed = re.findall(r"\$([\d.]+)\\cdot10\^\{(\d+)\}\$", sizes)
        found = bounds.smallest_dimension(float(c0), float(gamma)).values()
        expected = [f"{size:.1e}".replace("e+0", "e+").split("e+") for size in found]
        assert [list(pair) for pair in printed] == expected
        assert value == f"{float(bounds.value_bound(float(c0), float(gamma))):.2f}"
        width = bounds.smallest_width(max(found))
        assert width > 1e36
