"""The contract refuses what would only fail in the middle of a run."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import SCALES, Estimate, Place, Point, catalogue, check_scale
from advtheory.contract.experiment import describe, plain_rows
from tests.toys import COLUMNS, TOY, measure


def grid_of(*points: Point) -> Any:
    """A grid that is the same at every scale."""
    return lambda scale: list(points)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Wang Fig 2"}, "lower-case words"),
        ({"name": "../up"}, "lower-case words"),
        ({"columns": {"d": "dimension"}}, "must contain 'seed'"),
        ({"columns": {**COLUMNS, "two words": "no"}}, "Python identifier"),
        ({"columns": {**COLUMNS, "d": " "}}, "meaning with its unit"),
        ({"seeds": {"smoke": 1, "laptop": 1}}, "for each of smoke, laptop, paper"),
        ({"seeds": {"smoke": 1, "laptop": 0, "paper": 1}}, "at least 1"),
        ({"grid": grid_of()}, "is empty"),
        ({"grid": grid_of({"d": 1}, {"d": 1.0})}, "same point twice"),
        ({"grid": grid_of({"d": 1}, {"d": 2, "repeat": 1})}, "differ in coordinates"),
        ({"grid": grid_of({})}, "differ in coordinates"),
        ({"grid": grid_of({"width": 1})}, "'width' of 'toy' must be a column"),
        ({"grid": grid_of({"seed": 1})}, "other than 'seed'"),
    ],
)
def test_a_broken_experiment_is_refused_in_one_sentence(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        replace(TOY, **change)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("scale", SCALES)
def test_points_are_those_of_the_grid(scale: str) -> None:
    assert TOY.points(scale) == list(TOY.grid(scale))


def test_an_unknown_scale_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'huge'; choose one of smoke, laptop, paper"):
        TOY.points("huge")
    assert check_scale("paper") == "paper"


@pytest.mark.parametrize(
    ("estimate", "sentence"),
    [((math.nan, None, 1), "NaN"), ((1.0, -0.1, 2), "at least 0"), ((1.0, 0.1, 0), "one sample")],
)
def test_an_estimate_is_a_number(estimate: tuple[float, float | None, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Estimate(*estimate)


def one_row(**change: object) -> list[dict[str, object]]:
    """A good row of the toy at d = 2 and seed 0, with one change."""
    return [{"d": 2, "seed": 0, "repeat": 0, "value": 4.0, "data": "toy", **change}]


@given(st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_scalars_of_numpy_and_torch_become_plain(x: float, k: int, flag: bool) -> None:
    tensor, array = torch.tensor(x, dtype=torch.float64), np.int64(k)
    for value, repeat in ((tensor, array), (np.float64(x), flag), (x, k)):
        (row,) = plain_rows(COLUMNS, {"d": 2}, [0], one_row(value=value, repeat=repeat))
        assert type(row["value"]) is float
        assert row["value"] == x
        assert type(row["repeat"]) is int
        assert row["repeat"] == repeat


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (one_row(value=math.nan), "NaN in the column 'value'"),
        (one_row(value=torch.tensor(math.nan)), "NaN in the column 'value'"),
        (one_row(extra=1), "columns differ from the experiment's in 'extra'"),
        ([{"d": 2, "seed": 0}], "'data', 'repeat', 'value'"),
        (one_row(d=3), "row with d=3"),
        (one_row(seed=1), "seeds ['1'], expected exactly [0]"),
        ([], "seeds [], expected exactly [0]"),
        (one_row(value=2**63), "beyond 64-bit"),
        (one_row(value=None), "NoneType in the column 'value'"),
        (one_row(data=""), "empty or unprintable text"),
        (one_row(data="two\nlines"), "empty or unprintable text"),
        (one_row() + one_row(value="four"), "mixes numbers and text in the column 'value'"),
    ],
)
def test_a_wrong_row_names_the_point(rows: list[dict[str, object]], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as error:
        plain_rows(COLUMNS, {"d": 2}, [0], rows)
    assert str(error.value).startswith("The measurement at d=2 ")
    assert "\n" not in str(error.value)


@given(st.lists(st.integers(0, 99), min_size=1, unique=True))
def test_what_the_toy_measures_is_kept_as_it_is(seeds: Sequence[int]) -> None:
    rows = measure({"d": 2}, seeds, Place("cpu", "smoke"))
    assert plain_rows(COLUMNS, {"d": 2}, seeds, rows) == rows


def test_a_point_reads_like_a_sentence() -> None:
    assert describe({"d": 784, "c0": 10.0}) == "d=784, c0=10.0"


def test_every_experiment_of_the_book_is_found_by_its_name() -> None:
    known = catalogue.all_experiments()
    assert {f"wang-fig{k}" for k in (2, 3, 5, 6, 7)} <= set(known)
    assert all(catalogue.get(name) is one and one.name == name for name, one in known.items())


def test_a_misspelt_experiment_is_told_the_near_ones() -> None:
    with pytest.raises(ValueError, match=r"no experiment 'wang-fg2'; did you mean .*wang-fig2"):
        catalogue.get("wang-fg2")
    with pytest.raises(ValueError, match="`advtheory list`"):
        catalogue.get("xyzzy")
