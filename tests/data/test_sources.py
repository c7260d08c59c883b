"""Where MNIST is looked for, and the sentences for places that have none."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from advtheory import data
from advtheory.data import mnist
from tests.data.sentences import assert_one_sentence

IMAGES = "train-images-idx3-ubyte"


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


def test_a_named_folder_that_is_not_there(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVTHEORY_DATA", "../elsewhere")
    with pytest.raises(data.DataError, match=r"there is no folder .*elsewhere") as caught:
        data.pair()
    assert str(tmp_path) in str(caught.value)  # where the relative path led
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("named", ["~nouser-of-that-name/x", "x" * 5000])
def test_a_name_that_cannot_be_a_folder(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVTHEORY_DATA", named)
    with pytest.raises(data.DataError, match=r"there is no (user ~nouser|folder)") as caught:
        data.pair()
    assert_one_sentence(str(caught.value))
    monkeypatch.delenv("ADVTHEORY_DATA")
    monkeypatch.setenv("ADVTHEORY_CACHE", named)
    assert data.locate().folder is None
    assert data.pair(2).name == "digits-8x8"
    assert list(tmp_path.iterdir()) == []


def test_a_device_in_the_cache_is_not_read_by_a_download(nowhere: Path) -> None:
    nowhere.mkdir(parents=True)
    (nowhere / IMAGES).symlink_to("/dev/zero")
    failures = data.locate().failures
    assert "is not an ordinary file" in failures["the cache"]
    assert "not an ordinary file" in failures["a download"]


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
