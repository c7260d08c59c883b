r"""Data sets: MNIST, and scikit-learn's 8x8 digits where MNIST cannot be had.

MNIST is looked for in the folder that ``ADVTHEORY_DATA`` names, then in the user's cache (which
``ADVTHEORY_CACHE`` moves), then at two mirrors. The SHA-256 of the uncompressed bytes is always
verified. Images are shrunk to any side length by area averaging (:func:`area_average`). An input is
a row of pixels in [0, 1], or the same row divided by its Euclidean norm. Book label ``sec-data``.
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
import numpy.typing as npt
import torch

from advtheory.data.mnist import DIGESTS, find, mnist
from advtheory.data.small_digits import digits
from advtheory.data.source import Bytes, DataError, Source, UnavailableError

__all__ = [
    "DataError",
    "Dataset",
    "Location",
    "Split",
    "area_average",
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
    """
    return _dataset(_source(side, fallback), side, sphere, True)


def ten(side: int = LARGEST, *, sphere: bool = False, fallback: bool = True) -> Dataset:
    """All ten digits, labels 0 to 9: 60,000 training and 10,000 test images of MNIST.

    Arguments and errors as in :func:`pair`.
    """
    return _dataset(_source(side, fallback), side, sphere, False)


def digest(name: str) -> str:
    """The SHA-256 that the data set ``name`` has when it is intact; needs no data at hand.

    For "mnist": of the four uncompressed files one after another (training images, training labels,
    test images, test labels). For "digits-8x8": of the pixels and then the labels, a byte each.
    Raises ValueError for another name.
    """
    if name not in DIGESTS:
        raise ValueError(f"There is no data set {name!r}; choose one of {', '.join(DIGESTS)}.")
    return DIGESTS[name]


def locate() -> Location:
    """Look for MNIST afresh, download it if need be, and tell where it is or why it is nowhere."""
    failures: dict[str, str] = {}
    try:
        return Location(find(failures).folder, failures)
    except DataError:
        return Location(None, failures)


def area_average(images: Bytes, side: int, white: int = 1) -> npt.NDArray[np.float32]:
    r"""Images of k x k pixels shrunk to side x side, each new pixel the mean over its square.

    :math:`Y = A X A^T / \text{white}`, where :math:`A_{ij}` is the share of the i-th new pixel row
    that the j-th old one covers; side need not divide k. The mean over the image is conserved.
    With k at most 256 every sum is a whole number below 2^24 and hence exact in float32, with one
    rounding at the end: the result is the same on every machine.

    Args:
        images: grey values, uint8, shape (n, k, k).
        side: new side length, 1 to k.
        white: the grey value that becomes 1.

    Returns:
        float32, shape (n, side, side).

    Raises:
        ValueError: another shape or another side.
    """
    if images.ndim != 3 or images.shape[1] != images.shape[2]:
        raise ValueError(f"images has shape {images.shape}; expected square images, (n, k, k)")
    k = images.shape[1]
    _require_side(side, k)
    # In units of 1 / side, new row i covers [i k, (i + 1) k) and old row j [j side, (j + 1) side).
    new, old = np.arange(side)[:, None] * k, np.arange(k) * side
    overlap = np.minimum(new + k, old + side) - np.maximum(new, old)
    weights = np.maximum(overlap, 0).astype(np.float32)  # k A
    sums: npt.NDArray[np.float32] = weights @ images.astype(np.float32) @ weights.T
    sums /= np.float32(white * k * k)
    return sums


def _require_side(side: int, largest: int) -> None:
    if isinstance(side, bool) or not isinstance(side, Integral) or not 1 <= side <= largest:
        raise ValueError(
            f"side is {side!r}; expected an integer from 1 to {largest}, "
            "since images are only ever made smaller"
        )


@lru_cache(maxsize=8)
def _dataset(source: Source, side: int, sphere: bool, two: bool) -> Dataset:
    side = min(int(side), source.train[0].shape[1])

    def split(images: Bytes, labels: Bytes) -> Split:
        if two:
            images, labels = images[labels < 2], labels[labels < 2]
        x = area_average(images, side, source.white).reshape(len(images), -1)
        y = torch.from_numpy(labels.astype(np.int64))
        rows = torch.from_numpy(_on_sphere(x) if sphere else x)
        return Split(rows, 2.0 * y.float() - 1.0 if two else y)

    return Dataset(source.name, split(*source.train), split(*source.test), side, source.sha256)


def _on_sphere(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows divided by their norms, which are summed in float64."""
    norms = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))
    if not norms.all():
        raise ValueError(
            f"image {int(norms.argmin())} is all black and has no direction; use sphere=False"
        )
    rows: npt.NDArray[np.float32] = (x / norms[:, None]).astype(np.float32)
    return rows


def _source(side: int, fallback: bool) -> Source:
    _require_side(side, LARGEST)
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
