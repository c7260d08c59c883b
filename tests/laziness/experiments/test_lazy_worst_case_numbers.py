"""The worst lazy weights: what is read off a table, and what is drawn of it."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from advtheory.contract import Place, Row, catalogue
from advtheory.laziness.experiments import lazy_worst_case
from advtheory.laziness.experiments.lazy_worst_case_figure import LIMIT, with_ratios
from advtheory.records import read_claims
from tests.names import named

EXPERIMENT = catalogue.get("lazy-worst-case")
SMALL = {"d": 25, "m": 200}


def laws(d: int, m: int, c0: float, seed: int) -> dict[str, float]:
    """A row by the laws of the page, with some spread."""
    size = math.sqrt(d / 2) * (1 + 0.01 * seed)
    return {
        "d": d,
        "m": m,
        "c0": c0,
        "seed": seed,
        "raised": 0.6 * c0,
        "lowered": 0.4 * c0,
        "switching": c0 * math.sqrt(2 * m / math.pi),
        "gradient_norm": size,
        "shrunk": max(size - LIMIT * c0, 0.2 * size),
        "floor": max(size - LIMIT * c0, 0.0),
        "change": LIMIT * c0 * (1 + 0.01 * seed),
        "split": 2 * c0,
        "bend": d**-0.25,
        "bend_shrunk": d**-0.25 * (1 + c0),
        "distance": 1 / math.sqrt(d),
        "distance_raised": (1 + c0) / math.sqrt(d),
        "distance_shrunk": 1 / math.sqrt(d),
    }


def table(scale: str = "paper", seeds: int = 4) -> pd.DataFrame:
    places = [(int(p["d"]), int(p["m"])) for p in EXPERIMENT.points(scale)]
    rows = [
        laws(*place, c0, seed)
        for place in places
        for c0 in lazy_worst_case.C0S
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows)


def test_the_laws_come_back() -> None:
    """sec-lazy-stability: exponents and constants, for every C0."""
    found = named(lazy_worst_case.summarise(table()))
    expected = {"shift": 1.0, "shift/C0": 0.5, "bend[start]": -0.25}
    for c0 in lazy_worst_case.C0S:
        expected |= {
            f"count/expected[c0={c0:g}]": 1.0,
            f"switching[c0={c0:g}]": 0.5,
            f"eroded[c0={c0:g}]": LIMIT,
            f"relative[c0={c0:g}]": -0.5,
            f"bend_shrunk[c0={c0:g}]": -0.25,
            f"distance_raised[c0={c0:g}]": -0.5,
        }
    assert {key: found[key].value for key in expected} == pytest.approx(expected)
    last = [laws(784, 10_000, 2.0, seed) for seed in range(4)]
    left = np.mean([row["shrunk"] / row["gradient_norm"] for row in last])
    assert found["left[c0=2]"].value == pytest.approx(left)
    assert {estimate.n for estimate in found.values()} == {4}
    assert set(found) == {*expected, *(f"left[c0={c0:g}]" for c0 in lazy_worst_case.C0S)}


def test_incomplete_tables() -> None:
    """sec-lazy-stability: unfinished seeds, signs that never flip, floors that are all zero."""
    whole = table()
    part = whole[(whole["seed"] < 3) | (whole["d"] < 784)].copy()
    assert {estimate.n for estimate in named(lazy_worst_case.summarise(part)).values()} == {3}
    whole.loc[whole["c0"] == 20, "floor"] = 0.0
    whole.loc[(whole["c0"] == 5) & (whole["seed"] == 1), "distance_raised"] = math.inf
    found = named(lazy_worst_case.summarise(whole))
    assert "eroded[c0=20]" not in found
    assert found["distance_raised[c0=5]"].n == 3
    assert found["distance_raised[c0=5]"].value == pytest.approx(-0.5)
    single = named(lazy_worst_case.summarise(whole[(whole["d"] == 25) & (whole["m"] == 1000)]))
    assert not any(key.startswith(("switching", "relative", "bend")) for key in single)
    assert named(lazy_worst_case.summarise(whole[whole["c0"] > 1])) == {}


def test_the_ratios() -> None:
    """lem-b4, lem-b7: each against its definition."""
    row = with_ratios(pd.DataFrame([laws(100, 1000, 5.0, 0)])).iloc[0]
    size = math.sqrt(50)
    expected = {"shift": 2.5, "count/expected": 1.0, "eroded": LIMIT, "ball": 0.5}
    expected |= {"left": 1 - 5 * LIMIT / size, "proved": 1 - 5 * LIMIT / size}
    expected |= {"relative": 5 * LIMIT / size}
    assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_claims_are_about_numbers_that_exist() -> None:
    """lem-b4, thm-lazy-fragile: each claim has its number; the laws above are the claims."""
    claims = read_claims("lazy-worst-case")
    found = named(lazy_worst_case.summarise(table()))
    assert claims
    for claim in claims:
        assert claim.value == pytest.approx(found[str(claim.key)].value, abs=1e-3)
        curve = claim.key.curve.removeprefix("c0=")
        assert f", C0 = {curve}" in claim.text or not claim.key.curve.startswith("c0")


# The picture.


@pytest.mark.parametrize("scale", ["smoke", "paper"])
def test_the_figure_is_drawn(scale: str) -> None:
    """sec-lazy-stability: six panels, a curve for each C0 or d, and the lines of theory."""
    drawn = EXPERIMENT.draw(table(scale))
    drawn.canvas.draw()
    sizes = len(lazy_worst_case.DIMENSIONS[scale])
    assert [len(axes.lines) for axes in drawn.axes] == [3, 11, sizes + 1, 6, 8, 7]
    assert [axes.get_xlabel() for axes in drawn.axes] == [
        "$C_0$",
        "width $m$",
        r"$C_0/\sqrt{d}$",
        *["input dimension $d$"] * 3,
    ]
    plt.close(drawn)


def test_the_smoke_scale() -> None:
    """sec-lazy-stability: the whole experiment, small; its bounds hold in every row."""
    rows: list[Row] = []
    for point in EXPERIMENT.points("smoke"):
        rows += EXPERIMENT.measure(point, range(EXPERIMENT.seeds["smoke"]), Place("cpu", "smoke"))
    small = pd.DataFrame(rows)
    assert (small[["raised", "lowered"]].max(axis=1) <= small["c0"] * (1 + 1e-9)).all()
    assert (small["change"] <= small["split"]).all()
    assert (small["floor"] <= small["shrunk"]).all()
    assert named(lazy_worst_case.summarise(small))["shift/C0"].value == pytest.approx(0.5, abs=0.1)
    plt.close(EXPERIMENT.draw(small))
