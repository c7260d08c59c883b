"""Records: read back exactly, the same whoever writes them, and never half-written."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.records import Done, MissingRecordError, RecordError, Records, files

COLUMNS = ("d", "seed", "k", "x", "data")
Rows = list[dict[str, Any]]


def done(d: float, seeds: Sequence[int], **change: Any) -> Done:
    """A finished job at one d."""
    known = {"seconds": 1.5, "device": "CPU", "threads": 1, "date": "2026-11-20T10:00:00Z"}
    return Done(**{"point": {"d": d}, "seeds": list(seeds), "code": "0", **known, **change})


def rows(d: float, seeds: Sequence[int], **change: Any) -> Rows:
    """Two rows for each seed."""
    return [
        {"d": d, "seed": seed, "k": k, "x": d + seed / 3 - k, "data": "toy", **change}
        for seed in seeds
        for k in (0, 1)
    ]


def add(store: Records, d: float, seeds: Sequence[int], **change: Any) -> None:
    """Measure and keep one job."""
    store.add("e", "paper", rows(d, seeds, **change), done(d, seeds), columns=COLUMNS, about={})


def both(folder: Path) -> list[bytes]:
    """The table and the provenance file."""
    return [(folder / "e" / f"paper.{ending}").read_bytes() for ending in ("csv", "json")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the record of two jobs."""
    store = Records(tmp_path)
    add(store, 2, [0, 1])
    add(store, 1, [0])
    return tmp_path


NUMBERS = st.floats(allow_nan=False, allow_subnormal=True)
TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)


@given(st.lists(st.tuples(NUMBERS, st.integers(-(2**63), 2**63 - 1), TEXTS), min_size=1))
def test_a_table_reads_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[float, int, str]]
) -> None:
    store = Records(tmp_path_factory.mktemp("records"))
    columns = ("d", "seed", "x", "k", "text")
    made: Rows = [
        {"d": 1, "seed": seed, "x": x, "k": k, "text": text}
        for seed, (x, k, text) in enumerate(cells)
    ]
    job = done(1, range(len(cells)))
    store.add("e", "paper", made, job, columns=columns, about={})
    table = store.read("e", "paper").table
    assert table.to_dict("records") == made
    signs = [math.copysign(1, x) for x, _, _ in cells]
    assert [math.copysign(1, x) for x in table["x"]] == signs


@settings(max_examples=15)
@given(st.permutations([(d, s) for d in (3, 1, 2.5) for s in (0, 1)]), st.integers(1, 2))
def test_the_order_of_the_jobs_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[tuple[float, int]], repeats: int
) -> None:
    store, once = (Records(tmp_path_factory.mktemp("records")) for _ in range(2))
    for d, seed in order * repeats:
        add(store, d, [seed])
    for d in (1, 2.5, 3):
        for seed in range(2):
            add(once, d, [seed])
    assert both(store.folder) == both(once.folder)
    table = once.read("e", "paper").table
    assert table.equals(table.sort_values(["d", "seed", "k"], ignore_index=True))


def test_provenance_sums_up_the_jobs(tmp_path: Path) -> None:
    store = Records(tmp_path)
    for d, device, date in ((1, "CPU", "2026-11-20"), (2, "GPU", "2026-11-19")):
        job = done(d, [0, d], device=device, date=date)
        versions = {"versions": {"torch": "2.4"}}
        store.add("e", "paper", rows(d, [0, d]), job, columns=COLUMNS, about=versions)
    record = store.read("e", "paper")
    assert [asdict(job)["point"] for job in record.jobs] == [{"d": 1}, {"d": 2}]
    about = record.provenance
    assert about["seconds"] == 3.0
    assert about["seeds"] == [0, 1, 2]
    assert about["devices"] == ["CPU", "GPU"]
    assert about["date"] == "2026-11-20"
    assert about["versions"] == {"torch": "2.4"}
    assert about["rows"] == 8


def test_seeds_that_are_there_already_are_kept(folder: Path) -> None:
    store = Records(folder)
    add(store, 1, [0, 1], x=99.0)
    table = store.read("e", "paper").table
    assert table.query("d == 1 and seed == 0")["x"].tolist() == [1.0, 0.0]
    assert table.query("d == 1 and seed == 1")["x"].tolist() == [99.0, 99.0]
    assert store.done("e", "paper") == {
        (frozenset({("d", d)}), seed) for d in (1, 2) for seed in (0, 1)
    }


def test_a_column_of_integers_may_become_one_of_floats(folder: Path) -> None:
    store = Records(folder)
    add(store, 3, [0], k=math.inf)
    assert store.read("e", "paper").table["k"].tolist() == [0, 1, 0, 1, 0, 1, math.inf, math.inf]


class Killed(BaseException):
    """The end of a process, as far as the files are concerned."""


@pytest.mark.parametrize("survived", range(7))
def test_a_run_killed_at_any_write_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    def work(store: Records) -> None:
        for d in (2, 1, 3.5):
            add(store, d, [0, 1])

    whole, killed = Records(tmp_path / "whole"), Records(tmp_path / "killed")
    work(whole)
    left, replace = iter(range(survived)), os.replace

    def die(source: str, target: Path) -> None:
        if next(left, None) is None:
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        patch.setattr(os, "unlink", lambda path: None)  # the dead clear nothing up
        with pytest.raises(Killed):
            work(killed)
    seen = killed.done("e", "paper")
    if seen:
        assert len(killed.read("e", "paper").table) == 2 * len(seen)
    work(killed)
    assert both(killed.folder) == both(whole.folder)
    names = {path.name for path in (killed.folder / "e").iterdir()}
    assert names - {".paper.lock"} == {"paper.csv", "paper.json"}


