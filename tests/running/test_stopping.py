"""Stopping a verification: one sentence, and the records stay as they were."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from advtheory.running import runner
from tests import toys
from tests.toys import TOY, wait


def test_ctrl_c_leaves_everything_as_it_was(tmp_path: Path) -> None:
    folder, hold = tmp_path, tmp_path.parent / f"{tmp_path.name}-hold"
    runner.run(TOY, "paper", records=tmp_path, progress=False)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.toys", "verify", "toy", "--sample", "12"],
        cwd=toys.ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(toys.ROOT / "src"),
            "TOY_HOLD": str(hold),
            "ADVTHEORY_RECORDS": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait(lambda: hold.exists() or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=300)
    assert process.returncode == 130
    assert error.strip() == "Stopped by SIGINT."
    assert output.startswith("toy paper: 12 of 12 jobs, which took ")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
