"""The arguments that the bounds of an attack and those of training share, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import Array, as_real, require


def positive(value: ArrayLike, name: str) -> Array:
    """The value as float64; ValueError unless it is finite and above 0.

    >>> positive(0, "eta")
    Traceback (most recent call last):
    ValueError: eta is 0.0; expected a finite number above 0
    """
    value = as_real(value)
    good = bool(np.all(np.isfinite(value) & (value > 0)))
    require(good, f"{name} is {value}; expected a finite number above 0")
    return value


def at_least_0(value: ArrayLike, name: str) -> Array:
    """The value as float64; ValueError unless it is finite and not negative.

    >>> at_least_0(-1, "nu")
    Traceback (most recent call last):
    ValueError: nu is -1.0; expected a finite number of at least 0
    """
    value = as_real(value)
    good = bool(np.all(np.isfinite(value) & (value >= 0)))
    require(good, f"{name} is {value}; expected a finite number of at least 0")
    return value
