"""The report as text: numbers to the decimal of their errors, and what the errors are errors of."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Claim, Estimate, Key
from advtheory.pages.coverage import Coverage
from advtheory.pages.report import Line, Report, Sheet
from advtheory.pages.report_text import error_of, report_text, with_error

CLAIM = Claim("toy", Key("slope"), "s", "the slope", 0.5, "A paper", "Figure 1")
LINE = Line(Key("slope"), "the slope", CLAIM, Estimate(0.43, 0.01, 3))
SHEET = Sheet(
    experiment="toy",
    title="A toy",
    source="A paper",
    place="Figure 1",
    scale="paper",
    made="paper scale · CPU, 1 thread · 1 seed · 2026-11-20",
    seconds=12.3,
    code=("0.1.0",),
    coverage=Coverage((1, 1), 10),
    lines=(LINE,),
    missing=("2 of 2 points have 1 of 10 seeds",),
)


def test_a_figure_in_words() -> None:
    assert report_text(Report((SHEET,))).split("\n") == [
        "A paper",
        "=======",
        "",
        "Figure 1 (toy, paper scale)",
        "paper scale · CPU, 1 thread · 1 seed · 2026-11-20 · 12 s",
        "Missing: 2 of 2 points have 1 of 10 seeds.",
        "  verdict    number     stated  ours         error of  differs by",
        "  disagrees  the slope  0.5     0.43 ± 0.01  seeds     -0.07 (-7.0 s.e.)",
        "",
        "In all: 1 disagrees.",
    ]


def test_sources_stand_together_and_empty_scales_are_left_out() -> None:
    none = replace(SHEET, made=None, lines=(), missing=("no record",))
    other = replace(SHEET, source="this book", lines=())
    text = report_text(Report((SHEET, replace(none, scale="laptop"), none, other)))
    assert text.count("A paper\n=======") == text.count("This book\n=========") == 1
    assert "laptop" not in text
    assert "Figure 1 (toy, paper scale)\nMissing: no record." in text


def test_nothing_measured() -> None:
    assert report_text(Report(())) == "Nothing was measured."


@given(st.floats(-1e3, 1e3), st.floats(1e-5, 1e3))
def test_a_number_is_not_moved_beyond_its_error(value: float, error: float) -> None:
    shown, spread = map(float, with_error(Estimate(value, error, 3)).split(" ± "))
    assert abs(shown - value) <= 0.51 * max(error, 1e-6, 1 if error >= 1 else 0)
    assert spread == pytest.approx(error, rel=0.51)


@pytest.mark.parametrize(
    ("estimate", "text", "of"),
    [
        (Estimate(0.5, None, 1), "0.5", "one sample"),
        (Estimate(0.75, None, 60), "0.75", "no error known"),
        (Estimate(1.0, 0.0, 3), "1", "seeds"),
        (Estimate(math.inf, None, 1), "inf", "one sample"),
        (Estimate(0.4, 0.1, 6, "residuals of the fit"), "0.4 ± 0.1", "residuals of the fit"),
    ],
)
def test_numbers_and_what_their_errors_are(estimate: Estimate, text: str, of: str) -> None:
    assert (with_error(estimate), error_of(estimate)) == (text, of)
