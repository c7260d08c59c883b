"""The ``advtheory`` command: list, run, verify, draw, report, data check.

Whatever is wrong with what was typed, or with a file, ends in one sentence on stderr and the exit
code 2. Heavy imports wait until a command needs them.
"""

from __future__ import annotations

import functools
import math
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advtheory.sentences import Group

if TYPE_CHECKING:
    from advtheory.records import Record, Records


app = typer.Typer(cls=Group, add_completion=False, rich_markup_mode=None)
data_app = typer.Typer(help="The data sets.")
app.add_typer(data_app, name="data")

Scale = Annotated[str, typer.Option(help="smoke (seconds), laptop (minutes) or paper.")]
RecordsFolder = Annotated[
    Path | None, typer.Option("--records", help="The folder of the records.", show_default=False)
]


@app.callback(invoke_without_command=True)
def _top(context: typer.Context) -> None:
    """Adversarial training of wide networks: measure, draw and compare with the papers."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command("list")
def list_experiments() -> None:
    """List the experiments."""
    from advtheory.contract.catalogue import all_experiments

    known = all_experiments()
    width = max(map(len, known), default=0)
    for name, experiment in known.items():
        print(f"{name:{width}}  {experiment.title}")


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Experiments to measure.")],
    scale: Scale = "laptop",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:NUMBER.")] = "auto",
    seeds: Annotated[
        int | None, typer.Option(help="Seeds per point; default: the experiment's own number.")
    ] = None,
    budget: Annotated[str | None, typer.Option(help="Stop after this time: 90s, 9m, 2h.")] = None,
    workers: Annotated[int, typer.Option(help="Measure in so many local processes.")] = 0,
    dask: Annotated[str | None, typer.Option(help="The address of a Dask cluster.")] = None,
    records: RecordsFolder = None,
) -> None:
    """Measure what the records of experiments lack; a run that was stopped continues."""
    from advtheory.contract.catalogue import get
    from advtheory.running import runner

    limit = None if budget is None else _seconds(budget)
    end = None if limit is None else time.monotonic() + limit
    for experiment in [get(name) for name in names]:
        # One budget for all; an experiment that gets nothing of it still says what it lacks.
        left = limit if not (end and limit) else max(end - time.monotonic(), 1e-3)
        outcome = runner.run(
            experiment,
            scale,
            seeds=seeds,
            device=device,
            budget=left,
            workers=workers,
            dask=dask,
            records=records,
        )
        print(f"{experiment.name} {scale}: {outcome}.")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The experiment.")] = None,
    sample: Annotated[int, typer.Option(help="How many jobs of a record, drawn at random.")] = 5,
    scale: Scale = "paper",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:NUMBER.")] = "auto",
    every: Annotated[bool, typer.Option("--all", help="Every record of the scale.")] = False,
    budget: Annotated[
        str | None, typer.Option(help="Begin no job that would end later: 90s, 9m, 2h.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the sample.")] = 0,
    records: RecordsFolder = None,
) -> None:
    """Measure some jobs of a record again, and compare; exit code 1 where one differs."""
    from advtheory.running import verify as again

    if (name is None) != every:
        raise ValueError("Name one experiment, or give --all for every record of the scale.")
    limit = math.inf if budget is None else _seconds(budget)
    found = again.records(name, scale, records)
    say = functools.partial(print, flush=True)
    if not again.verify(found, sample, seed=seed, device=device, budget=limit, say=say):
        raise typer.Exit(1)


@app.command()
def draw(
    name: Annotated[str, typer.Argument(help="The experiment.")],
    scale: Annotated[
        str | None, typer.Option(help="Default: the largest scale that has a record.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A .png, .svg or .pdf file; default: NAME-SCALE.png.")
    ] = None,
    records: RecordsFolder = None,
) -> None:
    """Draw the figure of an experiment from its record."""
    from advtheory.contract.catalogue import get
    from advtheory.pages import figures
    from advtheory.records.store import open_records

    experiment = get(name)
    record = _record(open_records(records), name, scale)
    path = out or Path(f"{name}-{record.scale}.png")
    figures.save(figures.draw(experiment, record), path)
    _show(f"{path}: {figures.provenance_line(record)}")


@app.command()
def report(
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    records: RecordsFolder = None,
) -> None:
    """Show what the papers state beside what the records say, with verdicts and gaps."""
    from advtheory.pages.report import make_report
    from advtheory.pages.report_json import report_json
    from advtheory.pages.report_text import report_text

    made = make_report(records)
    _show(report_json(made) if json else report_text(made))


@data_app.command("check")
def data_check() -> None:
    """Say where MNIST is, or why it cannot be had."""
    from advtheory.data.images import locate

    found = locate()
    for place, reason in found.failures.items():
        print(f"{place}: {reason}")
    if found.folder is None:
        raise ValueError(
            "MNIST was not found; set ADVTHEORY_DATA to a folder that holds its four files, or "
            "connect to the network. The book works without it, on scikit-learn's 8x8 digits."
        )
    print(f"MNIST is in {found.folder}, complete and unchanged.")


def main() -> None:
    """The command's entry point."""
    app(prog_name="advtheory")


PLAIN = str.maketrans({"·": "-", "±": "+-", "≥": ">=", "√": "sqrt ", "“": '"', "”": '"'})


def _show(text: str) -> None:
    """Print, also where the output has only ASCII: signs it lacks are spelled or become "?"."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    print(text)


def _seconds(budget: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", budget.strip())
    if not match:
        raise ValueError(f"The budget {budget!r} is not a time; write 90s, 9m or 1.5h.")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def _record(store: Records, name: str, scale: str | None) -> Record:
    """The record of a scale, or of the largest scale that has one."""
    from advtheory.contract.place import SCALES, check_scale
    from advtheory.records.files import MissingRecordError

    if scale is not None:
        return store.read(name, check_scale(scale))
    for candidate in reversed(SCALES):
        if store.done(name, candidate):
            return store.read(name, candidate)
    raise MissingRecordError(
        f"There is no record of {name!r} yet; make one with `advtheory run {name}`."
    )
