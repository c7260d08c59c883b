"""How long a lab will take on the device at hand, said before it begins.

Book label ``sec-records``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from advtheory.running.devices import choose_device, device_name


def show_duration(scale: str, part: Callable[[], object], times: float) -> None:
    """At paper scale, say how long the lab will take here: a part of it is timed and multiplied.

    Smaller scales take two minutes at most, and nothing is said or timed.

    Args:
        scale: The scale of the lab.
        part: Does a small part of the work, on the device that
            :func:`~advtheory.running.choose_device` says.
        times: How many such parts the lab has at most.

    >>> show_duration("laptop", lambda: None, 100)
    """
    if scale == "paper":
        part()  # the first call loads data and libraries
        seconds = _seconds(part) * times
        print(f"At paper scale this lab takes at most about {period(seconds)} ({device_line()}).")


def period(seconds: float) -> str:
    """A time for people, rounded up: ``40 seconds``, ``12 minutes``, ``3 hours``.

    >>> period(700)
    '12 minutes'
    """
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > 2 * length:
            return f"{math.ceil(seconds / length)} {unit}s"
    return f"{max(2, math.ceil(seconds))} seconds"


def device_line(device: str = "auto") -> str:
    """The device for a caption: ``CPU, 2 threads``, or the GPU's name."""
    import torch

    chosen, threads = choose_device(device), torch.get_num_threads()
    if chosen != "cpu":
        return device_name(chosen)
    return f"CPU, {threads} thread{'' if threads == 1 else 's'}"


def _seconds(work: Callable[[], object]) -> float:
    import torch

    begun = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()  # a GPU is handed work and goes on by itself
    return time.perf_counter() - begun
