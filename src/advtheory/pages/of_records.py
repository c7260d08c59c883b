"""What a page shows of a record: its figure, who made it, and the paper's numbers beside ours.

Pages hold prose, statements and short calls; the tables and captions that they need are made here.
Book label ``sec-records``.
"""

from __future__ import annotations

import datetime
import html
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advtheory.contract.catalogue import all_experiments, get
from advtheory.pages import figures
from advtheory.pages.pictures import panels
from advtheory.pages.report import Line, Sheet, curve_name, lines_of, make_report, stated
from advtheory.pages.report_text import error_of, in_words, with_error
from advtheory.records.store import Record, Records, open_records
from advtheory.running import runner

if TYPE_CHECKING:
    import pandas as pd


def committed(name: str, scale: str = "paper") -> Record:
    """The record of an experiment that came with the book.

    Raises MissingRecordError with the command that makes it, where there is none.
    """
    return open_records().read(name, scale)


def measured(name: str, scale: str) -> Record:
    """Run an experiment here and now; nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        runner.run(get(name), scale, device="cpu", records=Path(folder), progress=False)
        return Records(Path(folder)).read(name, scale)


def show_figure(record: Record, alts: Sequence[str] | None = None) -> None:
    """The experiment's figure, a panel beside or below the other, and the line that says who made
    it.

    Args:
        record: What to draw.
        alts: One description for each panel; None: those that the experiment makes of the record.

    Raises:
        ValueError: where neither the page nor the experiment describes every panel.
    """
    experiment = get(record.experiment)
    if alts is None:
        alts = experiment.alts(record.table) if experiment.alts else ()
    with figures.style():
        pictures = panels(experiment.draw(record.table), alts)
    # side by side where there is room, one below the other on a phone; also without our style sheet
    inside = "".join(f"<div>{picture._repr_html_()}</div>" for picture in pictures)
    columns = "grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr))"
    row = f'<div style="display:grid;{columns};gap:0.5rem">{inside}</div>'
    _display(row + _quiet(figures.provenance_line(record)))


def show_provenance(record: Record) -> None:
    """The line that says at which scale, on what, by how many seeds and when it was made."""
    _display(_quiet(figures.provenance_line(record)))


def show_made_here(scale: str, data: str, seeds: int = 0) -> None:
    """The same line for a picture that the page has just made itself."""
    import torch

    devices = [figures.cpu([torch.get_num_threads()])]
    today = datetime.date.today().isoformat()
    _display(_quiet(figures.made_by(scale, devices, seeds, today, [data])))


def show_comparison(record: Record) -> None:
    """What is stated beside the record's numbers, each with its standard error and a verdict.

    A table for the quantities that have a curve each, and one for those that stand alone.
    """
    lines = [line for line in lines_of(record) if line.claim is not None]
    curves = list(dict.fromkeys(curve for curve in map(_curve, lines) if curve))
    single = [(*_head(line), _ours(line), line.verdict) for line in lines if not _curve(line)]
    tables = _table((*STATED, *curves), _by_curve(lines, curves)) if curves else ""
    tables += _table((*STATED, "ours", "verdict"), single) if single else ""
    errors = ", ".join(dict.fromkeys(error_of(line.ours) for line in lines if line.ours))
    ours = f"Ours: {figures.provenance_line(record)}. Errors: {errors or 'none'}."
    marks = f"{MARKS['agrees']} agrees, {MARKS['disagrees']} disagrees. " if curves else ""
    _display(tables + _quiet(f"{_places(lines)} {marks}{ours}"))


STATED = ("quantity", "source", "stated")
MARKS = {"agrees": "✓", "holds": "✓", "disagrees": "✗", "violated": "✗"}
"""A verdict in a cell that has no room for the word."""


def _head(line: Line) -> tuple[str, str, str]:
    """Quantity without its curve, who states it, and what."""
    text = line.name.removesuffix(f" at {_curve(line)}").replace(f", {_curve(line)}", "")
    return (text, line.claim.source if line.claim else "", stated(line))


def _places(lines: Sequence[Line]) -> str:
    places = dict.fromkeys(
        f"{line.claim.source}: {line.claim.place}." for line in lines if line.claim
    )
    return " ".join(place[:1].upper() + place[1:] for place in places) or "No claim."


def _curve(line: Line) -> str:
    """The first coordinate of a line's curve (``m=1000, d>=196``) for people, or nothing."""
    first = line.key.curve.split(", ")[0]
    return curve_name(first) if "=" in first else ""


