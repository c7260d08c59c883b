"""How long a lab will take is said first, at paper scale only, on the device that it names."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.pages.durations import period, show_duration


@pytest.mark.parametrize("scale", ["smoke", "laptop"])
def test_small_scales_say_and_time_nothing(scale: str, capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[int] = []
    show_duration(scale, lambda: calls.append(1), 10)
    assert (calls, capsys.readouterr().out) == ([], "")


def test_a_part_is_timed_and_multiplied(capsys: pytest.CaptureFixture[str]) -> None:
    """The first call loads and is not counted; 0.1 s taken 3000 times are 5 minutes or more."""
    waits = iter((0.5, 0.1))
    show_duration("paper", lambda: time.sleep(next(waits)), 3000)
    said = capsys.readouterr().out
    number, unit = said.removeprefix("At paper scale this lab takes at most about ").split()[:2]
    assert unit == "minutes"
    assert 5 <= int(number) <= 12
    assert "CPU" in said


@given(st.floats(0, 1e6))
def test_a_period_is_rounded_up(seconds: float) -> None:
    number, unit = period(seconds).split()
    length = {"seconds": 1, "minutes": 60, "hours": 3600}[unit]
    assert seconds <= int(number) * length <= max(2, seconds + length)
