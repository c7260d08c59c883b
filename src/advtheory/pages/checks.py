"""Checks that a lab makes of its own numbers: one folded line that says how many passed.

Book label ``sec-records``.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from advtheory.pages import markup


def show_checks(checks: Mapping[str, object]) -> None:
    """One line, ``3 checks passed``, which unfolds to what was checked.

    Args:
        checks: A sentence for people -> whether it holds.

    Raises:
        AssertionError: names the first sentence that does not hold.

    >>> show_checks({"the ball is not left": 9.99 <= 10, "the sign changes": -1 < 0 < 1})
    <IPython.core.display.HTML object>
    """
    for sentence, holds in checks.items():
        if not holds:
            raise AssertionError(f"This check failed: {sentence}.")
    count = f"{len(checks)} check{'' if len(checks) == 1 else 's'} passed"
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in checks)
    folded = f"<details class='checks'><summary>{count}</summary><ul>{items}</ul></details>"
    markup.display(folded)
