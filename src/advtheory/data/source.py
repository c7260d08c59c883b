"""What a source of images is, and the errors of data that cannot be had."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class DataError(RuntimeError):
    """Data that cannot be had or are not what they should be: what, where, and what to do.

    >>> issubclass(UnavailableError, DataError)
    True
    """


class UnavailableError(DataError):
    """MNIST is not on this machine and cannot be downloaded, but nothing is damaged or wrong."""


@dataclass(frozen=True, eq=False)
class Source:
    """Grey values (n, k, k) and labels (n,) of both parts, and the grey value that is white.

    >>> zeros = np.zeros((2, 8, 8), np.uint8), np.zeros(2, np.uint8)
    >>> Source("black", zeros, zeros, 255, "").name
    'black'
    """

    name: str
    train: tuple[Bytes, Bytes]
    test: tuple[Bytes, Bytes]
    white: int
    sha256: str
