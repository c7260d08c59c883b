"""The numbers that are typed in prose, and the arithmetic that stands beside them."""

import math
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

KINDS = "theorem|lemma|corollary|proposition|definition|algorithm|proof"
# What is no prose: mathematics in statements, proofs and displays; code, names and addresses.
APART = re.compile(
    rf"^ *(?P<fence>:{{3,}}|`{{3,}})\{{prf:(?:{KINDS})\}}[\s\S]*?^ *(?P=fence)[ \t]*$"
    r"|^ *\$\$[\s\S]*?^ *\$\$.*$"
    r"|^ *:(?!alt)[\w-]+: .*$|^\([\w-]+\)=$"
    r"|`[^`\n]+`|\]\([^)\n]*\)|https?://\S+"
    r"|\b(?:Theorem|Lemma|Corollary|Definition|Proposition|Section|Python|Attribution|BY)s? "
    r"[A-Z]?\.?[\d.]+(?: and [A-Z]?\.?[\d.]+)?",
    re.M,
)
# A power of ten, a percentage, a decimal fraction; no version such as 4.0.0.
NUMBER = re.compile(
    r"(?<![\d.])(?:(?P<mantissa>\d+(?:\.\d+)?)(?:\\,)? *\\cdot *)?10\^\{?(?P<power>-?\d+)\}?"
    r"|(?<![\d.])(?P<percent>\d+(?:\.\d+)?)(?: |\\,)?\\?%"
    r"|(?<![\d.])(?P<decimal>\d+\.\d+)(?!\.?\d)"
)

# How a page holds its numbers: an assert, or a line of checks.
HELD = re.compile(r"^ *assert |\bshow_checks\(", re.M)


class Number(NamedTuple):
    """One number as it is typed: where it stands, its size, and half a unit of its last digit."""

    start: int
    text: str
    size: float
    half: float

    def agrees(self, size: float) -> bool:
        """Whether `size`, of either sign, is rounded to this number."""
        return abs(abs(size) - self.size) <= self.half * (1 + 1e-9)


def numbers(page: str) -> Iterator[Number]:
    """The numbers in the prose of a page, in order."""
    prose = APART.sub(lambda found: " " * len(found[0]), page)
    for found in NUMBER.finditer(prose):
        digits = found["mantissa"] or found["percent"] or found["decimal"] or "1"
        unit = 10.0 ** int(found["power"] or 0) / (100 if found["percent"] else 1)
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2]) * (digits != "1")
        yield Number(found.start(), found[0], float(digits) * unit, half * unit)


ARGUMENT = r"\s*(\{[^{}]*\}|\\pi|\d|[A-Za-z]0?)"
TOKEN = re.compile(r"\d+\.?\d*|sqrt|log|pi|[A-Za-z]0?|\*\*|[-+*/()]")


def python(tex: str) -> str:
    """A LaTeX formula as a Python expression: roots, fractions, powers, products without a sign."""
    tex = re.sub(r"\\[,;!]|\\(?:[bB]igg?|left|right)\b", " ", tex).replace("_0", "0")
    tex = tex.replace(r"\%", "*0.01").replace(r"\cdot", "*").replace(r"\log", "log")
    for _ in range(4):  # from the inside out
        tex = re.sub(rf"\\[td]?frac{ARGUMENT}{ARGUMENT}", r"((\1)/(\2))", tex)
        tex = re.sub(rf"\\sqrt{ARGUMENT}", r"sqrt(\1)", tex)
        tex = re.sub(rf"\^{ARGUMENT}", r"**(\1)", tex)
        tex = re.sub(r"\(\{([^{}]*)\}\)", r"(\1)", tex)
    tex = re.sub(r"log\s*(\d+|[A-Za-z])", r"log(\1)", tex.replace(r"\pi", " pi "))
    if re.sub(TOKEN, "", tex).strip():
        raise ValueError(tex)
    out: list[str] = []
    for token in TOKEN.findall(tex):
        product = out and re.match(r"[\w)]", out[-1]) and re.match(r"[\w(]", token)
        out += ["*", token] if product and out[-1] not in ("sqrt", "log") else [token]
    return "".join(out)


def evaluate(tex: str, seed: int) -> float:
    """The value of a formula where each letter stands for a random number."""
    draw = random.Random(seed)
    letters = {letter: draw.uniform(2, 3) for letter in map(chr, range(65, 123))}
    letters |= {f"{letter}0": draw.uniform(2, 3) for letter in list(letters)}
    names = {**letters, "sqrt": math.sqrt, "log": math.log, "pi": math.pi}
    return float(eval(python(tex), {"__builtins__": {}}, names))


def holds(left: str, right: str) -> bool:
    """Whether two formulas agree to the digits that are typed in them."""
    typed = [number for side in (left, right) for number in numbers(side)]
    coarse = max((number.half / number.size for number in typed), default=0.0)
    try:
        pairs = [(evaluate(left, seed), evaluate(right, seed)) for seed in (1, 2)]
    except (ValueError, SyntaxError, NameError, TypeError, ZeroDivisionError, OverflowError):
        return False
    return all(math.isclose(one, other, rel_tol=coarse + 1e-9) for one, other in pairs)


def equations(page: str) -> Iterator[tuple[int, int]]:
    """Where the inline equations of a page stand that hold to the digits that are typed."""
    for span in re.finditer(r"(?<!\$)\$([^$]+)\$(?!\$)", page):
        cuts = [cut.span() for cut in re.finditer(r"\\approx|=", span[1])]
        ends = [0, *(after for _, after in cuts)], [*(at for at, _ in cuts), len(span[1])]
        sides = list(zip(*ends, strict=True))
        for (first, at), (after, last) in pairwise(sides):
            if holds(span[1][first:at], span[1][after:last]):
                yield span.start(1) + first, span.start(1) + last
