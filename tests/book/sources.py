"""The sources of the book: what a reader reads, and the code beside it."""

import json
import re
from functools import cache
from pathlib import Path

from advtheory.contract.catalogue import WINGS

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
LABS = [path for part in WINGS for path in sorted((BOOK / part).glob("*.ipynb"))]
LISTING = re.compile(r"^ *(`{3,})\w+\n.*?^ *\1[ \t]*$", re.M | re.S)


@cache
def pages() -> dict[str, str]:
    """The Markdown of every page by its name, without listings; of a notebook, its prose."""
    sources = {path: path.read_text("utf-8") for path in BOOK.rglob("*.md")}
    listed = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    for path in (ROOT / f"{name}.ipynb" for name in listed):
        if path.exists():
            cells = json.loads(path.read_text("utf-8"))["cells"]
            prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
            sources[path] = "\n\n".join(prose)
    names = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in sorted(sources)}
    return {name: LISTING.sub("", sources[path]) for name, path in names.items()}
