"""The theorem-like statements of the book, read from its sources, and which uses which.

A statement uses another one if it or its proof names it, or an equation that stands in it. A proof
may stand elsewhere; then it begins with *(of {prf:ref}`label`)*.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

KINDS = ("theorem", "lemma", "proposition", "corollary")
_BLOCK = re.compile(
    r"^ *(?P<fence>:{3,}|`{3,})\{prf:(?P<kind>\w+)\} *(?P<title>.*)\n"
    r"(?P<body>(?:.*\n)*?) *(?P=fence)[ \t]*$",
    re.M,
)
_LABEL = re.compile(r"^ *:label: (\S+)$", re.M)
_EQUATION = re.compile(r"^ *\$\$ \(([\w-]+)\)$", re.M)
_NAMED = re.compile(r"\{(?:prf:ref|eq)\}`(?:[^`<]*<)?([\w-]+)>?`")
_PROOF_OF = re.compile(r"\s*\*\(of \{prf:ref\}`([\w-]+)`\)\*")


class Statement(NamedTuple):
    """A theorem, lemma, proposition or corollary; `page` is relative to the sources."""

    label: str
    kind: str
    title: str
    page: str
    body: str


def read_page(page: str, text: str) -> tuple[list[Statement], dict[str, str]]:
    """The statements of a page, and its proofs by the label of what they prove."""
    statements: list[Statement] = []
    proofs: dict[str, str] = {}
    latest = ""
    for block in _BLOCK.finditer(text):
        kind, title, body = block["kind"], block["title"].strip(), block["body"]
        label = _LABEL.search(body)
        if kind in KINDS and label:
            latest = label[1]
            statements.append(Statement(latest, kind, title, page, body))
        elif kind == "proof":
            elsewhere = _PROOF_OF.match(body)
            proofs[elsewhere[1] if elsewhere else latest] = body
    return statements, proofs


def read(root: Path, pages: Sequence[str]) -> tuple[list[Statement], dict[str, list[str]]]:
    """All statements in the order of `pages`, and for each label what it uses."""
    statements: list[Statement] = []
    proofs: dict[str, str] = {}
    for page in pages:
        source = root / f"{page}.md"
        if source.is_file():
            more, theirs = read_page(page, source.read_text(encoding="utf-8"))
            statements += more
            proofs |= theirs
    home = {one.label: one.label for one in statements}
    home |= {name: one.label for one in statements for name in _EQUATION.findall(one.body)}
    return statements, {
        one.label: _uses(one, proofs.get(one.label, ""), home) for one in statements
    }


def _uses(one: Statement, proof: str, home: dict[str, str]) -> list[str]:
    """The other statements that this one or its proof names, once each."""
    named = (home.get(name) for name in _NAMED.findall(one.body + proof))
    return list(dict.fromkeys(label for label in named if label and label != one.label))
