"""Where numbers come from: the commit that is checked out."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from advtheory import __version__
from advtheory.records import provenance


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """The code version is asked for once per process; here once per test."""
    provenance.code_version.cache_clear()
    yield
    provenance.code_version.cache_clear()


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
