"""How often a point of an experiment makes the host wait for a number; on a GPU each is a stall."""

import dataclasses
from pathlib import Path

import pytest

from advtheory.contract import get
from advtheory.running import runner
from tests.twin import NAME, twin

MOST = {"wang-fig4-left": 40, "contrast-init": 70, "wang-fig5": 25, "wang-fig1": 12}
"""Experiment -> a bound on the waits for a value in its first point, with one seed."""


@pytest.mark.parametrize("name", MOST)
def test_the_host_seldom_waits_for_a_value(name: str, tmp_path: Path) -> None:
    point = get(name).points("smoke")[0]
    small = dataclasses.replace(get(name), grid=lambda scale: [point])
    with twin() as waits:
        runner.run(small, "smoke", seeds=1, device=NAME, records=tmp_path, progress=False)
        assert 0 < waits["value"] <= MOST[name], dict(waits)
