"""``python -m advtheory`` is the same as the ``advtheory`` command."""

from __future__ import annotations

import sys

_NO_TYPER = (
    "The command line needs typer, which is not installed: run `pip install typer`, or measure "
    "from Python: `from advtheory.contract import get; from advtheory.running import run; "
    "run(get('wang-fig5'), 'paper')`."
)


def main() -> None:
    """The command; one sentence where typer is missing, or where Ctrl-C comes while it starts."""
    try:
        from advtheory.cli import main as command

        command()
    except KeyboardInterrupt:
        print("Stopped by SIGINT.", file=sys.stderr)
        sys.exit(130)
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "typer.core"):
            raise
        print(_NO_TYPER, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
