"""CIFAR-10 in its three forms, made up and small; where it is looked for, and what stands in."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from advtheory import data
from advtheory.data import cifar, cifar_files
from advtheory.data.cifar import colours, small_digits
from advtheory.data.source import Bytes, DataError, UnavailableError
from tests.data.mirrors import PACKED, Mirror
from tests.data.sentences import assert_one_sentence

N = 20  # images of a part
Form = Callable[[Path, pytest.MonkeyPatch], Path]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "MIRRORS", ())
    monkeypatch.setattr(cifar_files, "BATCH", N)
    monkeypatch.setenv("ADVTHEORY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ADVTHEORY_DATA", raising=False)
    for cached in (cifar._cifar, cifar._settled):
        cached.cache_clear()


def made(seed: int = 0) -> tuple[Bytes, Bytes]:
    """Smooth images, which survive JPEG nearly unchanged, and labels; 5 parts and a test part."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(40, 216, (6 * N, 2, 2, 3)).astype(float)
    along = np.linspace(0, 1, 32)
    weights = np.stack([1 - along, along])
    images = np.einsum("ai,bj,nabc->nijc", weights, weights, corners)
    return images.round().astype(np.uint8), (np.arange(6 * N) % 10).astype(np.uint8)


def parts() -> dict[str, bytes]:
    """The six files of the binary layout, written image by image."""
    x, y = made()
    records = [
        bytes([y[k]]) + b"".join(x[k, :, :, c].tobytes() for c in range(3)) for k in range(6 * N)
    ]
    joined = [b"".join(records[k : k + N]) for k in range(0, 6 * N, N)]
    return dict(zip(cifar_files.PARTS, joined, strict=True))


def archive(files: dict[str, bytes], path: Path, mode: Literal["w:gz", "w:xz"]) -> str:
    """A tar of these files; its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def binary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / cifar_files.ARCHIVE
    files = {f"{cifar_files.FOLDER}/{name}": content for name, content in parts().items()}
    sha256 = archive(files, path, "w:gz")
    known = {**cifar_files.ARCHIVES, cifar_files.EXACT: sha256}
    monkeypatch.setattr(cifar_files, "ARCHIVES", known)
    monkeypatch.setattr(cifar, "ARCHIVES", known)
    return path


def jpeg(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    x, y = made()
    files = {}
    for k in sorted(range(6 * N), key=lambda k: int(y[k])):  # by class, as such archives are
        out = io.BytesIO()
        Image.fromarray(x[k]).save(out, "JPEG", quality=95)
        kind = "train" if k < 5 * N else "test"
        files[f"{kind}/{cifar_files.CLASSES[y[k]]}/{k:04}.jpg"] = out.getvalue()
    path = folder / cifar_files.JPEG_ARCHIVE
    sha256 = archive(files, path, "w:xz")
    monkeypatch.setattr(cifar_files, "ARCHIVES", {cifar_files.JPEG: sha256})
    return path


def unpacked(folder: Path) -> Path:
    path = folder / cifar_files.FOLDER
    path.mkdir(parents=True)
    for name, content in parts().items():
        (path / name).write_bytes(content)
    return path


@pytest.mark.parametrize("inner", ["", "cifar10"])
def test_the_archive_is_read_exactly(
    inner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary(tmp_path / "data" / inner, monkeypatch)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path / "data"))
    found, (x, y) = colours(fallback=False), made()
    assert (found.name, found.white) == ("cifar10", 255)
    assert np.array_equal(found.train[0], x[: 5 * N])
    assert np.array_equal(found.train[1], y[: 5 * N])
    assert np.array_equal(found.test[0], x[5 * N :])
    assert np.array_equal(found.test[1], y[5 * N :])


def test_unpacked_files_are_taken_under_a_name_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked(tmp_path)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    found = colours(fallback=False)
    assert found.name == "cifar10-unpacked"
    assert np.array_equal(found.test[0], made()[0][5 * N :])
    with pytest.raises(ValueError, match="There is no data set 'cifar10-unpacked'"):
        data.digest(found.name)  # nobody published one


def test_jpeg_images_are_decoded_once_and_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg(tmp_path, monkeypatch)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    first, (x, y) = colours(fallback=False), made()
    assert first.name == "cifar10-jpeg"
    assert len(set(first.train[1][:10])) > 3  # not one class after the other
    for (images, labels), known in (
        (first.train, slice(0, 5 * N)),
        (first.test, slice(5 * N, 6 * N)),
    ):
        gaps = np.abs(images[:, None].astype(int) - x[None, known]).mean((2, 3, 4))
        assert gaps.min(1).max() < 3  # each is one of ours, hardly changed
        assert np.array_equal(labels, y[known][gaps.argmin(1)])
    monkeypatch.setattr(cifar_files, "_decoded", None)  # not asked again
    cifar._cifar.cache_clear()
    again = colours(fallback=False)
    assert np.array_equal(again.train[0], first.train[0])


def test_a_spoilt_cache_of_decoded_images_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg(tmp_path, monkeypatch)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    first = colours(fallback=False)
    kept = tmp_path / "cache" / "cifar10-jpeg" / "images.bin"
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00")
    cifar._cifar.cache_clear()
    assert np.array_equal(colours(fallback=False).test[0], first.test[0])


def test_the_archive_is_downloaded_into_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the mirror sends is kept as it is, under the digest of the file itself."""
    from advtheory.data.cache import bring

    mirror = Mirror("truncate")
    digest = hashlib.sha256(PACKED).hexdigest()
    bring({"a.tar.gz": digest}, tmp_path, (mirror.url,), 2 * len(PACKED))
    assert (tmp_path / "a.tar.gz").read_bytes() == PACKED
    assert [one is None for one in mirror.ranges] == [True, False]  # it went on where it broke off
    with pytest.raises(UnavailableError, match="could not be reached"):
        bring({"b.tar.gz": digest}, tmp_path, ("http://127.0.0.1:9/",), 100)
    mirror.shutdown()
    mirror.server_close()


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "empty": lambda path: path.write_bytes(b""),
    "a folder": _folder_instead,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", [binary, jpeg])
def test_a_damaged_archive_is_told_and_nothing_stands_in(
    form: Form, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = form(tmp_path, monkeypatch)
    DAMAGES[damage](path)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    with pytest.raises(DataError, match="is damaged or cannot be read") as caught:
        colours()
    assert_one_sentence(str(caught.value))
    assert not isinstance(caught.value, UnavailableError)


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("test_batch.bin", None, "it has no ordinary file test_batch.bin"),
        ("data_batch_2.bin", b"short", "data_batch_2.bin has another length than 20 images"),
        ("data_batch_3.bin", b"\x0b" * (N * 3073), "a label outside 0, ..., 9"),
    ],
)
def test_damaged_unpacked_files_are_told(
    part: str, content: bytes | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unpacked(tmp_path) / part
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    with pytest.raises(DataError, match=why):
        colours()


def test_without_it_small_digits_stand_in_below_paper_scale_only(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))  # where MNIST may be, and no CIFAR-10
    assert colours() is small_digits()
    assert capsys.readouterr().out == (
        "CIFAR-10 cannot be had here: scikit-learn's 8x8 digits stand in for it.\n"
    )
    with pytest.raises(UnavailableError, match="CIFAR-10 cannot be had") as caught:
        colours(fallback=False)
    assert_one_sentence(str(caught.value))


def test_without_pillow_the_sentence_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg(tmp_path, monkeypatch)
    monkeypatch.setenv("ADVTHEORY_DATA", str(tmp_path))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match="the package Pillow, which decodes them, is not installed"):
        colours()
