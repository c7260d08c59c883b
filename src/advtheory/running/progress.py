"""How far a run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

_BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Progress:
    """Progress weighted by the cost of the jobs, so that the estimate of the time left is honest.

    ``show`` None: a bar if stderr is a terminal, else one plain line per job. True: a bar in any
    case. False: nothing. Without tqdm the bar becomes plain lines.
    """

    def __init__(self, title: str, total: float, show: bool | None) -> None:
        self._title, self._total, self._done = title, total, 0.0
        self._start, self._lines = time.monotonic(), show is not False
        self._bar: Any = None
        if show or (show is None and sys.stderr.isatty()):
            self._bar = _bar(title, total)

    def now(self, what: str) -> None:
        """Say which point is being measured."""
        if self._bar is not None:
            self._bar.set_postfix_str(what)

    def advance(self, cost: float, what: str) -> None:
        """A job of that cost is finished."""
        self._done += cost
        if self._bar is not None:
            self._bar.update(cost)
        elif self._lines:
            spent = time.monotonic() - self._start
            left = spent * (self._total - self._done) / max(self._done, 1e-12)
            share = self._done / max(self._total, 1e-12)
            print(
                f"{self._title} {share:4.0%}  {spent:.0f} s, about {left:.0f} s left  ({what})",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        """Leave the terminal as it was found."""
        if self._bar is not None:
            self._bar.close()


def _bar(title: str, total: float) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=total, desc=title, bar_format=_BAR, smoothing=0.1, mininterval=0.2)
