"""Where a number comes from: code version, package versions, device and time."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from advtheory import __version__

_PACKAGE = Path(__file__).resolve().parents[1]  # so that ".dirty" sees every file of it


@functools.cache
def code_version() -> str:
    """The package's version, with the git commit where it runs from a checkout.

    For example ``0.1.0+g1a2b3c4``; ``.dirty`` is added when files of the package differ from the
    commit. Asked once per process, since imported code does not change.
    """
    if _git("ls-files", "--error-unmatch", "__init__.py") is None:
        return __version__
    commit = _git("rev-parse", "--short=10", "HEAD")
    if not commit:
        return __version__
    return f"{__version__}+g{commit}{'.dirty' if _git('status', '--porcelain', '.') else ''}"


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=_PACKAGE, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that make the numbers."""
    packages = ("torch", "numpy", "pandas")
    return {"python": platform.python_version()} | {
        package: importlib.metadata.version(package) for package in packages
    }


def now() -> str:
    """The time in UTC to the second, for example ``2026-11-20T10:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
