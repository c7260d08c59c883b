"""Records: one tidy table (CSV) and one provenance file (JSON) per experiment and scale.

``<folder>/<experiment>/<scale>.csv`` holds the rows in canonical order, floats in the shortest
form that reads back exactly. ``<scale>.json`` beside it holds the jobs (point, seeds, seconds,
device, date, code) that made them, and is the truth: it is written after the table, so a row
without a job is one whose run was killed between the two files, and is measured again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

Value = int | float | str
SeedKey = tuple[frozenset[tuple[str, Value]], int]
"""A point, as a set of (coordinate, value), and one of its seeds."""

_KINDS = {"i": "int", "f": "float"}


class RecordError(ValueError):
    """A record that is damaged, cannot be written, or does not go with what is to be added."""


class MissingRecordError(RecordError):
    """There is no such record."""


@dataclass(frozen=True)
class Done:
    """One finished job: what was measured, how long it took (seconds), where, when, by what."""

    point: Mapping[str, Value]
    seeds: Sequence[int]
    seconds: float
    device: str
    threads: int
    date: str
    code: str

    def keys(self) -> set[SeedKey]:
        """The (point, seed) pairs of the job."""
        return {(frozenset(self.point.items()), seed) for seed in self.seeds}


@dataclass(frozen=True)
class Record:
    """A table with its provenance, as :meth:`Records.read` returns it."""

    experiment: str
    scale: str
    table: pd.DataFrame
    jobs: tuple[Done, ...]
    provenance: Mapping[str, Any]

    def done(self) -> set[SeedKey]:
        """Every (point, seed) pair that has been measured."""
        return set().union(*(job.keys() for job in self.jobs))


class Records:
    """The records in a folder; where ``shipped`` is given, missing ones are read from there.

    Writing always goes to ``folder``: a shipped record that gets more seeds is copied there.
    """

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self.folder, self.shipped = folder, shipped

    def read(self, experiment: str, scale: str) -> Record:
        """The record; :class:`MissingRecordError`, or :class:`RecordError` if it is damaged."""
        record = self._read(experiment, scale)
        if record is None or not record.jobs:
            raise MissingRecordError(
                f"There is no record of {experiment!r} at {scale} scale in {self.folder}; "
                f"make it with `advtheory run {experiment} --scale {scale}`."
            )
        return record

    def done(self, experiment: str, scale: str) -> set[SeedKey]:
        """What has been measured so far; empty if there is no record yet."""
        base = self._base(experiment, scale)
        return set() if base is None else set().union(*(j.keys() for j in _jobs(_sidecar(base))))

    def add(
        self,
        experiment: str,
        scale: str,
        rows: Iterable[Mapping[str, Value]],
        job: Done,
        *,
        columns: Sequence[str],
        versions: Mapping[str, str],
        digest: Callable[[str], str | None] = lambda name: None,
    ) -> None:
        """Merge the rows of a finished job into the record, under a lock, all or nothing.

        Pairs (point, seed) that another run has added meanwhile are dropped. ``digest`` gives the
        SHA-256 of a data set named in the column ``data``. Raises :class:`RecordError` if the
        record is damaged, has other columns, or was made on another data set.
        """
        base = self.folder / experiment / scale
        with _locked(base):
            old = self._read(experiment, scale)
            if old is None:
                # From here on a table without its provenance file is a damaged record.
                _write_json(base, {"jobs": [], "columns": {}})
            fresh = job.keys() - (old.done() if old else set())
            seeds = sorted(seed for _, seed in fresh)
            if not seeds:
                return
            table = pd.DataFrame([r for r in rows if r["seed"] in seeds], columns=list(columns))
            jobs: tuple[Done, ...] = (Done(**{**asdict(job), "seeds": seeds}),)
            if old and old.jobs:
                _check_same(base, old.table, table)
                table, jobs = pd.concat([old.table, table], ignore_index=True), old.jobs + jobs
            _write(base, experiment, scale, table, jobs, versions, digest)

    def _base(self, experiment: str, scale: str) -> Path | None:
        for folder in (self.folder, self.shipped):
            base = folder and folder / experiment / scale
            if base and (base.with_suffix(".json").exists() or base.with_suffix(".csv").exists()):
                return base
        return None

    def _read(self, experiment: str, scale: str) -> Record | None:
        base = self._base(experiment, scale)
        if base is None:
            return None
        while True:
            sidecar = _sidecar(base)
            try:
                table = _table(base, sidecar)
            except RecordError:
                # Another run may have replaced both files between our two looks.
                if _sidecar(base) == sidecar:
                    raise
                continue
            return Record(experiment, scale, table, tuple(_jobs(sidecar)), sidecar)


def find_folder(kind: str, explicit: Path | None = None) -> tuple[Path, Path | None]:
    """Where ``records`` or ``claims`` are: a folder to write to, and one shipped read-only.

    In this order: the explicit folder, ``ADVTHEORY_RECORDS`` (records only), ``book/<kind>`` of
    the source checkout, and for an installed package ``./<kind>`` with those shipped in it.
    """
    variable = os.environ.get("ADVTHEORY_RECORDS") if kind == "records" else None
    if explicit or variable:
        return Path(explicit or variable or ""), None
    book = Path(__file__).resolve().parents[2] / "book"
    if book.is_dir():
        return book / kind, None
    return Path(kind), Path(str(resources.files("advtheory"))) / "_book" / kind


def open_records(folder: Path | None = None) -> Records:
    """The records in a folder, by default those that :func:`find_folder` finds."""
    return Records(*find_folder("records", folder))


@contextlib.contextmanager
def _locked(base: Path) -> Iterator[None]:
    from filelock import FileLock

    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(base.parent / f".{base.name}.lock"):
            for left in base.parent.glob(f".{base.name}.*.*.lock"):
                left.unlink()  # half a file of a run that was killed while writing it
            yield
    except OSError as error:
        raise RecordError(f"The folder {base.parent} cannot be written to: {error}.") from error


def _damaged(path: Path, what: str) -> RecordError:
    return RecordError(
        f"The record file {path} is damaged ({what}); restore it from version control, or delete "
        f"{path.with_suffix('.csv').name} and {path.with_suffix('.json').name} and run again."
    )


def _sidecar(base: Path) -> dict[str, Any]:
    path = base.with_suffix(".json")
    try:
        sidecar = json.loads(path.read_text(encoding="utf-8"))
        list(_jobs(sidecar))
        dict(sidecar["columns"])
    except FileNotFoundError:
        raise _damaged(path, "it is missing although the table is there") from None
    except (ValueError, KeyError, TypeError):
        raise _damaged(path, "not a provenance file") from None
    return dict(sidecar)


def _jobs(sidecar: Mapping[str, Any]) -> list[Done]:
    return [Done(**job) for job in sidecar["jobs"]]


def _table(base: Path, sidecar: Mapping[str, Any]) -> pd.DataFrame:
    """The rows whose job is in the sidecar, checked against the digest written there."""
    path, jobs, kinds = base.with_suffix(".csv"), _jobs(sidecar), sidecar["columns"]
    if not jobs:
        return pd.DataFrame()
    try:
        text = {column: str for column, kind in kinds.items() if kind == "text"}
        table = pd.read_csv(path, dtype=text, keep_default_na=False, float_precision="round_trip")
    except FileNotFoundError:
        raise _damaged(path, "it is missing although its provenance is there") from None
    except (ValueError, pd.errors.ParserError):
        raise _damaged(path, "not a table") from None
    if list(table.columns) != list(kinds):
        raise _damaged(path, f"its columns are not {', '.join(kinds)}")
    table = _with_job(table, jobs)
    try:
        table = table.astype({c: {"text": "str"}.get(k, f"{k}64") for c, k in kinds.items()})
    except (ValueError, OverflowError):
        raise _damaged(path, "text where numbers belong") from None
    if _digest(table) != sidecar["sha256"]:
        raise _damaged(path, "its rows are not those that the provenance file describes")
    return table


def _with_job(table: pd.DataFrame, jobs: Sequence[Done]) -> pd.DataFrame:
    """Drop the rows without a job: their run was killed before the provenance was written."""
    coordinates = list(jobs[0].point)
    done = set().union(*(job.keys() for job in jobs))
    cells = zip(*(table[name].tolist() for name in [*coordinates, "seed"]), strict=True)
    keep = [(frozenset(zip(coordinates, c[:-1], strict=True)), c[-1]) in done for c in cells]
    return table[keep].reset_index(drop=True)


def _check_same(base: Path, old: pd.DataFrame, new: pd.DataFrame) -> None:
    if list(old.columns) != list(new.columns):
        raise RecordError(
            f"The record {base.with_suffix('.csv')} has the columns {', '.join(old.columns)}, but "
            f"the experiment now measures {', '.join(new.columns)}; move the record away first."
        )
    for column in old.columns:
        if (old[column].dtype.kind in _KINDS) != (new[column].dtype.kind in _KINDS):
            raise RecordError(
                f"The column {column!r} of {base.with_suffix('.csv')} mixes numbers and text; move "
                "the record away first."
            )
    if "data" in old.columns:
        before, now = old["data"].iloc[0], new["data"].iloc[0]
        if before != now:
            raise RecordError(
                f"The record {base.with_suffix('.csv')} was made on {before}, this run uses {now}; "
                "make that data set available or choose another folder with --records."
            )


def _write(
    base: Path,
    experiment: str,
    scale: str,
    table: pd.DataFrame,
    jobs: Sequence[Done],
    versions: Mapping[str, str],
    digest: Callable[[str], str | None],
) -> None:
    data = sorted(set(table["data"])) if "data" in table.columns else []
    if len(data) > 1:
        raise RecordError(f"One record holds one data set, not {' and '.join(data)}.")
    coordinates = [column for column in table.columns if column in jobs[0].point]
    first = [*coordinates, "seed"]
    rest = [column for column in table.columns if column not in first]
    table = table.sort_values([*first, *rest], kind="stable", ignore_index=True)
    ordered = sorted(jobs, key=lambda job: ([job.point[c] for c in coordinates], list(job.seeds)))
    provenance = {
        "experiment": experiment,
        "scale": scale,
        "date": max(job.date for job in jobs),
        "seconds": round(sum(job.seconds for job in jobs), 3),
        "seeds": sorted({seed for job in jobs for seed in job.seeds}),
        "devices": sorted({job.device for job in jobs}),
        "threads": sorted({job.threads for job in jobs}),
        "code": sorted({job.code for job in jobs}),
        "versions": dict(versions),
        "data": {name: digest(name) for name in data},
        "rows": len(table),
        "sha256": _digest(table),
        "columns": {c: _KINDS.get(table[c].dtype.kind, "text") for c in table.columns},
        "jobs": [asdict(job) for job in ordered],
    }
    _replace(base.with_suffix(".csv"), _csv(table))
    _write_json(base, provenance)


def _csv(table: pd.DataFrame) -> str:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(_csv(table).encode()).hexdigest()


def _write_json(base: Path, content: Mapping[str, Any]) -> None:
    head = {key: value for key, value in content.items() if key != "jobs"}
    jobs = ",\n".join(f"  {json.dumps(job)}" for job in content["jobs"])
    text = f'{json.dumps(head, indent=1)[:-2]},\n "jobs": [\n{jobs}\n ]\n}}\n'
    _replace(base.with_suffix(".json"), text)


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader, or a machine that dies, sees the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".lock")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
