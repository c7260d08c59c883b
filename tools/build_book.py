"""Build the book into _build/html (what `make book` runs), and rebuild only what changed.

The cache of executed notebooks looks at the notebooks alone. What a figure shows also depends on
the package, the records, the claims, the pins, the scale and the data at hand: when one of those
changed since the last good build, every notebook runs again. Two builds of one folder take turns.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
EXECUTED = BUILD / ".executed.json"  # what the cached executions were made from
BUILT = BUILD / ".built.json"  # what the pages were made from; absent after a failure
EXECUTION = ("src/advtheory", "book/records", "book/claims", "book/live", "requirements.txt")
PAGES = ("tools/ext", "book/_static", "_config.yml", "_toc.yml")


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    found = (p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return sorted(found)


def digest(places: Iterable[str]) -> str:
    """SHA-256 over names and contents of all files in `places` (relative to the root)."""
    total = hashlib.sha256()
    for place in places:
        for path in _files(ROOT / place):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    return total.hexdigest()


def data_at_hand() -> list[str]:
    """Names and sizes of the data files that a notebook would find, without reading them."""
    import pooch

    cache = os.environ.get("ADVTHEORY_CACHE") or pooch.os_cache("advtheory")
    places = [Path(place) for place in (os.environ.get("ADVTHEORY_DATA"), cache) if place]
    found = [path for place in places for path in place.rglob("*ubyte*")]
    return sorted(f"{path} {path.stat().st_size}" for path in found)


def executions() -> dict[str, object]:
    """What the outputs of the notebooks depend on, beside the notebooks themselves."""
    scale = os.environ.get("ADVTHEORY_SCALE", "")
    return {"sources": digest(EXECUTION), "scale": scale, "data": data_at_hand()}


def was(place: Path, now: object) -> bool:
    """Whether the note at `place` says `now`."""
    return place.exists() and json.loads(place.read_text()) == now


def note(place: Path, now: object) -> None:
    """Write down what is `now`, for the next build."""
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(now, indent=1) + "\n")


def forget_what_is_stale() -> None:
    """Drop executions made from other sources, and pages unless the last build of them was good."""
    ran = executions()
    if not was(EXECUTED, ran):
        shutil.rmtree(BUILD / ".jupyter_cache", ignore_errors=True)
        BUILT.unlink(missing_ok=True)
    note(EXECUTED, ran)
    if not was(BUILT, digest(PAGES)):
        for folder in ("html", ".doctrees"):
            shutil.rmtree(BUILD / folder, ignore_errors=True)
    BUILT.unlink(missing_ok=True)


def take_turn() -> AbstractContextManager[object]:
    """Wait until no other build of this folder is under way; leave with the lock of the build."""
    BUILD.mkdir(exist_ok=True)
    turn = FileLock(BUILD / ".lock")
    try:
        return turn.acquire(blocking=False)
    except Timeout:
        print("Another build of this book is under way: waiting for it to end.", flush=True)
        return turn.acquire()


def environment() -> dict[str, str]:
    """What the notebooks see.

    The settings of matplotlib and IPython lie in the build: HOME may be read-only, and what it
    says to that would count as an error of the first cell that draws.
    """
    folders = {"MPLCONFIGDIR": ".matplotlib", "IPYTHONDIR": ".ipython"}
    return {name: str(BUILD / folder) for name, folder in folders.items()} | dict(os.environ)


def jupyter_book() -> int:
    """Run jupyter-book; return its exit status."""
    # Looking for fonts may take long enough for a notice, which a cell would show as an error.
    fonts = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(fonts, env=environment(), check=False, stderr=subprocess.DEVNULL)
    tool = Path(sys.executable).with_name("jupyter-book")
    command = [str(tool), "build", ".", "-W", "-n", "--keep-going"]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def build() -> int:
    """Forget what is stale and make the rest; return the exit status of jupyter-book."""
    forget_what_is_stale()
    status = jupyter_book()
    note(EXECUTED, {**json.loads(EXECUTED.read_text()), "data": data_at_hand()})  # or downloaded
    if status == 0:
        note(BUILT, digest(PAGES))
        print(f"\nThe book is ready: open {BUILD / 'html' / 'index.html'} in a browser.")
    return status


def main() -> int:
    """Build, one after another; return the exit status of jupyter-book."""
    with take_turn():
        return build()


if __name__ == "__main__":
    sys.exit(main())
