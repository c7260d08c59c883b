"""Stopping a run at its budget, at Ctrl-C or at SIGTERM, never in the middle of a write."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

_SIGNALS = ("SIGINT", "SIGTERM", "SIGALRM")
LONGEST = 1e8
"""Seconds, three years: a longer budget is no budget, and no timer could be set to it."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM ended the run; ``signal`` is its number, ``outcome`` what was done."""

    def __init__(self, number: int, outcome: Outcome) -> None:
        self.signal, self.outcome = number, outcome
        super().__init__(f"Stopped by {signal.Signals(number).name}: {outcome}.")


@dataclass(frozen=True)
class Outcome:
    """What a run did: measurements (point, seed) done in it, left for the next, and its seconds.

    >>> print(Outcome(done=3, left=2, seconds=9.6))
    3 measurements made in 10 s and kept, 2 left; run the same command to continue
    """

    done: int
    left: int
    seconds: float

    def __str__(self) -> str:
        if not self.done and not self.left:
            return "everything had been measured"
        kept = f"{self.done} measurements made in {self.seconds:.0f} s and kept"
        return f"{kept}, {self.left} left; run the same command to continue" if self.left else kept


class GiveUp(BaseException):
    """The job in flight is given up. No ``Exception``, so that no measurement swallows it."""


class Stopper:
    """Turns a time budget (seconds) and signals into :class:`GiveUp`, only inside ``armed()``.

    ``reason`` is None, or the name of the signal that asked to stop (``SIGALRM``: the budget).
    Signals are watched in the main thread only, which is the only one that gets them; elsewhere
    the budget is looked at between jobs. Use it as a context manager.

    >>> with Stopper(budget=3600) as stopper, stopper.armed():
    ...     stopper.reason
    """

    def __init__(self, budget: float | None) -> None:
        self._end = None if budget is None else time.monotonic() + min(budget, LONGEST)
        self._asked: str | None = None
        self._armed = False
        self._before: dict[int, Any] = {}

    @property
    def reason(self) -> str | None:
        """Why the run should stop now, if it should."""
        left = self.left()
        if self._asked is None and left is not None and left <= 0:
            self._asked = "SIGALRM"
        return self._asked

    def left(self) -> float | None:
        """The seconds left of the budget; None without one."""
        return None if self._end is None else self._end - time.monotonic()

    @contextlib.contextmanager
    def armed(self) -> Iterator[None]:
        """The part of the work that may be given up."""
        self._armed = True
        try:
            if self.reason:
                raise GiveUp
            yield
        finally:
            self._armed = False

    def __enter__(self) -> Stopper:
        if threading.current_thread() is threading.main_thread():
            for name in filter(lambda name: hasattr(signal, name), _SIGNALS):
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, self._handle)
            left = self.left()
            if left is not None and hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6))
        return self

    def __exit__(self, *error: object) -> None:
        if self._before and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # The first reason counts: a budget that ends during a Ctrl-C changes nothing.
        self._asked = self._asked or signal.Signals(number).name
        if self._armed:
            self._armed = False
            raise GiveUp
