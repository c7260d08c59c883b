"""The build forgets what is stale, and only that."""

import subprocess
import sys
import threading
from pathlib import Path

import build_book
import pytest


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project whose book was built well; its `_build` folder."""
    (tmp_path / "src" / "advtheory").mkdir(parents=True)
    (tmp_path / "src" / "advtheory" / "norms.py").write_text("1")
    (tmp_path / "_toc.yml").write_text("a")
    folder = tmp_path / "_build"
    monkeypatch.setattr(build_book, "ROOT", tmp_path)
    monkeypatch.setattr(build_book, "BUILD", folder)
    monkeypatch.setattr(build_book, "EXECUTED", folder / ".executed.json")
    monkeypatch.setattr(build_book, "BUILT", folder / ".built.json")
    monkeypatch.delenv("ADVTHEORY_SCALE", raising=False)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ADVTHEORY_CACHE", str(tmp_path / "cache"))
    build_book.forget_what_is_stale()
    for name in ("html", ".doctrees", ".jupyter_cache"):
        (folder / name).mkdir()
    build_book.note(build_book.BUILT, build_book.digest(build_book.PAGES))
    return folder


def kept(build: Path) -> set[str]:
    build_book.forget_what_is_stale()
    return {path.name for path in build.iterdir() if path.is_dir()}


def test_nothing_changed_nothing_forgotten(build: Path) -> None:
    assert kept(build) == {"html", ".doctrees", ".jupyter_cache"}


def test_a_changed_module_runs_the_notebooks_again(build: Path) -> None:
    (build.parent / "src" / "advtheory" / "norms.py").write_text("2")
    assert kept(build) == set()


def test_a_new_record_runs_the_notebooks_again(build: Path) -> None:
    (build.parent / "book" / "records").mkdir(parents=True)
    (build.parent / "book" / "records" / "paper.csv").write_text("d,m")
    assert kept(build) == set()


def test_another_scale_runs_the_notebooks_again(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVTHEORY_SCALE", "smoke")
    assert kept(build) == set()


@pytest.mark.parametrize("place", ["data", "cache"])
def test_data_that_appear_run_the_notebooks_again(build: Path, place: str) -> None:
    (build.parent / place / "mnist").mkdir(parents=True)
    (build.parent / place / "mnist" / "t10k-images-idx3-ubyte.gz").write_text("x")
    assert kept(build) == set()


def test_a_changed_contents_list_makes_the_pages_again_from_the_same_runs(build: Path) -> None:
    (build.parent / "_toc.yml").write_text("b")
    assert kept(build) == {".jupyter_cache"}


def test_after_a_failed_build_every_page_is_looked_at_again(build: Path) -> None:
    build_book.BUILT.unlink()
    assert kept(build) == {".jupyter_cache"}


def test_two_builds_take_turns(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_book, "jupyter_book", lambda: 0)
    second = threading.Thread(target=build_book.main)
    with build_book.take_turn():
        second.start()
        second.join(0.3)
        assert second.is_alive()
    second.join()
    waited, ready = capsys.readouterr().out.split("\n\n")
    assert waited == "Another build of this book is under way: waiting for it to end."
    assert "The book is ready" in ready


def test_a_figure_says_nothing_where_home_cannot_be_written(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/proc/nobody")
    for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
        monkeypatch.delenv(name, raising=False)
    draw = [sys.executable, "-m", "IPython", "-c", "import matplotlib.pyplot"]
    for _ in range(2):  # the first time it looks for fonts, which may take long enough for a notice
        done = subprocess.run(draw, env=build_book.environment(), capture_output=True, check=True)
    assert done.stderr == b""
    assert (build / ".matplotlib").is_dir()


def test_a_config_folder_that_was_chosen_is_kept(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", "/elsewhere")
    assert build_book.environment()["MPLCONFIGDIR"] == "/elsewhere"
