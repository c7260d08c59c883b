"""Every lab on a second device, small: a reader with a GPU meets no tensor left on the CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devices import lab
from tests.twin import NAME


@pytest.mark.parametrize("path", lab.LABS, ids=lambda path: path.stem)
def test_the_code_of_a_lab_runs_on_a_second_device(path: Path) -> None:
    settings = {"ADVTHEORY_SCALE": "smoke", "ADVTHEORY_DEVICE": NAME, "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, lab.__file__, str(path)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
