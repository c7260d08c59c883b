"""Files of raw data, read whole: ordinary ones, of a bounded length, compressed by gzip or not."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

LIMIT = 2**26  # bytes; no file of ours is longer, so that a lying server cannot fill the disk


def contents(path: Path) -> bytes:
    """The bytes of an ordinary file of at most ``LIMIT`` bytes.

    Raises OSError where it cannot be read or is something else (a device or a pipe may never end),
    ValueError where it is longer.

    >>> import os
    >>> contents(Path(os.devnull))
    Traceback (most recent call last):
    OSError: it is not an ordinary file
    """
    if path.exists() and not path.is_file():
        raise OSError("it is not an ordinary file")
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise ValueError("it is too long")
    return data


def unpack(data: bytes) -> bytes:
    """The contents of a gzip file, or ``data`` itself if it is none.

    Raises ValueError if ``data`` is empty, cut short or broken.

    >>> unpack(gzip.compress(b"some bytes"))
    b'some bytes'
    """
    if not data:
        raise ValueError("it is empty")
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(LIMIT)
    except EOFError as error:
        raise ValueError("its gzip stream ends too early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError("its gzip stream is broken") from error
