"""Estimates under the names that people give them: ``step[c0=10]``."""

from collections.abc import Mapping

from advtheory.contract import Estimate, Key


def named(estimates: Mapping[Key, Estimate]) -> dict[str, Estimate]:
    """The same estimates, each under its key as text; no two keys look alike."""
    found = {str(key): estimate for key, estimate in estimates.items()}
    assert len(found) == len(estimates)
    return found
