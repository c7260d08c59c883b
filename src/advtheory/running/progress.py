"""How far a run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

_BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Progress:
    """Progress weighted by the cost of the jobs, so that the estimate of the time left is honest.

    ``show`` None: a bar if stderr is a terminal, else one plain line per job. True: a bar in any
    case. False: nothing. Without tqdm the bar becomes plain lines. Where stderr is closed, or
    whoever read it has gone, nothing is shown and the run goes on.
    """

    def __init__(self, title: str, total: float, show: bool | None) -> None:
        self._title, self._total, self._done = title, total, 0.0
        self._start, self._lines = time.monotonic(), show is not False
        self._bar: Any = None
        if sys.stderr is None:
            self._lines = False
        elif show or (show is None and sys.stderr.isatty()):
            with self._unheard():
                self._bar = _bar(title, total)

    def now(self, what: str) -> None:
        """Say which point is being measured."""
        if self._bar is not None:
            with self._unheard():
                self._bar.set_postfix_str(what)

    def say(self, sentence: str) -> None:
        """Something that whoever runs this should know, even if no progress is shown."""
        if sys.stderr is not None:
            with self._unheard():
                print(sentence, file=sys.stderr, flush=True)

    def advance(self, cost: float, what: str) -> None:
        """A job of that cost is finished."""
        self._done += cost
        with self._unheard():
            if self._bar is not None:
                self._bar.update(cost)
            elif self._lines:
                print(self._line(what), file=sys.stderr, flush=True)

    def _line(self, what: str) -> str:
        spent = time.monotonic() - self._start
        left = spent * (self._total - self._done) / max(self._done, 1e-12)
        share = self._done / max(self._total, 1e-12)
        return f"{self._title} {share:4.0%}  {spent:.0f} s, about {left:.0f} s left  ({what})"

    def close(self) -> None:
        """Leave the terminal as it was found."""
        if self._bar is not None:
            with self._unheard():
                self._bar.close()

    @contextlib.contextmanager
    def _unheard(self) -> Iterator[None]:
        """Stop showing anything once stderr cannot be written to."""
        try:
            yield
        except OSError:
            self._bar, self._lines = None, False


def _bar(title: str, total: float) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=total, desc=title, bar_format=_BAR, smoothing=0.1, mininterval=0.2)
