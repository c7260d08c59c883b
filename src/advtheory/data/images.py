r"""Data sets: MNIST, and scikit-learn's 8x8 digits where MNIST cannot be had.

MNIST is looked for in the folder that ``ADVTHEORY_DATA`` names, then in the user's cache (which
``ADVTHEORY_CACHE`` moves), then at two mirrors. The SHA-256 of the uncompressed bytes is always
verified. Images are shrunk to any side length by
:func:`~advtheory.data.pixels.area_average`. An input is a row of pixels in [0, 1], or the same row
divided by its Euclidean norm. Book label ``sec-data``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from numbers import Integral
from pathlib import Path

import numpy as np
import torch

from advtheory.data.cifar_files import ARCHIVES
from advtheory.data.mnist import DIGESTS, find, mnist
from advtheory.data.pixels import area_average, on_sphere, require_side
from advtheory.data.small_digits import digits
from advtheory.data.source import Bytes, DataError, Source, UnavailableError

__all__ = [
    "DataError",
    "Dataset",
    "Location",
    "Split",
    "digest",
    "locate",
    "pair",
    "ten",
]

LARGEST = 28  # the side length of an MNIST image


@dataclass(frozen=True)
class Split:
    """Labelled inputs. They are shared by all callers: do not write into them.

    Attributes:
        x: inputs, float32, shape (n, side^2): pixels row by row, 0 black and 1 white.
        y: labels, shape (n,): float32 -1 or +1 for a pair, int64 0 to 9 for all ten digits.

    >>> Split(torch.zeros(2, 25), torch.ones(2)).x.shape
    torch.Size([2, 25])
    """

    x: torch.Tensor
    y: torch.Tensor


@dataclass(frozen=True)
class Dataset:
    """A data set as it is handed to an experiment.

    Attributes:
        name: "mnist" or "digits-8x8"; every figure and record made from it says so.
        train: what networks are trained on.
        test: what they are tested on.
        side: side length of the images, so that inputs have side^2 coordinates. It is smaller than
            what was asked for where the 8x8 digits stand in for MNIST.
        sha256: digest of the uncompressed bytes it was made from; see :func:`digest`.

    >>> one = Split(torch.zeros(2, 25), torch.ones(2))
    >>> Dataset("mine", one, one, side=5, sha256="").train.x.shape
    torch.Size([2, 25])
    """

    name: str
    train: Split
    test: Split
    side: int
    sha256: str


@dataclass(frozen=True)
class Location:
    """Where MNIST was found.

    Attributes:
        folder: the folder with the four verified files, or None.
        failures: for each place that had no MNIST, the reason, in the order of the search.

    >>> Location(None, {"the cache": "it is empty"}).folder is None
    True
    """

    folder: Path | None
    failures: Mapping[str, str]


def pair(side: int = LARGEST, *, sphere: bool = False, fallback: bool = True) -> Dataset:
    """The digits 0 (label -1) and 1 (label +1): 12,665 training and 2,115 test images of MNIST.

    Args:
        side: side length of the images, 1 to 28.
        sphere: divide every row by its Euclidean norm.
        fallback: where MNIST cannot be had, print one line and use scikit-learn's 8x8 digits, with
            side at most 8. Of each digit, the images with index 0 to 6 modulo 10 are for training.

    Raises:
        ValueError: ``side`` is not an integer from 1 to 28.
        DataError: a file is damaged or wrong, or MNIST cannot be had and ``fallback`` is False.

    >>> pair(29)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: side is 29; expected an integer from 1 to 28, ...
    """
    return _dataset(_source(side, fallback), side, sphere, True)


def ten(side: int = LARGEST, *, sphere: bool = False, fallback: bool = True) -> Dataset:
    """All ten digits, labels 0 to 9: 60,000 training and 10,000 test images of MNIST.

    Arguments and errors as in :func:`pair`.

    >>> ten(0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: side is 0; expected an integer from 1 to 28, ...
    """
    return _dataset(_source(side, fallback), side, sphere, False)


def digest(name: str) -> str:
    """The SHA-256 that the data set ``name`` has when it is intact; needs no data at hand.

    For "mnist": of the four uncompressed files one after another (training images, training labels,
    test images, test labels). For "digits-8x8": of the pixels and then the labels, a byte each.
    Raises ValueError for another name.

    >>> digest("mnist")[:12]
    'b2d8f5bf3917'
    """
    known = {**DIGESTS, **ARCHIVES}
    if name not in known:
        raise ValueError(f"There is no data set {name!r}; choose one of {', '.join(known)}.")
    return known[name]


def locate() -> Location:
    """Look for MNIST afresh, download it if need be, and tell where it is or why it is nowhere.

    >>> from unittest import mock
    >>> with mock.patch.dict(os.environ, ADVTHEORY_DATA="/nowhere"):
    ...     locate().failures
    {'ADVTHEORY_DATA': 'there is no folder /nowhere'}
    """
    failures: dict[str, str] = {}
    try:
        return Location(find(failures).folder, failures)
    except DataError:
        return Location(None, failures)


@lru_cache(maxsize=8)
def _dataset(source: Source, side: int, sphere: bool, two: bool) -> Dataset:
    side = min(int(side), source.train[0].shape[1])

    def split(images: Bytes, labels: Bytes) -> Split:
        if two:
            images, labels = images[labels < 2], labels[labels < 2]
        x = area_average(images, side, source.white).reshape(len(images), -1)
        y = torch.from_numpy(labels.astype(np.int64))
        rows = torch.from_numpy(on_sphere(x) if sphere else x)
        return Split(rows, 2.0 * y.float() - 1.0 if two else y)

    return Dataset(source.name, split(*source.train), split(*source.test), side, source.sha256)


def _source(side: int, fallback: bool) -> Source:
    require_side(side, LARGEST)
    # The variables are arguments so that whoever sets them later in a session is heard.
    places = os.environ.get("ADVTHEORY_DATA"), os.environ.get("ADVTHEORY_CACHE")
    return _settled(*places) if fallback else _mnist(*places)


@cache
def _settled(data: str | None, cache: str | None) -> Source:
    """MNIST or its stand-in, the same throughout the process so that no figure mixes the two."""
    try:
        return _mnist(data, cache)
    except UnavailableError:
        print(
            "MNIST cannot be had here: scikit-learn's 8x8 digits stand in for it, and sides above "
            "8 become 8 (`advtheory data check` tells why)."
        )
        return digits()


@lru_cache(maxsize=2)
def _mnist(data: str | None, cache: str | None) -> Source:
    return mnist(find({}))


def load(d: int, *, sphere: bool, fallback: bool) -> Dataset:
    """The pair 0 against 1 with d pixels; without the fallback (paper scale) only MNIST will do.

    Raises ValueError if the data at hand has no such dimension (the 8x8 digits stop at 64).

    >>> load(0, sphere=True, fallback=True)
    Traceback (most recent call last):
    ValueError: d is 0; expected a number of pixels, like 784
    """
    if isinstance(d, bool) or not isinstance(d, Integral) or d < 1:
        raise ValueError(f"d is {d!r}; expected a number of pixels, like 784")
    images = pair(math.isqrt(d), sphere=sphere, fallback=fallback)
    if images.side**2 != d:
        raise ValueError(
            f"d is {d}, but the data at hand ({images.name}) has {images.side**2} pixels; expected "
            "a square up to that: set ADVTHEORY_DATA to a folder that holds MNIST"
        )
    return images
