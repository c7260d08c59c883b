"""The report as plain text, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advtheory.pages.report import Line, Report


def report_text(made: Report) -> str:
    """The report for people: a table, the claims in words, and what is missing."""
    head = ("experiment", "scale", "number", "claim", "ours", "+-", "differs by", "seeds", "made")
    rows = [_row(line) for line in made.lines]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    claims = [f"{n.experiment} {n.key}: {n.text} ({n.source}, {n.place})" for n in made.lines]
    said = [text for text, line in zip(claims, made.lines, strict=True) if line.text]
    gaps = [
        f"{g.experiment} {g.scale}: {g.points} of {g.wanted} points; {g.why}" for g in made.gaps
    ]
    parts = {"Numbers": table, "Claims": list(dict.fromkeys(said)), "Missing": gaps}
    return "\n\n".join("\n".join([title, *part]) for title, part in parts.items() if part)


def _row(line: Line) -> tuple[str, ...]:
    """One number: a star marks a record that is not complete."""
    errors = "" if line.sigmas is None else f" ({line.sigmas:+.1f} s.e.)"
    return (
        line.experiment,
        line.scale if line.complete else f"{line.scale}*",
        line.key,
        _number(line.claim),
        _number(line.ours),
        _number(line.error),
        _number(line.difference) + errors,
        str(line.seeds),
        f"{line.date}, {line.seconds:.0f} s, {line.device}, {line.data}",
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
