"""Each assignment as a student and a teacher meet it: made, opened, solved rightly and wrongly."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import assignments
import pytest

NAMES = [path.stem for path in assignments.masters()]
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


# For each assignment a right one first, then the three mistakes that its page prices, then others.
SUBMISSIONS = {name: read_submissions(name) for name in NAMES}


def master(name: str) -> Path:
    return assignments.MASTERS / name / f"{name}.ipynb"


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The assignment: every test that asks for it runs once for each."""
    return str(request.param)


@pytest.fixture(scope="module")
def made(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two folders, as `make assignments` makes them."""
    target = tmp_path_factory.mktemp("assignments") / name
    assignments.build(master(name), target)
    return target


@pytest.fixture(scope="module")
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


def questions(cases: list[Case]) -> list[str]:
    return sorted({case.question for case in cases})


def points_of(cases: list[Case], *, question: str, hidden: bool) -> int:
    return sum(c.points for c in cases if c.question == question and c.hidden == hidden)


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


@pytest.fixture(scope="module")
def grades(name: str, made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    """All submissions, and the untouched notebook, graded two at a time."""
    kinds = [*SUBMISSIONS[name], "blank"]
    folders = [tmp_path_factory.mktemp("submission") for _ in kinds]
    for submission, folder in zip(SUBMISSIONS[name].values(), folders, strict=False):
        fill_in(made, submission, folder)
    (folders[-1] / f"{name}.ipynb").write_text(json.dumps(notebook(made / "student")))
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(kinds, pool.map(partial(grade, made), folders), strict=True))


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in NAMES for kind in SUBMISSIONS[name]],
    indirect=["name"],
    scope="module",
)
def test_a_submission_loses_exactly_what_it_should(
    name: str, kind: str, grades: dict[str, Grade], cases: list[Case]
) -> None:
    names = {(case.question, case.number): case.name for case in cases}
    failing = SUBMISSIONS[name][kind].failing
    assert {names[place] for place in grades[kind].failed} == set(failing)
    expected = dict.fromkeys((case.question for case in cases), 0)
    for case in cases:
        expected[case.question] += case.points * (case.name not in failing)
    assert grades[kind].scores == expected


def test_the_untouched_notebook_earns_nothing(grades: dict[str, Grade], cases: list[Case]) -> None:
    assert grades["blank"].failed == {(case.question, case.number) for case in cases}
    assert set(grades["blank"].scores.values()) == {0}


def test_students_get_neither_solutions_nor_hidden_tests(made: Path, cases: list[Case]) -> None:
    student = made / "student"
    assert {path.name for path in student.iterdir()} == {f"{made.name}.ipynb", "tests.zip"}
    content, pairs = answers(made)
    with zipfile.ZipFile(student / "tests.zip") as archive:
        tests = "".join(archive.read(name).decode() for name in archive.namelist())
    everything = tests + json.dumps(content)
    assert not re.search(r"SOLUTION|[Mm]odel answer|oracle|hidden=True", everything)
    assert all((case.name in everything) != case.hidden for case in cases)
    for cell, solution in pairs:
        inside = re.findall(r"# BEGIN SOLUTION\n(.*?) *# END SOLUTION", solution, re.DOTALL)
        assert all(map(str.strip, inside))
        lines = "".join(inside).splitlines(keepends=True)
        assert lines
        assert not any(line in cell["source"] for line in lines)


def test_the_students_notebook_runs_where_the_two_files_are(
    made: Path, cases: list[Case], tmp_path: Path
) -> None:
    for path in (made / "student").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    run = ("nbconvert", "--to", "notebook", "--execute", "--inplace", f"{made.name}.ipynb")
    python(*run, cwd=tmp_path)  # an exception in a cell would end it
    checked = [
        re.findall(r"q\d results:|missing", json.dumps(cell["outputs"]))[:1]
        for cell in notebook(tmp_path)["cells"]
        if "grader" in "".join(cell["source"]) and cell["cell_type"] == "code"
    ]
    assert checked == [[], *([f"{question} results:"] for question in questions(cases))]


def texts(name: str, kind: str) -> list[str]:
    cells = notebook(master(name).parent)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def test_the_page_for_teachers_states_the_points(name: str, cases: list[Case]) -> None:
    page = (assignments.MASTERS / "index.md").read_text(encoding="utf-8")
    title = texts(name, "markdown")[0].splitlines()[0].removeprefix("# ")
    (section,) = re.findall(rf"^## {title}\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| *(q\d) *\|.*\| *(\d+) *\| *(\d+) *\|$", section, re.MULTILINE)
    assert [(question, int(public), int(hidden)) for question, public, hidden in rows] == [
        (
            question,
            *(points_of(cases, question=question, hidden=hidden) for hidden in (False, True)),
        )
        for question in questions(cases)
    ]
    by_hand = re.findall(r"manual: true\npoints: (\d+)", "\n".join(texts(name, "raw")))
    assert re.findall(r"\| by hand *\| *(\d+) *\|", section) == by_hand
    total = f"{sum(case.points for case in cases)} points from the autograder"
    assert f"That is {total} and {sum(map(int, by_hand))} by hand" in section
    mistakes = list(SUBMISSIONS[name].values())[1:4]
    losses = [sum(c.points for c in cases if c.name in kind.failing) for kind in mistakes]
    assert [int(points) for points in re.findall(r"loses (\d+)", section)] == losses


def test_a_refused_master_leaves_what_was_there(tmp_path: Path) -> None:
    name = NAMES[0]
    content = notebook(master(name).parent)
    content["cells"] = [
        cell for cell in content["cells"] if "# END QUESTION" not in "".join(cell["source"])
    ]
    (tmp_path / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    before = tmp_path / "made" / name
    before.mkdir(parents=True)
    with pytest.raises(assignments.AssignmentError, match="refused by otter") as caught:
        assignments.build(tmp_path / f"{name}.ipynb", before)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "inside another question" in sentence
    log = before.with_suffix(".log")
    assert str(log) in sentence
    assert sorted((tmp_path / "made").iterdir()) == [before, log]
    assert not list(before.iterdir())


def test_no_master_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(assignments.AssignmentError, match="no master notebook"):
        assignments.masters(tmp_path)
    assert assignments.masters() == [master(name) for name in ("flipping-step", "lazy-ball")]
