"""Records: one tidy table (CSV) and one provenance file (JSON) per experiment and scale.

They are ``<folder>/<experiment>/<scale>.csv`` and ``.json``, and only a run writes them; how they
stay whole is told in :mod:`advtheory.records.files`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from advtheory.contract.experiment import Value
from advtheory.records import files
from advtheory.records.files import Done, MissingRecordError, RecordError, SeedKey

__all__ = [
    "Done",
    "MissingRecordError",
    "Record",
    "RecordError",
    "Records",
    "SeedKey",
    "find_folder",
    "open_records",
]


@dataclass(frozen=True)
class Record:
    """A table with its provenance.

    Attributes:
        experiment: the experiment's name.
        scale: smoke, laptop or paper.
        table: one row per measurement; the columns are the experiment's.
        jobs: what was measured together, with its seconds, device, threads, date and code version.
        provenance: the sums over the jobs (``date``, ``seconds``, ``seeds``, ``devices``,
            ``threads``, ``code``), ``versions`` of the packages, ``data`` (name -> SHA-256).
    """

    experiment: str
    scale: str
    table: pd.DataFrame
    jobs: tuple[Done, ...]
    provenance: Mapping[str, Any]


class Records:
    """The records in a folder; where ``shipped`` is given, missing ones are read from there.

    Writing always goes to ``folder``: a shipped record that gets more seeds is copied there.
    """

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self.folder, self.shipped = folder, shipped

    def read(self, experiment: str, scale: str) -> Record:
        """The record of an experiment at a scale.

        Raises:
            MissingRecordError: if there is none.
            RecordError: if a file of it is damaged.
        """
        record = self._read(experiment, scale)
        if record is None:
            raise MissingRecordError(
                f"There is no record of {experiment!r} at {scale} scale in {self.folder}; "
                f"make it with `advtheory run {experiment} --scale {scale}`."
            )
        return record

    def done(self, experiment: str, scale: str) -> set[SeedKey]:
        """Every (point, seed) that has been measured; empty if there is no record yet."""
        base = self._base(experiment, scale)
        return set() if base is None else files.keys(files.read_sidecar(base)[0])

    def add(
        self,
        experiment: str,
        scale: str,
        rows: Iterable[Mapping[str, Value]],
        job: Done,
        *,
        columns: Sequence[str],
        about: Mapping[str, Any],
    ) -> None:
        """Merge the rows of a finished job into the record, under a lock, all or nothing.

        Pairs (point, seed) that another run has added meanwhile are dropped. ``about`` joins the
        provenance: the versions of the packages, the digest of the data.

        Raises:
            RecordError: if the record is damaged, has other columns or was made on other data, or
                the folder cannot be written to.
        """
        base = self.folder / experiment / scale
        with files.locked(base):
            old = self._read(experiment, scale)
            fresh = job.keys() - (files.keys(old.jobs) if old else set())
            seeds = sorted(seed for _, seed in fresh)
            if not seeds:
                return
            table = pd.DataFrame([r for r in rows if r["seed"] in seeds], columns=list(columns))
            jobs: tuple[Done, ...] = (replace(job, seeds=seeds),)
            _check_data(base, table)
            if old:
                _check_same(base, old.table, table)
                table, jobs = pd.concat([old.table, table], ignore_index=True), old.jobs + jobs
            elif not files.exists(base):
                files.reserve(base)
            sums = {"experiment": experiment, "scale": scale, **_sums(jobs), **about}
            files.write(base, table, jobs, sums)

    def _base(self, experiment: str, scale: str) -> Path | None:
        bases = (f / experiment / scale for f in (self.folder, self.shipped) if f)
        return next((base for base in bases if files.exists(base)), None)

    def _read(self, experiment: str, scale: str) -> Record | None:
        base = self._base(experiment, scale)
        if base is None:
            return None
        while True:
            jobs, about = files.read_sidecar(base)
            if not jobs:
                return None
            try:
                table = files.read_table(base, jobs, about)
            except RecordError:
                # Another run may have replaced both files between our two looks.
                if files.read_sidecar(base) == (jobs, about):
                    raise
                continue
            return Record(experiment, scale, table, tuple(jobs), about)


def find_folder(kind: str, explicit: Path | None = None) -> tuple[Path, Path | None]:
    """Where ``records`` or ``claims`` are: a folder to write to, and one shipped read-only.

    In this order: the explicit folder, ``ADVTHEORY_RECORDS`` (records only), ``book/<kind>`` of
    the source checkout, and for an installed package ``./<kind>`` with those shipped in it.
    """
    variable = os.environ.get("ADVTHEORY_RECORDS") if kind == "records" else None
    if explicit or variable:
        return Path(explicit or variable or ""), None
    book = Path(__file__).resolve().parents[3] / "book"
    if book.is_dir():
        return book / kind, None
    return Path(kind), Path(str(resources.files("advtheory"))) / "_book" / kind


def open_records(folder: Path | None = None) -> Records:
    """The records in a folder, by default those that :func:`find_folder` finds."""
    return Records(*find_folder("records", folder))


def _sums(jobs: Sequence[Done]) -> dict[str, Any]:
    return {
        "date": max(job.date for job in jobs),
        "seconds": round(sum(job.seconds for job in jobs), 3),
        "seeds": sorted({seed for job in jobs for seed in job.seeds}),
        "devices": sorted({job.device for job in jobs}),
        "threads": sorted({job.threads for job in jobs}),
        "code": sorted({job.code for job in jobs}),
    }


def _check_data(base: Path, table: pd.DataFrame) -> None:
    if "data" in table.columns and table["data"].nunique() > 1:
        raise RecordError(
            f"A record holds one data set, but a measurement for {base.with_suffix('.csv')} used "
            f"{' and '.join(sorted(set(table['data'])))}; measure on one of them."
        )


def _check_same(base: Path, old: pd.DataFrame, new: pd.DataFrame) -> None:
    path = base.with_suffix(".csv")
    if list(old.columns) != list(new.columns):
        raise RecordError(
            f"The record {path} has the columns {', '.join(old.columns)}, but the experiment now "
            f"measures {', '.join(new.columns)}; move the record away first."
        )
    for column in old.columns:
        if "text" in (kinds := {files.kind(t[column]) for t in (old, new)}) and len(kinds) > 1:
            raise RecordError(
                f"The column {column!r} of {path} would mix numbers and text; move the record away "
                "first."
            )
    if "data" in old.columns and (before := old["data"].iloc[0]) != (now := new["data"].iloc[0]):
        raise RecordError(
            f"The record {path} was made on {before}, but this run uses {now}; make {before} "
            "available, or keep the new record elsewhere with --records."
        )
