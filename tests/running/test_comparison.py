"""Comparing two tables: a column agrees where NumPy calls its numbers close."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Tolerance
from advtheory.running import comparison

NUMBERS = st.floats(allow_nan=False, min_value=-1e100, max_value=1e100) | st.sampled_from(
    [float("inf"), float("-inf")]
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1), st.floats(0, 1), st.floats(0, 10))
def test_numbers_agree_where_numpy_calls_them_close(
    pairs: Sequence[tuple[float, float]], relative: float, absolute: float
) -> None:
    old, new = (pd.DataFrame({"x": numbers}) for numbers in zip(*pairs, strict=True))
    found = comparison.compare(old, new, {"x": Tolerance(relative, absolute)})
    close = np.isclose(new["x"], old["x"], rtol=relative, atol=absolute)
    assert sum(one.outside for one in found) == np.sum(~close)
    assert bool(found) == (old["x"] != new["x"]).any()
