"""``python -m advtheory`` is the same as the ``advtheory`` command."""

from __future__ import annotations

from advtheory.cli import main

if __name__ == "__main__":
    main()
