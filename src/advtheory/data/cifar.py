"""Colour images of ten classes: CIFAR-10, or small grey digits where it cannot be had.

CIFAR-10 is looked for in the folder that ``ADVTHEORY_DATA`` names (there in ``cifar10``, or in the
folder itself), then in the user's cache (which ``ADVTHEORY_CACHE`` moves), then at mirrors. The
binary archive is verified by its SHA-256. Its unpacked files are taken too, as
"cifar10-unpacked", since nothing published tells whether they are whole; "cifar10-jpeg" are the
same images encoded again, about 30 dB from the originals. Book label ``sec-data``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from advtheory.data.cache import absolute, bring, cache_folder
from advtheory.data.cifar_files import ARCHIVE, ARCHIVES, EXACT, read
from advtheory.data.small_digits import digits
from advtheory.data.source import Source, UnavailableError

MIRRORS: tuple[str, ...] = (
    "https://www.cs.toronto.edu/~kriz/",
    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
)
LONGEST = 2**28  # bytes; the archive has 170 million


def colours(*, fallback: bool = True) -> Source:
    """CIFAR-10: 50,000 training and 10,000 test images of 32 x 32 pixels, bytes, colours last.

    Args:
        fallback: where CIFAR-10 cannot be had, print one line and use scikit-learn's digits, 8 x 8
            pixels of one grey value each.

    Raises:
        DataError: a file is damaged, or CIFAR-10 cannot be had and ``fallback`` is False.

    >>> small_digits().train[0].shape
    (1266, 8, 8, 1)
    """
    # The variables are arguments so that whoever sets them later in a session is heard.
    places = os.environ.get("ADVTHEORY_DATA"), os.environ.get("ADVTHEORY_CACHE")
    return _settled(*places) if fallback else _cifar(*places)


@cache
def small_digits() -> Source:
    """scikit-learn's digits in the form of :func:`colours`.

    >>> small_digits().name
    'digits-8x8'
    """
    small = digits()
    (x, y), (test_x, test_y) = small.train, small.test
    return Source(
        small.name, (x[..., None], y), (test_x[..., None], test_y), small.white, small.sha256
    )


@cache
def _settled(data: str | None, cache: str | None) -> Source:
    try:
        return _cifar(data, cache)
    except UnavailableError:
        print("CIFAR-10 cannot be had here: scikit-learn's 8x8 digits stand in for it.")
        return small_digits()


@lru_cache(maxsize=2)
def _cifar(data: str | None, cache: str | None) -> Source:
    """CIFAR-10 from the first place that has it; a damaged file is never passed over."""
    failures = []
    for place in _places(data):
        try:
            return read(place())
        except UnavailableError as error:
            failures.append(str(error))
    raise UnavailableError(
        f"CIFAR-10 cannot be had ({'; '.join(failures)}): set ADVTHEORY_DATA to the absolute path "
        f"of a folder that holds {ARCHIVE}."
    )


def _places(data: str | None) -> Iterator[Callable[[], Path]]:
    """The folders to look in, each found when its turn comes."""
    if data:
        yield lambda: _named(data)
    yield lambda: cache_folder("cifar10")
    yield _downloaded


def _named(data: str) -> Path:
    root = absolute(data)
    return root / "cifar10" if os.path.isdir(root / "cifar10") else root


def _downloaded() -> Path:
    """The cache with the archive in it, brought from a mirror."""
    folder = cache_folder("cifar10")
    bring({ARCHIVE: ARCHIVES[EXACT]}, folder, MIRRORS, LONGEST)
    return folder
