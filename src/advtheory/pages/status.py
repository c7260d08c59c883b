"""The status page: a card for every figure that has a record, and what is missing."""

from __future__ import annotations

import html
import itertools

from advtheory.pages import markup
from advtheory.pages.report import Line, Sheet, make_report, stated
from advtheory.pages.report_text import error_of, in_words, ours


def show_status() -> None:
    """A card for every figure and table that has a record, and what is missing at paper scale.

    >>> show_status()
    <IPython.core.display.HTML object>
    ...
    """
    sheets = [sheet for sheet in make_report().sheets if sheet.scale != "smoke"]
    for source, cards in itertools.groupby(sheets, key=lambda sheet: sheet.source):
        shown = "".join(_card(card) for card in cards if card.made or card.scale == "paper")
        markup.display(f"<h2>{html.escape(markup.capital(source))}</h2>{shown}")


def _card(sheet: Sheet) -> str:
    """One figure: its verdicts, what is missing, who made it, and its numbers to unfold."""
    title = f"{sheet.place}: {sheet.title}" if sheet.place != sheet.title else sheet.title
    parts = [f"<h3>{html.escape(markup.capital(title))}</h3>"]
    if sheet.lines:
        parts.append(f"<p><strong>{html.escape(in_words(sheet.verdicts()))}</strong></p>")
    parts += [f"<p>Missing: {html.escape(why.rstrip('.'))}.</p>" for why in sheet.missing]
    if sheet.made:
        parts.append(markup.quiet(f"{sheet.experiment} · {sheet.made} · {sheet.seconds:.0f} s"))
    if rows := [_card_row(line, sheet.source) for line in sheet.lines]:
        numbers = f"{len(rows)} number{'' if len(rows) == 1 else 's'}"
        table = markup.table(CARD, rows)
        parts.append(f"<details><summary>{numbers}</summary>{table}</details>")
    # the lines below statements link to the record's card
    anchor = f' id="record-{sheet.experiment}"' if sheet.scale == "paper" else ""
    return f'<section{anchor} class="adv-card">{"".join(parts)}</section>'


CARD = ("number", "ours", "stated")


def _card_row(line: Line, source: str) -> tuple[str, ...]:
    """Three cells, for a phone: the verdict beside the claim, the source where it is another."""
    of = f" ({error_of(line.ours)})" if line.ours else ""
    claim = stated(line)
    if line.claim and line.claim.source != source:
        claim += f" ({line.claim.source})"
    verdict = f": {line.verdict}" if line.claim and line.claim.value is not None else ""
    return (line.name, ours(line) + of, claim + verdict)
