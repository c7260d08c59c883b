"""The experiments on Table 1: rows, counts, and the search with its fixed rules."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from advtheory.contract import Key, Place, Row, get
from advtheory.contract.experiment import plain_rows
from advtheory.records import open_records
from advtheory.reflection import table_one
from advtheory.reflection.choices import CLIPS, GRADIENTS, OPTIONS, Choice, choice_of
from advtheory.reflection.experiments.table1 import FRESH
from advtheory.reflection.experiments.table1_chosen import CANDIDATES, CHOSEN
from advtheory.reflection.experiments.table1_measure import column, images_of
from advtheory.reflection.experiments.table1_scores import (
    SLACK,
    candidates,
    mean_table,
    ranked,
    scored,
)
from advtheory.reflection.table_one import ATTACKS, PAPER, TRAININGS, distance

NAMES = ["mianjy-table1", "mianjy-table1-choices", "mianjy-table1-standard"]
HERE = Place("cpu", "smoke")
COLUMNS = [column(name) for name in ATTACKS]


@cache
def smoke(name: str) -> pd.DataFrame:
    """The rows of a smoke run."""
    experiment = get(name)
    rows = [
        row
        for point in experiment.points("smoke")
        for row in plain_rows(experiment.columns, point, [0], experiment.measure(point, [0], HERE))
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_smoke_run_is_drawn_and_described(name: str) -> None:
    experiment, table = get(name), smoke(name)
    figure = experiment.draw(table)
    assert experiment.alts is not None
    assert len(experiment.alts(table)) == len(figure.axes)
    plt.close(figure)
    assert {key.quantity for key in experiment.summarise(table)} <= set(experiment.quantities)


def test_every_training_has_a_row_and_counts_test_images() -> None:
    table = smoke("mianjy-table1")
    assert table["training"].tolist() == list(TRAININGS)
    for name in (*COLUMNS, "clean", "strongest_linf", "strongest_l2"):
        assert table[name].between(0, table["tests"]).all()
    assert (table["FGSM"] == table["R_FGSM"]).all()
    assert (table["BIM"] == table["R_BIM"]).all()


def test_the_table_draws_with_seeds_that_no_stage_has_seen() -> None:
    point = get("mianjy-table1").points("smoke")[0]
    (row,) = get("mianjy-table1").measure(point, [3], HERE)
    _, train, test = images_of(point, HERE)
    net = table_one.trained(choice_of(point), "Standard", train.x, train.y, [FRESH + 3], epochs=1)
    found = table_one.table_row(net, test.x, test.y, choice_of(point))
    assert row["seed"] == 3
    assert {name: row[column(name)] for name in found} == {
        name: int(which.sum()) for name, which in found.items()
    }
    assert max(get(name).seeds["paper"] for name in NAMES[1:]) <= FRESH


def test_one_path_serves_all_choices_of_the_first_stage() -> None:
    """A row of the first stage is what the protocol itself gives with that choice."""
    table = smoke("mianjy-table1-standard")
    point = get("mianjy-table1-standard").points("smoke")[0]
    _, train, test = images_of(point, HERE)
    rows = table[table["top"] == point["top"]].sample(4, random_state=0)
    for _, row in rows.iterrows():
        clip = "both" if row["box"] == "yes" else "none"
        choice = choice_of({**row, "clip": clip})
        net = table_one.trained(choice, "Standard", train.x, train.y, [0], epochs=1)
        found = table_one.table_row(net, test.x, test.y, choice, hardest=False)
        assert {name: row[column(name)] for name in found} == {
            name: int(which.sum()) for name, which in found.items()
        }


def made_up() -> pd.DataFrame:
    """A first stage with random counts: two kinds of networks, two seeds."""
    generator = np.random.default_rng(0)
    fixed: Row = {"biases": "yes", "logits": 1, "init": "he", "tests": 1000}
    places = [
        {**fixed, "top": top, "box": box, "gradient": g, "steps": t, "keep": keep, "seed": seed}
        for top in OPTIONS["top"]
        for box in ("no", "yes")
        for g in ("example", "mean")
        for t in (10, 20)
        for keep in OPTIONS["keep"]
        for seed in (0, 1)
    ]
    counts = [*COLUMNS, "BIM_small", "clean"]
    drawn = generator.integers(0, 500, (len(places), len(counts)))
    return pd.DataFrame(places).join(pd.DataFrame(drawn, columns=counts))


def test_the_scores_put_the_halves_of_a_choice_together() -> None:
    table, scores = made_up(), scored(made_up())
    assert len(scores) == 2 * 4 * 4 * 2 * 2 * 2  # top, clip, gradient, steps, iterate, BIM's step
    assert len(scores.drop_duplicates(list(OPTIONS))) == len(scores)
    assert scores["distance"].is_monotonic_increasing
    for _, row in scores.sample(12, random_state=1).iterrows():
        same = ["top", "steps", "keep"]
        part = table[(table[same] == row[same]).all(axis=1)]
        linf, euclid = ("no" if box is None else "yes" for box in CLIPS[str(row["clip"])])
        ways = [("example", "mean")[g < 1] for g in GRADIENTS[str(row["gradient"])]]
        first = part[(part["box"] == linf) & (part["gradient"] == ways[0])]
        second = part[(part["box"] == euclid) & (part["gradient"] == ways[1])]
        small = row["bim"] == "small"
        bims = ["BIM_small"] * 2 if small else COLUMNS[4:6]
        means = [*first[COLUMNS[:4] + bims].mean(), *second[COLUMNS[6:]].mean()]
        expected = np.array(means) / 1000
        np.testing.assert_allclose(row[COLUMNS].to_numpy(float), expected)
        assert row["distance"] == pytest.approx(distance(expected, PAPER["Standard"]))


def test_candidates_are_the_cheapest_that_a_run_cannot_tell_from_the_nearest() -> None:
    scores = scored(made_up())
    chosen = candidates(scores, 100)
    groups = ["top", "clip", "gradient"]
    assert len(chosen) == len(scores.drop_duplicates(groups)) == 32
    for _, row in chosen.iterrows():
        rivals = scores[(scores[groups] == row[groups]).all(axis=1)]
        near = rivals[rivals["distance"] <= rivals["distance"].min() + SLACK]
        assert row["steps"] == near["steps"].min()
        cheap = near[near["steps"] == row["steps"]]
        assert row["keep"] == cheap["keep"].max()  # last, if it may
        assert row["distance"] == cheap[cheap["keep"] == row["keep"]]["distance"].min()
    assert len(candidates(scores, 3)) == 3


def test_the_candidates_are_ranked_over_all_cells() -> None:
    rows = []
    for steps, off in ((10, 0.1), (20, 0.0)):
        for training in TRAININGS:
            cells = {c: (p + off) * 1000 for c, p in zip(COLUMNS, PAPER[training], strict=True)}
            choice = {**asdict(Choice(steps=steps)), "training": training}
            rows.append({**choice, "seed": 0, "tests": 1000, "clean": 0, **cells})
    table = pd.DataFrame(rows)
    order = ranked(table)
    assert order["steps"].tolist() == [20, 10]
    assert order["distance"].iloc[0] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(mean_table(table[table["steps"] == 20]).loc["PGD-2"], PAPER["PGD-2"])


def test_the_summary_holds_cells_leads_and_twins() -> None:
    table = smoke("mianjy-table1")
    found = get("mianjy-table1").summarise(table)
    first = table.iloc[0]
    cell = found[Key("error", "Standard: R-PGD-2")]
    assert cell.value == pytest.approx(first["R_PGD_2"] / first["tests"])
    assert found[Key("twins")].value == found[Key("apart")].value == 0
    assert found[Key("collapsed", "Standard")].value in (0, 1)
    leads = [found[Key("strongest", norm)].value for norm in ("linf", "l2")]
    assert min(leads) >= 0
    assert len([key for key in found if key.quantity == "error"]) == 5 * 11


def test_the_candidates_are_those_of_the_rule() -> None:
    scores = scored(open_records().read("mianjy-table1-standard", "paper").table)
    rule = candidates(scores, len(CANDIDATES))
    rows = rule.astype(object).to_dict("index").values()
    named = [{str(name): value for name, value in row.items()} for row in rows]
    assert [choice_of(row) for row in named] == list(CANDIDATES)


def test_the_choice_is_one_of_the_candidates() -> None:
    assert CHOSEN in CANDIDATES
    assert len(set(CANDIDATES)) == len(CANDIDATES)
