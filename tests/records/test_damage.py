"""Damaged records: one sentence that names the file, and nothing is overwritten."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advtheory.records import RecordError, Records
from tests.records.jobs import add, both


def edited(change: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    """A provenance file with something changed in it."""

    def edit(text: str) -> str:
        about = json.loads(text)
        change(about)
        return json.dumps(about)

    return edit


def without(name: str) -> Callable[[str], str]:
    return edited(lambda about: about.pop(name))


def put(name: str, value: Any) -> Callable[[str], str]:
    return edited(lambda about: about.update({name: value}))


def in_job(name: str, value: Any) -> Callable[[str], str]:
    return edited(lambda about: about["jobs"][0].update({name: value}))


# The file, what happens to its text (None: the file goes), what is said.
DAMAGES = [
    pytest.param("csv", lambda text: text[: len(text) // 2], "rows are not those", id="cut"),
    pytest.param("csv", lambda text: text.replace("2.3", "2.4"), "rows", id="typed in"),
    pytest.param("csv", lambda text: text.replace(",k,", ",j,"), "columns", id="column"),
    pytest.param("csv", lambda text: text.replace(",1,", ",one,"), "text where", id="text"),
    pytest.param("csv", lambda text: text.replace("toy", '"toy'), "table|rows", id="quote"),
    pytest.param("csv", lambda text: "\0\1\2", "columns|not a table", id="binary"),
    pytest.param("json", lambda text: text[:-20], "not a provenance file", id="cut json"),
    pytest.param("json", lambda text: "[]", "not a provenance file", id="list"),
    pytest.param("json", lambda text: "null", "not a provenance file", id="null"),
    pytest.param("json", lambda text: '{"jobs": 3}', "not a provenance file", id="number"),
    pytest.param("json", lambda text: text.replace("seeds", "sods"), "not a prov", id="key"),
    pytest.param("json", lambda text: text.replace("columns", "c"), "not a prov", id="columns"),
    pytest.param("json", lambda text: text.replace("sha256", "sha"), "not a prov", id="digest"),
    pytest.param("json", lambda text: None, "missing although the table", id="no json"),
    pytest.param("json", lambda text: "[" * 100_000, "not a prov", id="deep"),
    pytest.param("json", put("experiment", "f"), "it describes f at paper scale", id="name"),
    pytest.param("json", put("scale", "smoke"), "it describes e at smoke scale", id="scale"),
    pytest.param("json", put("seeds", list(range(100))), "sums are not those", id="more seeds"),
    pytest.param("json", without("seeds"), "sums are not those", id="no seeds"),
    pytest.param("json", without("date"), "sums are not those", id="no date"),
    pytest.param("json", without("data"), "not a prov", id="no data"),
    pytest.param("json", put("columns", ["d", "seed"]), "not a prov", id="list of columns"),
    pytest.param("json", put("jobs", []), "no jobs although the table has rows", id="no jobs"),
    pytest.param("json", in_job("seeds", [0, 7]), "sums are not those", id="a seed more"),
    pytest.param("json", in_job("seeds", "01"), "not a prov", id="text for seeds"),
    pytest.param("json", in_job("seeds", [0.5]), "not a prov", id="half a seed"),
    pytest.param("json", in_job("point", []), "not a prov", id="no point"),
    pytest.param("json", in_job("point", {"d": [1]}), "not a prov", id="list in a point"),
    pytest.param("json", in_job("seconds", "long"), "not a prov", id="text for seconds"),
    pytest.param("json", in_job("seconds", float("nan")), "not a prov", id="no seconds"),
    pytest.param("json", in_job("threads", None), "not a prov", id="no threads"),
    pytest.param("json", in_job("date", 3), "not a prov", id="number for a date"),
    pytest.param("json", in_job("machine", 0), "not a prov", id="no such machine"),
    pytest.param("json", put("jobs", [1, 2]), "not a prov", id="numbers for jobs"),
    pytest.param(
        "json", edited(lambda about: about["jobs"].append(about["jobs"][0])), "not a", id="twice"
    ),
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


def test_a_job_without_rows_is_seen(folder: Path) -> None:
    """The digest may be right and the sums too: a measurement without rows is none."""
    path = folder / "e" / "paper.json"
    about = json.loads(path.read_text())
    about["jobs"].append({**about["jobs"][0], "point": {"d": 9}})
    path.write_text(json.dumps(about))
    with pytest.raises(RecordError, match="a job of the provenance file has no rows in it"):
        Records(folder).read("e", "paper")


def test_a_record_under_another_name_is_refused(folder: Path) -> None:
    """A copy is the record of what it was measured for."""
    os.rename(folder / "e", folder / "f")
    with pytest.raises(RecordError, match=r"f/paper.json is damaged: it describes e at paper"):
        Records(folder).read("f", "paper")


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize("kind", ["folder", "loop"])
def test_what_is_no_file_is_named(folder: Path, ending: str, kind: str) -> None:
    path = folder / "e" / f"paper.{ending}"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    with pytest.raises(RecordError, match=rf"paper.{ending} is damaged: it cannot be read"):
        Records(folder).read("e", "paper")


def test_a_journal_that_is_no_file_is_named(folder: Path) -> None:
    (folder / "e" / "paper.journal").mkdir()
    with pytest.raises(RecordError, match=r"The journal .*paper.journal cannot be read"):
        Records(folder).read("e", "paper")


@pytest.mark.parametrize(("text", "what"), [(None, "it is missing"), ("", "it is empty")])
def test_a_lost_table_is_told_to_readers_and_made_again_by_a_run(
    folder: Path, text: str | None, what: str
) -> None:
    whole, path = both(folder), folder / "e" / "paper.csv"
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(RecordError, match=f"paper.csv is damaged: {what}"):
        Records(folder).read("e", "paper")
    add(Records(folder), 2, [0, 1])
    add(Records(folder), 1, [0])
    assert both(folder) == whole
