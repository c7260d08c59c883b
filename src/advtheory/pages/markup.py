"""Small pieces of HTML that pages show: tables, quiet lines."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOOK = Path(__file__).with_name("pages.css").read_text("utf-8")


@dataclass(frozen=True)
class Fragment:
    """What a cell shows: HTML, and the words that stand for it in a terminal."""

    html: str
    words: str

    def _repr_html_(self) -> str:
        return styled(self.html)

    def __repr__(self) -> str:
        return self.words


def styled(content: str) -> str:
    """HTML with the look that our pieces have wherever a notebook is read."""
    return f'<style class="adv-look">{_LOOK}</style>{content}'


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of text; numbers stay on one line.

    With the kind ``adv-stacks`` each row becomes a list on a phone, where every cell has the name
    of its column; with ``adv-many`` the error of a number stands below it.
    """
    names = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row, head))}</tr>" for row in rows)
    return (
        f'<div class="{" ".join(["paper-vs-ours", "adv-table", *kind.split()])}" tabindex="0">'
        f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(content: str, name: str) -> str:
    # a number and its error stay on one line
    kind = ' class="number"' if content.lstrip("+-")[:1].isdigit() and "(" not in content else ""
    shown = re.sub(r"^-(?=\d)", "\N{MINUS SIGN}", content)
    shown = re.sub("(?<=±) | (?=[✓✗])", "\N{NO-BREAK SPACE}", shown)
    return f'<td{kind} data-name="{html.escape(name)}">{html.escape(shown)}</td>'


def quiet(text: str) -> str:
    """A line in small grey letters.

    >>> quiet("2 < 3")
    '<p class="provenance">2 &lt; 3</p>'
    """
    return f'<p class="provenance">{html.escape(text)}</p>'


def display(content: str) -> None:
    """Show HTML in a notebook."""
    from IPython import display

    shown: Any = display
    shown.display(shown.HTML(styled(content)))


def capital(text: str) -> str:
    """The text with a capital letter first; the rest stays as it is.

    >>> capital("this book: Lemma B.4")
    'This book: Lemma B.4'
    """
    return text[:1].upper() + text[1:]
