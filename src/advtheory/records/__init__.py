"""What was measured, whole and with its provenance, and what the papers claim."""

from advtheory.records.claims import read_claims
from advtheory.records.files import Done, MissingRecordError, RecordError
from advtheory.records.store import Record, Records, find_folder, open_records

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
