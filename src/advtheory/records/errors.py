"""What can be wrong with a record."""

from __future__ import annotations

from pathlib import Path


class RecordError(ValueError):
    """A record that is damaged, cannot be written, or does not go with what is to be added."""


class MissingRecordError(RecordError):
    """There is no such record."""


class LostTableError(RecordError):
    """The table is gone or empty although its provenance is there; a run measures it again."""


def damaged(path: Path, what: str, kind: type[RecordError] = RecordError) -> RecordError:
    """The sentence for a damaged file of a record."""
    return kind(
        f"The record file {path} is damaged: {what}; restore it from version control, or delete "
        f"{path.with_suffix('.csv').name} and {path.with_suffix('.json').name} and run again."
    )
