"""The code in the hidden solutions of the labs runs when it is pasted at the end of its lab."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.book.sources import LABS


def solutions(path: Path) -> list[str]:
    """The code blocks inside the text cells of a lab."""
    cells = nbformat.read(path, as_version=4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [
        code for text in texts for code in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    ]


SOLVED = [path for path in LABS if solutions(path)]


@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_the_code_of_solutions_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVTHEORY_SCALE", "smoke")
    lab = nbformat.read(path, as_version=4)
    added = [nbformat.v4.new_code_cell(code) for code in solutions(path)]
    lab.cells += added
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(lab, timeout=300, resources=place).execute()
    assert all(cell.outputs for cell in added)
