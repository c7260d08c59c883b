"""What is vendored is what was fetched: every file has the digest that the lock names."""

import hashlib
import json
from pathlib import Path

import book_pages
import pytest

FOLDERS = [book_pages.ROOT / "book/_static/vendored", book_pages.ROOT / "tests/book/vendored"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["pages", "tests"])
def test_files_match_the_lock(folder: Path) -> None:
    locked = json.loads((folder / "lock.json").read_text())["files"]
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock.json"
    }
    assert found == locked


@pytest.mark.parametrize("folder", FOLDERS, ids=["pages", "tests"])
def test_each_package_brings_its_licence(folder: Path) -> None:
    locked = json.loads((folder / "lock.json").read_text())
    licences = [name for name in locked["files"] if "LICENSE" in name]
    assert len(licences) >= len(locked["packages"])
