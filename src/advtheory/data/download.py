"""Files from mirrors through pooch: resumed, verified, moved into place in one step.

pooch checks the digest and moves the file; it neither resumes nor knows several addresses, so the
transfer itself is here. ``requests`` and ``pooch`` are imported only where something is downloaded.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from advtheory.data.files import LIMIT, contents, unpack

if TYPE_CHECKING:
    import requests


OPENING = 6.0  # seconds until a mirror must answer: a machine without network waits no longer
READING = 20.0  # seconds without a byte after which a transfer counts as stalled
PATIENCE = 300.0  # seconds for one transfer; the next one resumes it
WAITING = 1200.0  # seconds to wait for another process that downloads the same files
TRIES = 5  # transfers per file and mirror, as long as each gets further than the last
CHUNK = 2**10  # bytes between two looks at the clock


class TransferError(RuntimeError):
    """A file could not be brought from any mirror.

    Attributes:
        failures: for each mirror, what went wrong there.
        wrong: whether a mirror delivered a whole file with other contents.

    >>> TransferError({"a mirror": "could not be reached"}, wrong=False)
    TransferError('a mirror could not be reached')
    """

    def __init__(self, failures: Mapping[str, str], wrong: bool) -> None:
        super().__init__("; ".join(f"{mirror} {why}" for mirror, why in failures.items()))
        self.failures = failures
        self.wrong = wrong


def download(
    files: Mapping[str, str],
    folder: Path,
    mirrors: tuple[str, ...],
    archive: int | None = None,
) -> None:
    """Bring every file of ``files`` (name: SHA-256 of the uncompressed bytes) into ``folder``.

    With ``archive``, a number of bytes, the files are kept as they are sent, at most as long as
    that, and the SHA-256 is that of the file itself; otherwise a mirror has them with the ending
    .gz. A file that is there and intact is left alone. One process at a time works in a folder; the
    others wait and then find the files. Raises TransferError, ImportError where pooch or filelock
    is not installed, and OSError where the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     download({}, Path(folder), mirrors=())
    """
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    order = list(mirrors)
    with _quiet_pooch(), FileLock(folder / ".lock", timeout=WAITING):
        for stale in folder.glob(
            "tmp*"
        ):  # pooch's, of a process that was killed: nobody writes now
            stale.unlink()
        for name, sha256 in files.items():
            _fetch(name, sha256, folder, order, archive)


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Without pooch's log lines, which would put this machine's folders on a page of the book."""
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _fetch(name: str, sha256: str, folder: Path, mirrors: list[str], archive: int | None) -> None:
    """Bring one file from the first mirror that has it, and put that mirror first for the next."""
    failures: dict[str, str] = {}
    wrong = False
    if (folder / name).exists() and not (folder / name).is_file():
        raise OSError(f"{name} is there and not an ordinary file")  # pooch would read it to the end
    for mirror in mirrors:
        try:
            _from_mirror(mirror, name, sha256, folder, archive)
        except OSError as error:  # first, for some errors of requests are ValueErrors too
            failures[mirror] = _reason(error)
        except ValueError:
            wrong = True
            failures[mirror] = f"sent a wrong {name}"
        else:
            mirrors.sort(key=lambda other: other != mirror)
            return
    raise TransferError(failures, wrong)


def _from_mirror(mirror: str, name: str, sha256: str, folder: Path, archive: int | None) -> None:
    """Try one mirror again as long as it gets further.

    Raises OSError where the transfer breaks off, ValueError where a whole file is a wrong one. A
    wrong file that began with an earlier part says nothing about this mirror: it starts afresh.
    """
    import pooch

    sent = name if archive else f"{name}.gz"
    transfer = _Transfer(folder / f"{sent}.part", archive)
    for left in reversed(range(TRIES)):
        before = transfer.size()
        try:
            pooch.retrieve(mirror + sent, f"sha256:{sha256}", name, folder, downloader=transfer)
            return
        except OSError:
            if transfer.size() <= before or left == 0:
                raise
        except ValueError:
            if before == 0 or left == 0:
                raise


@dataclass(frozen=True)
class _Transfer:
    """A downloader for pooch that keeps what it has in ``part`` and goes on from there."""

    part: Path
    archive: int | None = None

    def size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Write the uncompressed contents to ``output_file``, whose digest pooch then checks."""
        import urllib3

        try:
            self._receive(url)
            whole = b"" if self.archive else unpack(contents(self.part))
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionResetError("broke off the transfer") from error
        except ValueError:
            self.part.unlink(missing_ok=True)
            raise
        if self.archive:
            os.replace(self.part, output_file)
            return
        self.part.unlink()  # whole, right or wrong: nothing to resume
        Path(output_file).write_bytes(whole)

    def _receive(self, url: str) -> None:
        offset = self.size()
        with _open(url, offset) as response:
            if response.status_code == 416:
                raise ValueError("the part is as long as the file on this mirror, or longer")
            response.raise_for_status()
            if not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                offset = 0  # the server sends the whole file, whatever was asked
            length = response.headers.get("Content-Length")
            whole = offset + int(length) if length else None
            self._write(response, offset, whole)
        if whole is not None and self.size() != whole:
            raise ConnectionResetError("broke off the transfer")

    def _write(self, response: requests.Response, offset: int, whole: int | None) -> None:
        size = f" ({whole / 1e6:.2g} MB)" if whole else ""
        print(f"Downloading {self.part.stem}{size}", file=sys.stderr)
        deadline = time.monotonic() + PATIENCE
        with self.part.open("ab" if offset else "wb") as out:
            # Undecoded, since ranges and lengths count the bytes that are sent.
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                out.write(chunk)
                if out.tell() > (self.archive or LIMIT):
                    raise ValueError("the file is too long")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"was too slow: not done after {PATIENCE:g} s")


def _open(url: str, offset: int) -> requests.Response:
    """The answer to a request for ``url`` from ``offset`` on, or OSError within OPENING seconds.

    The limits of ``requests`` cover neither the look-up of the name nor a host with many addresses,
    and both take minutes behind some firewalls: so a thread asks, and is left behind if late.
    """
    answers: queue.SimpleQueue[requests.Response | Exception] = queue.SimpleQueue()
    late = threading.Event()
    threading.Thread(target=_ask, args=(url, offset, answers, late), daemon=True).start()
    try:
        answer = answers.get(timeout=OPENING)
    except queue.Empty:
        late.set()
        raise TimeoutError(f"did not answer within {OPENING:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _ask(
    url: str,
    offset: int,
    answers: queue.SimpleQueue[requests.Response | Exception],
    late: threading.Event,
) -> None:
    import requests

    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=(OPENING, READING))
    except Exception as error:  # handed over: the thread that waits raises it
        answers.put(error)
        return
    if late.is_set():
        response.close()
    else:
        answers.put(response)


def _reason(error: OSError) -> str:
    """What happened, in a few words: the texts of ``requests`` are long and hold addresses."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.RequestException):
        return "could not be reached"
    return error.strerror or str(error)
