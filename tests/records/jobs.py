"""What the tests of records share: finished jobs of a made-up experiment, and their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from advtheory.records import Done, Records
from advtheory.records.writer import Writer

Rows = list[dict[str, Any]]
MACHINE = {"processor": "a fast one", "blas": "mkl 2024.2", "torch": "2.4"}


def done(d: float, seeds: Sequence[int], **change: Any) -> Done:
    """A finished job at one d."""
    known = {"seconds": 1.5, "device": "CPU", "threads": 1, "date": "2026-11-20T10:00:00Z"}
    return Done(**{"point": {"d": d}, "seeds": list(seeds), "code": "0", **known, **change})


def rows(d: float, seeds: Sequence[int], **change: Any) -> Rows:
    """Two rows for each seed."""
    return [
        {"d": d, "seed": seed, "k": k, "x": d + seed / 3 - k, "data": "toy", **change}
        for seed in seeds
        for k in (0, 1)
    ]


def append(writer: Writer, d: float, seeds: Sequence[int], **change: Any) -> int:
    """Measure one job and append it to the journal; how many seeds were new."""
    return writer.add(rows(d, seeds, **change), done(d, seeds), {"toy": None})


def keep(store: Records, made: Rows, job: Done, data: Mapping[str, str | None]) -> None:
    """A whole run of one job."""
    writer = Writer(store, "e", "paper")
    writer.add(made, job, data)
    writer.fold()


def add(store: Records, d: float, seeds: Sequence[int], **change: Any) -> None:
    """A whole run that measures one job."""
    keep(store, rows(d, seeds, **change), done(d, seeds), {"toy": None})


def both(folder: Path) -> list[bytes]:
    """The table and the provenance file."""
    return [(folder / "e" / f"paper.{ending}").read_bytes() for ending in ("csv", "json")]
