"""An assignment made, filled in and graded, as a student and a teacher would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import assignments

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


class Case(NamedTuple):
    """One test of the autograder."""

    question: str
    number: int
    points: int
    hidden: bool
    name: str


class Submission(NamedTuple):
    """One piece of the solution replaced, and the tests that must then fail."""

    piece: str
    by: str
    failing: list[str]


def read_submissions(name: str) -> dict[str, Submission]:
    path = Path(__file__).parent / "submissions" / f"{name}.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {kind: Submission(**table) for kind, table in tables.items()}


def master(name: str) -> Path:
    return assignments.MASTERS / name / f"{name}.ipynb"


def cases(made: Path) -> list[Case]:
    """The tests in the autograder."""
    found = []
    with zipfile.ZipFile(made / "autograder" / "autograder.zip") as archive:
        for path in sorted(n for n in archive.namelist() if re.fullmatch(r"tests/q\d\.py", n)):
            pattern = r"@test_case\(points=(\d+), hidden=(\w+)\)\ndef (\w+)"
            parts = re.findall(pattern, archive.read(path).decode())
            for number, (points, hidden, name) in enumerate(parts, 1):
                found.append(Case(path[6:8], number, int(points), hidden == "True", name))
    return found


def notebook(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("*.ipynb")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def code_cells(content: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    return [cell for cell in cells if tag in cell["metadata"].get("tags", [])]


def answers(made: Path) -> tuple[dict[str, Any], list[tuple[dict[str, Any], str]]]:
    """The student's notebook, and each of its cells to fill in with the master's solution."""
    blank = notebook(made / "student")
    solved = code_cells(notebook(made / "autograder"), "otter_assign_solution_cell")
    empty = code_cells(blank, "otter_answer_cell")
    texts = ["".join(cell["source"]) for cell in solved]
    return blank, list(zip(empty, texts, strict=True))


def fill_in(made: Path, submission: Submission, folder: Path) -> None:
    content, pairs = answers(made)
    replaced = 0
    for cell, solution in pairs:
        cell["source"], count = re.subn(
            submission.piece, lambda _: submission.by, solution, flags=re.DOTALL
        )
        replaced += count
    assert replaced == 1, "the master no longer holds what this submission replaces"
    (folder / f"{made.name}.ipynb").write_text(json.dumps(content), encoding="utf-8")


def python(*arguments: str | Path, cwd: Path) -> None:
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class Grade(NamedTuple):
    """What otter says of a submission."""

    scores: dict[str, float]
    failed: set[tuple[str, int]]


def grade(made: Path, folder: Path) -> Grade:
    zipped = made / "autograder" / "autograder.zip"
    python("otter", "run", "-a", zipped, "-o", folder, f"{made.name}.ipynb", cwd=folder)
    tests = json.loads((folder / "results.json").read_text(encoding="utf-8"))["tests"]
    graded = [test for test in tests if "score" in test]
    crosses = [
        match for t in graded for match in re.findall(r"(q\d) - (\d+) result:\s+❌", t["output"])
    ]
    return Grade({t["name"]: t["score"] for t in graded}, {(q, int(n)) for q, n in crosses})
