"""Every experiment, small, on a second device: its table is the CPU's."""

from pathlib import Path

import pandas as pd
import pytest

from advtheory.contract import all_experiments, get
from advtheory.records.store import Records
from advtheory.running import runner
from tests.twin import NAME, twin


def table(name: str, device: str, folder: Path) -> pd.DataFrame:
    """The table of a smoke run on a device."""
    records = folder / device
    runner.run(get(name), "smoke", device=device, records=records, progress=False)
    return Records(records).read(name, "smoke").table


@pytest.mark.parametrize("name", sorted(all_experiments()))
def test_a_second_device_gives_the_table_of_the_cpu(name: str, tmp_path: Path) -> None:
    here = table(name, "cpu", tmp_path)
    with twin() as waits:
        there = table(name, NAME, tmp_path)
    assert waits.total() > 0  # the twin was asked
    pd.testing.assert_frame_equal(there, here, rtol=1e-5)
