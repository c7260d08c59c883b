"""Folders that the user names, and the folder of this package in the user's cache, filled."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from advtheory.data.download import TransferError, download
from advtheory.data.source import DataError, UnavailableError


def absolute(named: str) -> Path:
    """A relative path is the usual mistake, since notebooks run in their own folder.

    >>> absolute("/data").as_posix()
    '/data'
    """
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        user = named.split("/", maxsplit=1)[0]
        raise UnavailableError(f"there is no user {user} here") from error


def cache_folder(name: str) -> Path:
    """The folder of a data set in the user's cache, which ADVTHEORY_CACHE moves.

    >>> from unittest import mock
    >>> with mock.patch.dict(os.environ, ADVTHEORY_CACHE="/elsewhere"):
    ...     cache_folder("mnist").as_posix()
    '/elsewhere/mnist'
    """
    named = os.environ.get("ADVTHEORY_CACHE")
    if named:
        return absolute(named) / name
    try:
        import pooch
    except ImportError as error:
        raise UnavailableError("it needs the package pooch") from error
    return Path(pooch.os_cache("advtheory")) / name


def bring(
    files: Mapping[str, str],
    folder: Path,
    mirrors: tuple[str, ...],
    archive: int | None = None,
) -> None:
    """Download files into a folder of the cache, as :func:`~advtheory.data.download.download` does.

    Raises UnavailableError where they cannot be had, DataError where a mirror sent wrong ones.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bring({}, Path(folder), mirrors=())
    """
    try:
        download(files, folder, mirrors, archive)
    except TransferError as error:
        raise (DataError if error.wrong else UnavailableError)(str(error)) from error
    except ImportError as error:
        raise UnavailableError(f"it needs the package {error.name}") from error
    except TimeoutError as error:  # another process holds the lock
        raise UnavailableError(
            f"another process has been downloading to {folder} for too long"
        ) from error
    except OSError as error:
        raise UnavailableError(f"{folder} cannot be written: {error.strerror or error}") from error
