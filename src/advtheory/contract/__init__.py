"""What an experiment is, where it is found, and the fits that its numbers come from."""

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.claims import Claim, judge
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import (
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
    "Key",
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
    "judge",
    "loglog_slope",
    "mean_estimate",
    "seed_means",
]
