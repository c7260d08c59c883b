"""A folded line of checks: it counts them, lists them, and stops at the first that fails."""

import numpy as np
import pytest

from advtheory.pages import markup, show_checks


def test_checks_are_counted_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(markup, "display", shown.append)
    show_checks({"1 < 2": True, "both are lazy": np.True_})
    show_checks({"one": True})
    assert "<summary>2 checks passed</summary>" in shown[0]
    assert "<li>1 &lt; 2</li><li>both are lazy</li>" in shown[0]
    assert "<summary>1 check passed</summary>" in shown[1]


def test_the_first_that_fails_is_named() -> None:
    with pytest.raises(AssertionError, match=r"^This check failed: the second\.$"):
        show_checks({"the first": True, "the second": np.False_, "the third": False})
