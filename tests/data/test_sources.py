"""Where MNIST is looked for, and the sentences for whatever is missing or damaged there."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from advtheory import data
from advtheory.data import mnist

IMAGES = "train-images-idx3-ubyte"


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


def assert_one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert not text.removesuffix(".").endswith(".")


# Where MNIST is looked for.


@pytest.mark.parametrize("inner", ["", "mnist"])
def test_a_named_folder_holds_the_files_or_a_folder_with_them(
    folder: Path, inner: str, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVTHEORY_DATA", str(folder.parent / ("" if inner else "mnist")))
    made = data.ten()
    raw = np.frombuffer(contents[IMAGES], np.uint8, offset=16).reshape(50, -1)
    assert np.array_equal(made.train.x.numpy(), raw / np.float32(255))
    assert made.train.y.tolist() == list(range(10)) * 5
    assert made.sha256 == hashlib.sha256(b"".join(contents.values())).hexdigest()
    assert data.locate() == data.Location(folder, {})


def test_a_bare_machine_needs_no_further_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("pooch", "requests", "sklearn", "sklearn.datasets", "filelock"):
        monkeypatch.setitem(sys.modules, package, None)
    assert data.pair(3).name == "mnist"
    monkeypatch.setenv("ADVTHEORY_DATA", "")
    with pytest.raises(data.DataError, match="it needs the package filelock") as lost:
        data.pair(fallback=False)
    assert_one_sentence(str(lost.value))
    with pytest.raises(data.DataError, match="scikit-learn, whose digits") as lost:
        data.pair()
    assert_one_sentence(str(lost.value))
    monkeypatch.delenv("ADVTHEORY_CACHE")
    assert data.locate().failures["the cache"] == "it needs the package pooch"


@pytest.fixture
def mirror(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A web server with the four files, and nothing on the machine itself."""
    for name in mnist.FILES:
        plain = folder / name
        if plain.exists():
            (folder / f"{name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mirrors = (f"http://127.0.0.1:{server.server_port}/",)
        monkeypatch.setattr(mnist, "MIRRORS", mirrors)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.delenv("ADVTHEORY_DATA")
        yield
        server.shutdown()


@pytest.mark.usefixtures("mirror")
def test_a_download_ends_in_the_cache_and_is_used_from_there(
    tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = tmp_path / "cache" / "mnist"
    first = data.locate()
    assert first.folder == cached
    assert list(first.failures) == ["ADVTHEORY_DATA", "the cache"]
    assert {name: (cached / name).read_bytes() for name in contents} == contents
    assert {path.name for path in cached.iterdir()} <= {*contents, ".lock"}
    monkeypatch.setattr(mnist, "MIRRORS", ())
    assert data.locate() == data.Location(cached, {"ADVTHEORY_DATA": "it is not set"})
    assert data.pair(2).name == "mnist"


@pytest.mark.usefixtures("mirror")
def test_a_download_heals_a_damaged_cache(tmp_path: Path, contents: dict[str, bytes]) -> None:
    data.locate()
    target = tmp_path / "cache" / "mnist" / IMAGES
    target.write_bytes(b"damaged")
    found = data.locate()
    assert found.folder == target.parent
    assert "is damaged" in found.failures["the cache"]
    assert target.read_bytes() == contents[IMAGES]


# Damage.


def _flip(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "wrong digest": (_flip, "its contents have SHA-256"),
    "truncated": (_cut, "its gzip stream ends too early"),
    "not gzip": (lambda path: path.write_bytes(b"<html>busy</html>"), "contents have SHA-256"),
    "empty": (lambda path: path.write_bytes(b""), "it is empty"),
    "garbage": (lambda path: path.write_bytes(b"\x1f\x8b" + b"\x07" * 90), "stream is broken"),
    "bad stream": (lambda path: path.write_bytes(path.read_bytes()[:12] + b"z" * 90), "is broken"),
    "unreadable": (_folder_instead, "cannot be read"),
    "missing": (lambda path: path.unlink(), "has no file"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_in_the_named_folder_gets_a_sentence(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, words = DAMAGES[kind]
    damage(folder / f"{IMAGES}.gz")
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(data.DataError, match=words) as caught:
        data.pair()
    assert IMAGES in str(caught.value)
    assert_one_sentence(str(caught.value))
    assert data.locate().folder is None
    assert words in data.locate().failures["ADVTHEORY_DATA"]
    assert sorted(folder.parent.rglob("*")) == before
    assert capsys.readouterr().out == ""  # nothing else was tried


@pytest.mark.parametrize("kind", [kind for kind in DAMAGES if kind != "missing"])
def test_a_damaged_cache_without_network_is_no_reason_for_the_stand_in(
    kind: str, folder: Path, nowhere: Path
) -> None:
    shutil.copytree(folder, nowhere)
    damage, words = DAMAGES[kind]
    damage(nowhere / f"{IMAGES}.gz")
    with pytest.raises(data.DataError, match=words) as caught:
        data.pair()
    assert_one_sentence(str(caught.value))


def test_a_named_folder_that_is_not_there(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVTHEORY_DATA", "../elsewhere")
    with pytest.raises(data.DataError, match=r"there is no folder .*elsewhere") as caught:
        data.pair()
    assert str(tmp_path) in str(caught.value)  # where the relative path led
    assert_one_sentence(str(caught.value))


def test_without_the_stand_in_a_missing_mnist_is_an_error(nowhere: Path) -> None:
    with pytest.raises(data.DataError, match="MNIST cannot be had") as caught:
        data.ten(fallback=False)
    assert_one_sentence(str(caught.value))
    found = data.locate()
    assert found.folder is None
    assert list(found.failures) == ["ADVTHEORY_DATA", "the cache", "a download"]


def test_a_cache_that_cannot_be_written(nowhere: Path) -> None:
    nowhere.parent.write_text("a file where the folder should be")
    assert "cannot be written" in data.locate().failures["a download"]
    assert data.pair(2).name == "digits-8x8"
