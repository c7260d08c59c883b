"""Every name that a reader meets has an example in its docstring, and every example runs."""

import ast
import doctest
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import advtheory
from advtheory import data

ROOT = Path(__file__).resolve().parents[1]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ROLE = re.compile(r"\{py:(?:func|class|meth)\}`~?(advtheory[\w.]+)`")
PYTHON = re.compile(r"^(`{3,}|:{3,})(?:python|\{code-block\} python)\n(.*?)^\1", re.M | re.S)
MODULES = sorted(m.name for m in pkgutil.walk_packages(advtheory.__path__, "advtheory."))


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_the_examples_of_a_module_run(name: str) -> None:
    data.pair(2)  # where MNIST cannot be had, this process says so once, and no example repeats it
    ran = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert ran.failed == 0, "the differences are printed above"


def test_the_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = [code for _, code in PYTHON.findall(text)]
    exec(example, {})
    assert 0.3 < float(re.findall(r"[\d.]+", capsys.readouterr().out)[0]) < 3  # "of order 1"


def listings(path: Path) -> list[str]:
    """The Python that a reader sees on a page: cells of a notebook, listings of other pages."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        return [re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.M) for source in sources]
    return [code for _, code in PYTHON.findall(text)]


def find(dotted: str) -> object:
    """The object that a dotted name means: the longest part that is a module, then attributes."""
    head, rest = dotted, list[str]()
    while head not in MODULES and "." in head:
        head, _, last = head.rpartition(".")
        rest.insert(0, last)
    found: object = importlib.import_module(head)
    for name in rest:
        found = getattr(found, name)
    return found


def imported(tree: ast.AST) -> dict[str, object]:
    """What the imports of a listing bind, where it is ours."""
    bound: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("advtheory"):
            for name in node.names:
                bound[name.asname or name.name] = find(f"{node.module}.{name.name}")
        elif isinstance(node, ast.Import):
            ours = [name for name in node.names if name.name.startswith("advtheory")]
            bound |= {name.asname or "advtheory": find(name.name) for name in ours}
    return bound


def used_by_code(path: Path) -> Iterator[object]:
    """What the listings of a page import, and what they take out of the modules they import."""
    trees = [ast.parse(listing) for listing in listings(path)]
    bound = {name: one for tree in trees for name, one in imported(tree).items()}
    yield from bound.values()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute):
            root, _, rest = ast.unparse(node).partition(".")
            if isinstance(bound.get(root), ModuleType):
                owner = bound[root]
                for name in rest.split("."):
                    owner = getattr(owner, name, None) if isinstance(owner, ModuleType) else owner
                yield owner


@cache
def met() -> dict[str, object]:
    """Functions and classes of ours that a page, a lab or the README uses, by their full names."""
    pages = [ROOT / "README.md", *(ROOT / "book").rglob("*.md"), *(ROOT / "book").rglob("*.ipynb")]
    found: list[object] = []
    for path in pages:
        found += used_by_code(path)
        found += map(find, ROLE.findall(path.read_text(encoding="utf-8")))
    named = [one for one in found if callable(one) and hasattr(one, "__qualname__")]
    return {f"{one.__module__}.{one.__qualname__}": one for one in named}


def without() -> set[str]:
    """The names without an example; a private one is shown in its source, and nobody calls it."""
    calls = {name: one for name, one in met().items() if "._" not in name}
    return {name for name, one in calls.items() if ">>>" not in (one.__doc__ or "")}


def test_every_name_that_a_reader_meets_has_an_example() -> None:
    assert len(met()) > 50
    assert sorted(without()) == []
