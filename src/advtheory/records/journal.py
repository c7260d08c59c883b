"""The journal of a record: finished jobs that are not yet in the table, a line each.

``<base>.journal`` begins with a random line, which tells it from its successors. Every other line
is one job with its rows, behind a checksum; a line that is cut or damaged does not count, and
the lines around it do. A line is written in one go and handed to the system at once, so a run that
is killed loses nothing that it had finished. It is forced onto the disk (fsync) at most every
:data:`PAUSE` seconds, which is as much work as a power cut can lose: a job that takes longer than
that is on the disk before the next one begins.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from advtheory.contract.experiment import Value
from advtheory.records.done import Done, SeedKey, parse, plain
from advtheory.records.errors import RecordError

PAUSE = 0.2
"""Seconds between two fsyncs."""


@dataclass(frozen=True)
class Entry:
    """A finished job, its rows in the order of ``columns``, and its data sets: name -> SHA-256."""

    job: Done
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    data: Mapping[str, str | None]

    def without(self, done: set[SeedKey]) -> Entry | None:
        """The entry without the seeds that are in ``done``; None if all of them are."""
        place = frozenset(self.job.point.items())
        seeds = sorted(seed for seed in self.job.seeds if (place, seed) not in done)
        if not seeds:
            return None
        if len(seeds) == len(self.job.seeds):
            return self
        at = self.columns.index("seed")
        rows = [row for row in self.rows if row[at] in seeds]
        return replace(self, job=replace(self.job, seeds=seeds), rows=rows)


class Journal:
    """A journal as one run sees it: it remembers how far it has read. Use it under the lock."""

    def __init__(self, path: Path) -> None:
        self._path, self._name, self._end, self._synced = path, b"", 0, -PAUSE

    def news(self) -> tuple[bool, list[Entry]]:
        """Whether the file is still the one known, and what was appended to it since.

        A tail that was cut in the middle of a line is removed: whoever wrote it is dead.
        """
        with contextlib.suppress(FileNotFoundError), self._path.open("r+b") as file:
            name = file.readline()
            if known := name == self._name and bool(name):
                file.seek(self._end)
            self._end = self._end if known else len(name)
            text = file.read()
            whole = text.rfind(b"\n") + 1
            self._end += whole
            self._name = name if name.endswith(b"\n") else b""
            if whole < len(text) or not self._name:
                file.truncate(self._end if self._name else 0)
            return known, list(_entries(self._path, text[:whole]))
        self._name = b""
        return False, []

    def append(self, entry: Entry) -> None:
        """Add a line behind those that :meth:`news` has seen."""
        if not self._name:
            self._name, self._end = f"{uuid.uuid4().hex}\n".encode(), 0
        start = self._name if not self._end else b""
        with self._path.open("r+b" if self._path.exists() else "xb") as file:
            file.seek(self._end)
            file.write(start + _line(entry))
            file.flush()
            self._end = file.tell()
            self._sync(file)

    def _sync(self, file: IO[bytes]) -> None:
        if time.monotonic() - self._synced >= PAUSE:
            os.fsync(file.fileno())
            self._synced = time.monotonic()


def read(path: Path) -> list[Entry]:
    """The entries of a journal, which another run may be writing to; none if there is no file."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RecordError(f"The journal {path} cannot be read ({error.strerror}).") from error
    return list(_entries(path, text[text.find(b"\n") + 1 : text.rfind(b"\n") + 1]))


def _line(entry: Entry) -> bytes:
    content = {**vars(entry), "job": plain(entry.job, entry.job.machine)}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return _checksum(text) + b" " + text + b"\n"


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def _entries(path: Path, text: bytes) -> Iterator[Entry]:
    for line in text.splitlines():
        checksum, _, content = line.partition(b" ")
        if checksum == _checksum(content):
            yield _entry(path, json.loads(content))


def _entry(path: Path, content: Any) -> Entry:
    try:
        job = parse(content["job"], content["job"].get("machine"))
        return Entry(job, tuple(content["columns"]), content["rows"], content["data"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordError(
            f"The journal {path} was written by another version of this package; finish its run "
            "with that version, or delete the file and measure its jobs again."
        ) from error
