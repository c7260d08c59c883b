"""The two files of one record, read with suspicion and written all or nothing.

``<base>.csv`` holds the rows, floats in the shortest form that reads back exactly. ``<base>.json``
holds the jobs that made them and the table's digest, and is the truth: it is written after the
table, so a row without a job is one whose run was killed between the two files; it is dropped.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from advtheory.contract.experiment import Value

SeedKey = tuple[frozenset[tuple[str, Value]], int]
"""A point, as a set of (coordinate, value), and one of its seeds."""

_KINDS = {"i": "int", "f": "float"}
_TYPES = {"int": "int64", "float": "float64", "text": "str"}


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


def keys(jobs: Sequence[Done]) -> set[SeedKey]:
    """The (point, seed) pairs of several jobs."""
    return set().union(*(job.keys() for job in jobs))


def kind(column: pd.Series) -> str:
    """What a column holds: ``int``, ``float`` or ``text``."""
    return _KINDS.get(column.dtype.kind, "text")


def exists(base: Path) -> bool:
    """Whether a record, or what is left of one, is there."""
    return base.with_suffix(".json").exists() or base.with_suffix(".csv").exists()


@contextlib.contextmanager
def locked(base: Path) -> Iterator[None]:
    """Make the folder, keep other runs out, and clear what a killed run left half-written.

    Raises:
        RecordError: where the folder cannot be written to.
    """
    from filelock import FileLock

    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(base.parent / f".{base.name}.lock"):
            for half in base.parent.glob(f".{base.name}.*.*.lock"):
                half.unlink()
            yield
    except OSError as error:
        raise RecordError(f"The folder {base.parent} cannot be written to: {error}.") from error


def read_sidecar(base: Path) -> tuple[list[Done], dict[str, Any]]:
    """The jobs and everything else in the provenance file; ``RecordError`` if it is damaged."""
    path = base.with_suffix(".json")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        jobs = [Done(**job) for job in about.pop("jobs")]
        keys(jobs)
        if jobs and not ({*jobs[0].point, "seed"} <= set(about["columns"]) and about["sha256"]):
            raise ValueError
    except FileNotFoundError:
        raise _damaged(path, "it is missing although the table is there") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(path, "it is not a provenance file") from None
    return jobs, about


def read_table(base: Path, jobs: Sequence[Done], about: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of the jobs, checked against the digest; ``RecordError`` if they are damaged."""
    path, kinds = base.with_suffix(".csv"), about["columns"]
    try:
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise _damaged(path, "it is missing although its provenance is there") from None
    except ValueError:
        raise _damaged(path, "it is not a table") from None
    if list(cells.columns) != list(kinds):
        raise _damaged(path, f"its columns are not {', '.join(kinds)}")
    try:
        parsed = {name: _parse(cells[name].tolist(), kind) for name, kind in kinds.items()}
        table = _with_job(pd.DataFrame(parsed), jobs)
        table = table.astype({name: _TYPES[kind] for name, kind in kinds.items()})
    except (ValueError, OverflowError, KeyError):
        raise _damaged(path, "it has text where numbers belong") from None
    if _digest(table) != about["sha256"]:
        raise _damaged(path, "its rows are not those that the provenance file describes")
    return table


def reserve(base: Path) -> None:
    """Write a provenance file without jobs: a table that is found without one is damaged."""
    _replace(base.with_suffix(".json"), _json({"columns": {}}, []))


def write(base: Path, table: pd.DataFrame, jobs: Sequence[Done], about: Mapping[str, Any]) -> None:
    """Put both files in canonical order and replace them, the table first.

    Rows are sorted by the coordinates, the seed and the other columns; jobs by point and seeds.
    """
    coordinates = [column for column in table.columns if column in jobs[0].point]
    first = [*coordinates, "seed"]
    rest = [column for column in table.columns if column not in first]
    table = table.sort_values([*first, *rest], kind="stable", ignore_index=True)
    ordered = sorted(jobs, key=lambda job: ([job.point[c] for c in coordinates], list(job.seeds)))
    columns = {column: kind(table[column]) for column in table.columns}
    content = {**about, "rows": len(table), "sha256": _digest(table), "columns": columns}
    _replace(base.with_suffix(".csv"), _csv(table))
    _replace(base.with_suffix(".json"), _json(content, ordered))


def _damaged(path: Path, what: str) -> RecordError:
    return RecordError(
        f"The record file {path} is damaged: {what}; restore it from version control, or delete "
        f"{path.with_suffix('.csv').name} and {path.with_suffix('.json').name} and run again."
    )


def _parse(cells: list[str], kind: str) -> list[Value]:
    # Python reads back exactly what it wrote, which pandas does not promise.
    if kind == "int" and all(cell.lstrip("-").isdecimal() for cell in cells):
        return [int(cell) for cell in cells]
    return list(cells) if kind == "text" else [float(cell) for cell in cells]


def _with_job(table: pd.DataFrame, jobs: Sequence[Done]) -> pd.DataFrame:
    names, done = list(jobs[0].point), keys(jobs)
    cells = zip(*(table[name].tolist() for name in [*names, "seed"]), strict=True)
    keep = [(frozenset(zip(names, cell[:-1], strict=True)), cell[-1]) in done for cell in cells]
    return table[keep].reset_index(drop=True)


def _csv(table: pd.DataFrame) -> str:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(_csv(table).encode()).hexdigest()


def _json(about: Mapping[str, Any], jobs: Sequence[Done]) -> str:
    # One line per job, so that a difference between two versions of a record can be read.
    head = json.dumps(about, indent=1, ensure_ascii=False)[:-2]
    lines = ",\n".join(f"  {json.dumps(asdict(job), ensure_ascii=False)}" for job in jobs)
    return f'{head},\n "jobs": [\n{lines}\n ]\n}}\n'


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
