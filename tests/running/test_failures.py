"""The runner: wrong arguments, measurements that fail, what it shows and what it writes down."""

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from advtheory.contract import Place, Point, Row
from advtheory.records import Records, provenance
from advtheory.running import SweepError, runner
from tests import toys
from tests.toys import TOY


@pytest.mark.parametrize(
    "error", [ValueError("no sense"), RuntimeError("no memory"), OSError("no disk")]
)
def test_a_measurement_that_fails_names_its_point(tmp_path: Path, error: Exception) -> None:
    def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
        if point["d"] == 2:
            raise error
        return toys.measure(point, seeds, place)

    failing = replace(TOY, measure=measure)
    with pytest.raises(SweepError, match=rf"at d=2, seeds 0 to 1 failed: {error}"):
        runner.run(failing, "smoke", records=tmp_path, progress=False)
    assert len(Records(tmp_path).done("toy", "smoke")) == 2


def test_a_nan_is_refused_with_its_place(tmp_path: Path) -> None:
    def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
        return [{**row, "value": float("nan")} for row in toys.measure(point, seeds, place)]

    with pytest.raises(SweepError, match="at d=1 gave NaN in the column 'value'"):
        runner.run(replace(TOY, measure=measure), "smoke", records=tmp_path, progress=False)
    assert not (tmp_path / "toy").exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seeds": 0}, "number of seeds must be at least 1, not 0"),
        ({"seeds": -2}, "not -2"),
        ({"seeds": 1_000_000_000}, "number of seeds must be at most 10000, not 1000000000"),
        ({"budget": 0.0}, "budget must be more than 0"),
        ({"budget": float("nan")}, "budget must be more than 0"),
        ({"workers": -1}, "workers must be at least 0"),
        ({"workers": 1, "dask": "tcp://here:1"}, "not both"),
        ({"device": "tpu"}, "no device 'tpu'; choose auto, cpu, cuda"),
        ({"device": "cpu:0"}, "no device 'cpu:0'"),
        ({"device": "cuda:99"}, "'cuda:99' is not there: .*; choose cpu or auto"),
    ],
)
def test_wrong_arguments_end_in_one_sentence(
    tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        runner.run(TOY, "smoke", records=tmp_path, **wrong)
    with pytest.raises(ValueError, match="no scale 'huge'"):
        runner.run(TOY, "huge", records=tmp_path)


def test_progress_is_lines_where_there_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.run(TOY, "smoke", records=tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("  (")[1] for line in lines] == [
        "d=1, seeds 0 to 1)",
        "d=2, seeds 0 to 1)",
    ]
    assert lines[0].startswith("toy smoke  33%")
    assert "left" in lines[0]
    assert lines[1].startswith("toy smoke 100%")


def test_a_bar_can_be_forced_and_silence_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.run(TOY, "smoke", records=tmp_path, seeds=1, progress=True)
    assert "toy smoke 100%|" in capsys.readouterr().err
    runner.run(TOY, "smoke", records=tmp_path, seeds=2, progress=False)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)  # a bare GPU machine
    runner.run(TOY, "smoke", records=tmp_path, seeds=3, progress=True)
    assert "toy smoke 100%  " in capsys.readouterr().err


def test_provenance_says_what_made_the_numbers(tmp_path: Path) -> None:
    runner.run(TOY, "smoke", records=tmp_path, device="cpu", progress=False)
    record = Records(tmp_path).read("toy", "smoke")
    about = record.provenance
    assert about["devices"] == ["CPU"]
    assert about["code"] == [provenance.code_version()]
    assert about["data"] == {"toy": None}
    assert about["seeds"] == [0, 1]
    machine = provenance.machine()
    assert [job.machine for job in record.jobs] == [machine, machine]
    assert machine["torch"] == torch.__version__
    text = (tmp_path / "toy" / "smoke.json").read_text(encoding="utf-8")
    assert text.count(machine["os"]) == 1


class Broken(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("progress", [None, True])
@pytest.mark.parametrize("stderr", [None, Broken()], ids=["closed", "broken"])
def test_a_run_goes_on_when_nobody_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: Any, progress: bool | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    outcome = runner.run(TOY, "smoke", records=tmp_path, progress=progress)
    assert (outcome.done, outcome.left) == (4, 0)
