"""Figures 2, 3, 5, 6, 7 of Wang et al. (2022): what is measured, and what a table says."""

from __future__ import annotations

import math
from functools import cache

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory import data
from advtheory.attacks import Flip, flipping_step
from advtheory.contract import Experiment, Place, Row, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.data import load
from advtheory.laziness.experiments import lazy_sgd
from advtheory.laziness.experiments.setting import Setting
from advtheory.networks import deviation, initialise
from advtheory.training import Settings, train_lazy
from tests.names import named

CURVES = [catalogue.get(f"wang-fig{number}") for number in (2, 3, 5, 6)]
FIGURES = [*CURVES, catalogue.get("wang-fig7")]
EACH = pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
EXPONENTS = {"gradient_norm": 0.5, "step": -1.0, "relative": -0.5}


@cache
def measured(name: str, seeds: tuple[int, ...] = (0, 3), point: int = 0) -> list[Row]:
    figure = catalogue.get(name)
    return list(figure.measure(figure.points("smoke")[point], list(seeds), Place("cpu", "smoke")))


# What is measured.


@EACH
def test_rows_have_every_column_and_repeat_exactly(figure: Experiment) -> None:
    """thm-lazy-fragile: the same seeds give the same numbers, in the columns that are explained."""
    point = figure.points("smoke")[0]
    plain = plain_rows(figure.columns, point, [0, 3], measured(figure.name))
    again = figure.measure(point, [0, 3], Place("cpu", "smoke"))
    assert plain == plain_rows(figure.columns, point, [0, 3], again)
    assert {row["data"] for row in plain} == {data.pair(5).name}


@pytest.mark.parametrize("figure", CURVES, ids=lambda figure: figure.name)
def test_rows_are_possible(figure: Experiment) -> None:
    """def-lazy: one row for each seed and C0, within the ball, and fractions are fractions."""
    rows = measured(figure.name)
    c0s = {"wang-fig3": [5.0, 10.0, 20.0], "wang-fig6": [5.0, 10.0, 20.0]}.get(figure.name, [10.0])
    assert [(row["seed"], row["c0"]) for row in rows] == [(s, c0) for s in (0, 3) for c0 in c0s]
    for row in rows:
        assert 0 < row["deviation"] <= row["c0"] * (1 + 1e-6)
        assert row["left"] in (0, 1)
        assert row["left"] == 1 or row["authors_deviation"] == row["deviation"]
        assert 0 <= row["test_error"] <= 1
        assert 0 <= row["unflipped"] <= 1
        assert min(row[name] for name in ("steps", "value", *EXPONENTS)) > 0


def test_seeds_are_measured_alike_alone_and_together() -> None:
    """def-lazy: the networks of several seeds are trained together without touching each other."""
    together, alone = measured("wang-fig6"), measured("wang-fig6", (3,))
    for a, b in zip([row for row in together if row["seed"] == 3], alone, strict=True):
        assert (a["left"], a["steps"]) == (b["left"], b["steps"])
        for name in ("deviation", "value", *EXPONENTS):
            assert a[name] == pytest.approx(b[name], rel=1e-3)


@pytest.mark.parametrize("c0", [0.1, 10.0])
@pytest.mark.parametrize("sphere", [False, True], ids=["pixels", "sphere"])
def test_the_numbers_of_a_row(sphere: bool, c0: float) -> None:
    """thm-lazy-fragile: norms by autograd, steps by trying, on the network that SGD arrived at."""
    setting = Setting(sphere=sphere, biases=not sphere, c0s=(c0,))
    columns = list(lazy_sgd.BY_C0)
    (row,) = lazy_sgd.measure(
        setting, columns, {"d": 25, "m": 64, "epochs": 3}, [3], Place("cpu", "smoke")
    )
    images = data.pair(5, sphere=sphere)
    start = initialise(25, 64, [3], biases=not sphere)
    train = images.train.x, images.train.y
    (out,) = train_lazy(start, *train, [c0], seeds=[3], settings=Settings(epochs=3))
    net = out.inside.to("cpu", torch.float64)
    x, y = images.test.x.double(), images.test.y.double()
    point = x.clone().requires_grad_()
    f = net.value(point)
    (gradient,) = torch.autograd.grad(f.sum(), point)
    f = f.detach()
    expected = {
        "left": int(out.left),
        "steps": out.steps,
        "deviation": 8 * float(deviation(out.inside, start.member(0))),
        "test_error": float((f.sign() != y).double().mean()),
        "value": float(f.abs().mean()),
        "gradient_norm": float(gradient.norm(dim=1).mean()),
    }
    step = flipping_step(net, x).step
    flips = step.isfinite()
    for share, kept in ((1 - 1e-6, True), (1 + 1e-6, False)):
        after = net.value(x - (share * step.where(flips, 0.0) * f.sign())[:, None] * gradient)
        assert ((after.sign() == f.sign()) == kept)[flips].double().mean() > 0.999
    relative = step * gradient.norm(dim=1) / x.norm(dim=1)
    expected |= {"step": float(step[flips].mean()), "relative": float(relative[flips].mean())}
    expected |= {"unflipped": float((~flips).double().mean())}
    # the authors look once an epoch, in steps of 0.001, and count a mistake as a perturbation of 0
    found = lazy_sgd.authors_search(flipping_step(out.epoch_end, images.test.x))
    right = (out.epoch_end.value(images.test.x) * y > 0).double()
    expected |= {
        "authors_deviation": 8 * float(deviation(out.epoch_end, start.member(0))),
        "authors_test_error": float((1 - right).mean()),
        "authors_step": float((found.step * right).mean()),
        "authors_relative": float((found.distance * right / x.norm(dim=1)).mean()),
    }
    assert c0 > 1 or out.left
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(("number", "sphere"), [(2, False), (3, False), (5, True), (6, True)])
def test_the_settings_of_the_figures(number: int, sphere: bool) -> None:
    """thm-lazy-fragile: figures 2 and 3 take raw pixels and biases, 5 and 6 sphere and none."""
    c0s = (10.0,) if number in (2, 5) else (5.0, 10.0, 20.0)
    setting = Setting(sphere=sphere, biases=not sphere, c0s=c0s)
    figure = catalogue.get(f"wang-fig{number}")
    point, columns = figure.points("smoke")[0], list(figure.columns)
    rows = lazy_sgd.measure(setting, columns, point, [0, 3], Place("cpu", "smoke"))
    assert list(rows) == measured(f"wang-fig{number}")


