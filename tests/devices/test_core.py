"""Every public function of the numeric core on a second device: the numbers of the CPU, moved.

A tensor that is left on the CPU by mistake, or made there, ends a call on the twin with an error.
Each wing has its calls in a file of its own, ``cases_WING.py``; the rooms below share one.
"""

import importlib
from collections.abc import Iterator

import pytest
import torch

from advtheory.contract.catalogue import WINGS
from tests.twin import NAME, tensors, twin

ROOMS = ("networks", "attacks", "training", "norms", "losses", *WINGS)
CASES = [importlib.import_module(f"tests.devices.cases_{name}") for name in ("core", *WINGS)]
CALLS = {name: call for cases in CASES for name, call in cases.CALLS.items()}
"""A public name -> a call of it on a device. It returns what may be compared."""

NO_TENSORS = {name: why for cases in CASES for name, why in cases.NO_TENSORS.items()}
"""A public name that is not called -> why."""


def public() -> Iterator[str]:
    """The names that a room gathers in its face, or those that a module defines."""
    for room in ROOMS:
        module = importlib.import_module(f"advtheory.{room}")
        own = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_")
            and getattr(value, "__module__", module.__name__) in (module.__name__, "types")
            and type(value) is not type(module)
        ]
        yield from (f"{room}.{name}" for name in getattr(module, "__all__", own))


def test_every_public_name_is_called_or_has_a_reason() -> None:
    assert sorted(public()) == sorted([*CALLS, *NO_TENSORS])


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_second_device_gives_the_numbers_of_the_cpu(name: str) -> None:
    here = list(tensors(CALLS[name]("cpu")))
    with twin():
        there = list(tensors(CALLS[name](NAME)))
        places = {t.device.type for t in there if t.ndim}
        back = [t.cpu() for t in there]
    assert here
    assert places <= {NAME}
    for ours, theirs in zip(here, back, strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)
