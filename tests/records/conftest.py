"""A record for every test that wants one."""

from pathlib import Path

import pytest

from advtheory.records import Records
from tests.records.jobs import add


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the record of two jobs."""
    store = Records(tmp_path)
    add(store, 2, [0, 1])
    add(store, 1, [0])
    return tmp_path
