"""The small digits of scikit-learn: what the book shows where MNIST cannot be had."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from advtheory.data.mnist import DIGESTS
from advtheory.data.source import Bytes, DataError, Source


def digits() -> Source:
    """scikit-learn's digits; of each digit the images 0 to 6 modulo 10 are for training.

    >>> images, labels = digits().train
    >>> images.shape, labels.shape
    ((1266, 8, 8), (1266,))
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DataError(
            "MNIST cannot be had and scikit-learn, whose digits would stand in for it, is not "
            "installed: install it, or set ADVTHEORY_DATA to a folder with the four MNIST files."
        ) from error
    bunch = load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    sha256 = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    if sha256 != DIGESTS["digits-8x8"]:
        raise DataError("scikit-learn's digits are not the original ones: reinstall scikit-learn.")
    train = _rank(labels) % 10 < 7
    return Source(
        "digits-8x8",
        (images[train], labels[train]),
        (images[~train], labels[~train]),
        16,
        sha256,
    )


def _rank(labels: Bytes) -> npt.NDArray[np.int64]:
    """How many images of the same digit come before each: the rows are in almost cyclic order."""
    rank = np.empty(len(labels), np.int64)
    for digit in range(10):
        rank[labels == digit] = np.arange(np.count_nonzero(labels == digit))
    return rank
