"""The largest record that the book has of an experiment: at paper scale, or at laptop scale."""

from advtheory.contract import SCALES
from advtheory.pages import committed
from advtheory.records import Record, open_records


def largest(name: str) -> Record:
    """A record without a GPU may exist at laptop scale only; one of the two must be there."""
    folder = open_records().folder / name
    scale = next(scale for scale in reversed(SCALES) if (folder / f"{scale}.csv").exists())
    return committed(name, scale)
