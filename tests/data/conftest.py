"""Small files that pass for MNIST, and a machine without any."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from advtheory.data import mnist


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", ())


@pytest.fixture
def contents(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Small files in the format of MNIST that pass for it."""
    rng = np.random.default_rng(0)
    arrays = []
    for n in (50, 20):
        arrays += [
            rng.integers(1, 256, (n, 28, 28), dtype=np.uint8),
            (np.arange(n) % 10).astype("u1"),
        ]
    made = dict(zip(mnist.FILES, map(idx, arrays), strict=True))
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    monkeypatch.setattr(mnist, "FILES", digests)
    return made


@pytest.fixture
def folder(contents: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with these files, two of them compressed, named by ADVTHEORY_DATA."""
    inner = tmp_path / "data" / "mnist"
    inner.mkdir(parents=True)
    for name, content in contents.items():
        if "images" in name:
            (inner / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (inner / name).write_bytes(content)
    monkeypatch.setenv("ADVTHEORY_DATA", str(inner.parent))
    monkeypatch.setenv("ADVTHEORY_CACHE", str(tmp_path / "cache"))
    return inner


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No MNIST anywhere; the cache is an empty folder."""
    monkeypatch.delenv("ADVTHEORY_DATA", raising=False)
    monkeypatch.setenv("ADVTHEORY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mnist"
