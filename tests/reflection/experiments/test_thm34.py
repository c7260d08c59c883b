"""The experiment mianjy-thm34: rows, first times, what is read off a table, figure."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from advtheory.contract import Place, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.networks import TwoLayer
from advtheory.records import read_claims
from advtheory.reflection import bounds
from advtheory.reflection.experiments import margin_setting, thm34
from advtheory.training import linear_attack, train_online
from tests.names import named

EXPERIMENT = catalogue.get("mianjy-thm34")
HERE = Place("cpu", "smoke")


def point(attack: str) -> dict[str, int | float | str]:
    (found, *_) = (p for p in EXPERIMENT.points("smoke") if p["attack"] == attack)
    return found


@pytest.mark.parametrize("attack", ["exact", "PGD"])
def test_rows(attack: str) -> None:
    """thm-training, cor-exact-oracle: below the bound, and seed by seed the same in company."""
    chosen = point(attack)
    both = plain_rows(EXPERIMENT.columns, chosen, [0, 2], EXPERIMENT.measure(chosen, [0, 2], HERE))
    (alone,) = EXPERIMENT.measure(chosen, [2], HERE)
    nu, alpha = 0.5 - float(chosen["gap"]), float(chosen["alpha"])
    proved = bounds.perceptron_iterations if attack == "exact" else bounds.training_iterations
    for row in both:
        assert row["bound"] == float(proved(0.1, 0.5, nu, alpha=alpha, start=1.0))
        assert 1 <= float(row["iterations"]) <= float(row["robust_iterations"])
        assert float(row["robust_iterations"]) <= float(row["bound"])
        assert row["beta"] == pytest.approx(2 * nu * (1 - alpha))
        assert (float(row["attack_steps"]) > 0) == (attack == "PGD")
    for name in ("iterations", "robust_iterations"):
        assert both[1][name] == alone[name]


def test_the_iterations_of_a_linear_network_in_closed_form() -> None:
    """cor-linear-training: the errors by y u.x - nu |u|, and the first T by adding up."""
    chosen, nu = point("exact"), 0.5 - float(point("exact")["gap"])
    (row,) = EXPERIMENT.measure(chosen, [1], HERE)
    net = margin_setting.networks(20, thm34.M, 1.0, 1.0, [1], "cpu")
    x, y = margin_setting.examples(thm34.MOST["exact"], 20, 0.5, [1], "cpu")
    fresh, errors = margin_setting.Fresh(20, 0.5, "cpu"), []

    def watch(net: TwoLayer) -> None:
        u = torch.einsum("ks,ksd->d", net.a, net.w) / math.sqrt(thm34.M)
        least = fresh.y * (fresh.x @ u) - nu * u.norm()
        errors.append(float((least <= 0).double().mean()))

    eta = float(bounds.step_size(nu))
    train_online(net, x[:, :60], y[:, :60], linear_attack(nu), learning_rate=eta, watch=watch)
    first = next(t for t in range(1, 61) if sum(errors[:t]) / t <= 0.2)
    assert row["robust_iterations"] == first


def test_first_times() -> None:
    """thm-training: the first T with a mean of at most 2 eps; inf where there is none yet."""
    means = thm34.Means(margin_setting.Fresh(2, 0.5, "cpu"), 0.1, 0.0)
    means.seen = [
        torch.tensor([[0.6, 0.5]]),
        torch.tensor([[0.0, 0.5]]),
        torch.tensor([[0.0, 0.5]]),
    ]
    assert means.first().tolist() == [[3.0, math.inf]]


def synthetic(exponent: float) -> pd.DataFrame:
    rows = []
    for chosen in EXPERIMENT.points("paper"):
        count = 3 * float(chosen["gap"]) ** exponent
        rows += [
            {**chosen, "m": 20, "beta": 0.1, "eps": 0.1, "seed": seed, "attack_steps": 0}
            | {"iterations": count, "robust_iterations": count, "bound": 1000 * count}
            for seed in range(4)
        ]
    return pd.DataFrame(rows)


def test_what_is_read_off_a_table() -> None:
    """thm-training: the exponent comes back, a gap with an unfinished run is left out."""
    found = named(thm34.summarise(synthetic(-2.0)))
    assert found["slope[exact, d=20, alpha=1]"].value == pytest.approx(-2.0)
    assert found["iterations/bound[PGD, d=2, alpha=0.6]"].value == pytest.approx(1e-3)
    table = synthetic(-2.0)
    table.loc[(table["gap"] == 0.1) & (table["seed"] == 1), "robust_iterations"] = math.inf
    assert named(thm34.summarise(table))["slope[exact, d=20, alpha=1]"].value == pytest.approx(-2.0)
    assert {str(claim.key) for claim in read_claims("mianjy-thm34")} <= found.keys()


def test_the_figure_and_its_words() -> None:
    """thm-training: two panels, each described; an unfinished run, too."""
    for table in (synthetic(-2.0), synthetic(-2.0).head(30)):
        drawn = EXPERIMENT.draw(table)
        assert len(drawn.axes) == 2
        plt.close(drawn)
        assert EXPERIMENT.alts is not None
        assert len(EXPERIMENT.alts(table)) == 2


def test_every_scale_can_be_planned() -> None:
    """thm-training: positive gaps below the margin, a cost and a company."""
    for scale in ("smoke", "laptop", "paper"):
        for chosen in EXPERIMENT.points(scale):
            assert 0 < float(chosen["gap"]) < margin_setting.GAMMA
            assert EXPERIMENT.cost(chosen) > 0
            assert EXPERIMENT.together(chosen) >= 1
