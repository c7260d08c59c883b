"""Where records and claims are looked for."""

from pathlib import Path

import pytest

from advtheory.records import store


def test_folders_are_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADVTHEORY_RECORDS", raising=False)
    book = Path(__file__).parents[2] / "book"
    assert store.find_folder("records") == (book / "records", None)
    assert store.find_folder("claims") == (book / "claims", None)
    monkeypatch.setenv("ADVTHEORY_RECORDS", str(tmp_path))
    assert store.find_folder("records") == (tmp_path, None)
    assert store.find_folder("claims") == (book / "claims", None)
    assert store.find_folder("records", Path("x")) == (Path("x"), None)
    assert store.open_records(Path("x")).folder == Path("x")


def test_an_installed_package_reads_what_it_carries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "lib" / "site-packages" / "advtheory"
    monkeypatch.delenv("ADVTHEORY_RECORDS", raising=False)
    monkeypatch.setattr(store, "__file__", str(site / "records.py"))
    here, shipped = store.find_folder("records")
    assert here == Path("records")
    assert shipped is not None
    assert shipped.parts[-3:] == ("advtheory", "_book", "records")
