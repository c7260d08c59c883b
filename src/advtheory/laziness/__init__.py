"""The part "Laziness" (Wang et al., 2022): networks near their start, and what breaks them."""

from advtheory.laziness.certificate import certified, margin_lower_bound
from advtheory.laziness.common_perturbation import best_margin, doomed
from advtheory.laziness.prediction import alignment, predicted
from advtheory.laziness.two_starts import gradient_bound, gradient_square, shifted, switching_pairs
from advtheory.laziness.worst_case import (
    Moves,
    extreme_value,
    split_bound,
    switching,
    towards,
    value_range,
)
from advtheory.laziness.worst_gradient import Shrunk, largest_change, shrink

__all__ = [
    "Moves",
    "Shrunk",
    "alignment",
    "best_margin",
    "certified",
    "doomed",
    "extreme_value",
    "gradient_bound",
    "gradient_square",
    "largest_change",
    "margin_lower_bound",
    "predicted",
    "shifted",
    "shrink",
    "split_bound",
    "switching",
    "switching_pairs",
    "towards",
    "value_range",
]
