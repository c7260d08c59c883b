"""The Python listings of the theory pages run."""

import re
import textwrap

import pytest

from advtheory.contract.catalogue import WINGS
from tests.book.sources import BOOK


def listings() -> list[tuple[str, str]]:
    """Every Python listing of the theory pages, with a name."""
    found = []
    for page in (path for part in WINGS for path in sorted((BOOK / part).glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        blocks = re.finditer(r"^( *)```python\n(.*?)^\1```", text, re.S | re.M)
        codes = [textwrap.dedent(block[2]) for block in blocks]
        found += [(f"{page.stem}-{i}", code) for i, code in enumerate(codes)]
    return found


@pytest.mark.parametrize(("name", "code"), listings(), ids=lambda value: value[:20])
def test_listings_run(name: str, code: str) -> None:
    exec(compile(code, name, "exec"), {})
