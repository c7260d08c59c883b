"""What the papers claim beside what the records say, and what is still missing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advtheory.experiments import all_experiments, get
from advtheory.experiments.contract import SCALES, Claim, Estimate, Experiment
from advtheory.jobs import missing
from advtheory.records import MissingRecordError, Record, Records, find_folder, open_records

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Line:
    """One number of one record, with the claim about it where there is one.

    ``difference`` is ours minus the claim; ``sigmas`` is it in standard errors of ours.
    ``seconds`` is the time that all jobs of the record took together.
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


def report(records: Path | None = None, claims: Path | None = None) -> Report:
    """The report over all experiments and scales.

    A damaged record or an unreadable claim raises ``ValueError`` naming the file.
    """
    store = open_records(records)
    lines: list[Line] = []
    gaps: list[Gap] = []
    for experiment in all_experiments().values():
        known = read_claims(experiment.name, claims)
        for scale in SCALES:
            _one(experiment, scale, store, known, lines, gaps)
    return Report(tuple(lines), tuple(gaps))


def report_frame(records: Path | None = None, claims: Path | None = None) -> pd.DataFrame:
    """The lines of :func:`report` as a table, for the status page: a column per field of Line."""
    import pandas as pd

    lines = report(records, claims).lines
    return pd.DataFrame([asdict(line) for line in lines], columns=list(Line.__dataclass_fields__))


def lines_of(record: Record, claims: Path | None = None) -> tuple[Line, ...]:
    """Every number of one record, beside the claim about it where there is one."""
    by_key = {claim.key: claim for claim in read_claims(record.experiment, claims)}
    estimates = get(record.experiment).summarise(record.table)
    return tuple(_line(record, key, by_key.get(key), e) for key, e in estimates.items())


def read_claims(experiment: str, folder: Path | None = None) -> tuple[Claim, ...]:
    """What the paper says about an experiment, from ``<folder>/<experiment>.json``; often nothing.

    Raises ``ValueError`` naming the file if it is not as CONTRIBUTING.md describes it.
    """
    for place in (folder,) if folder else find_folder("claims"):
        path = place and place / f"{experiment}.json"
        if path and path.exists():
            return _claims(path, experiment)
    return ()


def _claims(path: Path, experiment: str) -> tuple[Claim, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["experiment"] != experiment:
            raise ValueError("another experiment's name")
        return tuple(
            Claim(
                experiment=experiment,
                key=str(claim["key"]),
                symbol=str(claim["symbol"]),
                text=str(claim["text"]),
                value=float(claim["value"]),
                source=str(content["source"]),
                place=str(content["place"]),
            )
            for claim in content["claims"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The claims file {path} is wrong at {error}; it needs experiment, source, place and "
            "claims, each with key, symbol, text and a number as value."
        ) from error


def _one(
    experiment: Experiment,
    scale: str,
    store: Records,
    claims: tuple[Claim, ...],
    lines: list[Line],
    gaps: list[Gap],
) -> None:
    wanted = experiment.points(scale)
    lacking = _lacking(experiment, scale, store)
    if lacking:
        done = len(wanted) - lacking
        gaps.append(Gap(experiment.name, scale, done, len(wanted), "not all points are measured"))
    try:
        record = store.read(experiment.name, scale)
        estimates = experiment.summarise(record.table)
    except MissingRecordError:
        return
    except ValueError as error:
        gaps.append(Gap(experiment.name, scale, len(wanted) - lacking, len(wanted), str(error)))
        return
    by_key = {claim.key: claim for claim in claims}
    lines.extend(_line(record, key, by_key.get(key), e) for key, e in estimates.items())
    for key in by_key.keys() - estimates.keys():
        why = f"no estimate for the claim {key!r}"
        gaps.append(Gap(experiment.name, scale, len(wanted) - lacking, len(wanted), why))


def _lacking(experiment: Experiment, scale: str, store: Records) -> int:
    done = store.done(experiment.name, scale)
    jobs = missing(experiment, scale, experiment.seeds[scale], done)
    return len({frozenset(job.point.items()) for job in jobs})


def _line(record: Record, key: str, claim: Claim | None, estimate: Estimate) -> Line:
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
    )


def _finite(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
