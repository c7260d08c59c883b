"""What a page shows of a record: its figure, who made it, and the paper's numbers beside ours.

Pages hold prose, statements and short calls; the tables and captions that they need are made here.
Book label ``sec-records``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.claims import IN_WORDS
from advtheory.contract.estimates import Key
from advtheory.pages import figures, markup
from advtheory.pages.captions import framed
from advtheory.pages.pictures import panels
from advtheory.pages.report import Line, curve_name, lines_of, stated
from advtheory.pages.report_text import error_of, ours
from advtheory.records import Record, Records, open_records
from advtheory.running import runner


def committed(name: str, scale: str = "paper") -> Record:
    """The record of an experiment that came with the book.

    Raises MissingRecordError with the command that makes it, where there is none.

    >>> len(committed("wang-fig7").table)
    21150
    """
    return open_records().read(name, scale)


def measured(name: str, scale: str) -> Record:
    """Run an experiment here and now, on a GPU where one answers; nothing is kept.

    >>> record = measured("wang-fig1", "smoke")
    >>> record.scale, len(record.table) > 0
    ('smoke', True)
    """
    with tempfile.TemporaryDirectory() as folder:
        runner.run(get(name), scale, records=Path(folder), progress=False)
        return Records(Path(folder)).read(name, scale)


def show_figure(
    record: Record,
    alts: Sequence[str] | None = None,
    *,
    number: int | None = None,
    caption: str = "",
) -> None:
    """The experiment's figure, a panel beside or below the other, its caption, and who made it.

    Args:
        record: What to draw.
        alts: One description for each panel; None: those that the experiment makes of the record.
        number: The number of the figure on its page; also its address, ``#figure-1``.
        caption: See `show`.

    Raises:
        ValueError: where neither the page nor the experiment describes every panel.

    >>> show_figure(committed("wang-fig7"), number=1, caption="Three histograms.")
    <IPython.core.display.HTML object>
    """
    experiment = get(record.experiment)
    if alts is None:
        alts = experiment.alts(record.table) if experiment.alts else ()
    with figures.style(marks=True):
        pictures = panels(experiment.draw(record.table), alts)
    # side by side where there is room, one below the other on a phone
    inside = "".join(f"<div>{picture._repr_html_()}</div>" for picture in pictures)
    three = "" if len(pictures) % 3 else " adv-three"
    row = f'<div class="adv-panels{three}">{inside}</div>'
    made = figures.provenance_line(record)
    markup.display(framed(row, "Figure", number, caption, made))


def show_provenance(record: Record) -> None:
    """The line that says at which scale, on what, by how many seeds and when it was made.

    >>> show_provenance(committed("wang-fig7"))
    <IPython.core.display.HTML object>
    """
    markup.display(markup.quiet(figures.provenance_line(record)))


def show_comparison(record: Record) -> None:
    """What is stated beside the record's numbers, each with its standard error and a verdict.

    A table for the quantities that have a curve each, and one for those that stand alone. With
    several sources, paper and book, each line names its own.

    >>> show_comparison(committed("wang-fig7"))
    <IPython.core.display.HTML object>
    """
    lines = [line for line in lines_of(record) if line.claim is not None]
    sources = list(dict.fromkeys(line.claim.source for line in lines if line.claim))
    head = ("quantity", *(sources if len(sources) == 1 else ("source", "stated")))
    curves = list(dict.fromkeys(curve for curve in map(_curve, lines) if curve))
    rows = {line.key: _head(line, len(sources) > 1) for line in lines}
    single = [(*rows[line.key], ours(line), line.verdict) for line in lines if not _curve(line)]
    kind = "adv-stacks adv-many" if len(curves) > 4 else "adv-stacks"
    tables = markup.table((*head, *curves), _by_curve(lines, curves, rows), kind) if curves else ""
    tables += markup.table((*head, "ours", "verdict"), single, "adv-stacks") if single else ""
    markup.display(tables + markup.quiet(_comparison_caption(record, lines)))


def _comparison_caption(record: Record, lines: Sequence[Line]) -> str:
    """Where the claims stand, what the marks mean, who made ours, what its errors are errors of."""
    claims = [line.claim for line in lines if line.claim]
    places = dict.fromkeys(f"{claim.source}: {claim.place}." for claim in claims)
    marks = {f"{MARKS[line.verdict]} {line.verdict}" for line in lines if line.verdict in MARKS}
    legend = [", ".join(sorted(marks)) + "."] if marks and any(map(_curve, lines)) else []
    words = dict.fromkeys(f"In words: “{claim.words}”." for claim in claims if claim.words)
    errors = ", ".join(dict.fromkeys(error_of(line.ours) for line in lines if line.ours))
    ours = [f"Ours: {figures.provenance_line(record)}.", f"Errors: {errors or 'none'}."]
    return " ".join([*map(markup.capital, places), *words, *legend, *ours])


MARKS = {"agrees": "✓", "holds": "✓", "disagrees": "✗", "violated": "✗"}
"""A verdict in a cell that has no room for the word."""


def _head(line: Line, several: bool) -> tuple[str, ...]:
    """Quantity without its curve, who states it where there are several sources, and what."""
    text, curve = line.name, _curve(line)
    if curve:
        for joint in (" at ", ", "):
            text = text.removesuffix(f"{joint}{curve}").replace(f"{joint}{curve},", ",")
        text = text.replace(f", {curve}", "")
    source = (line.claim.source,) if several and line.claim else ()
    # a sentence has no room in a cell: the caption quotes it
    return (text, *source, IN_WORDS if line.verdict == IN_WORDS else stated(line))


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
            cell = f"{ours(line)} {MARKS.get(line.verdict, '')}".strip()
            rows.setdefault(heads[line.key], {})[curve] = cell
    return [(*head, *(cells.get(curve, "") for curve in curves)) for head, cells in rows.items()]


def show_columns() -> None:
    """For each experiment, the meaning and the unit of the columns of its records.

    >>> show_columns()
    <IPython.core.display.HTML object>
    ...
    """
    for experiment in all_experiments().values():
        rows = list(experiment.columns.items())
        markup.display(f"<h3>{experiment.name}</h3>" + markup.quiet(experiment.title))
        markup.display(markup.table(("column", "meaning"), rows))
