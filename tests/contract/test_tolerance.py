"""How far a number may be from the recorded one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Tolerance
from tests.toys import TOY

SIZES = st.floats(0, 1e6)


@given(SIZES, SIZES, st.floats(allow_nan=False))
def test_what_is_allowed_is_finite_and_grows_with_the_number(
    a: float, r: float, old: float
) -> None:
    (allowed,) = Tolerance(relative=r, absolute=a).allowed(np.array([min(max(old, -1e9), 1e9)]))
    assert a <= allowed < np.inf
    assert (
        Tolerance(relative=r, absolute=a).allowed(np.array([np.inf, -np.inf, 0])).tolist()
        == [a] * 3
    )


@pytest.mark.parametrize("wrong", [{"relative": -1e-9}, {"absolute": float("nan")}])
def test_a_tolerance_is_not_negative(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be at least 0"):
        Tolerance(**wrong)


def test_an_experiment_declares_tolerances_of_its_columns_only() -> None:
    with pytest.raises(ValueError, match="The tolerance of 'toy' names speed, not a column"):
        replace(TOY, tolerance={"speed": Tolerance()})
