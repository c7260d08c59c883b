"""Each assignment as a student and a teacher meet it: made, opened, solved rightly and wrongly."""

from __future__ import annotations

import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import assignments
import pytest

from tests.book import graded
from tests.book.graded import Case, Grade, answers, fill_in, grade, master, notebook, python

NAMES = [path.stem for path in assignments.masters()]
# For each assignment a right one first, then the three mistakes that its page prices, then others.
SUBMISSIONS = {name: graded.read_submissions(name) for name in NAMES}


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
    return graded.cases(made)


def questions(cases: list[Case]) -> list[str]:
    return sorted({case.question for case in cases})


def points_of(cases: list[Case], *, question: str, hidden: bool) -> int:
    return sum(c.points for c in cases if c.question == question and c.hidden == hidden)


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
    names = ("flipping-step", "lazy-ball", "reflected-pgd")
    assert assignments.masters() == [master(name) for name in names]
