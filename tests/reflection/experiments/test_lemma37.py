"""The experiment mianjy-lemma37: rows, what is read off a table, figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from advtheory.contract import Place, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.records import read_claims
from advtheory.reflection import bounds
from advtheory.reflection.experiments import lemma37, lemma37_figure, margin_setting
from advtheory.training import Run
from tests.names import named

EXPERIMENT = catalogue.get("mianjy-lemma37")
POINTS = EXPERIMENT.points("smoke")
HERE = Place("cpu", "smoke")


@pytest.mark.parametrize("attack", lemma37_figure.ATTACKS)
def test_rows_repeat_and_do_not_depend_on_company(attack: str) -> None:
    """lem-perceptron: seed by seed, alone or together; no violation, and the bound itself."""
    (point, *_) = (p for p in POINTS if p["attack"] == attack and p["rare"] == 0.1)
    both = plain_rows(EXPERIMENT.columns, point, [0, 3], EXPERIMENT.measure(point, [0, 3], HERE))
    (alone,) = plain_rows(EXPERIMENT.columns, point, [3], EXPERIMENT.measure(point, [3], HERE))
    for name, value in alone.items():
        assert both[1][name] == (value if isinstance(value, str) else pytest.approx(value))
    for row in both:
        assert row["violations"] == 0
        assert 0 < float(row["pull_ratio"]) <= 1
        assert 0 <= float(row["last_error"]) <= 1


def test_the_numbers_of_a_run() -> None:
    """lem-perceptron: mean, growth and violations of a run that breaks both bounds at one step."""
    pull = torch.tensor([[1.0, 0.0, 0.5]], dtype=torch.float64)
    squares = torch.tensor([[1.0, 1.1, 3.1, 1.3]], dtype=torch.float64)
    point = {"start": 1.0, "nu": 0.2}
    found = lemma37.held(Run(pull, squares.sqrt(), margin_setting.networks(2, 2, 1, 1, [0], "cpu")),
                         0.5, 4.0, point)  # fmt: skip
    bound = [2 / (2.0 * t) + 1 / (4 * np.sqrt(0.5 * t)) for t in (1, 2, 3)]
    assert float(found["mean_pull"]) == pytest.approx(0.5)
    assert float(found["pull_bound"]) == pytest.approx(bound[2])
    assert float(found["pull_ratio"]) == pytest.approx(
        max(1 / bound[0], 0.5 / bound[1], 0.5 / bound[2])
    )
    assert float(found["growth"]) == pytest.approx(0.3 / 1.5)
    assert float(found["norm_ratio"]) == pytest.approx(2.1 / (0.612 * 0.5 * 2))
    assert float(found["violations"]) == 1  # the norm after step 2


def test_the_attacks_differ_where_they_should() -> None:
    """lem-perceptron: the exact attack shows harder points than none; both are inside the ball."""
    pulls = {}
    for attack in lemma37_figure.ATTACKS:
        (point, *_) = (p for p in POINTS if p["attack"] == attack and p["rare"] == 0.1)
        (row,) = EXPERIMENT.measure(point, [1], HERE)
        pulls[attack] = row["mean_pull"]
    assert pulls["none"] < pulls["random"] < pulls["PGD"] <= pulls["exact"] * 1.02


def synthetic() -> pd.DataFrame:
    rows = []
    for point in EXPERIMENT.points("paper"):
        rows += [
            {**point, "seed": seed, "mean_pull": 0.1 + 0.01 * seed, "pull_bound": 0.5}
            | {"pull_ratio": 0.3, "growth": 0.2, "norm_ratio": 0.7, "violations": 0}
            | {"clean_error": 0.0, "robust_error": 0.11, "last_error": 0.05}
            for seed in range(3)
        ]
    return pd.DataFrame(rows)


def test_what_is_read_off_a_table() -> None:
    """lem-perceptron, cor-exact-oracle: counts, largest ratios, error over twice the pull."""
    table = synthetic()
    table.loc[5, ["violations", "pull_ratio"]] = [2, 1.5]
    found = named(lemma37.summarise(table))
    assert found["violations"].value == 2
    assert found["pull_ratio"].value == 1.5
    assert found["growth"].value == pytest.approx(0.2)
    assert found["mean_pull[none, m=200]"].value == pytest.approx(0.11)
    ratio = np.mean([0.11 / 0.2, 0.11 / 0.22, 0.11 / 0.24])
    assert found["robust/pull[exact, alpha=1]"].value == pytest.approx(ratio)
    claims = read_claims("mianjy-lemma37")
    assert {str(claim.key) for claim in claims} <= found.keys()


def test_the_figure_and_its_words() -> None:
    """lem-perceptron: three panels, each described; an unfinished run, too."""
    for table in (synthetic(), synthetic().head(60)):
        drawn = EXPERIMENT.draw(table)
        assert len(drawn.axes) == 3
        plt.close(drawn)
        assert EXPERIMENT.alts is not None
        assert len(EXPERIMENT.alts(table)) == 3


def test_every_scale_can_be_planned() -> None:
    """lem-perceptron: a cost and a company; the exact attack only where there is one."""
    for scale in ("smoke", "laptop", "paper"):
        for point in EXPERIMENT.points(scale):
            assert EXPERIMENT.cost(point) > 0
            assert EXPERIMENT.together(point) >= 1
            assert point["attack"] != "exact" or point["d"] == 2 or point["alpha"] == 1
    assert float(bounds.norm_bound(1, 1.0)) ** 2 == pytest.approx(0.612)
