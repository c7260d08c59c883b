"""Drawings: an SVG of a `figures` folder stands inside the page, so that it takes its colours.

The alternative text of the figure becomes the name of the drawing, and the width that the file
asks for the largest width.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx


def inline_svg(text: str, name: str, alt: str) -> str:
    """Return the drawing `text` as a part of a page.

    Arguments:
        text: what stands in the file.
        name: begins its identifiers, which must not occur twice on a page.
        alt: what the drawing shows, in words.

    Example:
        >>> inline_svg('<svg width="9" height="6" aria-label="a"><title>a</title></svg>', "x", "A")
        '<svg class="drawing" style="max-width: 9px" aria-label="A"></svg>'
    """
    head, mark, body = text.partition(">")
    head = re.sub(r'aria-label="[^"]*"', lambda _: f'aria-label="{escape(alt)}"', head)
    head = re.sub(r' width="(\d+)" height="\d+"', r' class="drawing" style="max-width: \1px"', head)
    body = re.sub(r"\s*<title>.*?</title>", "", body)  # a page would show it below the pointer
    return head + mark + re.sub(r'(?<= id=")|(?<=url\(#)', f"{name}-", body)


def put_drawings_inside(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace the images of a page that are drawings by the drawings."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        if path.suffix == ".svg" and path.parent.name == "figures":
            drawing = inline_svg(path.read_text("utf-8"), path.stem, image.get("alt", ""))
            image.replace_self(nodes.raw("", drawing, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", put_drawings_inside)
    app.add_css_file("drawings.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
