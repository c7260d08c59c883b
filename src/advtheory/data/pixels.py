r"""Grey values shrunk to any side by area averaging, and divided by their norms.

Book label ``sec-data``.
"""

from __future__ import annotations

from numbers import Integral

import numpy as np
import numpy.typing as npt

from advtheory.data.source import Bytes


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

    >>> area_average(np.full((1, 4, 4), 255, np.uint8), 2, white=255)
    array([[[1., 1.],
            [1., 1.]]], dtype=float32)
    """
    if images.ndim != 3 or images.shape[1] != images.shape[2]:
        raise ValueError(f"images has shape {images.shape}; expected square images, (n, k, k)")
    k = images.shape[1]
    require_side(side, k)
    # In units of 1 / side, new row i covers [i k, (i + 1) k) and old row j [j side, (j + 1) side).
    new, old = np.arange(side)[:, None] * k, np.arange(k) * side
    overlap = np.minimum(new + k, old + side) - np.maximum(new, old)
    weights = np.maximum(overlap, 0).astype(np.float32)  # k A
    sums: npt.NDArray[np.float32] = weights @ images.astype(np.float32) @ weights.T
    sums /= np.float32(white * k * k)
    return sums


def on_sphere(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows divided by their norms, which are summed in float64; ValueError for a row of zeros.

    >>> on_sphere(np.array([[3.0, 4.0]], np.float32))
    array([[0.6, 0.8]], dtype=float32)
    """
    norms = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))
    if not norms.all():
        raise ValueError(
            f"image {int(norms.argmin())} is all black and has no direction; use sphere=False"
        )
    rows: npt.NDArray[np.float32] = (x / norms[:, None]).astype(np.float32)
    return rows


def require_side(side: int, largest: int) -> None:
    """Raise ValueError unless ``side`` is an integer from 1 to ``largest``.

    >>> require_side(7, 28)
    """
    if isinstance(side, bool) or not isinstance(side, Integral) or not 1 <= side <= largest:
        raise ValueError(
            f"side is {side!r}; expected an integer from 1 to {largest}, "
            "since images are only ever made smaller"
        )
