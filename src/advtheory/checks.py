"""The sentences for bad input: what was wrong, what was expected, what to do."""

from __future__ import annotations

import math
from numbers import Integral
from operator import index
from typing import SupportsIndex

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


def as_seed(seed: SupportsIndex) -> int:
    """The seed as an integer; ValueError for a number like 1.7, which is none.

    >>> as_seed(5)
    5
    """
    try:
        return index(seed)
    except TypeError:
        raise ValueError(f"the seed {seed!r} is no integer; expected one like 0 or 5") from None


def require_positive_integer(value: int, name: str) -> None:
    """Raise ValueError unless ``value`` is an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected an integer of at least 1")


def require_nonnegative(value: float, name: str) -> None:
    """Raise ValueError unless ``value`` is a finite number of at least 0."""
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} is {value}; expected a finite number of at least 0")


def require_finite(tensor: Tensor, name: str) -> None:
    """Raise ValueError if ``tensor`` holds a NaN or an infinity."""
    if not bool(torch.isfinite(tensor).all()):
        raise ValueError(
            f"{name} holds a NaN or an infinity; expected finite numbers: check the data, "
            "or lower the learning rate"
        )


def require_last_size(tensor: Tensor, size: int, name: str) -> None:
    """Raise ValueError unless ``tensor`` has the shape ``(..., n, size)``."""
    if tensor.ndim < 2 or tensor.shape[-1] != size:
        raise ValueError(
            f"{name} has shape {tuple(tensor.shape)}; expected (..., n, {size}): "
            "one row an input, as many columns as the network has input dimensions"
        )


def require_dtype(tensor: Tensor, dtype: torch.dtype, name: str) -> None:
    """Raise ValueError unless ``tensor`` has the precision of the network that it meets."""
    if tensor.dtype != dtype:
        raise ValueError(
            f"{name} is {tensor.dtype} and the network {dtype}; use one precision: convert the "
            "input with .to(net.w.dtype), or the network with net.to(device, dtype)"
        )


def require_examples(x: Tensor, y: Tensor, d: int | None = None) -> None:
    """Raise ValueError unless ``x`` is ``(..., n, d)``, without a NaN or an infinity, and ``y`` has
    one label -1 or +1 for each row.
    """
    if x.ndim < 2 or y.ndim < 1 or y.shape[-1] != x.shape[-2]:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}; expected (..., n, d) and "
            "(..., n): one label a row of x"
        )
    if d is not None:
        require_last_size(x, d, "x")
    require_finite(x, "x")
    require_labels(y)


def require_training_data(x: Tensor, y: Tensor) -> None:
    """Raise ValueError unless ``x`` is ``(n, d)`` with n at least 1, without a NaN or an infinity,
    and ``y`` is ``(n,)`` with labels -1 and +1.
    """
    require_finite(x, "x")
    require_labels(y)
    if x.ndim != 2 or not len(x) or y.shape != x.shape[:1]:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}; expected (n, d) and (n,) with n "
            "at least 1: one label a row of x"
        )


def require_labels(y: Tensor, name: str = "y") -> None:
    """Raise ValueError unless every entry of ``y`` is -1 or +1."""
    if not bool((y.abs() == 1).all()):
        raise ValueError(
            f"{name} holds a label other than -1 and +1; map the two classes to -1 and +1"
        )


Array = NDArray[np.float64]


def as_real(value: ArrayLike) -> Array:
    """The number or the array as float64."""
    return np.asarray(value, dtype=np.float64)


def require(holds: bool, sentence: str) -> None:
    """Raise ValueError with that sentence unless it holds."""
    if not holds:
        raise ValueError(sentence)


def require_c0(c0: ArrayLike) -> Array:
    """:math:`C_0` as float64; ValueError unless it is finite and at least 0."""
    c0 = as_real(c0)
    good = bool(np.all(np.isfinite(c0) & (c0 >= 0)))
    require(good, f"C0 is {c0}; expected a finite number of at least 0")
    return c0


def require_gamma(gamma: ArrayLike) -> Array:
    r""":math:`\gamma` as float64; ValueError unless it lies strictly between 0 and 1."""
    gamma = as_real(gamma)
    good = bool(np.all((gamma > 0) & (gamma < 1)))
    require(good, f"gamma is {gamma}; expected a probability of failure between 0 and 1, like 0.1")
    return gamma


def require_dimension(d: ArrayLike) -> Array:
    """The input dimension as float64; ValueError unless it is at least 2."""
    d = as_real(d)
    good = bool(np.all(np.isfinite(d) & (d >= 2)))
    require(good, f"d is {d}; expected a dimension of at least 2")
    return d


def log_over(number: ArrayLike, gamma: ArrayLike) -> Array:
    """log(number / gamma), also where the quotient would overflow."""
    return np.log(as_real(number)) - np.log(require_gamma(gamma))


def require_radius(radius: ArrayLike) -> Array:
    """A radius as float64; ValueError unless it lies in [0, 1/2]."""
    radius = as_real(radius)
    good = bool(np.all((radius >= 0) & (radius <= 0.5)))
    require(good, f"radius is {radius}; expected a number from 0 to 1/2, the proof needs no more")
    return radius


def require_sizes(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> tuple[Array, Array, Array]:
    r"""d, m and :math:`\gamma` as float64; ValueError unless :math:`2 \le d \le m`, both finite."""
    d, m, gamma = require_dimension(d), as_real(m), require_gamma(gamma)
    good = bool(np.all(np.isfinite(m) & (m >= d)))
    require(good, f"m is {m} and d is {d}; expected a finite width of at least d")
    return d, m, gamma
