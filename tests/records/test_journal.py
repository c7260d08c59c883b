"""The journal: whatever ends a run and wherever, nothing is lost and nothing is there twice."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advtheory.records import RecordError, Records, files, journal
from advtheory.records.writer import Writer
from tests.records.jobs import add, append, both, done, rows

JOBS = [(2.0, [0, 1]), (1.0, [0, 1]), (3.5, [0, 1])]


def writer(folder: Path) -> Writer:
    return Writer(Records(folder), "e", "paper")


def lines(folder: Path) -> Path:
    return folder / "e" / "paper.journal"


@pytest.fixture
def whole(tmp_path: Path) -> list[bytes]:
    """The record of all jobs by a run that nobody stopped."""
    for d, seeds in JOBS:
        add(Records(tmp_path / "whole"), d, seeds)
    return both(tmp_path / "whole")


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A folder where a run was killed after the last of the jobs."""
    run = writer(tmp_path / "killed")
    for d, seeds in JOBS:
        assert append(run, d, seeds) == 2
    return tmp_path / "killed"


def test_a_reader_counts_the_journal_in_and_writes_nothing(
    killed: Path, whole: list[bytes]
) -> None:
    before = {path: path.read_bytes() for path in (killed / "e").iterdir()}
    record = Records(killed).read("e", "paper")
    assert len(record.table) == 12
    assert {path: path.read_bytes() for path in (killed / "e").iterdir()} == before
    writer(killed).fold()
    assert both(killed) == whole
    folded = Records(killed).read("e", "paper")
    assert folded.table.equals(record.table)
    assert folded.jobs == record.jobs
    assert not lines(killed).exists()


def test_a_journal_cut_anywhere_loses_the_line_that_was_cut(
    killed: Path, whole: list[bytes]
) -> None:
    text = lines(killed).read_bytes()
    ends = [at + 1 for at, byte in enumerate(text) if byte == ord("\n")]
    for at in range(0, len(text), 7):
        lines(killed).write_bytes(text[:at])
        complete = max(sum(end <= at for end in ends) - 1, 0)
        run = writer(killed)
        assert len(run.done) == 2 * complete
        assert sum(append(run, d, seeds) for d, seeds in JOBS) == 2 * (3 - complete)
        run.fold()
        assert both(killed) == whole
        for path in (killed / "e").glob("paper.*"):
            path.unlink()


def test_a_damaged_line_does_not_count_and_those_around_it_do(killed: Path) -> None:
    text = lines(killed).read_bytes().split(b"\n")
    text[2] = text[2].replace(b'"seed"', b'"sead"')
    lines(killed).write_bytes(b"\n".join(text))
    assert {dict(place)["d"] for place, _ in writer(killed).done} == {2.0, 3.5}
    run = writer(killed)
    assert [append(run, d, seeds) for d, seeds in JOBS] == [0, 2, 0]


class Killed(BaseException):
    """The end of a process, as far as the files are concerned."""


