"""The files of CIFAR-10: the binary archive, the same unpacked, and a variant of JPEG images.

Everything public is in :mod:`advtheory.data.cifar`.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from advtheory.data.cache import cache_folder
from advtheory.data.source import Bytes, DataError, Source, UnavailableError

EXACT, UNPACKED, JPEG = "cifar10", "cifar10-unpacked", "cifar10-jpeg"
ARCHIVES: Mapping[str, str] = {
    EXACT: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    JPEG: "a449fb6cc44428e868a490c2443a9d9dbaa2d053b0717c2e736a1e34ec13c2b6",
}
"""Name -> SHA-256 of the archive. Of the unpacked files no digest is published."""
ARCHIVE, JPEG_ARCHIVE, FOLDER = (
    "cifar-10-binary.tar.gz",
    "cifar10-jpeg.tar.xz",
    "cifar-10-batches-bin",
)
PARTS = (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin")
SIDE, RECORD, BATCH = 32, 1 + 3 * 32 * 32, 10_000  # pixels; bytes of an image; images of a part
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
BROKEN = (OSError, EOFError, ValueError, tarfile.TarError, lzma.LZMAError, zlib.error)


def read(folder: Path) -> Source:
    """CIFAR-10 from the first of its three forms that is in a folder.

    Raises UnavailableError where there is none, DataError where it is damaged.

    >>> read(Path("/nowhere"))
    Traceback (most recent call last):
    advtheory.data.source.UnavailableError: /nowhere has no cifar-10-binary.tar.gz, \
no cifar-10-batches-bin and no cifar10-jpeg.tar.xz
    """
    for name, form in ((ARCHIVE, _binary), (FOLDER, _unpacked), (JPEG_ARCHIVE, _jpeg)):
        path = folder / name
        if os.path.exists(path):
            try:
                return form(path)
            except BROKEN as error:
                raise DataError(
                    f"{path} is damaged or cannot be read ({_short(error)}): bring it again, or "
                    "take it away."
                ) from error
    raise UnavailableError(f"{folder} has no {ARCHIVE}, no {FOLDER} and no {JPEG_ARCHIVE}")


def _short(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")


def _binary(path: Path) -> Source:
    _verify(path, ARCHIVES[EXACT])
    with tarfile.open(path) as tar:
        parts = [_member(tar, f"{FOLDER}/{name}") for name in PARTS]
    return _source(EXACT, parts, ARCHIVES[EXACT])


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(f"{name} in it is not an ordinary file")
    return file.read(BATCH * RECORD + 1)


def _unpacked(path: Path) -> Source:
    parts = []
    for name in PARTS:
        if not (path / name).is_file():
            raise ValueError(f"it has no ordinary file {name}")
        with (path / name).open("rb") as file:
            parts.append(file.read(BATCH * RECORD + 1))
    return _source(UNPACKED, parts, hashlib.sha256(b"".join(parts)).hexdigest())


def _source(name: str, parts: list[bytes], sha256: str) -> Source:
    """The arrays in the six parts: a label, then the planes of red, green and blue."""
    for part, data in zip(PARTS, parts, strict=True):
        if len(data) != BATCH * RECORD:
            raise ValueError(f"{part} has another length than {BATCH} images")
    x, y = _images(b"".join(parts))
    if int(y.max()) >= len(CLASSES):
        raise ValueError("it holds a label outside 0, ..., 9")
    n = len(y) - BATCH
    return Source(name, (x[:n], y[:n]), (x[n:], y[n:]), 255, sha256)


def _images(data: bytes) -> tuple[Bytes, Bytes]:
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    planes = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), records[:, 0].copy()


def _verify(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise ValueError("it is not an ordinary file")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise ValueError(f"its SHA-256 is {found[:12]}..., the original's {sha256[:12]}...")


def _jpeg(path: Path) -> Source:
    """The images that were encoded again; decoded once and kept in the user's cache."""
    _verify(path, ARCHIVES[JPEG])
    parts = _kept() or _keep(_decoded(path))
    return _source(JPEG, parts, ARCHIVES[JPEG])


def _decoded(path: Path) -> list[bytes]:
    """The six parts, their images in an order of our own: in the archive it is that of classes."""
    records: dict[str, list[bytes]] = {"train": [], "test": []}
    with tarfile.open(path, "r|xz") as tar:
        for name, data in _files(tar):
            kind, label, _ = name.split("/")
            records[kind].append(_record(CLASSES.index(label), data))
    order = np.random.default_rng(0)
    mixed = [records[kind][k] for kind in records for k in order.permutation(len(records[kind]))]
    return [b"".join(mixed[k : k + BATCH]) for k in range(0, len(mixed), BATCH)]


def _files(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        if file := tar.extractfile(member):
            yield member.name, file.read()


def _record(label: int, jpeg: bytes) -> bytes:
    try:
        from PIL import Image
    except ImportError as error:
        raise DataError(
            f"{JPEG_ARCHIVE} holds JPEG images and the package Pillow, which decodes them, is not "
            f"installed: install it, or use {ARCHIVE}."
        ) from error
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    return bytes([label]) + pixels.transpose(2, 0, 1).tobytes()


def _kept() -> list[bytes] | None:
    """The decoded parts from the cache, if they are there and whole."""
    try:
        file = cache_folder(JPEG) / "images.bin"
        data, digest = file.read_bytes(), file.with_suffix(".sha256").read_text("ascii")
    except (OSError, ValueError, UnavailableError):
        return None
    if hashlib.sha256(data).hexdigest() != digest:
        return None
    return [data[k : k + BATCH * RECORD] for k in range(0, len(data), BATCH * RECORD)]


def _keep(parts: list[bytes]) -> list[bytes]:
    """Keep them for the next time, where the cache can be written; the digest last."""
    data = b"".join(parts)
    try:
        folder = cache_folder(JPEG)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"new-{os.getpid()}").write_bytes(data)
        os.replace(folder / f"new-{os.getpid()}", folder / "images.bin")
        (folder / "images.sha256").write_text(hashlib.sha256(data).hexdigest(), "ascii")
    except (OSError, UnavailableError):
        pass
    return parts
