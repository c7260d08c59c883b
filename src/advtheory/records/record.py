"""One record: its table, the jobs that made it, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from advtheory.records.done import Done, keys
from advtheory.records.journal import Entry

_KINDS = {"i": "int", "f": "float"}


@dataclass(frozen=True)
class Record:
    """A table with its provenance.

    Attributes:
        experiment: the experiment's name.
        scale: smoke, laptop or paper.
        table: one row per measurement; the columns are the experiment's.
        jobs: what was measured together, with its seconds, device, threads, date, code version
            and machine.
        provenance: the sums over the jobs (``date``, ``seconds``, ``seeds``, ``devices``,
            ``threads``, ``code``) and ``data`` (name -> SHA-256); in older records also
            ``versions`` of the packages, which newer ones keep with each job's machine.

    >>> from advtheory.records import open_records
    >>> record = open_records().read("wang-fig2", "paper")
    >>> len(record.table), record.provenance["devices"]
    (180, ['CPU'])
    """

    experiment: str
    scale: str
    table: pd.DataFrame
    jobs: tuple[Done, ...]
    provenance: Mapping[str, Any]


def kind(column: pd.Series) -> str:
    """What a column holds: ``int``, ``float`` or ``text``."""
    return _KINDS.get(column.dtype.kind, "text")


def sums(jobs: Sequence[Done]) -> dict[str, Any]:
    """What the provenance says of all jobs together."""
    return {
        "date": max(job.date for job in jobs),
        "seconds": round(sum(job.seconds for job in jobs), 3),
        "seeds": sorted({seed for job in jobs for seed in job.seeds}),
        "devices": sorted({job.device for job in jobs}),
        "threads": sorted({job.threads for job in jobs}),
        "code": sorted({job.code for job in jobs}),
    }


def merge(
    experiment: str, scale: str, old: Record | None, entries: Iterable[Entry]
) -> Record | None:
    """The record with the entries of a journal; pairs (point, seed) that it has are dropped.

    The record itself where nothing is new. Rows are sorted by the coordinates, the seed and the
    other columns; jobs by point and seeds: the order in which they were measured leaves no trace.
    """
    done = keys(old.jobs) if old else set()
    new: list[Entry] = []
    for entry in entries:
        if fresh := entry.without(done):
            done |= fresh.job.keys()
            new.append(fresh)
    if not new:
        return old
    rows = [row for entry in new for row in entry.rows]
    tables = [old.table] if old else []
    table = pd.concat([*tables, pd.DataFrame(rows, columns=list(new[0].columns))])
    jobs = [*(old.jobs if old else ()), *(entry.job for entry in new)]
    about = (
        {k: old.provenance[k] for k in ("versions", "data") if k in old.provenance} if old else {}
    )
    data = {name: sha for entry in new for name, sha in entry.data.items()}
    return _arranged(
        experiment, scale, table, jobs, {**about, "data": about.get("data", {}) | data}
    )


def _arranged(
    experiment: str, scale: str, table: pd.DataFrame, jobs: Sequence[Done], about: Mapping[str, Any]
) -> Record:
    coordinates = [column for column in table.columns if column in jobs[0].point]
    first = [*coordinates, "seed"]
    rest = [column for column in table.columns if column not in first]
    table = table.sort_values([*first, *rest], kind="stable", ignore_index=True)
    ordered = sorted(jobs, key=lambda job: ([job.point[c] for c in coordinates], list(job.seeds)))
    columns = {column: kind(table[column]) for column in table.columns}
    name = {"experiment": experiment, "scale": scale}
    content = {**name, **sums(ordered), **about, "rows": len(table), "columns": columns}
    return Record(experiment, scale, table, tuple(ordered), content)
