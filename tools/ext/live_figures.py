"""A Sphinx directive for live figures: `:::{live} break-a-digit`, and below it the caption.

The name is that of a function of `advtheory.pages.live`, with dashes, which is called without
arguments. Its fragment is made when the book is built, and the page needs no kernel.
Without a caption of its own, the figure keeps the one that it brings.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from advtheory.pages import live


class LiveFigure(nodes.General, nodes.Element):
    """A fragment: `head` and `tail` are HTML, the children are the caption."""


class Live(SphinxDirective):
    """Make the fragment and parse the caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The figure, as one node."""
        make = getattr(live, self.arguments[0].replace("-", "_"), None)
        if make is None:
            raise self.error(f"There is no live figure {self.arguments[0]!r}.")
        for path in _sources():
            self.env.note_dependency(str(path))
        figure = make()
        caption = self.parse_content_to_nodes() or [nodes.raw("", figure.caption, format="html")]
        return [LiveFigure("", *caption, head=figure.head, tail=figure.tail)]


def _sources() -> list[Path]:
    """The files that a fragment is made of."""
    folder = Path(live.__file__).parent
    return [path for path in folder.iterdir() if path.is_file()]


def _open(translator: HTML5Translator, node: LiveFigure) -> None:
    translator.body.append(f"{node['head']}<figcaption>")


def _close(translator: HTML5Translator, node: LiveFigure) -> None:
    translator.body.append(f"</figcaption>{node['tail']}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(LiveFigure, html=(_open, _close))
    app.add_directive("live", Live)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
