"""Claims files: what they hold, and one sentence for each that is wrong."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from advtheory.contract import Key, catalogue
from advtheory.records import find_folder, read_claims

GOOD: dict[str, Any] = {"quantity": "slope", "symbol": "s", "text": "the slope", "value": 1.9}
FILE: dict[str, Any] = {
    "experiment": "toy",
    "source": "A. Author (2022)",
    "place": "Figure 1",
    "claims": [GOOD],
}


def write(folder: Path, content: str) -> None:
    (folder / "toy.json").write_text(content, encoding="utf-8")


def one(folder: Path, **change: Any) -> Any:
    """The only claim of a file, changed."""
    write(folder, json.dumps({**FILE, "claims": [{**GOOD, **change}]}))
    (claim,) = read_claims("toy", folder)
    return claim


def refused(folder: Path) -> str:
    """The one sentence with which the file is refused."""
    with pytest.raises(ValueError, match=r"claims file .*toy\.json is wrong at ") as error:
        read_claims("toy", folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_claim_has_the_source_of_its_file_or_its_own(tmp_path: Path) -> None:
    claim = one(tmp_path)
    assert (claim.source, claim.place) == ("A. Author (2022)", "Figure 1")
    assert (claim.key, claim.value, claim.relation, claim.tolerance) == (
        Key("slope"),
        1.9,
        "equal to",
        0.0,
    )
    own = one(tmp_path, source="this book", place="Lemma 1", curve="c0=5", relation="at most")
    assert (own.source, own.place, own.key) == ("this book", "Lemma 1", Key("slope", "c0=5"))
    assert own.relation == "at most"


def test_a_claim_in_words_has_no_number(tmp_path: Path) -> None:
    words = {key: value for key, value in GOOD.items() if key != "value"} | {"words": "sharp"}
    write(tmp_path, json.dumps({**FILE, "claims": [words]}))
    (claim,) = read_claims("toy", tmp_path)
    assert (claim.value, claim.words) == (None, "sharp")


WRONG: list[dict[str, Any]] = [
    {"value": math.nan},
    {"value": math.inf},
    {"value": 10**400},
    {"value": True},
    {"value": "0.7"},
    {"value": None},
    {"quantity": None},
    {"quantity": " "},
    {"curve": 5},
    {"symbol": ["s"]},
    {"relation": "about"},
    {"tolerance": "0.1"},
    {"words": "sharp"},
    {"key": "slope"},
]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_a_wrong_field_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    write(tmp_path, json.dumps({**FILE, "claims": [{**GOOD, **change}]}))
    refused(tmp_path)


def test_a_number_beyond_floating_point_is_refused(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(FILE).replace("1.9", "1e400"))
    assert "not finite" in refused(tmp_path)


def test_nothing_stands_twice(tmp_path: Path) -> None:
    write(tmp_path, json.dumps({**FILE, "claims": [GOOD, {**GOOD, "value": 2.0}]}))
    assert "a second claim about slope" in refused(tmp_path)
    write(tmp_path, json.dumps(FILE).replace('"symbol"', '"value": 1.0, "symbol"'))
    assert "the name 'value', which stands twice" in refused(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {**FILE, "experiment": "other"},
        {**FILE, "claims": [{"quantity": "slope"}]},
        {**FILE, "claims": ["slope"]},
        {**FILE, "claims": 3},
        {**FILE, "source": None},
        {"experiment": "toy", "claims": []},
    ],
)
def test_a_wrong_claims_file_is_named(tmp_path: Path, content: object) -> None:
    write(tmp_path, json.dumps(content))
    refused(tmp_path)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    write(tmp_path, "[" * 100_000)
    refused(tmp_path)
    (tmp_path / "toy.json").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path)
    (tmp_path / "toy.json").unlink()
    (tmp_path / "toy.json").mkdir()
    refused(tmp_path)


def test_most_experiments_may_have_no_claims(tmp_path: Path) -> None:
    assert read_claims("toy", tmp_path) == ()
    assert read_claims("toy") == ()


def test_the_claims_of_the_book_belong_to_its_experiments() -> None:
    folder, _ = find_folder("claims")
    names = {path.stem for path in folder.glob("*.json")}
    assert names <= set(catalogue.all_experiments())
    for name in names:
        claims = read_claims(name)
        assert claims
        assert all(claim.place and (claim.value is None) == bool(claim.words) for claim in claims)
