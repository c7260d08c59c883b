"""What was measured, whole and with its provenance, and what the papers claim."""

from advtheory.records.claims import read_claims
from advtheory.records.done import Done
from advtheory.records.errors import MissingRecordError, RecordError
from advtheory.records.record import Record
from advtheory.records.store import Records, find_folder, open_records

__all__ = [
    "Done",
    "MissingRecordError",
    "Record",
    "RecordError",
    "Records",
    "find_folder",
    "open_records",
    "read_claims",
]