# The file, what happens to its text (None: the file goes), what is said.
DAMAGES = [
    pytest.param("csv", lambda text: text[: len(text) // 2], "rows are not those", id="cut"),
    pytest.param("csv", lambda text: text.replace("2.3", "2.4"), "rows", id="typed in"),
    pytest.param("csv", lambda text: text.replace(",k,", ",j,"), "columns", id="column"),
    pytest.param("csv", lambda text: text.replace(",1,", ",one,"), "text where", id="text"),
    pytest.param("csv", lambda text: text.replace("toy", '"toy'), "table|rows", id="quote"),
    pytest.param("csv", lambda text: "", "not a table", id="empty"),
    pytest.param("csv", lambda text: "\0\1\2", "columns|not a table", id="binary"),
    pytest.param("csv", lambda text: None, "missing although its provenance", id="no table"),
    pytest.param("json", lambda text: text[:-20], "not a provenance file", id="cut json"),
    pytest.param("json", lambda text: "[]", "not a provenance file", id="list"),
    pytest.param("json", lambda text: "null", "not a provenance file", id="null"),
    pytest.param("json", lambda text: '{"jobs": 3}', "not a provenance file", id="number"),
    pytest.param("json", lambda text: text.replace("seeds", "sods"), "not a prov", id="key"),
    pytest.param("json", lambda text: text.replace("columns", "c"), "not a prov", id="columns"),
    pytest.param("json", lambda text: text.replace("sha256", "sha"), "not a prov", id="digest"),
    pytest.param("json", lambda text: None, "missing although the table", id="no json"),
]


@pytest.mark.parametrize(("ending", "damage", "sentence"), DAMAGES)
def test_a_damaged_file_is_named_in_one_sentence(
    folder: Path, ending: str, damage: Any, sentence: str
) -> None:
    path = folder / "e" / f"paper.{ending}"
    text = damage(path.read_text(encoding="utf-8"))
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    before = {file: file.read_bytes() for file in path.parent.glob("paper.*")}
    for look in (lambda: Records(folder).read("e", "paper"), lambda: add(Records(folder), 9, [0])):
        with pytest.raises(RecordError, match=sentence) as error:
            look()
        assert f"The record file {path} is damaged" in str(error.value)
        assert "delete paper.csv and paper.json and run again" in str(error.value)
        assert "\n" not in str(error.value)
    assert {file: file.read_bytes() for file in path.parent.glob("paper.*")} == before


def test_other_line_ends_are_no_damage(folder: Path) -> None:
    path = folder / "e" / "paper.csv"
    table = Records(folder).read("e", "paper").table
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    pd.testing.assert_frame_equal(Records(folder).read("e", "paper").table, table)


def test_a_record_holds_one_data_set(folder: Path) -> None:
    before = both(folder)
    with pytest.raises(RecordError, match="was made on toy, but this run uses digits-8x8"):
        add(Records(folder), 3, [0], data="digits-8x8")
    assert both(folder) == before
    mixed = [*rows(4, [0]), *rows(4, [1], data="mnist")]
    with pytest.raises(RecordError, match="used mnist and toy; measure on one"):
        Records(folder).add("e", "paper", mixed, done(4, [0, 1]), columns=COLUMNS, about={})


def test_other_columns_or_kinds_are_refused(folder: Path) -> None:
    store = Records(folder)
    with pytest.raises(
        RecordError, match="has the columns d, seed, k, x, data, but the experiment"
    ):
        store.add("e", "paper", rows(3, [0]), done(3, [0]), columns=["d", "seed"], about={})
    with pytest.raises(RecordError, match=r"column 'x' .* would mix numbers and text"):
        add(store, 3, [0], x="text")


def test_a_missing_record_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(MissingRecordError, match="advtheory run e --scale paper"):
        Records(tmp_path).read("e", "paper")
    assert Records(tmp_path).done("e", "paper") == set()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordError, match=r"file/e cannot be written to"):
        add(Records(tmp_path / "file"), 1, [0])


def test_a_shipped_record_is_read_there_and_grows_here(folder: Path, tmp_path: Path) -> None:
    before, here = both(folder), tmp_path / "here"
    store = Records(here, shipped=folder)
    assert len(store.read("e", "paper").table) == 6
    assert not here.exists()
    add(store, 3, [0])
    assert both(folder) == before
    assert len(Records(here).read("e", "paper").table) == 8


def test_a_reader_who_meets_a_writer_looks_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files.read_sidecar
    calls = iter([None])

    def slow(base: Path) -> tuple[list[Done], dict[str, Any]]:
        sidecar = read(base)
        for _ in calls:  # another run adds a job between our reading of the two files
            add(Records(folder), 0.5, [0])
        return sidecar

    monkeypatch.setattr(files, "read_sidecar", slow)
    table = Records(folder).read("e", "paper").table
    assert len(table) in (6, 8)
    assert len(json.loads((folder / "e" / "paper.json").read_text())["jobs"]) == 3
