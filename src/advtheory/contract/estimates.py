"""What is read off a table: a number with its error, under the name of a quantity and a curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

OVER_SEEDS = "seeds"
OVER_IMAGES = "test images, binomial"
OF_A_FIT = "residuals of the fit"
BOOTSTRAP = "bootstrap over seeds"
"""What a standard error can be the error of, in words for people."""


class Key(NamedTuple):
    """Which number: the quantity, and the curve that it belongs to where there are several.

    >>> str(Key("step", "c0=10")), str(Key("exponent"))
    ('step[c0=10]', 'exponent')
    """

    quantity: str
    curve: str = ""

    def __str__(self) -> str:
        return f"{self.quantity}[{self.curve}]" if self.curve else self.quantity


@dataclass(frozen=True)
class Estimate:
    """A number taken from a table: value, standard error (None: unknown), number of samples.

    ``over`` says what the error is an error of: the spread over seeds, over the test images of one
    network, or the residuals of a fit.

    >>> Estimate(0.48, 0.02, 10).over
    'seeds'
    """

    value: float
    error: float | None
    n: int
    over: str = OVER_SEEDS

    def __post_init__(self) -> None:
        if math.isnan(self.value):
            raise ValueError("An estimate must be a number, not NaN; look for gaps in the table.")
        if self.error is not None and not self.error >= 0:
            raise ValueError(f"A standard error must be at least 0, not {self.error}.")
        if self.n < 1:
            raise ValueError(f"An estimate needs at least one sample, not {self.n}.")
