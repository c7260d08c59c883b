"""The two files of one record, read with suspicion and written all or nothing.

``<base>.csv`` holds the rows, floats in the shortest form that reads back exactly. ``<base>.json``
holds the jobs that made them and the table's digest, and is the truth: it is written after the
table, so a row without a job is one whose run was killed between the two files; it is dropped, and
the journal, which is removed last, still has it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from advtheory.contract.experiment import Value
from advtheory.records.done import Done, SeedKey, keys, parse, plain
from advtheory.records.errors import LostTableError, MissingRecordError, RecordError, damaged
from advtheory.records.record import Record, sums

__all__ = ["Done", "LostTableError", "MissingRecordError", "RecordError", "SeedKey", "keys"]

_TYPES = {"int": "int64", "float": "float64", "text": "str"}


def exists(base: Path) -> bool:
    """Whether a record, or what is left of one, is there."""
    return os.path.lexists(base.with_suffix(".json")) or os.path.lexists(base.with_suffix(".csv"))


def lost(base: Path) -> bool:
    """Whether the table is gone or empty."""
    path = base.with_suffix(".csv")
    return not os.path.lexists(path) or (path.is_file() and not path.stat().st_size)


@contextlib.contextmanager
def locked(base: Path) -> Iterator[None]:
    """Make the folder and keep other runs out.

    Raises:
        RecordError: where the folder cannot be written to.
    """
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        with _lock(base.parent / f".{base.name}.lock"):
            yield
    except OSError as error:
        raise RecordError(f"The folder {base.parent} cannot be written to: {error}.") from error


@functools.cache
def _lock(path: Path) -> Any:
    from filelock import FileLock

    return FileLock(path)


def read_sidecar(base: Path) -> tuple[list[Done], dict[str, Any]]:
    """The jobs, and everything else in the provenance file with the sums taken afresh.

    ``RecordError`` if the file is damaged, or describes another record than its place says.
    """
    path = base.with_suffix(".json")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        machines = about.pop("machines", [])
        jobs = [parse(job, _machine(job, machines)) for job in about.pop("jobs")]
        if not isinstance(about["columns"], dict) or len(keys(jobs)) < sum(
            len(j.seeds) for j in jobs
        ):
            raise ValueError
    except FileNotFoundError:
        raise damaged(path, "it is missing although the table is there") from None
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise damaged(path, "it is not a provenance file") from None
    return jobs, _checked(base, jobs, about) if jobs else about


def _machine(job: Any, machines: Any) -> Any:
    return machines[job["machine"]] if "machine" in job else None


def _checked(base: Path, jobs: Sequence[Done], about: dict[str, Any]) -> dict[str, Any]:
    """The provenance with its sums, which must be those of the jobs; seconds up to rounding."""
    path, known = base.with_suffix(".json"), {"int", "float", "text"}
    if (name := (about.get("experiment"), about.get("scale"))) != (base.parent.name, base.name):
        raise damaged(path, f"it describes {name[0]} at {name[1]} scale")
    fresh = sums(jobs)
    if any(about.get(name) != value for name, value in fresh.items() if name != "seconds"):
        raise damaged(path, "its sums are not those of its jobs")
    names = {name for job in jobs for name in job.point} | {"seed"}
    plain_data = isinstance(about.get("data"), dict) and set(about["columns"].values()) <= known
    if not (names <= set(about["columns"]) and about.get("sha256") and plain_data):
        raise damaged(path, "it is not a provenance file")
    return {**about, **fresh}


def read_table(base: Path, jobs: Sequence[Done], about: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of the jobs, checked against the digest; ``RecordError`` if they are damaged."""
    path, kinds = base.with_suffix(".csv"), about["columns"]
    if lost(base):
        what = "it is empty" if path.exists() else "it is missing although its provenance is there"
        raise damaged(path, what, LostTableError)
    try:
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error.strerror})") from None
    except ValueError:
        raise damaged(path, "it is not a table") from None
    if list(cells.columns) != list(kinds):
        raise damaged(path, f"its columns are not {', '.join(kinds)}")
    try:
        parsed = {name: _parse(cells[name].tolist(), kind) for name, kind in kinds.items()}
        table = pd.DataFrame(parsed).astype({name: _TYPES[kind] for name, kind in kinds.items()})
    except (ValueError, OverflowError, KeyError):
        raise damaged(path, "it has text where numbers belong") from None
    return _verified(path, table, jobs, about)


def _verified(
    path: Path, table: pd.DataFrame, jobs: Sequence[Done], about: Mapping[str, Any]
) -> pd.DataFrame:
    names, done = list(jobs[0].point), keys(jobs)
    cells = zip(*(table[name].tolist() for name in [*names, "seed"]), strict=True)
    places = [(frozenset(zip(names, cell[:-1], strict=True)), cell[-1]) for cell in cells]
    table = table[[place in done for place in places]].reset_index(drop=True)
    if _digest(table) != about["sha256"]:
        raise damaged(path, "its rows are not those that the provenance file describes")
    if not done <= set(places):
        raise damaged(path, "a job of the provenance file has no rows in it")
    return table


def reserve(base: Path) -> None:
    """Write a provenance file without jobs: a table that is found without one is damaged."""
    _replace(base.with_suffix(".json"), _json({"columns": {}}, []))


def write(base: Path, record: Record) -> None:
    """Replace both files, the table first, and clear what a killed run left half-written."""
    for half in base.parent.glob(f".{base.name}.*.*.lock"):
        half.unlink()
    if not base.with_suffix(".json").exists():
        reserve(base)
    about = {**record.provenance}
    columns = about.pop("columns")
    content = {**about, "sha256": _digest(record.table), "columns": columns}
    _replace(base.with_suffix(".csv"), _csv(record.table))
    _replace(base.with_suffix(".json"), _json(content, record.jobs))


def remove(path: Path) -> None:
    """Remove a file once what replaces it in its folder is on the disk."""
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    path.unlink(missing_ok=True)


def _parse(cells: list[str], kind: str) -> list[Value]:
    # Python reads back exactly what it wrote, which pandas does not promise.
    if kind == "int" and all(cell.lstrip("-").isdecimal() for cell in cells):
        return [int(cell) for cell in cells]
    return list(cells) if kind == "text" else [float(cell) for cell in cells]


def _csv(table: pd.DataFrame) -> str:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(_csv(table).encode()).hexdigest()


def _json(about: Mapping[str, Any], jobs: Sequence[Done]) -> str:
    # One line per job and per machine, so that a difference between two versions can be read.
    machines: list[Any] = []
    for job in jobs:
        if job.machine is not None and job.machine not in machines:
            machines.append(job.machine)
    lines = [plain(job, job.machine and machines.index(job.machine)) for job in jobs]
    parts = {"machines": machines, "jobs": lines} if machines else {"jobs": lines}
    head = json.dumps(about, indent=1, ensure_ascii=False)[:-2]
    return (
        head
        + "".join(f',\n "{name}": [\n{_lines(part)}\n ]' for name, part in parts.items())
        + "\n}\n"
    )


def _lines(items: Sequence[Any]) -> str:
    return ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in items)


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
