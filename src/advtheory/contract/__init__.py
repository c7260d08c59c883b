"""What an experiment is, where it is found, and the fits that its numbers come from."""

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.experiment import (
    Claim,
    Estimate,
    Experiment,
    Point,
    Row,
    Value,
)
from advtheory.contract.fits import (
    complete_seeds,
    curve_slopes,
    loglog_slope,
    mean_estimate,
    seed_means,
)
from advtheory.contract.place import SCALES, Place, check_scale
from advtheory.contract.tolerance import Tolerance

__all__ = [
    "SCALES",
    "Claim",
    "Estimate",
    "Experiment",
    "Place",
    "Point",
    "Row",
    "Tolerance",
    "Value",
    "all_experiments",
    "check_scale",
    "complete_seeds",
    "curve_slopes",
    "get",
    "loglog_slope",
    "mean_estimate",
    "seed_means",
]
