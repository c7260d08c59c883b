"""Records: one tidy table (CSV) and one provenance file (JSON) per experiment and scale.

They are ``<folder>/<experiment>/<scale>.csv`` and ``.json``, and only a run writes them; how they
stay whole is told in :mod:`advtheory.records.files`. While a run goes on, what it has finished is
in ``<scale>.journal`` (:mod:`advtheory.records.journal`); a reader counts it in.
"""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path

from advtheory.records import files, journal
from advtheory.records.done import SeedKey
from advtheory.records.errors import LostTableError, MissingRecordError, RecordError, damaged
from advtheory.records.record import Record, merge

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Records:
    """The records in a folder; where ``shipped`` is given, missing ones are read from there.

    Writing always goes to ``folder``: a shipped record that gets more seeds is copied there.

    >>> Records(Path("nowhere")).done("wang-fig2", "smoke")
    set()
    """

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self.folder, self.shipped = folder, shipped

    def read(self, experiment: str, scale: str) -> Record:
        """The record of an experiment at a scale, with what its journal adds; nothing is written.

        Raises:
            MissingRecordError: if there is none.
            RecordError: if a file of it is damaged.
        """
        # The journal first: what is moved into the table meanwhile is then seen twice, not never.
        entries = journal.read(self.journal(experiment, scale))
        record = merge(experiment, scale, self.folded(experiment, scale), entries)
        if record is None:
            raise MissingRecordError(
                f"There is no record of {experiment!r} at {scale} scale in {self.folder}; "
                f"make it with `advtheory run {experiment} --scale {scale}`."
            )
        return record

    def done(self, experiment: str, scale: str) -> set[SeedKey]:
        """Every (point, seed) that has been measured; empty if there is no record yet."""
        entries = journal.read(self.journal(experiment, scale))
        base = self.found(experiment, scale)
        jobs = [] if base is None else files.read_sidecar(base)[0]
        return files.keys([*jobs, *(entry.job for entry in entries)])

    def base(self, experiment: str, scale: str) -> Path:
        """Where a record is written: the path of its files without their endings.

        Raises ``RecordError`` for what is no name, so that none leads out of the folder.
        """
        for name in (experiment, scale):
            if not _NAME.fullmatch(name):
                raise RecordError(
                    f"{name!r} names no record; expected lower-case words joined by hyphens."
                )
        return self.folder / experiment / scale

    def journal(self, experiment: str, scale: str) -> Path:
        """Where finished jobs wait to be put into the table."""
        return self.base(experiment, scale).with_suffix(".journal")

    def found(self, experiment: str, scale: str) -> Path | None:
        """Where a record is read from: the folder, or the one shipped; None if there is none."""
        here = self.base(experiment, scale)
        bases = [here, *([self.shipped / experiment / scale] if self.shipped else [])]
        return next((base for base in bases if files.exists(base)), None)

    def folded(self, experiment: str, scale: str) -> Record | None:
        """The record without its journal; None if there is none.

        Raises :class:`~advtheory.records.errors.LostTableError` where only its table is gone, and
        ``RecordError`` where a file is damaged.
        """
        base = self.found(experiment, scale)
        if base is None:
            return None
        while True:
            jobs, about = files.read_sidecar(base)
            try:
                if not jobs:
                    _check_empty(base)
                    return None
                table = files.read_table(base, jobs, about)
            except RecordError:
                # Another run may have replaced both files between our two looks.
                if files.read_sidecar(base) == (jobs, about):
                    raise
                continue
            return Record(experiment, scale, table, tuple(jobs), about)

    def salvaged(self, experiment: str, scale: str) -> Record | None:
        """As :meth:`folded`, but None where the table is lost: all of it is to be measured."""
        try:
            return self.folded(experiment, scale)
        except LostTableError:
            return None


def _check_empty(base: Path) -> None:
    """A first run that was killed before its provenance was written left its journal too."""
    if not files.lost(base) and not base.with_suffix(".journal").exists():
        raise damaged(base.with_suffix(".json"), "it has no jobs although the table has rows")


def find_folder(kind: str, explicit: Path | None = None) -> tuple[Path, Path | None]:
    """Where ``records`` or ``claims`` are: a folder to write to, and one shipped read-only.

    >>> find_folder("claims", Path("elsewhere"))[1] is None
    True

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
    """The records in a folder, by default those that :func:`find_folder` finds.

    >>> open_records(Path("elsewhere")).folder.name
    'elsewhere'
    """
    return Records(*find_folder("records", folder))
