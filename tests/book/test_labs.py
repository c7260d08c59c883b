"""A lab reads like an essay with figures: little code in sight, numbered figures, one format."""

import ast
import json
import re
from typing import Any

import pytest

from tests.book.sources import LABS

each_lab = pytest.mark.parametrize(
    "lab",
    [json.loads(path.read_text("utf-8")) for path in LABS],
    ids=[path.stem for path in LABS],
)

Cell = dict[str, Any]
BETWEEN_HEADINGS, IN_A_CELL = 25, 12  # visible lines of code, at most
COLUMNS = 79  # a longer line is cut on a wide screen
FOLDED = {"tags": ["hide-input"], "jupyter": {"source_hidden": True}, "cellView": "form"}
FIGURES = {"show", "show_figure", "frames"}
LEVEL, TIME = "(?:routine|medium|hard|research)", r"\d+ (?:minutes|hours?)"
EXERCISE = re.compile(rf"\*\*Exercise (\d+) \({LEVEL}, {TIME}\)\. [^*]+[.?]\*\*")


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def code(lab: Cell) -> list[Cell]:
    return [cell for cell in lab["cells"] if cell["cell_type"] == "code"]


def prose(lab: Cell) -> str:
    return "\n\n".join(source(cell) for cell in lab["cells"] if cell["cell_type"] == "markdown")


def folded(cell: Cell) -> bool:
    """Folded in the built page, in Jupyter and in Colab, which shows the first line as a title."""
    return bool(cell["metadata"] == FOLDED and source(cell).startswith("# @title "))


def visible(cell: Cell) -> int:
    """Lines of code that a reader sees."""
    return 0 if folded(cell) else sum(1 for line in source(cell).splitlines() if line.strip())


def calls(lab: Cell) -> list[ast.Call]:
    """The calls of the page's functions, in the order in which they stand."""
    found = []
    for cell in code(lab):
        tree = ast.parse(re.sub(r"^ *%pip.*", "    pass", source(cell), flags=re.M))
        every = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += sorted(every, key=lambda call: (call.lineno, call.col_offset))
    return found


def figures(lab: Cell) -> list[dict[str | None, ast.expr]]:
    """The named arguments of the calls that show a figure."""
    shown = []
    for call in calls(lab):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        if name in FIGURES:
            shown.append({keyword.arg: keyword.value for keyword in call.keywords})
    return shown


@each_lab
def test_little_code_stands_between_two_headings(lab: Cell) -> None:
    heading, lines = "", dict[str, int]()
    for cell in lab["cells"]:
        if cell["cell_type"] == "markdown":
            heading = (re.findall(r"^#+ .*", source(cell), re.M) or [heading])[-1]
        else:
            lines[heading] = lines.get(heading, 0) + visible(cell)
    assert {name: count for name, count in lines.items() if count > BETWEEN_HEADINGS} == {}


@each_lab
def test_a_cell_in_sight_is_short(lab: Cell) -> None:
    seen = [source(cell) for cell in code(lab) if not folded(cell)]
    assert [source(cell) for cell in code(lab) if visible(cell) > IN_A_CELL] == []
    assert [line for text in seen for line in text.splitlines() if len(line) > COLUMNS] == []


@each_lab
def test_installing_and_setting_up_are_folded(lab: Cell) -> None:
    assert [folded(cell) for cell in code(lab)[:2]] == [True, True]


@each_lab
def test_what_is_folded_is_folded_everywhere(lab: Cell) -> None:
    half = [cell for cell in code(lab) if cell["metadata"] and not folded(cell)]
    assert [source(cell) for cell in half] == []


@each_lab
def test_checks_are_folded_lines_and_not_asserts(lab: Cell) -> None:
    assert [
        source(cell) for cell in code(lab) if re.search(r"^\s*(assert|print)\b", source(cell), re.M)
    ] == []


@each_lab
def test_figures_are_numbered_from_1_and_have_captions(lab: Cell) -> None:
    shown = figures(lab)
    assert all({"number", "caption"} <= figure.keys() for figure in shown)
    numbers = [ast.literal_eval(figure["number"]) for figure in shown]
    assert numbers == list(range(1, len(shown) + 1)) != []


@each_lab
def test_a_lab_asks_before_it_tells(lab: Cell) -> None:
    assert prose(lab).count('<details class="predict"><summary>Predict: ') >= 2


@each_lab
def test_a_lab_ends_with_what_to_remember_then_exercises(lab: Cell) -> None:
    headings = re.findall(r"^## (.*)", prose(lab), re.M)
    assert [name for name in headings[-2:] if name in ("Remember", "Exercises")] == [
        name for name in ("Remember", "Exercises") if name in headings
    ]
    assert "Remember" in headings


@each_lab
def test_exercises_have_one_format(lab: Cell) -> None:
    *_, exercises = prose(lab).rpartition("\n## Exercises")
    parts = re.split(r"^(?=\*\*Exercise )", exercises, flags=re.M)[1:]
    heads = [EXERCISE.match(part) for part in parts]
    assert [int(head[1]) for head in heads if head] == list(range(1, len(parts) + 1))
    assert all(part.count("<details><summary>Solution</summary>") == 1 for part in parts)


@each_lab
def test_a_lab_links_to_the_statements_it_tests(lab: Cell) -> None:
    assert len(set(re.findall(r"\]\([\w/-]+\.md#([\w-]+)\)", prose(lab)))) >= 3
