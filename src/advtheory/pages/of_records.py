"""What a page shows of a record: its figure, who made it, and the paper's numbers beside ours.

Pages hold prose, statements and short calls; the tables and captions that they need are made here.
Book label ``sec-records``.
"""

from __future__ import annotations

import datetime
import html
import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.estimates import Key
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

    A table for the quantities that have a curve each, and one for those that stand alone. With
    several sources, paper and book, each line names its own.
    """
    lines = [line for line in lines_of(record) if line.claim is not None]
    sources = list(dict.fromkeys(line.claim.source for line in lines if line.claim))
    head = ("quantity", *(sources if len(sources) == 1 else ("source", "stated")))
    curves = list(dict.fromkeys(curve for curve in map(_curve, lines) if curve))
    rows = {line.key: _head(line, len(sources) > 1) for line in lines}
    single = [(*rows[line.key], _ours(line), line.verdict) for line in lines if not _curve(line)]
    tables = _table((*head, *curves), _by_curve(lines, curves, rows)) if curves else ""
    tables += _table((*head, "ours", "verdict"), single) if single else ""
    _display(tables + _quiet(_comparison_caption(record, lines)))


def _comparison_caption(record: Record, lines: Sequence[Line]) -> str:
    """Where the claims stand, what the marks mean, who made ours, what its errors are errors of."""
    claims = [line.claim for line in lines if line.claim]
    places = dict.fromkeys(f"{claim.source}: {claim.place}." for claim in claims)
    marks = {f"{MARKS[line.verdict]} {line.verdict}" for line in lines if line.verdict in MARKS}
    legend = [", ".join(sorted(marks)) + "."] if marks and any(map(_curve, lines)) else []
    errors = ", ".join(dict.fromkeys(error_of(line.ours) for line in lines if line.ours))
    ours = [f"Ours: {figures.provenance_line(record)}.", f"Errors: {errors or 'none'}."]
    return " ".join([*map(_capital, places), *legend, *ours])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


MARKS = {"agrees": "✓", "holds": "✓", "disagrees": "✗", "violated": "✗"}
"""A verdict in a cell that has no room for the word."""


def _head(line: Line, several: bool) -> tuple[str, ...]:
    """Quantity without its curve, who states it where there are several sources, and what."""
    text, curve = line.name, _curve(line)
    if curve:
        text = text.removesuffix(f" at {curve}").replace(f", {curve}", "")
    source = (line.claim.source,) if several and line.claim else ()
    return (text, *source, stated(line))


def _curve(line: Line) -> str:
    """The first coordinate of a line's curve (``m=1000, d>=196``) for people, or nothing."""
    first = line.key.curve.split(", ")[0]
    return curve_name(first) if "=" in first else ""


def _by_curve(
    lines: Sequence[Line], curves: Sequence[str], heads: Mapping[Key, tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """One row for each quantity, one cell for each curve."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for line in lines:
        if curve := _curve(line):
            cell = f"{_ours(line)} {MARKS.get(line.verdict, '')}".strip()
            rows.setdefault(heads[line.key], {})[curve] = cell
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
        _display(f"<h2>{html.escape(_capital(source))}</h2>{shown}")


def show_columns() -> None:
    """For each experiment, the meaning and the unit of the columns of its records."""
    for experiment in all_experiments().values():
        rows = list(experiment.columns.items())
        _display(f"<h3>{experiment.name}</h3>" + _quiet(experiment.title))
        _display(_table(("column", "meaning"), rows))


def _card(sheet: Sheet) -> str:
    """One figure: its verdicts, what is missing, who made it, and its numbers to unfold."""
    missing = "".join(f"<p>Missing: {html.escape(why.rstrip('.'))}.</p>" for why in sheet.missing)
    rows = [_card_row(line, sheet.source) for line in sheet.lines]
    numbers = f"{len(rows)} number{'' if len(rows) == 1 else 's'}"
    table = f"<details><summary>{numbers}</summary>{_table(CARD, rows)}</details>" if rows else ""
    title = f"{sheet.place}: {sheet.title}" if sheet.place != sheet.title else sheet.title
    verdicts = f"<p><strong>{html.escape(in_words(sheet.verdicts()))}</strong></p>" if rows else ""
    made = (
        _quiet(f"{sheet.experiment} · {sheet.made} · {sheet.seconds:.0f} s") if sheet.made else ""
    )
    edge = "border:1px solid #8888;border-radius:6px;padding:0.2rem 0.9rem;margin:0.8rem 0"
    inside = f"<h3>{html.escape(_capital(title))}</h3>{verdicts}{missing}{made}{table}"
    return f'<section style="{edge}">{inside}</section>'


CARD = ("number", "ours", "stated")


def _card_row(line: Line, source: str) -> tuple[str, ...]:
    """Three cells, for a phone: the verdict beside the claim, the source where it is another."""
    of = f" ({error_of(line.ours)})" if line.ours else ""
    claim = stated(line)
    if line.claim and line.claim.source != source:
        claim += f" ({line.claim.source})"
    verdict = f": {line.verdict}" if line.claim and line.claim.value is not None else ""
    return (line.name, _ours(line) + of, claim + verdict)


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
    kind = ' class="number"' if content.lstrip("+-")[:1].isdigit() and "(" not in content else ""
    return f"<{tag}{kind}>{html.escape(content)}</{tag}>"


def _quiet(text: str) -> str:
    return f'<p class="provenance">{html.escape(text)}</p>'


def _display(content: str) -> None:
    from IPython import display

    shown: Any = display
    shown.display(shown.HTML(content))
