"""Where a number comes from: code version, machine, package versions and time."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
import re
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


@functools.cache
def code_digest() -> str:
    """The SHA-256 of the package's source files: two copies with the same digest are the same.

    Unlike :func:`code_version` it tells two changed copies of one commit apart.
    """
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def machine() -> dict[str, str]:
    """The machine that this process runs on: what a number may depend on beside the code.

    ``processor`` is its model, ``blas`` the library of matrix products that torch was built with,
    ``kernels`` the instruction set that torch's own kernels use, ``os`` the system; then the
    versions of Python, torch, numpy and pandas. What cannot be found out is "unknown".

    >>> sorted(machine())
    ['blas', 'kernels', 'numpy', 'os', 'pandas', 'processor', 'python', 'torch']
    """
    import torch

    packages = ("torch", "numpy", "pandas")
    return {
        "processor": _processor(),
        "blas": _blas(torch.__config__.show()),
        "kernels": torch.backends.cpu.get_cpu_capability(),
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    } | {package: importlib.metadata.version(package) for package in packages}


def _processor() -> str:
    """Linux tells the model in a file; elsewhere Python knows, or does not."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, [*models, platform.processor(), platform.machine()]), "unknown")


def _blas(shown: str) -> str:
    """The library, and MKL's version, in what torch tells about how it was built."""
    name = re.search(r"BLAS_INFO=([\w-]+)", shown)
    version = re.search(r"Math Kernel Library Version ([\d.]+)", shown)
    library = name[1] if name else "unknown"
    return f"{library} {version[1]}" if version and library == "mkl" else library


def now() -> str:
    """The time in UTC to the second, for example ``2026-11-20T10:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
