"""The command: what it prints, and one sentence with the exit code 2 for every wrong input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from advtheory import data
from advtheory.cli import app
from advtheory.contract import catalogue
from advtheory.data import images
from advtheory.records import Records
from advtheory.running import runner
from tests import toys

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def only_toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The toy is the only experiment, and the current folder is an empty one."""
    monkeypatch.setattr(catalogue, "_registry", toys.registry)
    monkeypatch.setenv("ADVTHEORY_RECORDS", str(tmp_path / "records"))
    monkeypatch.chdir(tmp_path)


def call(*words: str) -> Result:
    """The command, with that on its line."""
    return CliRunner().invoke(app, words, prog_name="advtheory")


def refused(*words: str) -> str:
    """The sentence with which the command refuses that."""
    result = call(*words)
    assert result.exit_code == 2, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_alone_it_prints_its_help() -> None:
    result = call()
    assert result.exit_code == 0
    for word in ("list", "run", "draw", "report", "data"):
        assert f"\n  {word} " in result.output


def test_list_shows_names_and_titles() -> None:
    assert call("list").output == "toy  A toy\n"


def test_run_then_draw_then_report(tmp_path: Path) -> None:
    result = call("run", "toy", "--scale", "smoke", "--seeds", "3", "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("toy smoke: 6 measurements made in ")
    assert len(Records(tmp_path / "records").done("toy", "smoke")) == 6
    assert call("draw", "toy").stdout.startswith("toy-smoke.png: smoke scale · CPU, ")
    assert (tmp_path / "toy-smoke.png").read_bytes().startswith(b"\x89PNG")
    assert call("draw", "toy", "--scale", "smoke", "--out", "figure.svg").exit_code == 0
    assert "<svg" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
    shown = call("report").stdout
    assert "A toy (toy, smoke scale)\nsmoke scale · CPU, " in shown
    assert "  our own  slope of the value " in shown
    assert "A toy (toy, paper scale)\nMissing: no record." in shown
    found = json.loads(call("report", "--json").stdout)["records"]
    numbers = [(one["scale"], each["quantity"]) for one in found for each in one["numbers"]]
    assert numbers == [("smoke", "slope")]


def test_the_report_says_how_much_is_there() -> None:
    assert call("run", "toy", "--scale", "paper", "--seeds", "3").exit_code == 0
    assert "\nMissing: 4 of 4 points have 3 of 5 seeds.\n" in call("report").stdout


def test_a_report_of_a_folder_that_is_not_there_is_refused() -> None:
    sentence = refused("report", "--records", "nowhere")
    assert sentence.startswith("The folder nowhere is not there; give the folder of the records")


def test_the_largest_scale_is_drawn() -> None:
    for scale in ("laptop", "smoke"):
        assert call("run", "toy", "--scale", scale, "--seeds", "1").exit_code == 0
    assert call("draw", "toy").stdout.startswith("toy-laptop.png: laptop scale")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "tou"), "There is no experiment 'tou'; did you mean toy?"),
        (("run", "toy", "tou"), "There is no experiment 'tou'; did you mean toy?"),
        (("run",), "Missing argument"),
        (("run", "toy", "--scale", "huge"), "There is no scale 'huge'; choose one of smoke"),
        (("run", "toy", "--budget", "9x"), "The budget '9x' is not a time; write 90s, 9m or 1.5h."),
        (("run", "toy", "--budget", "-9m"), "The budget '-9m' is not a time"),
        (("run", "toy", "--budget", "0"), "The budget must be more than 0 seconds"),
        (("run", "toy", "--seeds", "-1"), "The number of seeds must be at least 1, not -1."),
        (("run", "toy", "--seeds", "many"), "Invalid value for '--seeds'"),
        (("run", "toy", "--workers", "-1"), "The number of workers must be at least 0"),
        (("run", "toy", "--device", "tpu"), "There is no device 'tpu'; choose auto, cpu"),
        (("run", "toy", "--device", "cuda:77"), "The device 'cuda:77' is not there"),
        (("run", "toy", "--dask", "nowhere"), "'nowhere' is not the address of a Dask cluster"),
        (("run", "toy", "--records", "/dev/null"), "The folder /dev/null/toy cannot be written"),
        (("run", "toy", "--colour"), "No such option: --colour"),
        (("draw", "toy"), "There is no record of 'toy' yet; make one with `advtheory run toy`."),
        (("draw", "toy", "--scale", "paper"), "There is no record of 'toy' at paper scale in "),
        (("draw", "toy", "--scale", "huge"), "There is no scale 'huge'"),
        (("data",), "Missing command"),
        (("data", "look"), "No such command 'look'"),
        (("rum",), "No such command 'rum'"),
    ],
)
def test_wrong_input_ends_in_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    assert refused(*words).startswith(sentence)


