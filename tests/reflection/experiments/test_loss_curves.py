"""The experiment mianjy-fig1: curves by the standard library, steps by a loop, counts by hand."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from advtheory.contract import Place, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.records import read_claims
from advtheory.reflection.experiments import loss_curves
from tests.names import named

EXPERIMENT = catalogue.get("mianjy-fig1")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The laptop scale: three h, margins up to 6."""
    rows = []
    for point in EXPERIMENT.points("laptop"):
        measured = EXPERIMENT.measure(point, [0], Place("cpu", "laptop"))
        rows += plain_rows(EXPERIMENT.columns, point, [0], measured)
    return pd.DataFrame(rows)


def log1p_exp(z: float) -> float:
    return max(z, 0) + math.log1p(math.exp(-abs(z)))


def walk(z: float, h: float, sign: int) -> int:
    """Steps to zero, one after the other: sign 1 for the logistic loss, -1 for the reflected."""
    count = 0
    while z > 0:
        z, count = z - h / (1 + math.exp(sign * z)), count + 1
    return count


def test_rows_by_the_standard_library(table: pd.DataFrame) -> None:
    """def-reflected, prop-bounds: every column of every fifth margin."""
    for row in table.iloc[::5].to_dict("records"):
        z, h = row["z"], row["h"]
        expected = {
            "zero_one": float(z <= 0),
            "logistic": log1p_exp(-z),
            "reflected": -log1p_exp(z),
            "upper": math.log2(1 + math.exp(-z)),
            "lower": 1 - math.log2(1 + math.exp(z)),
            "q": 1 / (1 + math.exp(z)),
            "s": 1 / (1 + math.exp(-z)),
            "q_steps": walk(z, h, 1),
            "s_steps": walk(z, h, -1),
        }
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_the_margins_of_a_point(table: pd.DataFrame) -> None:
    """prop-bounds: from -6 to the last one, and zero is one of them exactly."""
    for _, part in table.groupby("h"):
        assert part["z"].is_monotonic_increasing
        assert (part["z"].min(), part["z"].max(), len(part)) == (-6, 6, 601)
        assert (part["z"] == 0).sum() == 1


def test_nothing_is_violated(table: pd.DataFrame) -> None:
    """prop-bounds, prop-lengths, prop-steps: what the book claims of the numbers."""
    found = named(loss_curves.summarise(table))
    zero = ("violations[upper]", "violations[lower]", "convex", "outside[q]", "outside[s]")
    assert {name: found[name].value for name in zero} == dict.fromkeys(zero, 0)
    assert found["sum"].value == pytest.approx(0, abs=1e-13)
    assert found["ratio"].value == pytest.approx(0, abs=1e-13)
    assert found["too_low"].value == 0.54
    assert [found[f"at_zero[{name}]"].value for name in ("upper", "lower", "q", "s")] == [
        *(1, 0, 0.5, 0.5)
    ]
    assert found["steps[q, z=4]"].value == walk(4, 1, 1) >= math.exp(4) + 3
    assert found["steps[s, z=4]"].value == walk(4, 1, -1) < 6


@pytest.mark.parametrize(
    ("column", "wrong", "key"),
    [
        ("upper", 0.9, "violations[upper]"),
        ("lower", 0.1, "violations[lower]"),
        ("lower", -9.0, "convex"),
        ("logistic", 9.0, "sum"),
        ("q", 0.1, "ratio"),
        ("q_steps", 0, "outside[q]"),
        ("s_steps", 10**6, "outside[s]"),
    ],
)
def test_a_wrong_number_is_counted(
    table: pd.DataFrame, column: str, wrong: float, key: str
) -> None:
    """prop-bounds: a summary that could not fail would say nothing."""
    spoilt = table.copy()
    at = 1.0 if column.endswith("steps") else 0.0
    spoilt[column] = spoilt[column].where(spoilt["z"] != at, wrong)
    assert named(loss_curves.summarise(spoilt))[key].value > 0


def test_claims_are_about_numbers_that_exist() -> None:
    """prop-bounds: of the paper scale, which has larger margins."""
    point = {**EXPERIMENT.points("paper")[1], "each": 2}
    rows = list(EXPERIMENT.measure(point, [0], Place("cpu", "paper")))
    keys = named(loss_curves.summarise(pd.DataFrame(rows))).keys()
    assert {str(claim.key) for claim in read_claims("mianjy-fig1")} <= keys


def test_the_figure_is_drawn(table: pd.DataFrame) -> None:
    """prop-bounds: five curves, two weights, two counts and their flows; a text for each panel."""
    drawn = EXPERIMENT.draw(table)
    assert [len(axes.get_legend_handles_labels()[1]) for axes in drawn.axes] == [5, 2, 4]
    plt.close(drawn)
    first, _, third = loss_curves.alts(table)
    assert "0-1 loss" in first
    assert f"it takes {walk(6, 1, 1)} steps" in third


def test_every_scale_can_be_planned() -> None:
    """prop-bounds: the figure's h is measured at every scale, and a cost."""
    for scale in ("smoke", "laptop", "paper"):
        points = EXPERIMENT.points(scale)
        assert loss_curves.SHOWN in [point["h"] for point in points]
        assert all(EXPERIMENT.cost(point) > 0 for point in points)
