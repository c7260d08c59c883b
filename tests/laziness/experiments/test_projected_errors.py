"""What Figure 4 can err by: test images and seeds, against formulas and against simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory import data
from advtheory.contract import Key
from advtheory.data.small_digits import digits
from advtheory.laziness.experiments import projected_errors, projected_thresholds
from advtheory.laziness.experiments.projected_errors import bootstrap, image_error
from advtheory.laziness.experiments.projected_thresholds import RIGHT, crossing, drop

PLACES = np.geomspace(0.1, 3.2, 11)


def curve(middle: float) -> pd.DataFrame:
    """Robust accuracy rises by 0.3 for each doubling of V."""
    robust = np.clip(0.5 + 0.3 * np.log2(PLACES / middle), 0, 1)
    return pd.DataFrame({"radius": PLACES, "robust": robust, "data": "mnist"})


def panel(middles: dict[tuple[int, int], float]) -> pd.DataFrame:
    """A table of Figure 4, right: the threshold of each width and seed is given."""
    parts = [curve(middle).assign(m=m, seed=seed) for (m, seed), middle in middles.items()]
    table = pd.concat(parts, ignore_index=True).assign(d=784, eps=0.2, projection="step")
    return table.assign(c0=table["radius"], alignment=0.2, start_value=0.5)


def test_the_numbers_of_test_images() -> None:
    """sec-figure4: as many as the test splits of the two digits have."""
    assert len(data.pair(5).test.y) == projected_errors.TEST_IMAGES[data.pair(5).name]
    labels = digits().test[1]
    assert int((labels < 2).sum()) == projected_errors.TEST_IMAGES["digits-8x8"]


@given(st.floats(0.3, 1.2), st.integers(100, 4000))
def test_the_image_error_of_a_threshold_by_the_slope(middle: float, n: int) -> None:
    """sec-figure4: near a crossing, d log V = dp / slope, and dp is binomial at one half."""
    made = curve(middle)
    error = image_error(lambda s: crossing(PLACES, s), made["robust"].to_numpy(), n)
    slope = 0.3 / math.log(2)
    # interpolation between two points of the grid mixes two independent errors
    assert 0.6 < error / (middle * 0.5 / math.sqrt(n) / slope) < 1.3


def test_nothing_to_read_has_no_error() -> None:
    """sec-figure4: a curve that never crosses."""
    assert math.isnan(image_error(lambda s: crossing(PLACES, s), np.zeros(11), 100))


def test_a_bootstrap_of_a_mean_is_its_standard_error() -> None:
    """sec-figure4: with the correction for few seeds, up to 200 redraws."""
    values = np.random.default_rng(3).normal(size=6)
    table = pd.DataFrame({"seed": np.arange(6), "v": values})
    found = bootstrap(table, lambda drawn: float(drawn["v"].mean()))
    assert found == pytest.approx(values.std(ddof=1) / math.sqrt(6), rel=0.15)
    with pytest.raises(ValueError, match="at least two of them, not 1"):
        bootstrap(table.head(1), lambda drawn: 0.0)


def test_a_jump_is_sharp_and_half_a_drop_is_none() -> None:
    """sec-figure4: the ratio tends to 1; a curve that ends at 80 % has no width."""
    step = (PLACES > 1).astype(float)
    gap = PLACES[1] / PLACES[0]
    assert drop(PLACES, step) == pytest.approx(gap**0.8)
    assert drop(PLACES, 1 - step) == pytest.approx(gap**0.8)
    assert drop(PLACES, 0.8 * step) == math.inf


def test_each_number_says_what_its_error_is_an_error_of() -> None:
    """sec-figure4: images and a fit for one seed, the seeds for two, spread where some lack."""
    law = {(m, 0): 10 / math.sqrt(m) for m in (100, 316, 1000)}
    one = projected_thresholds.summarise_right(panel(law))
    assert one[Key("threshold", "m=100")].over == "test images, binomial"
    assert one[Key("drop", "m=100")].over == "test images, binomial"
    assert one[Key("most robust")].over == "test images, binomial"
    assert one[Key("exponent")].over == "residuals of the fit"
    assert one[Key("constant")].over == "spread over m"
    two = projected_thresholds.summarise_right(
        panel(law | {(m, 1): 11 / math.sqrt(m) for m in (100, 316, 1000)})
    )
    assert two[Key("threshold", "m=100")].over == "seeds"
    assert two[Key("exponent")].over == two[Key("constant")].over == "bootstrap over seeds"
    assert two[Key("exponent")].value == pytest.approx(-0.5, abs=1e-3)
    assert two[Key("constant")].value == pytest.approx(10.5, rel=1e-3)
    assert two[Key("constant")].error == pytest.approx(0.5, rel=0.15)
    some = projected_thresholds.summarise_right(panel(law | {(100, 1): 1.1}))
    assert some[Key("exponent")].over == "residuals of the fit"
    assert some[Key("constant")].over == "spread over m"
    assert RIGHT.x == "m"
