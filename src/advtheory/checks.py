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
    """Raise ValueError unless ``value`` is an integer of at least 1.

    >>> require_positive_integer(0, "m")
    Traceback (most recent call last):
    ValueError: m is 0; expected an integer of at least 1
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected an integer of at least 1")


def require_nonnegative(value: float, name: str) -> None:
    """Raise ValueError unless ``value`` is a finite number of at least 0.

    >>> require_nonnegative(-0.1, "radius")
    Traceback (most recent call last):
    ValueError: radius is -0.1; expected a finite number of at least 0
    """
    try:
        good = math.isfinite(value) and value >= 0
    except (OverflowError, TypeError, ValueError):  # too large for a float, or no number at all
        good = False
    if not good:
        raise ValueError(f"{name} is {value}; expected a finite number of at least 0")


def require_tensor(value: object, name: str) -> None:
    """Raise ValueError unless ``value`` is a tensor; the caller converts lists and arrays.

    >>> require_tensor([1, 2], "x")
    Traceback (most recent call last):
    ValueError: x is a list; expected a tensor: convert it with torch.tensor
    """
    if not isinstance(value, Tensor):
        raise ValueError(
            f"{name} is a {type(value).__name__}; expected a tensor: convert it with torch.tensor"
        )


def require_finite(tensor: Tensor, name: str) -> None:
    """Raise ValueError if ``tensor`` holds a NaN or an infinity.

    >>> require_finite(torch.tensor([1.0, 2.0]), "x")
    """
    if not bool(torch.isfinite(tensor).all()):
        raise ValueError(
            f"{name} holds a NaN or an infinity; expected finite numbers: check the data, "
            "or lower the learning rate"
        )


def require_last_size(tensor: Tensor, size: int, name: str) -> None:
    """Raise ValueError unless ``tensor`` has the shape ``(..., n, size)``.

    >>> require_last_size(torch.zeros(10, 784), 784, "x")
    """
    if tensor.ndim < 2 or tensor.shape[-1] != size:
        raise ValueError(
            f"{name} has shape {tuple(tensor.shape)}; expected (..., n, {size}): "
            "one row an input, as many columns as the network has input dimensions"
        )


def require_dtype(tensor: Tensor, dtype: torch.dtype, name: str) -> None:
    """Raise ValueError unless ``tensor`` has the precision of the network that it meets.

    >>> require_dtype(torch.zeros(10, 784), torch.float32, "x")
    """
    if tensor.dtype != dtype:
        raise ValueError(
            f"{name} is {tensor.dtype} and the network {dtype}; use one precision: convert the "
            "input with .to(net.w.dtype), or the network with net.to(device, dtype)"
        )


def require_examples(x: Tensor, y: Tensor, d: int | None = None) -> None:
    """Raise ValueError unless ``x`` is ``(..., n, d)``, without a NaN or an infinity, and ``y`` has
    one label -1 or +1 for each row.

    >>> require_examples(torch.zeros(10, 784), torch.ones(10), 784)
    """
    require_tensor(x, "x")
    require_tensor(y, "y")
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

    >>> require_training_data(torch.zeros(10, 784), torch.ones(10))
    """
    require_tensor(x, "x")
    require_finite(x, "x")
    require_labels(y)
    if x.ndim != 2 or not len(x) or y.shape != x.shape[:1]:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}; expected (n, d) and (n,) with n "
            "at least 1: one label a row of x"
        )


def require_labels(y: Tensor, name: str = "y") -> None:
    """Raise ValueError unless ``y`` is a tensor of real numbers, each of them -1 or +1.

    >>> require_labels(torch.tensor([0.0, 1.0]))
    Traceback (most recent call last):
    ValueError: y holds a label other than -1 and +1; map the two classes to -1 and +1
    """
    require_tensor(y, name)
    if y.dtype == torch.bool or y.is_complex():
        raise ValueError(
            f"{name} is {y.dtype}; expected the numbers -1 and +1: of booleans make them by "
            f"2.0 * {name} - 1.0"
        )
    if not bool((y.abs() == 1).all()):
        raise ValueError(
            f"{name} holds a label other than -1 and +1; map the two classes to -1 and +1"
        )


Array = NDArray[np.float64]
"""What the bounds of a theorem are computed with: numbers in double precision that broadcast."""


def as_real(value: ArrayLike) -> Array:
    """The number or the array as float64; ValueError for what is no real number or too large.

    >>> as_real([1, 2])
    array([1., 2.])
    """
    try:
        return np.asarray(value, dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        raise ValueError(
            f"a {type(value).__name__} was given that is no real number in double precision; "
            "expected a number below 1e308, or an array of such numbers"
        ) from None


def require(holds: bool, sentence: str) -> None:
    """Raise ValueError with that sentence unless it holds.

    >>> require(2 > 3, "m is 2; expected at least 3")
    Traceback (most recent call last):
    ValueError: m is 2; expected at least 3
    """
    if not holds:
        raise ValueError(sentence)


def require_c0(c0: ArrayLike) -> Array:
    r""":math:`C_0` as float64; ValueError unless it is finite and at least 0.

    >>> require_c0(-1)
    Traceback (most recent call last):
    ValueError: C0 is -1.0; expected a finite number of at least 0
    """
    c0 = as_real(c0)
    good = bool(np.all(np.isfinite(c0) & (c0 >= 0)))
    require(good, f"C0 is {c0}; expected a finite number of at least 0")
    return c0


def require_gamma(gamma: ArrayLike) -> Array:
    r""":math:`\gamma` as float64; ValueError unless it lies strictly between 0 and 1.

    >>> float(require_gamma(0.1))
    0.1
    """
    gamma = as_real(gamma)
    good = bool(np.all((gamma > 0) & (gamma < 1)))
    require(good, f"gamma is {gamma}; expected a probability of failure between 0 and 1, like 0.1")
    return gamma


def require_dimension(d: ArrayLike) -> Array:
    """The input dimension as float64; ValueError unless it is finite and at least 2.

    >>> require_dimension(1)
    Traceback (most recent call last):
    ValueError: d is 1.0; expected a dimension of at least 2
    """
    d = as_real(d)
    good = bool(np.all(np.isfinite(d) & (d >= 2)))
    require(good, f"d is {d}; expected a dimension of at least 2")
    return d


def require_sizes(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> tuple[Array, Array, Array]:
    r"""d, m and :math:`\gamma` as float64; ValueError unless :math:`2 \le d \le m`, both finite.

    >>> require_sizes(d=100, m=50, gamma=0.1)
    Traceback (most recent call last):
    ValueError: m is 50.0 and d is 100.0; expected a finite width of at least d
    """
    d, m, gamma = require_dimension(d), as_real(m), require_gamma(gamma)
    good = bool(np.all(np.isfinite(m) & (m >= d)))
    require(good, f"m is {m} and d is {d}; expected a finite width of at least d")
    return d, m, gamma


def require_radius(radius: ArrayLike) -> Array:
    """A radius as float64; ValueError unless it lies in [0, 1/2].

    >>> float(require_radius(0.5))
    0.5
    """
    radius = as_real(radius)
    good = bool(np.all((radius >= 0) & (radius <= 0.5)))
    require(good, f"radius is {radius}; expected a number from 0 to 1/2, the proof needs no more")
    return radius
