"""What the papers and this book state beside what the records say, and what is still missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.claims import EQUAL, THIS_BOOK, VERDICTS, Claim, judge
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment
from advtheory.contract.place import SCALES
from advtheory.pages.coverage import Coverage, coverage
from advtheory.pages.figures import provenance_line
from advtheory.records import MissingRecordError, Record, Records, open_records, read_claims


@dataclass(frozen=True)
class Line:
    """One number of one record beside the claim about it; one of the two may be missing."""

    key: Key
    name: str
    claim: Claim | None
    ours: Estimate | None

    @property
    def verdict(self) -> str:
        """How claim and number stand to each other, by :func:`~advtheory.contract.claims.judge`."""
        return judge(self.claim, self.ours)

    @property
    def difference(self) -> float | None:
        """Ours minus the claim."""
        if self.claim is None or self.claim.value is None or self.ours is None:
            return None
        return self.ours.value - self.claim.value

    @property
    def sigmas(self) -> float | None:
        """The difference in standard errors of ours; None where there is no such error."""
        if self.difference is None or self.ours is None or not self.ours.error:
            return None
        return self.difference / self.ours.error


@dataclass(frozen=True)
class Sheet:
    """What one experiment says at one scale.

    ``made`` is the provenance line of its record, None without a record; ``seconds`` the time of
    all its jobs together; ``missing`` says in a sentence each what is not there.
    """

    experiment: str
    title: str
    source: str
    place: str
    scale: str
    made: str | None
    seconds: float
    code: tuple[str, ...]
    coverage: Coverage
    lines: tuple[Line, ...]
    missing: tuple[str, ...]

    def verdicts(self) -> dict[str, int]:
        """How many numbers have each verdict, in the order of the verdicts."""
        found = Counter(line.verdict for line in self.lines)
        return {verdict: found[verdict] for verdict in VERDICTS if found[verdict]}


@dataclass(frozen=True)
class Report:
    """A sheet for every experiment and scale, by source and place."""

    sheets: tuple[Sheet, ...]


def make_report(records: Path | None = None, claims: Path | None = None) -> Report:
    """The report over all experiments and scales.

    A folder that is not there, a damaged record or an unreadable claim raises ``ValueError``
    naming it.

    >>> sheets = make_report().sheets
    >>> [sheet.coverage.complete for sheet in sheets if sheet.experiment == "wang-fig7"][0]
    True
    """
    store = open_records(records)
    if store.shipped is None and not store.folder.is_dir():
        raise ValueError(
            f"The folder {store.folder} is not there; give the folder of the records, or make some "
            "with `advtheory run`."
        )
    sheets = [
        sheet
        for experiment in all_experiments().values()
        for sheet in _sheets(experiment, store, read_claims(experiment.name, claims))
    ]
    return Report(tuple(sorted(sheets, key=_place)))


def lines_of(record: Record, claims: Path | None = None) -> tuple[Line, ...]:
    """Every number of one record, beside the claim about it where there is one.

    Raises ``ValueError`` where the record holds too little to compute a number.

    >>> from advtheory.records import open_records
    >>> [line.verdict for line in lines_of(open_records().read("wang-fig7", "paper"))][:1]
    ['our own']
    """
    experiment = get(record.experiment)
    return _lines(experiment, record, read_claims(experiment.name, claims))


def _place(sheet: Sheet) -> tuple[bool, str, str, str, int]:
    """Papers first, then this book; the figures of a paper in their order; small scales last."""
    scale = -SCALES.index(sheet.scale)
    return (sheet.source == THIS_BOOK, sheet.source, sheet.place, sheet.experiment, scale)


def _sheets(experiment: Experiment, store: Records, stated: Sequence[Claim]) -> list[Sheet]:
    found = []
    for scale in SCALES:
        try:
            record = store.read(experiment.name, scale)
        except MissingRecordError:
            record = None
        found.append(_sheet(experiment, scale, record, stated))
    return found


def _sheet(
    experiment: Experiment, scale: str, record: Record | None, stated: Sequence[Claim]
) -> Sheet:
    jobs = record.jobs if record else ()
    covered = coverage(experiment, scale, jobs)
    lines = () if record else _not_measured(scale, stated)
    missing = [] if covered.complete else [str(covered) if record else "no record"]
    if record:
        try:
            lines = _lines(experiment, record, stated)
        except ValueError as error:
            missing.append(str(error))
    return Sheet(
        experiment=experiment.name,
        title=experiment.title,
        source=stated[0].source if stated else THIS_BOOK,
        place=stated[0].place if stated else experiment.title,
        scale=scale,
        made=provenance_line(record) if record else None,
        seconds=sum(job.seconds for job in jobs),
        code=tuple(sorted({job.code for job in jobs})),
        coverage=covered,
        lines=lines,
        missing=tuple(missing),
    )


def _lines(experiment: Experiment, record: Record, stated: Sequence[Claim]) -> tuple[Line, ...]:
    """The estimates in their order, then the claims about nothing that was measured."""
    claims, used, lines = {claim.key: claim for claim in stated}, set(), []
    for key, estimate in experiment.summarise(record.table).items():
        # a claim without a curve is about every curve of its quantity
        claim = claims.get(key) or claims.get(Key(key.quantity))
        used.add(claim.key if claim else key)
        lines.append(Line(key, _name(experiment, key, claim), claim, estimate))
    unused = [claim for claim in stated if claim.key not in used]
    return (*lines, *_not_measured(record.scale, unused))


def _not_measured(scale: str, stated: Sequence[Claim]) -> tuple[Line, ...]:
    """Claims without a number, at the papers' own scale: a smaller one may lack some curves."""
    if scale != SCALES[-1]:
        return ()
    return tuple(Line(claim.key, claim.text, claim, None) for claim in stated)


def _name(experiment: Experiment, key: Key, claim: Claim | None) -> str:
    """A number for people: ``threshold of V at m = 100``."""
    if claim and claim.key == key:
        return claim.text
    names = experiment.quantities
    if str(key) in names:
        return names[str(key)]
    text = claim.text if claim else names.get(key.quantity, key.quantity)
    joint = " at " if "=" in key.curve else ", "
    return f"{text}{joint}{curve_name(key.curve)}" if key.curve else text


def curve_name(curve: str) -> str:
    """A curve for people.

    >>> curve_name("c0=5, d>=196")
    'C0 = 5, d ≥ 196'
    """
    spaced = curve.replace(">=", " ≥ ").replace("c0", "C0")
    return spaced.replace("=", " = ")


def stated(line: Line) -> str:
    """The claim in a cell: its number, its bound, or the words of a source without a number.

    >>> line = Line(Key("error"), "test error", None, Estimate(0.02, None, 1))
    >>> claim = Claim("toy", line.key, "", "", 0.01, "A paper", "Section 5", "at most")
    >>> stated(Line(line.key, line.name, claim, line.ours)), stated(line)
    ('at most 0.01', '')
    """
    claim = line.claim
    if claim is None:
        return ""
    if claim.value is None:
        return f"not a number: “{claim.words}”"
    bound = "" if claim.relation == EQUAL else f"{claim.relation} "
    return f"{bound}{claim.value:g}"
