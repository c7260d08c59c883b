"""Downloads from local mirrors that fail, stall, truncate and lie."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from advtheory.data import DataError, UnavailableError, download, mnist
from tests.data.mirrors import CONTENT, FILES, NAME, PACKED, Mirror

Open = Callable[..., Mirror]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[Mirror] = []

    def start(*plan: str) -> Mirror:
        servers.append(Mirror(*plan))
        return servers[-1]

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


def fetch(folder: Path, *mirrors: Mirror) -> None:
    download.download(FILES, folder, tuple(mirror.url for mirror in mirrors))


def assert_arrived(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} <= {NAME, ".lock"}
    assert (folder / NAME).read_bytes() == CONTENT


def assert_nothing_but(folder: Path, *names: str) -> None:
    assert {path.name for path in folder.iterdir()} - {".lock"} == set(names)


PART = f"{NAME}.gz.part"
HALF = f"bytes={len(PACKED) // 2}-"


@pytest.mark.parametrize("what", ["403", "404", "500", "503", "lie", "html", "broken", "truncate"])
def test_the_second_mirror_helps_where_the_first_fails(
    what: str, mirror: Open, tmp_path: Path
) -> None:
    fetch(tmp_path, mirror(*[what] * 9), mirror())
    assert_arrived(tmp_path)


@pytest.mark.parametrize("limit", ["OPENING", "READING", "PATIENCE"])
def test_the_second_mirror_helps_where_the_first_hangs(
    limit: str, mirror: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, limit, 1.0)
    what = {"OPENING": "mute", "READING": "stall", "PATIENCE": "drip"}[limit]
    fetch(tmp_path, mirror(what, "404"), mirror())
    assert_arrived(tmp_path)


def test_a_broken_transfer_goes_on_where_it_stopped(mirror: Open, tmp_path: Path) -> None:
    server = mirror("truncate")
    fetch(tmp_path, server)
    assert server.ranges == [None, HALF]
    assert_arrived(tmp_path)


def test_another_mirror_and_another_day_go_on_too(mirror: Open, tmp_path: Path) -> None:
    with pytest.raises(download.TransferError, match=r"HTTP 500.*HTTP 404") as caught:
        fetch(tmp_path, mirror("truncate", "500"), mirror("404"))
    assert not caught.value.wrong
    assert_nothing_but(tmp_path, PART)
    server = mirror()
    fetch(tmp_path, server)
    assert server.ranges == [HALF]
    assert_arrived(tmp_path)


@pytest.mark.parametrize(
    ("what", "requests"),
    [("plain", 1), ("shifted", 2), ("lie", 2), ("other", 2), ("html", 2), ("broken", 2)],
)
def test_a_part_that_does_not_fit_is_thrown_away(
    what: str, requests: int, mirror: Open, tmp_path: Path
) -> None:
    (tmp_path / PART).write_bytes(PACKED[:2000])
    server = mirror(what)
    fetch(tmp_path, server)
    assert server.ranges == ["bytes=2000-", None][:requests]
    assert_arrived(tmp_path)


@pytest.mark.parametrize("part", [PACKED, PACKED + b"more", b"?" * 2000, b""])
def test_whatever_part_is_found_the_file_arrives(part: bytes, mirror: Open, tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(part)
    fetch(tmp_path, mirror())
    assert_arrived(tmp_path)


@pytest.mark.parametrize("what", ["lie", "html", "broken", "endless"])
def test_wrong_files_everywhere_leave_nothing_behind(
    what: str, mirror: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LIMIT", 2 * len(CONTENT))
    with pytest.raises(download.TransferError, match="sent a wrong some-file") as caught:
        fetch(tmp_path, mirror(what), mirror(what))
    assert caught.value.wrong
    assert_nothing_but(tmp_path)


def test_the_reasons_are_told_in_a_few_words(
    mirror: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "OPENING", 1.0)
    gone = mirror()
    gone.server_close()
    servers = [mirror("404"), mirror("mute"), mirror("truncate", "500"), gone]
    with pytest.raises(download.TransferError) as caught:
        fetch(tmp_path, *servers)
    assert [caught.value.failures[server.url] for server in servers] == [
        "answered HTTP 404",
        "did not answer within 1 s",
        "answered HTTP 500",
        "could not be reached",
    ]


def test_a_mirror_that_failed_is_asked_last_for_the_next_file(mirror: Open, tmp_path: Path) -> None:
    bad, good = mirror("500", "500", "500"), mirror()
    files = dict.fromkeys(("first", "second", "third"), FILES[NAME])
    download.download(files, tmp_path, (bad.url, good.url))
    assert (len(bad.ranges), len(good.ranges)) == (1, 3)


def test_an_intact_file_is_left_alone_and_a_damaged_one_replaced(
    mirror: Open, tmp_path: Path
) -> None:
    server = mirror()
    (tmp_path / NAME).write_bytes(CONTENT)
    fetch(tmp_path, server)
    assert server.ranges == []
    (tmp_path / NAME).write_bytes(CONTENT[:-1])
    fetch(tmp_path, server)
    assert_arrived(tmp_path)


PROCESS = """
import sys
from pathlib import Path
from advtheory.data import download
download.download({sys.argv[1]: sys.argv[2]}, Path(sys.argv[3]), (sys.argv[4],))
"""


def _process(folder: Path, server: Mirror) -> subprocess.Popen[bytes]:
    arguments = [NAME, FILES[NAME], str(folder), server.url]
    return subprocess.Popen([sys.executable, "-W", "error", "-c", PROCESS, *arguments])


def test_processes_that_download_at_once_do_so_once(mirror: Open, tmp_path: Path) -> None:
    server = mirror()
    processes = [_process(tmp_path, server) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert server.ranges == [None]
    assert_arrived(tmp_path)


def test_a_killed_download_leaves_no_half_file_and_is_resumed(mirror: Open, tmp_path: Path) -> None:
    server = mirror("stall")
    process = _process(tmp_path, server)
    part = tmp_path / PART
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait(60)
    assert not (tmp_path / NAME).exists()
    fetch(tmp_path, server)
    assert server.ranges[1] is not None
    assert_arrived(tmp_path)


@pytest.mark.parametrize(("what", "kind"), [("404", UnavailableError), ("lie", None)])
def test_a_wrong_file_is_no_reason_for_a_stand_in_and_no_file_is(
    what: str, kind: type | None, mirror: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADVTHEORY_DATA", raising=False)
    monkeypatch.setenv("ADVTHEORY_CACHE", str(tmp_path))
    monkeypatch.setattr(mnist, "FILES", FILES)
    monkeypatch.setattr(mnist, "MIRRORS", (mirror(what).url, mirror("404").url))
    with pytest.raises(DataError, match="answered HTTP 404") as caught:
        mnist.find({})
    assert type(caught.value) is (kind or DataError)
