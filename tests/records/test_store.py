"""Records: read back exactly, and the same whoever writes them."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.records import Done, MissingRecordError, RecordError, Records, files
from tests.records.jobs import MACHINE, Rows, add, both, done, keep, rows

NUMBERS = st.floats(allow_nan=False, allow_subnormal=True)
TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)


@given(st.lists(st.tuples(NUMBERS, st.integers(-(2**63), 2**63 - 1), TEXTS), min_size=1))
def test_a_table_reads_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[float, int, str]]
) -> None:
    store = Records(tmp_path_factory.mktemp("records"))
    made: Rows = [
        {"d": 1, "seed": seed, "x": x, "k": k, "text": text}
        for seed, (x, k, text) in enumerate(cells)
    ]
    job = done(1, range(len(cells)))
    keep(store, made, job, {})
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
        keep(store, rows(d, [0, d]), job, {"toy": None})
    record = store.read("e", "paper")
    assert [job.point for job in record.jobs] == [{"d": 1}, {"d": 2}]
    about = record.provenance
    assert about["seconds"] == 3.0
    assert about["seeds"] == [0, 1, 2]
    assert about["devices"] == ["CPU", "GPU"]
    assert about["date"] == "2026-11-20"
    assert about["data"] == {"toy": None}
    assert about["rows"] == 8


def test_machines_are_listed_once_and_older_jobs_have_none(folder: Path) -> None:
    """An older record stays as it is; a newer job says which machine measured it."""
    store, other = Records(folder), {**MACHINE, "processor": "a slow one"}
    before = both(folder)[1].decode()
    assert "machine" not in before
    for d, machine in ((4, MACHINE), (5, other), (6, MACHINE)):
        keep(store, rows(d, [0]), done(d, [0], machine=machine), {"toy": None})
    jobs = {job.point["d"]: job.machine for job in store.read("e", "paper").jobs}
    assert jobs == {1: None, 2: None, 4: MACHINE, 5: other, 6: MACHINE}
    after = both(folder)[1].decode()
    old = [line.rstrip(",") for line in before.splitlines() if '"point"' in line]
    assert len(old) == 2
    assert all(line in after for line in old)
    assert after.count("a fast one") == after.count("a slow one") == 1


@pytest.mark.parametrize("name", ["../records/e", "e/../e", "", ".", "E", "e\0"])
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, name: str) -> None:
    for look in (Records(folder).read, Records(folder).done):
        with pytest.raises(RecordError, match=r"names no record; expected lower-case words"):
            look(name, "paper")
        with pytest.raises(RecordError, match=r"names no record"):
            look("e", name)


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
        keep(Records(folder), mixed, done(4, [0, 1]), {})


def test_other_columns_or_kinds_are_refused(folder: Path) -> None:
    store = Records(folder)
    with pytest.raises(
        RecordError, match="has the columns d, seed, k, x, data, but the experiment"
    ):
        keep(store, [{"d": 3, "seed": 0}], done(3, [0]), {})
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
