"""Short functions, short files, every public name documented."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = sorted((ROOT / "src" / "advtheory").rglob("*.py"))
FILES = [*PACKAGE, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "tools").rglob("*.py"))]
LONGEST = 250

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = Function | ast.ClassDef


def length(function: Function) -> int:
    """Lines from `def` to the end, the docstring apart."""
    last, first = function.end_lineno or 0, function.body[0]
    documented = ast.get_docstring(function) is not None
    return last - function.lineno + 1 - documented * ((first.end_lineno or 0) - first.lineno + 1)


def lengths() -> list[int]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE]
    nodes = (node for tree in trees for node in ast.walk(tree))
    return sorted(length(node) for node in nodes if isinstance(node, Function))


def test_functions_are_short() -> None:
    found = lengths()
    assert statistics.median(found) <= 8
    assert statistics.quantiles(found, n=10)[-1] <= 20


def test_files_are_short() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    long = {path.relative_to(ROOT).as_posix() for path, n in lines.items() if n > LONGEST}
    assert sorted(long) == []


def public(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, Named]]:
    """Functions, classes and methods whose names, and whose owners' names, begin with a letter."""
    for node in body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield f"{owner}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{owner}.{node.name}")


def test_every_public_name_is_documented() -> None:
    silent = []
    for path in PACKAGE:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(ROOT / "src").as_posix()
        named: list[tuple[str, ast.Module | Named]] = [(name, tree), *public(tree.body, name)]
        silent += [name for name, node in named if not ast.get_docstring(node)]
    assert silent == []
