"""A small Sphinx extension: folded code carries its title, not "Show code cell source" for all.

The title is the first line of the cell, `# @title Draw the histograms`, which Colab reads too.
"""

from docutils import nodes
from sphinx.application import Sphinx

MARK = "# @title "


def name_folds(app: Sphinx, doctree: nodes.document) -> None:
    """Move the first line of each titled cell from the code to the line that opens it."""
    for cell in doctree.findall(nodes.container):
        code = next(iter(cell.findall(nodes.literal_block)), None)
        if "prompt_show" not in cell or code is None or not code.astext().startswith(MARK):
            continue
        first, _, rest = code.astext().partition("\n")
        title = first.removeprefix(MARK)
        cell["prompt_show"] = cell["prompt_hide"] = f"Code: {title[:1].lower()}{title[1:]}"
        code.replace_self(nodes.literal_block(rest, rest, **code.attributes))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", name_folds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