def test_histogram_rows_are_the_test_images() -> None:
    """thm-lazy-fragile: figure 7 has a row for each seed and test image, in their order."""
    rows = measured("wang-fig7")
    images = data.pair(7, sphere=True).test
    assert [row["image"] for row in rows] == 2 * list(range(len(images.y)))
    assert [row["label"] for row in rows] == 2 * images.y.int().tolist()
    for row in rows:
        product = row["step"] * row["gradient_norm"]
        assert row["distance"] == pytest.approx(product, rel=1e-4)


def test_only_data_of_the_right_size_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-data: a row that says d = 100 was measured on 100 pixels, and paper scale on MNIST."""
    five, asked = data.pair(5), []

    def pair(side: int, *, sphere: bool, fallback: bool) -> data.Dataset:
        asked.append((side, sphere, fallback))
        return five

    monkeypatch.setattr("advtheory.data.images.pair", pair)
    assert load(25, sphere=True, fallback=True) is five
    with pytest.raises(ValueError, match=r"d is 100, but the data at hand .* has 25 pixels"):
        load(100, sphere=False, fallback=False)
    assert asked == [(5, True, True), (10, False, False)]


def test_the_authors_search_by_walking() -> None:
    """thm-lazy-fragile: move on by 0.001 along the gradient until the sign changes, 5000 times."""
    net, grid = initialise(9, 30, 1, dtype=torch.float64), torch.arange(5001).double() / 1000
    x = torch.randn(40, 9, generator=torch.Generator().manual_seed(0)).double() * 3
    f, gradient = net.value_and_gradient(x)
    direction = -f.sign()[:, None] * gradient / gradient.norm(dim=1, keepdim=True)
    values = [net.value(x + k[:, None, None] * direction) for k in torch.split(grid, 250)]
    changes = torch.cat(values).sign() != f.sign()
    walked = torch.where(changes.any(0), grid[changes.int().argmax(0)], grid[-1])
    found = lazy_sgd.authors_search(flipping_step(net, x))
    torch.testing.assert_close(found.distance, walked)
    torch.testing.assert_close(found.step, walked / gradient.norm(dim=1))
    assert changes.any(0).sum() >= 10


@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=5), st.floats(0.1, 10))
def test_the_authors_search_overshoots_by_less_than_its_grid(
    distances: list[float], norm: float
) -> None:
    """thm-lazy-fragile: the search rounds up to a multiple of 0.001, at most 5."""
    distance = torch.tensor([*distances, math.inf], dtype=torch.float64)
    norms = torch.full_like(distance, norm)
    found = lazy_sgd.authors_search(Flip(distance / norms, norms, distance, torch.ones_like(norms)))
    near = distance < 5
    excess = (found.distance - distance)[near]
    assert (excess >= -1e-12).all()
    assert (excess < 0.001 + 1e-12).all()
    assert (found.distance[~near] == 5).all()
    torch.testing.assert_close(found.step * norms, found.distance)


@EACH
def test_figures_are_drawn(figure: Experiment) -> None:
    """thm-lazy-fragile: a table of one scale gives a figure with labelled axes and numbers."""
    points = range(len(figure.points("smoke")))
    rows = [row for point in points for row in measured(figure.name, point=point)]
    table = pd.DataFrame(rows)
    drawn = figure.draw(table)
    assert len(drawn.axes) == 3
    assert all(axes.get_legend() is not None for axes in drawn.axes)
    assert figure.alts is not None
    assert len(figure.alts(table)) == 3
    assert all(axes.get_xlabel() for axes in drawn.axes)
    plt.close(drawn)
    estimates = named(figure.summarise(table))
    assert all(math.isfinite(estimate.value) for estimate in estimates.values())
    shares = [one.value for key, one in estimates.items() if key.startswith(("grows", "unf"))]
    assert all(0 <= share <= 1 for share in shares)


@EACH
def test_every_scale_can_be_planned(figure: Experiment) -> None:
    """thm-lazy-fragile: each point has a positive cost, and at least one seed at a time."""
    for scale in ("smoke", "laptop", "paper"):
        for point in figure.points(scale):
            assert figure.cost(point) > 0
            assert figure.together(point) >= 1
            assert math.isqrt(int(point["d"])) ** 2 == point["d"]
