"""How the command line ends: every error of the user in one sentence on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup


class Group(TyperGroup):
    """Ends every error of the user in one sentence."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run the command line and leave with its exit code."""
        options["standalone_mode"] = False
        try:
            code = super().main(args, *rest, **options)
            print(end="", flush=True)
        except typer.Abort:
            code = 130
        except OSError as error:
            # What is wrong with a file names it; what is left is the output.
            if error.filename is not None:
                raise
            code = _say(f"The output could not be written: {error.strerror}.")
            _mute(sys.stdout)
        except Exception as error:
            # Errors of the command line itself; their class moved between versions of typer.
            if not hasattr(error, "format_message"):
                raise
            code = _say(error.format_message())
        sys.exit(code or 0)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what stops it leaves with a code of its own."""
        try:
            return self._told(ctx)
        except KeyboardInterrupt as stop:
            _say("Stopped by SIGINT.")
            raise typer.Exit(130) from stop

    def _told(self, ctx: Any) -> Any:
        from advtheory.data.source import DataError
        from advtheory.running.stopping import Interrupted

        try:
            return super().invoke(ctx)
        except (ValueError, DataError) as error:
            raise typer.Exit(_say(str(error))) from error
        except Interrupted as stop:
            _say(str(stop))
            raise typer.Exit(128 + stop.signal) from stop


def _say(sentence: str) -> int:
    """One sentence on stderr; returns the exit code of wrong input."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(" ".join(sentence.split()), file=sys.stderr, flush=True)
    return 2


def _mute(stream: Any) -> None:
    """Send a stream that cannot be written to where everything can be: Python flushes it again."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
