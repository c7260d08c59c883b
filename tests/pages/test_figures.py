"""Figures: the same file from the same table, in one style, with the line that says who made it."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib import rcParams
from matplotlib.colors import to_hex

from advtheory.contract.axes import legend_below, loglog_band, power_law, ticks
from advtheory.contract.catalogue import all_experiments
from advtheory.pages import figures
from advtheory.records import Record, Records
from advtheory.running import runner
from tests.largest import largest
from tests.toys import TOY


@pytest.fixture(autouse=True)
def closed() -> object:
    """No figure outlives its test."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The toy at smoke scale."""
    folder = tmp_path_factory.mktemp("records")
    runner.run(TOY, "smoke", seeds=3, device="cpu", records=folder, progress=False)
    return Records(folder).read("toy", "smoke")


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_record_gives_the_same_file(tmp_path: Path, record: Record, ending: str) -> None:
    files = [tmp_path / f"{name}{ending}" for name in ("one", "two")]
    for file in files:
        figures.save(figures.draw(TOY, record), file)
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert record.jobs[0].date[:4].encode() not in first.split(b"<defs")[0]


def test_a_figure_says_who_made_it(record: Record) -> None:
    job = record.jobs[0]
    threads = f"{job.threads} thread{'s' if job.threads > 1 else ''}"
    line = f"smoke scale · CPU, {threads} · 3 seeds · {job.date[:10]} · toy"
    assert figures.provenance_line(record) == line
    assert figures.draw(TOY, record).get_supxlabel() == line


def test_devices_and_data_sets_have_their_readers_names(record: Record) -> None:
    (first, *_), date = record.jobs, "2026-11-20T10:00:00Z"
    ways = (("CPU", 4), ("NVIDIA X", 8), ("CPU", 1))
    jobs = [
        replace(first, device=name, threads=threads, date=date, seeds=[0]) for name, threads in ways
    ]
    table = record.table.assign(data="mnist")
    made = Record("toy", "paper", table, tuple(jobs), {})
    line = "paper scale · CPU, 1 or 4 threads and NVIDIA X · 1 seed · 2026-11-20 · MNIST"
    assert figures.provenance_line(made) == line


def test_the_style_ends_with_its_block() -> None:
    before = dict(rcParams)
    with figures.style():
        assert rcParams["svg.hashsalt"] == "advtheory"
        assert to_hex(rcParams["axes.prop_cycle"].by_key()["color"][0]) == "#0072b2"
    assert dict(rcParams) == before


@pytest.mark.parametrize("name", ["figure", "figure.gif", "figure.PNG"])
def test_other_formats_are_refused(tmp_path: Path, record: Record, name: str) -> None:
    with pytest.raises(ValueError, match=r"must end in \.png, \.svg or \.pdf"):
        figures.save(figures.draw(TOY, record), tmp_path / name)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, record: Record) -> None:
    with pytest.raises(ValueError, match=r"cannot be written to .*nowhere"):
        figures.save(figures.draw(TOY, record), tmp_path / "nowhere" / "figure.png")


@given(st.floats(-2, 2), st.floats(0.01, 100))
def test_the_theory_curve_passes_through_a_power_law(exponent: float, scale: float) -> None:
    d = np.array([1.0, 3.0, 10.0])
    table = pd.DataFrame({"d": d, "seed": 0, "v": scale * d**exponent})
    _, axes = plt.subplots()
    power_law(axes, table, "d", "v", exponent, "theory")
    x, y = np.asarray(axes.lines[0].get_data(), dtype=float)
    np.testing.assert_allclose(y, scale * x**exponent)
    plt.close()


def test_the_band_is_one_standard_error_over_seeds() -> None:
    table = pd.DataFrame({"d": [1, 1, 4, 4], "seed": [0, 1, 0, 1], "v": [1.0, 3.0, 2.0, 2.0]})
    _, axes = plt.subplots()
    loglog_band(axes, table, "d", "v", "ours")
    assert np.asarray(axes.lines[0].get_ydata(), dtype=float).tolist() == [2.0, 2.0]
    (path,) = axes.collections[0].get_paths()
    assert set(map(tuple, np.asarray(path.vertices))) == {(1, 1), (1, 3), (4, 2)}
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_a_legend_below_touches_neither_curve_nor_tick() -> None:
    table = pd.DataFrame({"d": [1, 2, 4, 8], "seed": 0, "v": [1.0, 9.0, 2.0, 8.0]})
    with figures.style():
        figure, axes = plt.subplots()
        loglog_band(axes, table, "d", "v", "curve")
        axes.set_xlabel("d")
        legend_below(axes)
        figure.canvas.draw()
    legend, under = axes.get_legend(), axes.xaxis.get_tightbbox()
    assert legend is not None
    assert under is not None
    assert legend.get_window_extent().y1 < under.y0
    assert legend.get_window_extent().y0 > 0


def test_every_panel_of_every_figure_has_a_legend() -> None:
    for experiment in all_experiments().values():
        with figures.style(marks=True):
            figure = experiment.draw(largest(experiment.name).table)
        assert all(axes.get_legend() is not None for axes in figure.axes), experiment.name
        plt.close(figure)


def test_every_experiment_describes_its_panels_with_its_own_numbers() -> None:
    for experiment in all_experiments().values():
        assert experiment.alts is not None, experiment.name
        table = largest(experiment.name).table
        alts = experiment.alts(table)
        assert len(alts) == len(experiment.draw(table).axes)
        plt.close()
        assert all(re.search(r"\d", alt) for alt in alts), experiment.name


def test_ticks_are_plain_numbers_and_nothing_between() -> None:
    figure, axes = plt.subplots()
    axes.set(xscale="log", xlim=(1, 100))
    ticks(axes.xaxis)
    figure.canvas.draw()
    shown = [label.get_text() for label in axes.get_xticklabels()]
    assert {"1", "2", "5", "10", "20", "50", "100"} <= set(shown)
    assert axes.get_xticks(minor=True).tolist() == []