@pytest.mark.parametrize("survived", range(5))
def test_a_run_killed_while_it_folds_loses_nothing(
    killed: Path, whole: list[bytes], monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """Before the table, between table and provenance, and before the journal is removed."""
    left, replace, remove = iter(range(survived)), os.replace, files.remove

    def die(source: str, target: Path) -> None:
        if next(left, None) is None:
            raise Killed
        replace(source, target)

    def stay(path: Path) -> None:
        if next(left, None) is None:
            raise Killed
        remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        patch.setattr(files, "remove", stay)
        patch.setattr(os, "unlink", lambda path: None)  # the dead clear nothing up
        if survived < 4:
            with pytest.raises(Killed):
                writer(killed).fold()
        else:
            writer(killed).fold()
    assert len(Records(killed).read("e", "paper").table) == 12
    assert len(Records(killed).done("e", "paper")) == 6
    run = writer(killed)
    assert sum(append(run, d, seeds) for d, seeds in JOBS) == 0
    run.fold()
    assert both(killed) == whole
    names = {path.name for path in (killed / "e").iterdir()}
    assert names - {".paper.lock"} == {"paper.csv", "paper.json"}


@pytest.mark.parametrize("seed", range(20))
def test_runs_at_once_that_append_and_fold_in_any_order(
    tmp_path: Path, whole: list[bytes], seed: int
) -> None:
    """Each keeps what the others have not, and the sum over the runs is what there is."""
    chance, runs = random.Random(seed), [writer(tmp_path / "many") for _ in range(3)]
    plan = [(run, job) for run in runs for job in [*JOBS, None]]
    chance.shuffle(plan)
    kept = 0
    for run, job in plan:
        if job is None:
            run.fold()
        else:
            kept += append(run, *job)
            assert run.refresh() == Records(tmp_path / "many").done("e", "paper")
    for run in runs:
        run.fold()
    assert kept == 6
    assert both(tmp_path / "many") == whole


def test_a_fold_that_adds_nothing_leaves_the_files_alone(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "e").glob("paper.*")}
    content = both(folder)
    run, other = writer(folder), writer(folder)
    append(other, 3.0, [0])
    text = lines(folder).read_bytes()
    other.fold()
    lines(folder).write_bytes(text)  # killed before the journal was removed
    after = both(folder)
    run.fold()
    assert both(folder) == after != content
    run.fold()
    assert set(before) == set((folder / "e").glob("paper.*"))


def test_an_addition_reads_only_what_is_new(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what is long known is read again, for this run's lines and for another's."""
    run, other = writer(folder), writer(folder)
    append(run, 10.0, [0])
    append(other, 10.5, [0])
    read: list[int] = []
    parse = journal._entries

    def counted(path: Path, text: bytes) -> Iterator[journal.Entry]:
        read.append(len(text))
        return parse(path, text)

    monkeypatch.setattr(journal, "_entries", counted)
    monkeypatch.setattr(files, "read_sidecar", None)
    monkeypatch.setattr(files, "read_table", None)
    for d in range(20, 40):
        append(run, float(d), [0])
        append(other, d + 0.5, [0])
        run.refresh()
    assert max(read) < 2 * lines(folder).stat().st_size / 40
    assert (frozenset({("d", 39.5)}), 0) in run.refresh()


def test_the_journal_of_another_version_is_named(killed: Path) -> None:
    entry = journal.Entry(done(1, [0]), ("d",), [[1]], {})
    text = journal._line(entry).partition(b" ")[2].strip().replace(b'"threads":1,', b"")
    lines(killed).write_bytes(b"x\n" + journal._checksum(text) + b" " + text + b"\n")
    with pytest.raises(RecordError, match=r"paper.journal was written by another version"):
        writer(killed)


def test_what_does_not_go_with_the_record_is_refused_before_it_is_written(folder: Path) -> None:
    run = writer(folder)
    with pytest.raises(RecordError, match="was made on toy, but this run uses mnist"):
        append(run, 3.0, [0], data="mnist")
    with pytest.raises(RecordError, match="would mix numbers and text"):
        append(run, 3.0, [0], x="text")
    assert journal.read(lines(folder)) == []


def test_a_full_disk_ends_in_a_sentence_and_what_was_written_stays(
    killed: Path, whole: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = writer(killed)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RecordError, match=r"cannot be written to: .*No space left"):
            append(run, 9.0, [0])
        with pytest.raises(RecordError, match="No space left"):
            run.fold()
    assert len(Records(killed).read("e", "paper").table) >= 12
    writer(killed).fold()
    assert both(killed)[0].startswith(whole[0][:20])


def test_rows_of_dropped_seeds_are_dropped(folder: Path) -> None:
    run = writer(folder)
    assert run.add(rows(1, [0, 1]), done(1, [0, 1]), {"toy": None}) == 1
    run.fold()
    table: Any = Records(folder).read("e", "paper").table
    assert table.query("d == 1")["seed"].tolist() == [0, 0, 1, 1]
