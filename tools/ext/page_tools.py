"""A small Sphinx extension: the link into Colab under a notebook's title, and the front door.

The front door is `index.html` at the root of what is built: it leads to the first page.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from docutils import nodes
from sphinx.application import Sphinx


def colab_address(options: dict[str, Any], source: str) -> str:
    """Address that opens the notebook `source` (relative to the repository) in Colab."""
    colab = options["launch_buttons"]["colab_url"].rstrip("/")
    repository = urlparse(options["repository_url"]).path.strip("/")
    return f"{colab}/github/{repository}/blob/{options['repository_branch']}/{source}"


def _link(address: str) -> nodes.paragraph:
    reference = nodes.reference("", "Open in Colab", refuri=address, classes=["colab-link"])
    return nodes.paragraph("", "", reference, classes=["colab"])


def add_colab_link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the link below the first title of a page that is a notebook."""
    source = Path(app.env.doc2path(docname)).relative_to(app.srcdir)
    title = next(iter(doctree.findall(nodes.title)), None)
    if source.suffix != ".ipynb" or title is None or title.parent is None:
        return
    address = colab_address(app.config.html_theme_options, source.as_posix())
    title.parent.insert(title.parent.index(title) + 1, _link(address))


_FRONT_DOOR = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={first}">
<link rel="icon" href="_static/{icon}">
</head>
<body><main><h1>{title}</h1><p><a href="{first}">Read the book</a></p></main></body>
</html>
"""


def write_front_door(app: Sphinx, failure: Exception | None) -> None:
    """Write the redirect from the root to the first page (jupyter-book's own lacks an icon)."""
    if failure is not None or app.builder.name != "html":
        return
    text = _FRONT_DOOR.format(
        language=app.config.language,
        title=app.config.html_title,
        first=f"{app.config.root_doc}.html",
        icon=Path(app.config.html_favicon).name,
    )
    Path(app.outdir, "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", add_colab_link)
    app.connect("build-finished", write_front_door, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
