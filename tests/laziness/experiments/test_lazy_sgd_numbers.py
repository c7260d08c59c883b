"""Figures 2, 3, 5, 6 and 7 of Wang et al.: what is read off their tables, against exact laws."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from advtheory.contract import Key
from advtheory.laziness.experiments import lazy_histograms, lazy_sgd, lazy_sgd_figure
from tests.names import named

EXPONENTS = {"gradient_norm": 0.5, "step": -1.0, "relative": -0.5}


def power_laws(by: str, names: list[float], rising: float = 1.0) -> pd.DataFrame:
    """A table in which every quantity is a power of d, and of the curve's name."""
    return pd.DataFrame(
        [
            {"d": d, "m": 1000, "seed": seed, by: name}
            | {
                column: (1 + 0.1 * seed) * name**rising * d**exponent
                for column, exponent in EXPONENTS.items()
            }
            for d in (25, 100, 196, 400, 784)
            for seed in range(4)
            for name in names
        ]
    )


@pytest.mark.parametrize(("by", "names"), [("m", [1000.0, 3000.0]), ("c0", [5.0, 10.0, 20.0])])
def test_the_slopes_of_power_laws(by: str, names: list[float]) -> None:
    """thm-lazy-fragile: exponents 1/2, -1 and -1/2 come back without error, for every curve."""
    found = named(lazy_sgd.summarise(by, power_laws(by, names)))
    for name in names:
        for column, exponent in EXPONENTS.items():
            for curve in (f"{by}={name:g}", f"{by}={name:g}, d>=196"):
                slope = found[f"{column}[{curve}]"]
                assert slope.value == pytest.approx(exponent, abs=1e-12)
                assert slope.error == pytest.approx(0, abs=1e-12)
                assert slope.n == 4


@pytest.mark.parametrize(("rising", "share"), [(0.5, 1.0), (-0.5, 0.0)])
def test_growth_with_c0(rising: float, share: float) -> None:
    """thm-lazy-fragile: how often a quantity grows with C0, from never to always."""
    table = power_laws("c0", [5.0, 10.0, 20.0], rising)
    found = named(lazy_sgd.summarise("c0", table))
    assert [found[f"grows[{column}]"].value for column in EXPONENTS] == [share] * 3
    assert found["grows[step]"].n == 20
    table.loc[table["seed"] < 2, "step"] *= table["c0"] ** (-2 * rising)
    assert named(lazy_sgd.summarise("c0", table))["grows[step]"].value == 0.5
    assert "grows[step]" not in named(lazy_sgd.summarise("m", power_laws("m", [1000.0])))


def test_an_unfinished_table_uses_whole_seeds_only() -> None:
    """thm-lazy-fragile: a seed that lacks some d does not bend the slope."""
    table = power_laws("c0", [10.0])
    table.loc[table["seed"] == 3, "step"] *= 100
    table = table[(table["seed"] < 3) | (table["d"] < 784)]
    slope = named(lazy_sgd.summarise("c0", table))["step[c0=10]"]
    assert slope.value == pytest.approx(-1, abs=1e-12)
    assert slope.n == 3
    assert named(lazy_sgd.summarise("c0", table[table["d"] == 25])).keys() == {
        f"grows[{column}]" for column in EXPONENTS
    }


def test_descriptions_hold_the_numbers_of_the_table() -> None:
    """thm-lazy-fragile: slopes for each curve, and the one of the dashed line."""
    table = power_laws("c0", [5.0, 10.0])
    gradient, step, relative = lazy_sgd_figure.alts("c0", table)
    assert "slope 0.50 at C0 = 5, slope 0.50 at C0 = 10; the dashed line has slope 0.5" in gradient
    assert "slope -1.00 at C0 = 5" in step
    assert "the dashed line has slope -0.5." in relative
    assert "no slope yet at C0 = 5" in lazy_sgd_figure.alts("c0", table[table["d"] == 25])[0]


def test_the_dashes_name_their_own_power() -> None:
    """thm-lazy-fragile: each panel's legend has the exponent that its dashes have."""
    figure = lazy_sgd_figure.draw("c0", power_laws("c0", [5.0, 10.0]))
    named_powers = [axes.get_legend_handles_labels()[1][-1] for axes in figure.axes]
    assert named_powers == [rf"$\propto {p}$" for p in (r"\sqrt{d}", "d^{-1}", "d^{-1/2}")]
    for axes, exponent in zip(figure.axes, EXPONENTS.values(), strict=True):
        (x, y) = np.log(np.asarray(axes.lines[-1].get_data(), dtype=float))
        assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(exponent)
    plt.close(figure)


def test_the_largest_test_error_is_one_network() -> None:
    """sec-figures-lazy: by both protocols, with the binomial error of that network's images."""
    table = power_laws("c0", [5.0, 10.0]).assign(data="mnist", test_error=0.01)
    assert lazy_sgd.test_errors(table, "c0") == {}
    table.loc[table.index == 3, "test_error"] = 0.25
    found = lazy_sgd.test_errors(table.assign(authors_test_error=0.005), "c0")
    worst = found[Key("largest test error", f"c0={table['c0'].iloc[3]:g}, exact stop")]
    assert (worst.value, worst.n, worst.over) == (0.25, 20, "test images, binomial")
    assert worst.error == pytest.approx(math.sqrt(0.25 * 0.75 / 2115))
    assert {key.curve for key in found} == {
        f"c0={c0}, {stop}" for c0 in (5, 10) for stop in ("exact stop", "end of an epoch")
    }


def test_the_means_of_histograms() -> None:
    """thm-lazy-fragile: means by seed, with their spread; images that never flip are counted."""
    rows = [(seed, step) for seed in (0, 1) for step in (1.0 + seed, 2.0, 3.0, 6.0, math.inf)]
    table = pd.DataFrame(rows, columns=["seed", "step"])
    table["distance"], table["gradient_norm"] = 2 * table["step"], 2.0
    table.loc[table["step"] == 3.0, "gradient_norm"] = 3.0
    found = named(lazy_histograms.summarise(table))
    assert "mean 6.25, skewness" in lazy_histograms.alts(table)[0]
    assert found["unflipped"].value == pytest.approx(0.2)
    assert found["mean[step]"].value == pytest.approx((12 / 4 + 13 / 4) / 2)
    assert found["mean[step]"].error == pytest.approx(0.125)
    assert found["mean[distance]"].value == pytest.approx(6.25)
    assert found["mean[step]"].n == 2
