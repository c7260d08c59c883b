"""What the papers claim beside what the records say, and what is still missing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from advtheory.contract.catalogue import all_experiments, get
from advtheory.contract.experiment import Claim, Estimate, Experiment
from advtheory.contract.place import SCALES
from advtheory.records.claims import read_claims
from advtheory.records.files import MissingRecordError, keys
from advtheory.records.store import Record, open_records
from advtheory.running.jobs import missing


@dataclass(frozen=True)
class Line:
    """One number of one record, with the claim about it where there is one.

    ``difference`` is ours minus the claim; ``sigmas`` is it in standard errors of ours.
    ``seconds`` is the time that all jobs of the record took together; ``complete`` tells whether
    every point has all its seeds.
    """

    experiment: str
    scale: str
    key: str
    symbol: str
    text: str
    source: str
    place: str
    claim: float | None
    ours: float
    error: float | None
    difference: float | None
    sigmas: float | None
    n: int
    seeds: int
    data: str
    device: str
    date: str
    seconds: float
    code: str
    complete: bool


@dataclass(frozen=True)
class Gap:
    """An experiment at a scale that is not complete: points done, points wanted, and why."""

    experiment: str
    scale: str
    points: int
    wanted: int
    why: str


@dataclass(frozen=True)
class Report:
    """Every number of every record, and every gap."""

    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    def json(self) -> str:
        """For programs: ``{"rows": [...], "missing": [...]}``; infinite numbers become null."""
        content = {
            "rows": [_finite(asdict(line)) for line in self.lines],
            "missing": [asdict(gap) for gap in self.gaps],
        }
        return json.dumps(content, indent=1, allow_nan=False)


def make_report(records: Path | None = None, claims: Path | None = None) -> Report:
    """The make_report over all experiments and scales.

    A damaged record or an unreadable claim raises ``ValueError`` naming the file.
    """
    store = open_records(records)
    lines: list[Line] = []
    gaps: list[Gap] = []
    for experiment in all_experiments().values():
        for scale in SCALES:
            try:
                record = store.read(experiment.name, scale)
            except MissingRecordError:
                gaps.append(_gap(experiment, scale, None, "no record"))
                continue
            found, whys = _look(experiment, record, claims)
            lines.extend(found)
            gaps.extend(_gap(experiment, scale, record, why) for why in whys)
    return Report(tuple(lines), tuple(gaps))


def lines_of(record: Record, claims: Path | None = None) -> tuple[Line, ...]:
    """Every number of one record, beside the claim about it where there is one.

    Raises ``ValueError`` where the record holds too little to compute a number.
    """
    experiment = get(record.experiment)
    by_key = {claim.key: claim for claim in read_claims(record.experiment, claims)}
    complete = not _lacking(experiment, record.scale, record)
    estimates = experiment.summarise(record.table)
    return tuple(_line(record, key, by_key.get(key), e, complete) for key, e in estimates.items())


def _look(
    experiment: Experiment, record: Record, claims: Path | None
) -> tuple[tuple[Line, ...], list[str]]:
    """The lines of a record, and what is missing in it, a sentence each."""
    whys = ["not all points are measured"] if _lacking(experiment, record.scale, record) else []
    try:
        lines = lines_of(record, claims)
    except ValueError as error:
        return (), [*whys, str(error)]
    if record.scale == SCALES[-1]:
        # The papers speak about their own scale; a smaller one may lack some curves.
        known = {line.key for line in lines}
        keys = (claim.key for claim in read_claims(experiment.name, claims))
        whys += [f"nothing is computed for the claim {key!r}" for key in keys if key not in known]
    return lines, whys


def _lacking(experiment: Experiment, scale: str, record: Record | None) -> int:
    """How many points of the grid lack a seed."""
    done = keys(record.jobs) if record else set()
    jobs = missing(experiment, scale, experiment.seeds[scale], done)
    return len({frozenset(job.point.items()) for job in jobs})


def _gap(experiment: Experiment, scale: str, record: Record | None, why: str) -> Gap:
    wanted = len(experiment.points(scale))
    done = wanted - _lacking(experiment, scale, record)
    return Gap(experiment.name, scale, done, wanted, why)


def _line(
    record: Record, key: str, claim: Claim | None, estimate: Estimate, complete: bool
) -> Line:
    p = record.provenance
    difference = None if claim is None else estimate.value - claim.value
    return Line(
        experiment=record.experiment,
        scale=record.scale,
        key=key,
        symbol=claim.symbol if claim else "",
        text=claim.text if claim else "",
        source=claim.source if claim else "",
        place=claim.place if claim else "",
        claim=claim.value if claim else None,
        ours=estimate.value,
        error=estimate.error,
        difference=difference,
        sigmas=None if difference is None or not estimate.error else difference / estimate.error,
        n=estimate.n,
        seeds=len(p["seeds"]),
        data=", ".join(p["data"]),
        device=", ".join(p["devices"]),
        date=str(p["date"])[:10],
        seconds=float(p["seconds"]),
        code=", ".join(p["code"]),
        complete=complete,
    )


def _finite(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
