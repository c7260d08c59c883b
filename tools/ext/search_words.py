"""The usual names of things, for the search.

`book/synonyms.toml` gives for a label, or for a page, the words under which readers look for it.
They and the titles of statements are main entries of the search index, which rank first.
"""

import pickle
import tomllib
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from statement_titles import statements, title_of

SYNONYMS = Path("book", "synonyms.toml")


def add_words(app: Sphinx, doctree: nodes.document) -> None:
    """Enter the words of a page into the index of its search."""
    synonyms = tomllib.loads((Path(app.srcdir) / SYNONYMS).read_text(encoding="utf-8"))
    places = [node["ids"] for node in doctree.findall(nodes.Element) if node.get("ids")]
    here = {app.env.docname: ""} | {name: names[0] for names in places for name in names}
    words = [(word, here[name]) for name in synonyms.keys() & here for word in synonyms[name]]
    for node in statements(doctree):
        title = "".join(part.astext() for part in title_of(node))
        words.append((title, node["ids"][0]))
    doctree += addnodes.index(entries=[("single", *word, "main", None) for word in sorted(words)])
    app.env.note_dependency(str(Path(app.srcdir) / SYNONYMS))


def keep_words(app: Sphinx, failure: Exception | None) -> None:
    """Write down the environment once more: Sphinx does so before the words are in its index.

    The next build, which reads only what has changed, would forget the words of all other pages.
    """
    if failure is None and app.builder.name == "html":
        with Path(app.doctreedir, ENV_PICKLE_FILENAME).open("wb") as file:
            pickle.dump(app.env, file, pickle.HIGHEST_PROTOCOL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", add_words, priority=600)
    app.connect("build-finished", keep_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
