"""Slopes of power laws: exact where the law is exact, and honest about the error."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import complete_seeds, loglog_slope, mean_estimate, seed_means

SIDES = np.array([25.0, 49.0, 100.0, 196.0, 400.0, 784.0])
UNITS = st.floats(1e-6, 1e6)


@given(st.floats(-3, 3), UNITS, st.integers(1, 12))
def test_a_power_law_is_recovered_exactly(slope: float, scale: float, seeds: int) -> None:
    x, groups = np.tile(SIDES, seeds), np.repeat(np.arange(seeds), len(SIDES))
    estimate = loglog_slope(x, scale * x**slope, groups)
    assert estimate.value == pytest.approx(slope, abs=1e-9)
    assert estimate.error == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 2**32), UNITS, UNITS)
def test_units_change_nothing(seed: int, a: float, b: float) -> None:
    y = SIDES * np.exp(0.2 * np.random.default_rng(seed).normal(size=SIDES.shape))
    here, there = loglog_slope(SIDES, y), loglog_slope(a * SIDES, b * y)
    assert there.value == pytest.approx(here.value, abs=1e-8)
    assert there.error == pytest.approx(here.error, abs=1e-8)


@given(st.integers(0, 2**32), st.floats(-2, 2))
def test_one_seed_agrees_with_numpy(seed: int, slope: float) -> None:
    y = SIDES**slope * np.exp(0.2 * np.random.default_rng(seed).normal(size=SIDES.shape))
    estimate = loglog_slope(SIDES, y)
    (oracle, _), covariance = np.polyfit(np.log(SIDES), np.log(y), 1, cov=True)
    assert estimate.value == pytest.approx(oracle, abs=1e-9)
    assert estimate.error == pytest.approx(math.sqrt(covariance[0, 0]), rel=1e-6)
    assert estimate.n == len(SIDES)


def test_seeds_give_the_mean_slope_and_its_standard_error() -> None:
    slopes = np.array([0.4, 0.5, 0.9])
    y = np.concatenate([SIDES**slope for slope in slopes])
    estimate = loglog_slope(np.tile(SIDES, 3), y, np.repeat([7, 8, 9], len(SIDES)))
    assert estimate.value == pytest.approx(slopes.mean())
    assert estimate.error == pytest.approx(slopes.std(ddof=1) / math.sqrt(3))
    assert estimate.n == 3


def test_the_error_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    groups, x = np.repeat(np.arange(10), len(SIDES)), np.tile(SIDES, 10)
    hits = 0
    for _ in range(300):
        y = np.sqrt(x) * np.exp(0.1 * generator.normal(size=x.shape))
        estimate = loglog_slope(x, y, groups)
        hits += abs(estimate.value - 0.5) < (estimate.error or 0)
    # Student's t with nine degrees of freedom is within one standard error with 65.7 %.
    assert hits / 300 == pytest.approx(0.657, abs=0.09)


def test_measurements_at_one_x_are_averaged_before_the_logarithm() -> None:
    estimate = loglog_slope([1, 1, 4, 4], [1, 3, 2, 6])
    assert estimate.value == pytest.approx(0.5)
    assert estimate.error is None


@pytest.mark.parametrize(
    ("x", "y", "groups", "sentence"),
    [
        ([1, 2], [1, 0], None, "y holds 0.0"),
        ([1, 2], [1, math.inf], None, "y holds inf"),
        ([1, math.nan], [1, 1], None, "x holds nan"),
        ([-1, 2], [1, 1], None, "x holds -1.0"),
        ([3, 3], [1, 2], None, "at least two different x, not only 3.0"),
        ([1, 2, 1, 2, 1], [1, 1, 1, 1, 1], [0, 0, 1, 1, 2], "at least two different x"),
        ([1, 2], [1, 2], [0, math.nan], "groups holds a NaN"),
        ([1, 2] * 3, [1, 2] * 3, [0, 0, 1, 1, 2, math.nan], "groups holds a NaN"),
        ([1, 2], [1], None, "must agree"),
        ([1, 2], [1, 2], [0], "must agree"),
        ([[1, 2]], [[1, 2]], None, "must be a list"),
        ([], [], None, "must be a list"),
    ],
)
def test_what_has_no_slope_says_why(
    x: list[float], y: list[float], groups: list[float] | None, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        loglog_slope(x, y, groups)


def test_means_over_seeds_come_with_their_standard_error() -> None:
    table = pd.DataFrame({"d": [2, 1, 1, 1], "seed": [0, 0, 0, 1], "v": [5.0, 1.0, 3.0, 4.0]})
    means = seed_means(table, "d", "v")
    assert means.to_dict("list") == {
        "d": [1, 2],
        "mean": [3.0, 5.0],
        "error": [pytest.approx(math.sqrt(2) / math.sqrt(2)), 0.0],
        "n": [2, 1],
    }


@pytest.mark.parametrize(("column", "rows"), [("w", 1), ("v", 0)])
def test_means_need_rows_and_columns(column: str, rows: int) -> None:
    table = pd.DataFrame({"d": [1], "seed": [0], "v": [1.0]}).head(rows)
    with pytest.raises(ValueError, match=r"lacks the column 'w'|is empty"):
        seed_means(table, "d", column)


@pytest.mark.parametrize("column", ["d", "seed", "v"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
def test_a_mean_drops_nothing(column: str, bad: float | None) -> None:
    table = pd.DataFrame({"d": [1.0, 1, 2], "seed": [0.0, 1, 0], "v": [1.0, 2, 3]})
    table.loc[1, column] = bad
    with pytest.raises(ValueError, match=f"The column '{column}' holds a NaN or an infinity"):
        seed_means(table, "d", "v")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [([], "has the shape"), ([[1.0]], "has the shape"), ([1.0, math.nan], "holds a NaN")],
)
def test_a_mean_of_nothing_is_refused(values: list[float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        mean_estimate(values)


def test_complete_seeds_have_every_point() -> None:
    """Against a count by hand: rows that stand twice count once, also with several columns."""
    table = pd.DataFrame(
        [(1, 1, 7), (1, 2, 7), (2, 1, 7), (2, 2, 7), (1, 1, 8), (1, 1, 8), (1, 2, 8), (2, 1, 8)],
        columns=["d", "m", "seed"],
    )
    assert set(complete_seeds(table, ["d", "m"], 4)["seed"]) == {7}
    assert complete_seeds(table, ["d", "m"], 4).index.tolist() == [0, 1, 2, 3]
    assert set(complete_seeds(table, ["d", "m"], 3)["seed"]) == {8}
    assert len(complete_seeds(table, ["d"], 2)) == len(table)
    assert complete_seeds(table, ["d"], 3).empty
    assert complete_seeds(table.head(0), ["d"], 1).empty


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20))
def test_a_mean_has_the_standard_error_of_pandas(values: list[float]) -> None:
    series = pd.Series(values)
    estimate = mean_estimate(series)
    assert estimate.n == len(values)
    assert estimate.value == pytest.approx(series.mean())
    if len(values) == 1:
        assert estimate.error is None
    else:
        assert estimate.error == pytest.approx(series.sem())
