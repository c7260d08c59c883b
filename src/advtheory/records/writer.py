"""How one run writes into one record: a line for each finished job, and the table at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from advtheory.contract.experiment import Value
from advtheory.records import files, journal
from advtheory.records.done import Done, SeedKey, keys
from advtheory.records.errors import LostTableError, RecordError
from advtheory.records.journal import Entry, Journal
from advtheory.records.record import Record, kind, merge
from advtheory.records.store import Records


class Writer:
    """What a run knows of a record, and its way of adding to it.

    Opening it reads and verifies the record. After that an addition costs what it adds, however
    long the record is: the run keeps the set of what is done, and looks only at what others append.

    Attributes:
        done: every (point, seed) that is measured, by this run or by others that it has seen.
        lost: the sentence about a table that is gone or empty, whose rows are to be measured
            again; None where all is well.

    Raises:
        RecordError: if a file of the record is damaged.
    """

    def __init__(self, store: Records, experiment: str, scale: str) -> None:
        self._store, self._name = store, (experiment, scale)
        self._base, path = store.base(*self._name), store.journal(*self._name)
        self._journal, self._path = Journal(path), path
        self.lost: str | None = None
        self._seen = self._signature()
        try:
            record = merge(*self._name, store.folded(*self._name), journal.read(path))
        except LostTableError as error:
            self.lost = str(error)
            record = merge(*self._name, None, journal.read(path))
        self.done: set[SeedKey] = keys(record.jobs) if record else set()
        self._shape = _shape(record) if record else None

    @property
    def scratch(self) -> Path:
        """A folder beside the journal for what an unfinished job has; who needs it makes it."""
        return self._path.with_suffix(".scratch")

    def refresh(self) -> set[SeedKey]:
        """``done``, with what other runs have added meanwhile."""
        if self._signature() != self._seen:
            with files.locked(self._base):
                self._catch_up()
        return self.done

    def add(
        self, rows: Iterable[Mapping[str, Value]], job: Done, data: Mapping[str, str | None]
    ) -> int:
        """Append a finished job; returns how many of its seeds were new.

        Seeds that another run has added meanwhile are dropped. ``data``: name -> SHA-256 of the
        data sets in the rows.

        Raises:
            RecordError: if the record has other columns or was made on other data, or the folder
                cannot be written to.
        """
        listed = list(rows)
        columns = tuple(listed[0])
        entry = Entry(job, columns, [[row[name] for name in columns] for row in listed], data)
        with files.locked(self._base):
            self._catch_up()
            fresh = entry.without(self.done)
            if fresh is None:
                return 0
            self._check(fresh)
            self._journal.append(fresh)
            self.done |= fresh.job.keys()
            self._seen = self._signature()
        return len(fresh.job.seeds)

    def fold(self) -> None:
        """Move the journal into the table and the provenance file; nothing happens without one."""
        if not self._path.exists():
            return
        with files.locked(self._base):
            old = self._store.salvaged(*self._name)
            record = merge(*self._name, old, journal.read(self._path))
            if record is not None and record is not old:
                files.write(self._base, record)
            files.remove(self._path)

    def _signature(self) -> list[object]:
        """What changes when another run adds to the record or folds it."""
        return [_stat(path) for path in (self._path, self._base.with_suffix(".json"))]

    def _catch_up(self) -> None:
        known, entries = self._journal.news()
        if not known and self._signature() != self._seen:
            # The journal was folded, or begun, by another run.
            self.done = self._in_table()
        for entry in entries:
            self._check(entry)
            self.done |= entry.job.keys()
        self._seen = self._signature()

    def _in_table(self) -> set[SeedKey]:
        base = self._store.found(*self._name)
        return set() if base is None or files.lost(base) else keys(files.read_sidecar(base)[0])

    def _check(self, entry: Entry) -> None:
        """Refuse a job that does not go with the record."""
        new = _shape_of(entry)
        path = self._base.with_suffix(".csv")
        if len(new.data) > 1:
            raise RecordError(
                f"A record holds one data set, but a measurement for {path} used "
                f"{' and '.join(sorted(new.data))}; measure on one of them."
            )
        self._shape = self._shape or new
        _check_same(path, self._shape, new)


class _Shape(NamedTuple):
    """What all rows of a record share: column -> whether it holds text, and the data set."""

    text: Mapping[str, bool]
    data: frozenset[str]


def _shape(record: Record) -> _Shape:
    table = record.table
    text = {name: kind(table[name]) == "text" for name in table.columns}
    return _Shape(text, frozenset(table["data"].head(1) if "data" in text else ()))


def _shape_of(entry: Entry) -> _Shape:
    text = {
        name: isinstance(cell, str) for name, cell in zip(entry.columns, entry.rows[0], strict=True)
    }
    if "data" not in text:
        return _Shape(text, frozenset())
    at = entry.columns.index("data")
    return _Shape(text, frozenset(str(row[at]) for row in entry.rows))


def _check_same(path: Path, old: _Shape, new: _Shape) -> None:
    if list(old.text) != list(new.text):
        raise RecordError(
            f"The record {path} has the columns {', '.join(old.text)}, but the experiment now "
            f"measures {', '.join(new.text)}; move the record away first."
        )
    if mixed := [name for name in old.text if old.text[name] != new.text[name]]:
        raise RecordError(
            f"The column {mixed[0]!r} of {path} would mix numbers and text; move the record away "
            "first."
        )
    if old.data != new.data:
        before, now = (" and ".join(shape.data) for shape in (old, new))
        raise RecordError(
            f"The record {path} was made on {before}, but this run uses {now}; make {before} "
            "available, or keep the new record elsewhere with --records."
        )


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
