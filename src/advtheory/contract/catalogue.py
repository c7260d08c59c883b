"""The experiments of the book, by name.

Each wing keeps its experiments in a folder ``experiments``. A module that is put there and exports
``EXPERIMENTS``, a tuple of :class:`~advtheory.contract.experiment.Experiment`, is found by itself,
when somebody asks: nothing here imports a wing before.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advtheory.contract.experiment import Experiment


WINGS = ("laziness", "reflection")
"""The parts of the book that have experiments."""


@functools.cache
def _registry() -> dict[str, Experiment]:
    found: dict[str, Experiment] = {}
    for module in _modules():
        for experiment in getattr(importlib.import_module(module), "EXPERIMENTS", ()):
            if experiment.name in found:
                raise ValueError(f"Two experiments have the name {experiment.name!r}; rename one.")
            found[experiment.name] = experiment
    return dict(sorted(found.items()))


def _modules() -> list[str]:
    """The modules of every wing's folder ``experiments``, in alphabetical order."""
    folders = (importlib.import_module(f"advtheory.{wing}.experiments") for wing in WINGS)
    found = (info for f in folders for info in pkgutil.iter_modules(f.__path__, f"{f.__name__}."))
    return sorted(info.name for info in found)


def all_experiments() -> dict[str, Experiment]:
    """Every experiment by its name, in alphabetical order.

    >>> "wang-fig5" in all_experiments()
    True
    """
    return dict(_registry())


def get(name: str) -> Experiment:
    """The experiment of that name; ``ValueError`` naming the nearest ones if there is none.

    >>> get("wang-fig5").seeds["paper"]
    10
    """
    known = all_experiments()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`advtheory list` shows them all."
        raise ValueError(f"There is no experiment {name!r}; {hint}")
    return known[name]
