"""Where numbers come from: the commit that is checked out."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from advtheory import __version__
from advtheory.records import provenance


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """The code is looked at once per process; here once per test."""
    asked = (provenance.code_version, provenance.code_digest)
    for function in asked:
        function.cache_clear()
    yield
    for function in asked:
        function.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that takes the place of the package's."""
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr(provenance, "_PACKAGE", tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> str:
    """Git in a folder, whoever the machine's user is."""
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def test_outside_a_checkout_the_version_stands_alone(package: Path) -> None:
    assert provenance.code_version() == __version__


def test_an_installed_copy_below_another_checkout_is_not_its_code(package: Path) -> None:
    git(package, "init")
    (package / "other").write_text("")
    git(package, "add", "other")
    git(package, "commit", "-m", "another project")
    assert provenance.code_version() == __version__


@pytest.mark.parametrize("dirty", [False, True])
def test_a_checkout_tells_its_commit(package: Path, dirty: bool) -> None:
    git(package, "init")
    git(package, "add", ".")
    git(package, "commit", "-m", "the package")
    if dirty:
        (package / "__init__.py").write_text("changed = True")
    commit = git(package, "rev-parse", "HEAD")[:10]
    assert provenance.code_version() == f"{__version__}+g{commit}{'.dirty' if dirty else ''}"


def test_without_git_the_version_stands_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(package, "init")
    git(package, "add", ".")
    git(package, "commit", "-m", "the package")
    monkeypatch.setenv("PATH", str(package))
    assert provenance.code_version() == __version__


def test_the_machine_is_told_as_its_tools_tell_it() -> None:
    """The system by `uname`, the versions by the packages themselves; nothing is left empty."""
    found = provenance.machine()
    assert found["os"].split() == subprocess.check_output(["uname", "-srm"], text=True).split()
    assert (found["torch"], found["numpy"]) == (torch.__version__, np.__version__)
    assert found["pandas"] == pd.__version__
    assert all(found.values())


@pytest.mark.parametrize(
    ("shown", "blas"),
    [
        ("Math Kernel Library Version 2024.2-Product, BLAS_INFO=mkl, BUILD", "mkl 2024.2"),
        ("BLAS_INFO=open, BUILD_TYPE=Release", "open"),
        ("BLAS_INFO=accelerate", "accelerate"),
        ("nothing", "unknown"),
    ],
)
def test_the_library_of_matrix_products_is_read_from_what_torch_shows(
    shown: str, blas: str
) -> None:
    assert provenance._blas(shown) == blas


def test_two_copies_are_told_apart_by_a_byte(package: Path) -> None:
    before = provenance.code_digest()
    provenance.code_digest.cache_clear()
    assert provenance.code_digest() == before
    (package / "__init__.py").write_text("# changed")
    provenance.code_digest.cache_clear()
    assert provenance.code_digest() != before
