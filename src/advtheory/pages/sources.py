"""The lines of the package that matter on a page, shown where they are used.

Book label ``sec-records``.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from advtheory.pages import markup


def show_source(obj: Callable[..., Any], first: str | None = None, last: str | None = None) -> None:
    """Show the source of a function or class, or the part of it that matters.

    Args:
        obj: A function or class of the package.
        first: Words of the line to begin with; None: the first line.
        last: Words of the line to end with, the first such line from there on; None: the last one.

    Raises:
        ValueError: where no line has these words.

    >>> from advtheory.losses import margin
    >>> show_source(margin, first="return")
    <IPython.core.display.HTML object>
    """
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    lines, start = inspect.getsourcelines(obj)
    begin = _place(lines, first, 0, obj) if first else 0
    end = _place(lines, last, begin, obj) if last else len(lines) - 1
    code = textwrap.dedent("".join(lines[begin : end + 1]))
    where = f"{obj.__module__.replace('.', '/')}.py, lines {start + begin} to {start + end}"
    shown = highlight(code, PythonLexer(), HtmlFormatter(cssclass="highlight"))
    markup.display(f'<div class="adv-source">{shown}{markup.quiet(where)}</div>')


def _place(lines: list[str], words: str, start: int, obj: Callable[..., Any]) -> int:
    for index in range(start, len(lines)):
        if words in lines[index]:
            return index
    raise ValueError(f"No line of {obj.__qualname__} has the words {words!r} there.")
