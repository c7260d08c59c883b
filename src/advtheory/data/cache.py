"""Folders that the user names, and the folder of this package in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

from advtheory.data.source import UnavailableError


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
