"""The source that a page shows is the source that runs."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from advtheory.losses import margin
from advtheory.pages import markup, show_source


def shown(monkeypatch: pytest.MonkeyPatch, first: str | None, last: str | None) -> list[str]:
    content: list[str] = []
    monkeypatch.setattr(markup, "display", content.append)
    show_source(margin, first, last)
    page: Any = BeautifulSoup(content[0], "html.parser")
    lines: list[str] = page.pre.get_text().strip("\n").split("\n")
    return lines


def test_the_lines_between_two_are_shown_without_their_indent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = shown(monkeypatch, "if y.is_floating_point", "_rivals")
    assert lines == [
        "if y.is_floating_point():",
        "    return y * f",
        "right, wrong = _rivals(f, y)",
    ]


def test_without_bounds_all_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, None, None)
    assert lines[0] == "def margin(f: Tensor, y: Tensor) -> Tensor:"
    assert lines[-1].startswith("    return (f.gather")


def test_words_that_no_line_has_are_told() -> None:
    with pytest.raises(ValueError, match="No line of margin has the words 'zebra'"):
        show_source(margin, "zebra")
