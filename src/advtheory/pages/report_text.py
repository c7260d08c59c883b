"""The report as plain text, for the command line."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from advtheory.contract.place import SCALES
from advtheory.pages.markup import capital
from advtheory.pages.report import stated

if TYPE_CHECKING:
    from advtheory.contract.estimates import Estimate
    from advtheory.pages.report import Line, Report, Sheet

HEAD = ("verdict", "number", "stated", "ours", "error of", "differs by")


def report_text(made: Report) -> str:
    """The report for people: sources, their figures, a line for each number, and what is missing.

    Scales without a record are not mentioned, except the papers' own.

    >>> from advtheory.pages.report import Report
    >>> report_text(Report(()))
    'Nothing was measured.'
    """
    shown = [sheet for sheet in made.sheets if sheet.made or sheet.scale == SCALES[-1]]
    parts = []
    for source, sheets in itertools.groupby(shown, key=lambda sheet: sheet.source):
        title = capital(source)
        parts += [f"{title}\n{'=' * len(title)}", *map(_sheet, sheets)]
    total = [f"In all: {in_words(_sum(shown))}."] if shown else ["Nothing was measured."]
    return "\n\n".join([*parts, *total])


PLURAL = {"agrees": "agree", "disagrees": "disagree", "holds": "hold"}


def in_words(verdicts: Mapping[str, int]) -> str:
    """Verdicts, counted.

    >>> in_words({"agrees": 4, "disagrees": 1, "our own": 2})
    '4 agree, 1 disagrees, 2 our own'
    """
    counted = (
        f"{count} {verdict if count == 1 else PLURAL.get(verdict, verdict)}"
        for verdict, count in verdicts.items()
    )
    return ", ".join(counted) or "no number"


def with_error(estimate: Estimate) -> str:
    """A number and its standard error, both to the decimal that the error reaches.

    >>> from advtheory.contract import Estimate
    >>> with_error(Estimate(0.43578, 0.0059, 10)), with_error(Estimate(0.25, None, 1))
    ('0.436 ± 0.006', '0.25')
    """
    if not estimate.error or not math.isfinite(estimate.error + estimate.value):
        return without_error(estimate.value)
    digits = min(max(-math.floor(math.log10(estimate.error)), 0), 6)
    return f"{estimate.value:.{digits}f} ± {estimate.error:.{digits}f}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def without_error(value: float) -> str:
    """Three digits of a number, as people write it.

    >>> without_error(0.25), without_error(488235528.0), without_error(4.44e-16)
    ('0.25', '4.88·10⁸', '4.44·10⁻¹⁶')
    """
    digits, exponent, power = f"{value:.3g}".partition("e")
    return f"{digits}·10{str(int(power)).translate(RAISED)}" if exponent else digits


def ours(line: Line) -> str:
    """Our number in a cell, with its error; nothing where it was not measured."""
    return with_error(line.ours) if line.ours else ""


def error_of(estimate: Estimate) -> str:
    """What the error is an error of, or why there is none.

    >>> from advtheory.contract import Estimate
    >>> error_of(Estimate(0.4, 0.1, 6)), error_of(Estimate(0.4, None, 1))
    ('seeds', 'one sample')
    """
    if estimate.error is None:
        return "one sample" if estimate.n == 1 else "no error known"
    return estimate.over


def _sum(sheets: Sequence[Sheet]) -> dict[str, int]:
    total: dict[str, int] = {}
    for sheet in sheets:
        for verdict, count in sheet.verdicts().items():
            total[verdict] = total.get(verdict, 0) + count
    return total


def _sheet(sheet: Sheet) -> str:
    head = [f"{capital(sheet.place)} ({sheet.experiment}, {sheet.scale} scale)"]
    if sheet.made:
        head.append(f"{sheet.made} · {sheet.seconds:.0f} s")
    missing = [f"Missing: {why.rstrip('.')}." for why in sheet.missing]
    table = _columns([HEAD, *map(_row, sheet.lines)]) if sheet.lines else []
    return "\n".join([*head, *missing, *table])


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(line: Line) -> tuple[str, ...]:
    return (
        line.verdict,
        line.name,
        stated(line),
        ours(line),
        error_of(line.ours) if line.ours else "",
        "" if line.difference is None else f"{without_error(line.difference)}{_sigmas(line)}",
    )


def _sigmas(line: Line) -> str:
    return "" if line.sigmas is None else f" ({line.sigmas:+.1f} s.e.)"
