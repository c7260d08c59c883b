"""What a page shows of a record: its figure, who made it, and the paper's numbers beside ours.

Pages hold prose, statements and short calls; the tables and captions that they need are made here.
Book label ``sec-records``.
"""

from __future__ import annotations

import datetime
import html
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advtheory.contract.catalogue import all_experiments, get
from advtheory.pages import figures
from advtheory.pages.durations import device_line
from advtheory.pages.pictures import panels
from advtheory.pages.report import Line, lines_of, make_report
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
    """Run an experiment here and now, on a GPU where one answers; nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        runner.run(get(name), scale, records=Path(folder), progress=False)
        return Records(Path(folder)).read(name, scale)


def show_figure(record: Record, alts: Sequence[str]) -> None:
    """The experiment's figure, a panel beside or below the other, and the line that says who made
    it.

    Args:
        record: What to draw.
        alts: One description for each panel.
    """
    with figures.style():
        pictures = panels(get(record.experiment).draw(record.table), alts)
    # side by side where there is room, one below the other on a phone; also without our style sheet
    inside = "".join(f"<div>{picture._repr_html_()}</div>" for picture in pictures)
    columns = "grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))"
    row = f'<div style="display:grid;{columns};gap:0.5rem">{inside}</div>'
    _display(row + _quiet(figures.provenance_line(record)))


def show_provenance(record: Record) -> None:
    """The line that says at which scale, on what, by how many seeds and when it was made."""
    _display(_quiet(figures.provenance_line(record)))


def show_made_here(scale: str, data: str, seeds: int = 0, device: str = "auto") -> None:
    """The same line for a picture that the page has just made itself.

    Args:
        scale: How large: smoke, laptop or paper.
        data: The data set, or what the inputs were.
        seeds: How many seeds; 0 says nothing of them.
        device: Where it was made; ``auto`` is where :func:`~advtheory.running.choose_device` says.
    """
    count = [f"{seeds} seed{'s' if seeds > 1 else ''}"] if seeds else []
    today = datetime.date.today().isoformat()
    source = figures.DATA.get(data, data)
    _display(_quiet(" · ".join([f"{scale} scale", device_line(device), *count, today, source])))


def show_comparison(record: Record) -> None:
    """The paper's numbers beside the record's, each with its standard error."""
    lines = [line for line in lines_of(record) if line.claim is not None]
    source = f"{lines[0].source}, {lines[0].place}" if lines else "no claim"
    curves = list(dict.fromkeys(curve for curve in map(_curve, lines) if curve))
    single = [(line.text, *_pair(line)) for line in lines if not _curve(line)]
    tables = _table(("quantity", "paper", *curves), _by_curve(lines)) if curves else ""
    tables += _table(("quantity", "paper", "ours"), single) if single else ""
    ours = figures.provenance_line(record)
    _display(tables + _quiet(f"Paper: {source}. Ours, with standard errors: {ours}."))


def _curve(line: Line) -> str:
    """The curve that a key such as ``step[m=1000, d>=196]`` belongs to, or nothing."""
    first = line.key.partition("[")[2].rstrip("]").split(", ")[0]
    return first.replace("=", " = ").replace("c0", "C0") if "=" in first else ""


def _by_curve(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """One row for each quantity, one cell for each curve."""
    rows: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if curve := _curve(line):
            claim, ours = _pair(line)
            rows.setdefault((line.text.replace(f", {curve}", ""), claim), []).append(ours)
    return [(*head, *cells) for head, cells in rows.items()]


def _pair(line: Line) -> tuple[str, str]:
    return f"{line.claim:g}", _with_error(line)


def show_table(table: pd.DataFrame) -> None:
    """A small table of numbers and words, without its index; floats to four digits."""

    def cell(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    rows = [tuple(map(cell, row)) for row in table.itertuples(index=False)]
    _display(_table([str(column) for column in table.columns], rows))


def show_status() -> None:
    """Every number of every paper-scale and laptop-scale record, then what is missing."""
    made = make_report()
    who = ("scale", "device", "seeds", "date", "seconds")
    head = ("experiment", "quantity", "paper", "ours", *who)
    rows = [_status_row(line) for line in made.lines if line.scale != "smoke"]
    gaps = [gap for gap in made.gaps if gap.scale == "paper"]
    missing = "; ".join(f"{gap.experiment}: {gap.points} of {gap.wanted} points" for gap in gaps)
    _display(_table(head, rows) + _quiet(f"Missing at paper scale: {missing or 'nothing'}."))


def show_columns() -> None:
    """For each experiment, the meaning and the unit of the columns of its records."""
    for experiment in all_experiments().values():
        rows = list(experiment.columns.items())
        _display(f"<h3>{experiment.name}</h3>" + _quiet(experiment.title))
        _display(_table(("column", "meaning"), rows))


def _status_row(line: Line) -> tuple[str, ...]:
    claim = "" if line.claim is None else f"{line.claim:g}"
    ours, what = _with_error(line), line.text or line.key
    seconds = f"{line.seconds:.0f}"
    place = (line.scale, line.device, str(line.seeds), line.date, seconds)
    return (line.experiment, what, claim, ours, *place)


def _with_error(line: Line) -> str:
    return f"{line.ours:.3g}" + ("" if line.error is None else f" ± {line.error:.1g}")


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
