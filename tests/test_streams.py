"""The command on machines that lack something: outputs, packages, patience."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from advtheory import __main__
from advtheory.cli import app
from advtheory.contract import catalogue
from tests.toys import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}


def run(folder: Path, streams: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The toy at smoke scale, in a shell that redirects its streams."""
    command = f"{sys.executable} -m tests.toys run toy --scale smoke --records {folder} {streams}"
    return subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_a_run_needs_nobody_who_listens(tmp_path: Path, streams: str) -> None:
    done = run(tmp_path, streams)
    assert (done.returncode, done.stderr) == (0, "")
    assert len((tmp_path / "toy" / "smoke.csv").read_text().splitlines()) == 9


def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, ">/dev/full")
    assert done.returncode == 2
    *progress, last = done.stderr.splitlines()
    assert all(line.startswith("toy smoke") for line in progress)
    assert last == "The output could not be written: No space left on device."


def test_a_run_speaks_ascii(tmp_path: Path) -> None:
    done = run(tmp_path, "", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).isascii()


def test_ctrl_c_before_the_first_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "get", interrupted)
    result = CliRunner().invoke(app, ["run", "toy"], prog_name="advtheory")
    assert result.exit_code == 130
    assert result.stderr.strip() == "Stopped by SIGINT."


def test_ctrl_c_while_the_command_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("advtheory.cli.main", interrupted)
    with pytest.raises(SystemExit) as stopped:
        __main__.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "Stopped by SIGINT.\n"


BARE = """
import sys
for name in "typer click tqdm pooch requests sklearn matplotlib dask distributed IPython".split():
    sys.modules[name] = None
"""
"""What a machine lacks that has torch (which brings filelock), numpy and pandas."""


def bare(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", BARE + script]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def test_without_typer_the_command_says_what_to_do() -> None:
    done = bare("from advtheory.__main__ import main; main()")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("The command line needs typer, which is not installed: run `pip")


def test_a_bare_machine_measures(tmp_path: Path) -> None:
    """The way without the command that the sentence above gives."""
    done = bare(
        "from pathlib import Path\n"
        "from advtheory.contract import get\n"
        "from advtheory.running import run\n"
        f"print(run(get('wang-fig1'), 'smoke', records=Path({str(tmp_path)!r})))"
    )
    assert (done.returncode, "measurements made" in done.stdout) == (0, True), done.stderr
    assert (tmp_path / "wang-fig1" / "smoke.csv").exists()