def _by_curve(lines: Sequence[Line], curves: Sequence[str]) -> list[tuple[str, ...]]:
    """One row for each quantity, one cell for each curve."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for line in lines:
        if curve := _curve(line):
            cell = f"{_ours(line)} {MARKS.get(line.verdict, '')}".strip()
            rows.setdefault(_head(line), {})[curve] = cell
    return [(*head, *(cells.get(curve, "") for curve in curves)) for head, cells in rows.items()]


def _ours(line: Line) -> str:
    return with_error(line.ours) if line.ours else ""


def show_table(table: pd.DataFrame) -> None:
    """A small table of numbers and words, without its index; floats to four digits."""

    def cell(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    rows = [tuple(map(cell, row)) for row in table.itertuples(index=False)]
    _display(_table([str(column) for column in table.columns], rows))


def show_status() -> None:
    """A card for every figure and table that has a record, and what is missing at paper scale."""
    sheets = [sheet for sheet in make_report().sheets if sheet.scale != "smoke"]
    for source, cards in itertools.groupby(sheets, key=lambda sheet: sheet.source):
        shown = "".join(_card(card) for card in cards if card.made or card.scale == "paper")
        _display(f"<h3>{html.escape(source[:1].upper() + source[1:])}</h3>{shown}")


def show_columns() -> None:
    """For each experiment, the meaning and the unit of the columns of its records."""
    for experiment in all_experiments().values():
        rows = list(experiment.columns.items())
        _display(f"<h3>{experiment.name}</h3>" + _quiet(experiment.title))
        _display(_table(("column", "meaning"), rows))


def _card(sheet: Sheet) -> str:
    """One figure: its verdicts, what is missing, who made it, and its numbers to unfold."""
    missing = "".join(f"<p>Missing: {html.escape(why.rstrip('.'))}.</p>" for why in sheet.missing)
    rows = [_card_row(line) for line in sheet.lines]
    numbers = f"{len(rows)} number{'' if len(rows) == 1 else 's'}"
    table = f"<details><summary>{numbers}</summary>{_table(CARD, rows)}</details>" if rows else ""
    title = f"{sheet.place}: {sheet.title}" if sheet.place != sheet.title else sheet.title
    verdicts = f"<p><strong>{html.escape(in_words(sheet.verdicts()))}</strong></p>" if rows else ""
    made = (
        _quiet(f"{sheet.experiment} · {sheet.made} · {sheet.seconds:.0f} s") if sheet.made else ""
    )
    edge = "border:1px solid #8888;border-radius:6px;padding:0.2rem 0.9rem;margin:0.8rem 0"
    inside = f"<h4>{html.escape(title)}</h4>{verdicts}{missing}{made}{table}"
    return f'<section style="{edge}">{inside}</section>'


CARD = ("verdict", "number", "stated", "ours", "error of")


def _card_row(line: Line) -> tuple[str, ...]:
    who = f" ({line.claim.source})" if line.claim and stated(line) else ""
    return (line.verdict, line.name, stated(line) + who, _ours(line), _error_of(line))


def _error_of(line: Line) -> str:
    return error_of(line.ours) if line.ours else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "<tr>" + "".join(_cell(tag, content) for content in row) + "</tr>"

    body = "".join(cells("td", row) for row in rows)
    return (
        f'<div class="paper-vs-ours" tabindex="0"><table><thead>{cells("th", head)}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(tag: str, content: str) -> str:
    # a number and its error stay on one line
    kind = ' class="number"' if content.lstrip("+-")[:1].isdigit() else ""
    return f"<{tag}{kind}>{html.escape(content)}</{tag}>"


def _quiet(text: str) -> str:
    return f'<p class="provenance">{html.escape(text)}</p>'


def _display(content: str) -> None:
    from IPython import display

    shown: Any = display
    shown.display(shown.HTML(content))
