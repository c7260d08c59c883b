"""The floors of the package: imports go down only, no wing knows another, nothing is a circle."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "advtheory"
FLOORS = (
    {"checks", "losses", "data", "contract"},
    {"norms", "networks", "concentration", "records"},
    {"attacks", "kernels", "running"},
    {"training"},
    {"pages", "sentences"},
    {"laziness", "reflection", "convergence"},
    {"cli"},
    {"__main__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
CATALOGUE = "advtheory.contract.catalogue"  # it finds the wings by name, when somebody asks
LATER = "matplotlib sklearn pooch requests filelock tqdm typer dask distributed pygments IPython"


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name; a folder is its ``__init__``."""
    paths = {path.relative_to(PACKAGE.parent): path for path in PACKAGE.rglob("*.py")}
    return {
        ".".join(p.with_suffix("").parts).removesuffix(".__init__"): path
        for p, path in paths.items()
    }


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def ours(path: Path) -> set[str]:
    return {name for name in imports(path) if name.startswith("advtheory.")}


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_a_floor() -> None:
    assert {room(name) for name in MODULES if "." in name} <= FLOOR.keys()


@pytest.mark.parametrize("name", sorted(name for name in MODULES if "." in name))
def test_imports_go_down_or_stay_in_their_room(name: str) -> None:
    above = {
        other
        for other in ours(MODULES[name])
        if room(other) != room(name) and FLOOR[room(other)] >= FLOOR[room(name)]
    }
    assert above == set()


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name: ours(path) - {name} for name, path in MODULES.items()}
    # A face gathers the modules of its room, and none of them looks at it.
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name in modules()))
def test_faces_define_nothing(name: str) -> None:
    if MODULES[name].name == "__init__.py" and "." in name:
        nodes = ast.parse(MODULES[name].read_text(encoding="utf-8")).body
        kinds = (ast.Expr, ast.ImportFrom, ast.Assign)
        assert all(isinstance(node, kinds) for node in nodes)


BARE = """
import importlib, sys
for name in {later!r}:
    sys.modules[name] = None
for name in {names!r}:
    importlib.import_module(name)
"""


def test_the_core_needs_torch_numpy_and_pandas_only() -> None:
    """Every module below the pages and the command line imports on a bare machine."""
    top = {"pages", "sentences", "cli", "__main__"}
    names = sorted(name for name in MODULES if "." in name and room(name) not in top)
    script = BARE.format(later=LATER.split(), names=names)
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
