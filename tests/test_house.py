"""What holds for the repository as a whole: one address, one wheel with everything in it."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = ["book", "src", "tests", "tools", "benchmarks", ".ci"]
TEXT = {
    ".cff",
    ".css",
    ".csv",
    ".ipynb",
    ".js",
    ".json",
    ".md",
    ".py",
    ".svg",
    ".toml",
    ".txt",
    ".yml",
}


def texts() -> list[Path]:
    """Every text file of ours, wherever it stands."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    below = [path for folder in OURS for path in (ROOT / folder).rglob("*") if path.is_file()]
    kept = (path for path in [*top, *below] if "vendored" not in path.parts)
    return [path for path in kept if path.suffix in TEXT or path.name in ("Makefile", "run")]


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    """And in notebooks, which leave the book and must find the way back: there it is the same."""
    address = re.sub("^https?://", "", CONFIG["repository"]["url"])
    holders = [path for path in texts() if address in path.read_text(encoding="utf-8")]
    assert [path for path in holders if path.suffix != ".ipynb"] == [ROOT / "_config.yml"]
    notebooks = [path.read_text(encoding="utf-8") for path in (ROOT / "book").rglob("*.ipynb")]
    found = {one for text in notebooks for one in re.findall(r"github\.com/[\w-]+/[\w-]+", text)}
    assert found == {address}


def test_the_package_asks_for_lower_bounds_only() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    asked = [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]
    assert [one for one in asked if not re.fullmatch(r"[\w\-\[\]]+>=[\d.]+", one)] == []


def pins() -> list[str]:
    """The lines of requirements.txt that name a version."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_pins_are_exact() -> None:
    assert "torch==2.13.0" in pins()
    assert [pin for pin in pins() if not re.fullmatch(r"[\w.\-]+==[\w.]+", pin)] == []


def bound(name: str) -> str:
    """Which Pythons an installed package asks for; nothing where it does not say."""
    return str(metadata(name).json.get("requires_python", ""))


def test_the_pins_install_on_the_oldest_python_that_is_promised() -> None:
    """A distribution may ship the first release of a series: Debian 12 has 3.11.2."""
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=") + ".0"
    asked = {pin: bound(pin.partition("==")[0]) for pin in pins()}
    assert [pin for pin, asks in asked.items() if oldest not in SpecifierSet(asks)] == []


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["project"]["version"]


INSTALL = (  # from the repository, until there is a release
    'import importlib.util\n\nif importlib.util.find_spec("advtheory") is None:\n'
    "    # pip may speak of a restart: none is needed\n"
    f"    %pip install --quiet git+{CONFIG['repository']['url']}"
)


def notebooks() -> list[Path]:
    """Every notebook that is a page of the book."""
    listed = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [ROOT / f"{name}.ipynb" for name in listed]
    return [page for page in pages if page.exists()]


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_first_installs_the_package_where_it_is_missing(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert (
        code[0].removeprefix("# @title Install the package\n") == INSTALL
    )  # a fold's name in Colab


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names inside a wheel that is built from a copy (building leaves things behind)."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, copy)
    for name in ("src/advtheory", "book/records", "book/claims", "book/live"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    options = ["--no-build-isolation", "--wheel-dir", str(out), str(copy)]
    subprocess.run([*command, *options], check=True)
    return set(zipfile.ZipFile(next(out.glob("*.whl"))).namelist())


def test_the_wheel_holds_every_module(wheel: set[str]) -> None:
    modules = (path.relative_to(ROOT / "src") for path in (ROOT / "src/advtheory").rglob("*.py"))
    assert {module.as_posix() for module in modules} <= wheel


def test_the_wheel_holds_the_records_and_the_claims(wheel: set[str]) -> None:
    tables = [*(ROOT / "book/records").rglob("*.*"), *(ROOT / "book/claims").rglob("*.json")]
    kept = {path for path in tables if path.suffix in (".csv", ".json")}
    assert kept != set()
    assert {
        f"advtheory/_book/{path.relative_to(ROOT / 'book').as_posix()}" for path in kept
    } <= wheel


def test_the_wheel_holds_the_live_figures(wheel: set[str]) -> None:
    folder = ROOT / "src/advtheory/pages/live"
    parts = {path.name for path in folder.iterdir() if path.suffix in (".css", ".html", ".js")}
    assert "core.js" in parts
    assert {f"advtheory/pages/live/{name}" for name in parts} <= wheel
    stored = {f"advtheory/_book/live/break-a-digit{end}" for end in (".npz", ".json")}
    assert stored <= wheel


def test_notebooks_have_no_roles() -> None:
    """Colab and Jupyter would show {doc}`page` and (label)= as they stand."""
    found = []
    for path in (ROOT / "book").rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        if path.parent.parent.name != "assignments" and ".ipynb_checkpoints" not in path.parts:
            found += [(path.name, role) for role in re.findall(r"\{[a-z:]+\}`|^\([\w-]+\)=", prose)]
    assert found == []
