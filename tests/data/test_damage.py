"""Damaged files where MNIST is looked for: a sentence each, and no stand-in."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from advtheory import data
from tests.data.sentences import assert_one_sentence

IMAGES = "train-images-idx3-ubyte"


def _flip(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def _pipe_instead(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)  # a terabyte that takes no room


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "wrong digest": (_flip, "its contents have SHA-256"),
    "truncated": (_cut, "its gzip stream ends too early"),
    "not gzip": (lambda path: path.write_bytes(b"<html>busy</html>"), "contents have SHA-256"),
    "empty": (lambda path: path.write_bytes(b""), "it is empty"),
    "garbage": (lambda path: path.write_bytes(b"\x1f\x8b" + b"\x07" * 90), "stream is broken"),
    "bad stream": (lambda path: path.write_bytes(path.read_bytes()[:12] + b"z" * 90), "is broken"),
    "unreadable": (_folder_instead, "cannot be read"),
    "missing": (lambda path: path.unlink(), "has no file"),
    "endless": (
        lambda path: _link(path, "/dev/zero"),
        "is not an ordinary file",
    ),
    "a pipe": (_pipe_instead, "is not an ordinary file"),
    "huge": (_sparse, "is damaged: it is too long"),
    "a loop": (lambda path: _link(path, path.name), "cannot be read"),
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
