"""The experiment reflected-classes: its cases, rows and figure, and what its record says."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from advtheory.contract import Place, get
from advtheory.contract.experiment import plain_rows
from advtheory.networks.model import AutogradModel, Pull
from advtheory.norms import L2
from advtheory.records import Records
from advtheory.reflection.experiments import reflected_classes, rivals
from advtheory.reflection.experiments.digit_classifiers import Layers, trained
from advtheory.reflection.linear_classes import distance
from tests.book.sources import BOOK
from tests.names import named

EXPERIMENT = get("reflected-classes")
HERE = Place("cpu", "smoke")


@pytest.mark.parametrize("problem", reflected_classes.RANDOM)
def test_random_inputs_have_the_distance_1(problem: str) -> None:
    """prop-targeted: an attack exists from radius 1 on, and not before."""
    case = reflected_classes.random_case(problem, 3, HERE)
    assert case.rows is not None
    assert case.model.value(case.x).argmax(-1).equal(case.y)
    torch.testing.assert_close(distance(case.rows, case.x, case.y), torch.ones_like(case.x[..., 0]))
    exists = {r: reflected_classes.shares(case, r)[0]["exists"] for r in (0.99, 1.01)}
    assert exists == {0.99: 0.0, 1.01: 1.0}


def test_rows_and_figure() -> None:
    """prop-targeted: every point at smoke scale; targeted steps miss nothing on linear ones."""
    rows = []
    for point in EXPERIMENT.points("smoke"):
        rows += plain_rows(EXPERIMENT.columns, point, [0], EXPERIMENT.measure(point, [0], HERE))
    table = pd.DataFrame(rows)
    assert set(table["attack"]) == set(rivals.RIVALS)
    whole = table["broken"] + table["missed"] * table["exists"]
    assert (whole - table["exists"]).abs().max() < 1e-9
    estimates = named(EXPERIMENT.summarise(table))
    for problem in (*reflected_classes.RANDOM, "digits, linear"):
        assert estimates[f"missed[{problem}: targeted]"].value == 0
    figure = EXPERIMENT.draw(table)
    assert len(figure.axes) == 4
    plt.close(figure)
    part = table[table["problem"] == "digits, linear"]
    figure = EXPERIMENT.draw(part)
    assert len(figure.axes) == 1
    plt.close(figure)


def test_the_costs_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """prop-targeted: gradients of one greedy run, of the divided steps, and of all classes."""
    case = reflected_classes.digit_case("digits, linear", 0, HERE)
    seen: list[torch.Size] = []
    whole = AutogradModel.linearise

    def counted(self: AutogradModel, x: torch.Tensor) -> tuple[torch.Tensor, Pull]:
        seen.append(x.shape)
        return whole(self, x)

    monkeypatch.setattr(AutogradModel, "linearise", counted)
    rivals.margins(case.model, case.x, case.y, 0.5, L2)
    assert len(seen) == rivals.STEPS * (3 + 1 + 9)


def test_training_learns_the_digits() -> None:
    """prop-targeted: a linear classifier and a network, in double precision, from a seed."""
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(200) % 10
    x = torch.eye(10)[y] + 0.1 * torch.rand(200, 10, generator=generator)
    for hidden in (0, 30):
        layers = trained(x, y, hidden=hidden, epochs=40, seed=1)
        assert isinstance(layers, Layers)
        assert layers.value(x.double()).argmax(-1).eq(y).double().mean() > 0.95
        again = trained(x, y, hidden=hidden, epochs=40, seed=1)
        assert again.top.equal(layers.top)


def test_the_record_says_what_the_page_says() -> None:
    """prop-targeted: the table of the page, and that equal cost beats greed everywhere."""
    record = Records(BOOK / "records").read("reflected-classes", "paper")
    found = named(EXPERIMENT.summarise(record.table))
    page = (BOOK / "reflection/many-classes.md").read_text("utf-8")
    problems = [*reflected_classes.RANDOM, *reflected_classes.DIGITS]
    for attack in rivals.RIVALS:
        (line,) = (row for row in page.splitlines() if row.startswith(f"| {attack} |"))
        typed = [cell.strip() for cell in line.split("|")[2:-1]]
        for cell, problem in zip(typed, problems, strict=True):
            digits = len(cell.partition(".")[2])
            assert float(cell) == round(found[f"missed[{problem}: {attack}]"].value, digits)
    worst = record.table.groupby(["problem", "radius", "attack"])["missed"].mean().unstack()
    assert (worst[rivals.EQUAL] <= worst[["greedy margin", "greedy softmax"]].min(axis=1)).all()
