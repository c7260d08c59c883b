"""A small Sphinx extension: `[words](page.md#label)` reaches every label, not only headings.

Jupyter and Colab read plain Markdown, so a notebook names a theorem by such a link, and a page a
section of a lab. A label that is not there is a warning, as it is for a heading.
"""

from docutils import nodes
from sphinx.application import Sphinx


def note_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Add the labels of a page to those that MyST knows: id -> (line, id, words)."""
    known = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for node in doctree.findall(nodes.Element):
        for name in node["ids"]:
            known.setdefault(name, (node.line or 0, name, name))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", note_anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
