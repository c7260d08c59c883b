"""Raw data, verified: the four MNIST files wherever they are, and scikit-learn's 8x8 digits.

Everything public is in :mod:`advtheory.data.images`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from advtheory.data.cache import absolute, bring, cache_folder
from advtheory.data.files import contents, unpack
from advtheory.data.source import Bytes, DataError, Source, UnavailableError

DIGESTS: Mapping[str, str] = {
    "mnist": "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a",
    "digits-8x8": "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826",
}
# SHA-256 of the uncompressed bytes: mirrors compress the same files differently.
FILES: Mapping[str, str] = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS: tuple[str, ...] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


@dataclass(frozen=True)
class Found:
    """The folder that holds the files, and the verified uncompressed bytes of each, by name.

    >>> Found(Path("mnist"), {}).folder.name
    'mnist'
    """

    folder: Path
    contents: Mapping[str, bytes]


def find(failures: dict[str, str]) -> Found:
    """MNIST from ADVTHEORY_DATA, the cache or a mirror.

    ``failures`` receives, for each place without it, the reason. Raises UnavailableError where
    MNIST cannot be had, DataError where something is damaged or wrong.

    >>> from unittest import mock
    >>> failures: dict[str, str] = {}
    >>> with mock.patch.dict(os.environ, ADVTHEORY_DATA="/nowhere"):
    ...     find(failures)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    advtheory.data.source.DataError: ADVTHEORY_DATA has no usable MNIST (there is no...
    """
    named = os.environ.get("ADVTHEORY_DATA")
    if named:
        return _named(named, failures)
    failures["ADVTHEORY_DATA"] = "it is not set"
    damaged = False
    for place, look in (("the cache", _cached), ("a download", _downloaded)):
        try:
            return look()
        except DataError as error:
            failures[place] = str(error)
            damaged |= not isinstance(error, UnavailableError)
    why = "; ".join(f"{place}: {reason}" for place, reason in failures.items())
    raise (DataError if damaged else UnavailableError)(
        f"MNIST cannot be had ({why}): set ADVTHEORY_DATA to the absolute path of a folder "
        "with the four original files."
    )


def _named(named: str, failures: dict[str, str]) -> Found:
    """MNIST where the user says it is, and nowhere else."""
    try:
        root = absolute(named)
        if not os.path.isdir(root):  # False also for a name that is too long
            raise DataError(f"there is no folder {root}")
        inner = root / "mnist"
        return _read(inner if os.path.isdir(inner) else root)
    except DataError as error:
        failures["ADVTHEORY_DATA"] = str(error)
        raise DataError(
            f"ADVTHEORY_DATA has no usable MNIST ({error}): set it to the absolute path of a "
            "folder with the four original files, or unset it to use the cache or a download."
        ) from error


def _cached() -> Found:
    folder = cache_folder("mnist")
    if not os.access(folder, os.R_OK | os.X_OK):  # also where a folder above it is closed to us
        raise UnavailableError(f"there is no readable folder {folder}")
    return _read(folder)


def _downloaded() -> Found:
    folder = cache_folder("mnist")
    bring(FILES, folder, MIRRORS)
    return _read(folder)


def _read(folder: Path) -> Found:
    return Found(folder, {name: _verified(folder, name) for name in FILES})


def _verified(folder: Path, name: str) -> bytes:
    """The contents of one file; UnavailableError if it is missing, DataError if it is damaged."""
    path = folder / name
    try:
        if not path.exists():
            path = path.with_name(f"{name}.gz")
        whole = unpack(contents(path))
    except FileNotFoundError as error:
        raise UnavailableError(f"{path.parent} has no file {name} or {name}.gz") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DataError(f"{path} is damaged: {error}") from error
    if (digest := hashlib.sha256(whole).hexdigest()) != FILES[name]:
        raise DataError(
            f"{path} is damaged: its contents have SHA-256 {digest[:12]}..., "
            f"the original {FILES[name][:12]}..."
        )
    return whole


def mnist(found: Found) -> Source:
    """The arrays in the four files.

    >>> seven = bytes([0, 0, 8, 1, 0, 0, 0, 1, 7])  # an IDX file with one axis of length 1
    >>> mnist(Found(Path(), dict.fromkeys("abcd", seven))).train
    (array([7], dtype=uint8), array([7], dtype=uint8))
    """
    train_x, train_y, test_x, test_y = map(_idx, found.contents.values())
    sha256 = hashlib.sha256(b"".join(found.contents.values())).hexdigest()
    return Source("mnist", (train_x, train_y), (test_x, test_y), 255, sha256)


def _idx(data: bytes) -> Bytes:
    """The array in an IDX file: two zero bytes, the type 8, the number of axes, their lengths."""
    axes = data[3]
    shape = np.frombuffer(data, ">i4", axes, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)
