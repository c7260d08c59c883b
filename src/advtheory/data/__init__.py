"""What networks see: MNIST, or small digits where it cannot be had."""

from advtheory.data.images import (
    Dataset,
    Location,
    Split,
    digest,
    load,
    locate,
    pair,
    ten,
)
from advtheory.data.pixels import area_average
from advtheory.data.source import DataError, UnavailableError

__all__ = [
    "DataError",
    "Dataset",
    "Location",
    "Split",
    "UnavailableError",
    "area_average",
    "digest",
    "load",
    "locate",
    "pair",
    "ten",
]
