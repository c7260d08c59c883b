"""The device that measures: chosen, checked and named.

One function chooses for the labs, the pages and the runner, so that a reader with a GPU trains on
it everywhere. Book label ``sec-records``.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import warnings

VARIABLE = "ADVTHEORY_DEVICE"
_FORM = re.compile(r"[a-z]+(:[0-9]{1,3})?")


def choose_device(device: str = "auto") -> str:
    """The device to work on: a GPU of CUDA where one answers, else the CPU.

    Args:
        device: ``auto``, or the name of a device: ``cpu``, ``cuda``, ``cuda:1``. With ``auto`` the
            environment variable ``ADVTHEORY_DEVICE`` may hold such a name, and overrules. A GPU
            that is there and does not answer is passed over with one sentence on stderr.

    Returns:
        A name that torch understands.

    Raises:
        ValueError: for a name that is none, and for a device that does not answer here.

    >>> choose_device("cpu")
    'cpu'
    """
    asked = (os.environ.get(VARIABLE) or "auto") if device == "auto" else device
    if asked == "auto":
        return _best()
    name = repr(asked) if asked == device else f"{asked!r} (from {VARIABLE})"
    if not _known(asked):
        raise ValueError(f"There is no device {name}; choose auto, cpu, cuda or cuda:NUMBER.")
    if fault := _fault(asked):
        raise ValueError(f"The device {name} is not there: {fault}; choose cpu or auto.")
    return asked


def device_name(device: str) -> str:
    """A device for people: the GPU's product name, or ``CPU``.

    >>> device_name("cpu")
    'CPU'
    """
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return "CPU" if device == "cpu" else device


@functools.cache  # so the sentence comes once
def _best() -> str:
    import torch

    with warnings.catch_warnings():  # what torch warns of on the way comes as a fault too
        warnings.simplefilter("ignore")
        fault, gpus = _fault("cuda"), torch.cuda.device_count()
    if fault and gpus:
        print(f"The GPU does not answer ({fault}); the CPU is used.", file=sys.stderr)
    return "cpu" if fault else "cuda"


def _known(device: str) -> bool:
    """Whether the name is ``cpu``, or that of a device of torch (whether it is here or not)."""
    import torch

    kind = device.partition(":")[0]
    formed = _FORM.fullmatch(device) and hasattr(getattr(torch, kind, None), "is_available")
    return device == "cpu" or bool(formed and kind != "cpu")


def _fault(device: str) -> str | None:
    """What keeps a device from answering in double precision, in a few words; None if it works.

    A driver that is broken, and a GPU that is too old for this torch, show only when they are used.
    """
    import torch

    try:
        torch.arange(3, dtype=torch.float64, device=device).sum().item()
    except (RuntimeError, AssertionError, ImportError, TypeError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        return lines[0].split(". ")[0].rstrip(".")
    return None
