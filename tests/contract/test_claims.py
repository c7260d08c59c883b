"""The rule that judges a claim: numbers, bounds, words, and what was not measured."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Claim, Estimate, Key, judge
from advtheory.contract.claims import RELATIONS, VERDICTS

CLAIM = Claim("toy", Key("slope"), "s", "the slope", 0.5, "A paper", "Figure 1")
NUMBERS = st.floats(-10, 10)
ERRORS = st.one_of(st.none(), st.floats(0, 5))


@given(NUMBERS, ERRORS, st.floats(0, 5), st.sampled_from(RELATIONS))
def test_the_rule_by_intervals(
    value: float, error: float | None, tolerance: float, relation: str
) -> None:
    """The interval around the estimate meets the set of the numbers that are claimed."""
    claim = replace(CLAIM, relation=relation, tolerance=tolerance)
    half = max(tolerance, 2 * (error or 0))
    low, high = {"equal to": (0.5, 0.5), "at most": (-math.inf, 0.5), "at least": (0.5, math.inf)}[
        relation
    ]
    gap = max(low - value, value - high)
    verdict = judge(claim, Estimate(value, error, 3))
    good, bad = ("agrees", "disagrees") if relation == "equal to" else ("holds", "violated")
    assert verdict == (good if gap <= half else bad)
    assert verdict in VERDICTS


def test_without_an_error_only_the_number_itself_agrees() -> None:
    assert judge(CLAIM, Estimate(0.5, None, 1)) == "agrees"
    assert judge(CLAIM, Estimate(0.5001, None, 1)) == "disagrees"


def test_an_infinite_estimate_is_judged() -> None:
    assert judge(CLAIM, Estimate(math.inf, None, 1)) == "disagrees"
    assert judge(replace(CLAIM, relation="at least"), Estimate(math.inf, None, 1)) == "holds"


def test_what_cannot_be_judged_says_why() -> None:
    ours = Estimate(0.5, 0.1, 3)
    assert judge(None, ours) == "our own"
    assert judge(CLAIM, None) == "not measured"
    words = replace(CLAIM, value=None, words="sharp")
    assert (judge(words, ours), judge(words, None)) == ("in words", "not measured")


@pytest.mark.parametrize(
    ("key", "text"), [(Key("slope"), "slope"), (Key("step", "c0=10"), "step[c0=10]")]
)
def test_a_key_reads_as_before(key: Key, text: str) -> None:
    assert str(key) == f"{key}" == text
