"""What an experiment is, where it is found, and the fits that its numbers come from."""

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.claims import Claim, judge
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import (
    SCALES,
    Experiment,
    Point,
    Row,
    Value,
    check_scale,
)
from advtheory.contract.fits import curve_slopes, loglog_slope, mean_estimate, seed_means

__all__ = [
    "SCALES",
    "Claim",
    "Estimate",
    "Experiment",
    "Key",
    "Point",
    "Row",
    "Value",
    "all_experiments",
    "check_scale",
    "curve_slopes",
    "get",
    "judge",
    "loglog_slope",
    "mean_estimate",
    "seed_means",
]
