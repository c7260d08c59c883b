"""The experiments of the book: one module per family of figures.

A module that is put into this folder and exports ``EXPERIMENTS``, a tuple of
:class:`~advtheory.experiments.contract.Experiment`, is found by itself.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advtheory.experiments.contract import Experiment


@functools.cache
def _registry() -> dict[str, Experiment]:
    found: dict[str, Experiment] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        exported = getattr(importlib.import_module(f"{__name__}.{module}"), "EXPERIMENTS", ())
        for experiment in exported:
            if experiment.name in found:
                raise ValueError(f"Two experiments have the name {experiment.name!r}; rename one.")
            found[experiment.name] = experiment
    return dict(sorted(found.items()))


def all_experiments() -> dict[str, Experiment]:
    """Every experiment by its name, in alphabetical order."""
    return dict(_registry())


def get(name: str) -> Experiment:
    """The experiment of that name; ``ValueError`` naming the nearest ones if there is none."""
    known = all_experiments()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`advtheory list` shows them all."
        raise ValueError(f"There is no experiment {name!r}; {hint}")
    return known[name]
