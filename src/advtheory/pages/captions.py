"""The frame around a figure or a table: its number, its caption, who made it.

Book label ``sec-records``.
"""

from __future__ import annotations

import datetime
import html
import re

from advtheory.pages import figures, markup
from advtheory.pages.durations import device_line


def made_here(scale: str, data: str, seeds: int = 0, device: str = "auto") -> str:
    """Who made what the page has just made itself: the last line of its frame (``made=``).

    Args:
        scale: How large: smoke, laptop or paper.
        data: The data set, or what the inputs were.
        seeds: How many seeds; 0 says nothing of them.
        device: Where it was made; ``auto`` is where
            :func:`~advtheory.running.devices.choose_device` says.

    >>> made_here("smoke", "mnist", seeds=3, device="cpu").startswith("smoke scale · CPU")
    True
    """
    today = datetime.date.today().isoformat()
    return figures.made_by(scale, [device_line(device)], seeds, today, [data])


def framed(content: str, kind: str, number: int | None, caption: str, made: str | None) -> str:
    """Content in a ``<figure>``: ``Figure 2. Caption``, and the line of its maker.

    A caption is text, with ``*emphasis*``, code in backquotes and ``[links](#figure-2)``.

    >>> framed("<img>", "Figure", 2, "Two curves.", None)[:49]
    '<figure class="adv-figure" id="figure-2"><img><fi'
    """
    name = f' id="{kind.lower()}-{number}"' if number is not None else ""
    title = [f"<strong>{kind} {number}.</strong>"] if number is not None else []
    words = " ".join([*title, *([in_line(caption)] if caption else [])])
    line = markup.quiet(made) if made else ""
    below = f"<figcaption>{words}{line}</figcaption>" if words or line else ""
    return f'<figure class="adv-figure"{name}>{content}{below}</figure>'


def in_line(text: str) -> str:
    """Text as HTML, with emphasis, code and links.

    >>> in_line("*All* of `f` < 0, see [Figure 2](#figure-2).")
    '<em>All</em> of <code>f</code> &lt; 0, see <a href="#figure-2">Figure 2</a>.'
    """
    shown = html.escape(text, quote=False)
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", shown)
    shown = re.sub(r"\[([^\]]+)\]\(([^)\s\"]+)\)", r'<a href="\2">\1</a>', shown)
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", shown)
