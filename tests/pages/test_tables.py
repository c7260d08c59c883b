"""Tables for people: escaped, one format in a column, nothing in exponents that need not be."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.pages import markup, show_table
from advtheory.pages.tables import column_text


def test_a_table_is_escaped_and_keeps_numbers_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(markup, "display", shown.append)
    show_table(pd.DataFrame({"a<b": [0.123456, -2.0], "word": ["x & y", "z"]}))
    show_table(pd.DataFrame({"d": [1]}), number=1, caption="Sizes.")
    assert "a&lt;b" in shown[0]
    assert "x &amp; y" in shown[0]
    assert '<td class="number" data-name="a&lt;b">0.123</td>' in shown[0]
    assert ">\N{MINUS SIGN}2.000</td>" in shown[0]
    assert 'id="table-1"' in shown[1]
    assert "<strong>Table 1.</strong> Sizes." in shown[1]


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([10.0, 9.998], ["10.00", "10.00"]),
        ([0.5, 1.0, 10.0, 784.0], ["0.5", "1", "10", "784"]),
        ([11390.0, 0.0], ["11390", "0"]),
        ([1139.04, 0.012345], ["1139", "0.0123"]),
        ([3.14159e-7, 1.5], ["3.14·10⁻⁷", "1.5"]),
        ([float("inf"), 0.123], ["∞", "0.1230"]),
        ([1, 2], ["1", "2"]),
        (["word", 0.25], ["word", "0.25"]),
        ([np.float32(0.1)], ["0.1"]),
        ([], []),
    ],
)
def test_a_column_has_one_format(values: list[object], cells: list[str]) -> None:
    assert column_text(values) == cells


@given(st.lists(st.floats(allow_nan=False, min_value=-1e9, max_value=1e9)))
def test_a_cell_is_its_number_to_two_digits_or_better(values: list[float]) -> None:
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for value, cell in zip(values, column_text(values), strict=True):
        mantissa, _, power = cell.partition("·10")
        read = float(mantissa) * 10.0 ** int(power.translate(powers) or 0)
        assert read == pytest.approx(value, rel=0.051, abs=1e-300)
