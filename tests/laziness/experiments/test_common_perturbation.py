"""The experiment common-perturbation: rows, thresholds, figure."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from advtheory import data
from advtheory.contract import Place, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.laziness import doomed
from advtheory.laziness.experiments import common_perturbation, projected
from advtheory.networks import initialise
from tests.names import named

EXPERIMENT = catalogue.get("common-perturbation")


def test_rows() -> None:
    """prop-best-margin: the share of doomed images, seed by seed, alone or together."""
    (point, *_) = (p for p in EXPERIMENT.points("smoke") if p["eps"] == 0.8)
    plain = plain_rows(
        EXPERIMENT.columns, point, [0, 2], EXPERIMENT.measure(point, [0, 2], Place("cpu", "smoke"))
    )
    test = data.pair(5, sphere=True).test
    x, y = test.x[:200], test.y[:200]
    d, m, radius = int(point["d"]), int(point["m"]), float(point["radius"])
    for row in plain:
        lost = doomed(initialise(d, m, int(row["seed"])), x, y, radius, 0.8)
        assert row["doomed"] == pytest.approx(float(lost.double().mean()))
        assert row["c0"] == pytest.approx(radius * math.sqrt(m))


def test_the_grid_is_that_of_figure_4() -> None:
    """thm-common: each point at which networks are trained after every step, and no other."""
    for panel, of in (("left", projected.left_grid), ("right", projected.right_grid)):
        ours = [p for p in EXPERIMENT.points("paper") if p["panel"] == panel]
        theirs = [p for p in of("paper") if p["projection"] == "step"]
        assert [(p["d"], p["m"], p["eps"], p["radius"]) for p in ours] == [
            (p["d"], p["m"], p["eps"], p["radius"]) for p in theirs
        ]


def synthetic() -> pd.DataFrame:
    """Doomed exactly beyond C0/sqrt(2d), half of them on it, linear in the logarithm near it."""
    rows = []
    for point in EXPERIMENT.points("paper"):
        limit = float(point["radius"]) * math.sqrt(float(point["m"]) / (2 * float(point["d"])))
        share = min(1.0, max(0.0, 0.5 + 0.3 * math.log(float(point["eps"]) / limit)))
        rows += [{**point, "seed": seed, "doomed": share} for seed in range(3)]
    return pd.DataFrame(rows)


def test_summarise_finds_the_law() -> None:
    """thm-common: eq-doom has the exponent -1/2 in both planes."""
    estimates = named(common_perturbation.summarise(synthetic()))
    assert estimates["exponent[left]"].value == pytest.approx(-0.5, abs=1e-3)
    assert estimates["exponent[right]"].value == pytest.approx(-0.5, abs=1e-3)
    assert estimates["threshold[d=784]"].value == pytest.approx(10 / math.sqrt(2 * 784), rel=1e-3)


def test_summarise_and_figure_of_a_run_in_progress() -> None:
    """thm-common: one dimension has no slope; the figure leaves blank what is not there yet."""
    table = synthetic()
    part = table[(table["panel"] == "left") & (table["d"] <= 100)]
    assert not named(common_perturbation.summarise(part[part["d"] == 25]))
    both = pd.concat([part, table[(table["panel"] == "right") & (table["m"] == 100)]])
    for one in (table, both):
        figure = EXPERIMENT.draw(one)
        assert len(figure.axes) == 2
        plt.close(figure)