def test_a_wrong_file_ends_in_one_sentence(tmp_path: Path) -> None:
    assert call("run", "toy", "--scale", "smoke").exit_code == 0
    assert "must end in .png, .svg or .pdf" in refused("draw", "toy", "--out", "figure.gif")
    (tmp_path / "records" / "toy" / "smoke.csv").write_text("nonsense")
    for words in (("draw", "toy"), ("report",)):
        assert "smoke.csv is damaged" in refused(*words)


@pytest.mark.parametrize(
    ("budget", "seconds"), [("30", 30), ("30s", 30), ("1.5m", 90), ("2h", 7200), (" 9 m", 540)]
)
def test_budgets_are_read_with_their_units(
    monkeypatch: pytest.MonkeyPatch, budget: str, seconds: float
) -> None:
    budgets: list[float] = []

    def run(*args: object, budget: float, **options: object) -> runner.Outcome:
        budgets.append(budget)
        return runner.Outcome(0, 0, 0.0)

    monkeypatch.setattr(runner, "run", run)
    assert call("run", "toy", "toy", "--budget", budget).exit_code == 0
    assert budgets == pytest.approx([seconds, seconds], abs=5)
    assert budgets[1] < budgets[0] < seconds


def test_a_budget_that_runs_out_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_NAP", "5")
    result = call("run", "toy", "--scale", "smoke", "--budget", "0.2s")
    assert result.exit_code == 0
    assert "0 measurements made" in result.stdout
    assert "4 left; run the same command to continue" in result.stdout


@pytest.mark.parametrize("there", [True, False])
def test_data_check_says_where_mnist_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool
) -> None:
    location = data.Location(tmp_path if there else None, {"cache": "empty"})
    monkeypatch.setattr(images, "locate", lambda: location)
    result = call("data", "check")
    assert result.stdout.startswith("cache: empty\n")
    if there:
        assert result.exit_code == 0
        assert f"MNIST is in {tmp_path}, complete and unchanged." in result.stdout
    else:
        assert result.exit_code == 2
        assert result.stderr.startswith("MNIST was not found; set ADVTHEORY_DATA")


def shell(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """``python -m advtheory``, as a reader types it, with the records of the book."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    environment |= {"ADVTHEORY_RECORDS": str(ROOT / "book" / "records"), **settings}
    command = [sys.executable, "-m", "advtheory", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_from_a_shell() -> None:
    done = shell("run", "wang-fig22")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("There is no experiment 'wang-fig22'; did you mean wang-fig2")


def test_an_output_of_ascii_loses_signs_and_nothing_else(tmp_path: Path) -> None:
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = shell("report", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert " +- " in done.stdout
    done = shell("draw", "wang-fig2", "--out", str(tmp_path / "two.png"), **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert (tmp_path / "two.png").exists()


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, advtheory, advtheory.cli\n"
        "print(sorted({'torch', 'pandas', 'numpy', 'matplotlib', 'tqdm'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.stdout.strip() == b"[]", done
