"""The protocol of Table 1: what each column does, what the strongest adds, and the criterion."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import Schedule, bim, fgsm
from advtheory.attacks.raw_paths import perturb
from advtheory.losses import LOGISTIC, REFLECTED
from advtheory.norms import L2, LINF
from advtheory.records.claims import read_claims
from advtheory.reflection import table_one
from advtheory.reflection.choices import CLIPS, Choice, start
from advtheory.reflection.table_one import ATTACKS, PAPER, STRONGEST, TRAININGS

SHARE = st.floats(0, 1)


def images(n: int = 40, d: int = 16) -> tuple[Tensor, Tensor]:
    """Two clouds in the unit cube."""
    generator = torch.Generator().manual_seed(0)
    y = torch.randn(n, generator=generator).sign()
    x = 0.5 + 0.15 * y[:, None] * torch.linspace(-1, 1, d)
    return (x + 0.1 * torch.randn(n, d, generator=generator)).clamp(0, 1), y


def test_the_columns_do_what_the_paper_says() -> None:
    ways = {name: table_one.way(name, Choice()) for name in ATTACKS}
    for name, way in ways.items():
        assert way.loss is (REFLECTED if name.startswith("R-") else LOGISTIC)
        assert way.ball == (L2 if name.endswith("PGD-2") else LINF)
        assert way.schedule.radius == (2.0 if name.endswith("PGD-2") else 0.1)
        assert way.signed == ("PGD" not in name)
        if "FGSM" not in name:
            lengths = [way.schedule.length(t) for t in (0, 9, 10, 39)]
            assert lengths == pytest.approx([10, 10, 2, 0.08])


def test_clipping_may_concern_one_norm_only() -> None:
    for clip, (linf, euclid) in CLIPS.items():
        ways = [table_one.way(name, Choice(clip=clip)) for name in ATTACKS]
        assert [way.box for way in ways] == [linf] * 6 + [euclid] * 2


def test_the_gradient_of_the_batch_is_a_64th() -> None:
    for name in ("PGD-inf", "R-PGD-2"):
        each, mean = (
            table_one.way(name, Choice(gradient=one)).schedule.step for one in ("example", "mean")
        )
        assert each == 64 * mean == 10
    for name, one in (("PGD-inf", "mean-linf"), ("R-PGD-2", "mean-l2")):
        assert table_one.way(name, Choice(gradient=one)).schedule.step == 10 / 64
    for name, other in (("PGD-inf", "mean-l2"), ("R-PGD-2", "mean-linf")):
        assert table_one.way(name, Choice(gradient=other)).schedule.step == 10


def test_fgsm_and_bim_are_those_of_the_package() -> None:
    x, y = images()
    net = start(Choice(), x.shape[1], 20, [0])
    mine = {name: perturb(net, x[None], y, table_one.way(name, Choice())) for name in ATTACKS}
    torch.testing.assert_close(mine["FGSM"], fgsm(net, x, y, radius=0.1))
    saturated = bim(net, x, y, radius=0.1, steps=1)  # one step to the corner of the box
    torch.testing.assert_close(mine["R-FGSM"], saturated)
    small = table_one.way("BIM", Choice(bim="small", steps=10))
    assert small.schedule == Schedule(0.1, 0.01, 10, "last")
    torch.testing.assert_close(
        perturb(net, x[None], y, small), bim(net, x, y, radius=0.1, steps=10)
    )


def test_the_strongest_breaks_what_any_column_breaks() -> None:
    x, y = images(80)
    for clip in ("none", "l2"):
        choice = Choice(clip=clip, steps=10)
        net = table_one.trained(choice, "Standard", x, y, [0, 1], epochs=4)
        found = table_one.table_row(net, x, y, choice)
        assert set(found) == {"clean", *ATTACKS, *STRONGEST}
        for name in ATTACKS:
            norm = STRONGEST[name.endswith("PGD-2")]
            assert bool((found[name] <= found[norm]).all())
        assert bool((found["clean"] <= found["strongest-linf"]).all())
        assert torch.equal(found["FGSM"], found["R-FGSM"])
        assert torch.equal(found["BIM"], found["R-BIM"])


def test_training_with_an_attack_is_training_on_what_it_returns() -> None:
    x, y = images()
    choice = Choice(steps=5)
    rows = [table_one.trained(choice, row, x, y, [0], epochs=1).w for row in TRAININGS]
    assert all(not torch.equal(rows[0], other) for other in rows[1:])
    again = table_one.trained(replace(choice, bim="small"), "R-PGD-2", x, y, [0], epochs=1).w
    assert torch.equal(rows[4], again)  # BIM's step matters in no training
    with pytest.raises(ValueError, match="row is 'BIM'; expected one of Standard"):
        table_one.trained(choice, "BIM", x, y, [0])


def test_what_counts_is_the_last_iterate_or_any() -> None:
    z = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [2.0, 0.0], [1.0, -1.0]])
    assert table_one.broken(z, 2, "last").tolist() == [False, True]  # at 0 the sign is no class
    assert table_one.broken(z, 2, "best").tolist() == [True, True]
    assert table_one.broken(z, 1, "best").tolist() == [True, False]


@given(st.lists(SHARE, min_size=1, max_size=40), st.data())
def test_the_criterion_is_a_distance(ours: list[float], data: st.DataObject) -> None:
    n = len(ours)
    p, q = (data.draw(st.lists(SHARE, min_size=n, max_size=n)) for _ in range(2))
    assert table_one.distance(ours, ours) == 0
    assert table_one.distance(ours, p) == pytest.approx(table_one.distance(p, ours))
    through = table_one.distance(ours, q) + table_one.distance(q, p)
    assert table_one.distance(ours, p) <= through + 1e-12
    assert table_one.distance(ours, p) <= math.pi / 2 + 1e-12


def test_on_the_scale_of_the_criterion_all_shares_err_alike() -> None:
    generator = np.random.default_rng(0)
    for p in (0.02, 0.25, 0.5):
        drawn = generator.binomial(2115, p, 20_000) / 2115
        spread = np.std(np.arcsin(np.sqrt(drawn)))
        assert spread == pytest.approx(0.5 / math.sqrt(2115), rel=0.05)


def test_the_paper_s_table_is_the_one_that_is_claimed() -> None:
    claims = {claim.key.curve: claim.value for claim in read_claims("mianjy-table1")}
    cells = {
        f"{row}: {name}": p for row in PAPER for name, p in zip(ATTACKS, PAPER[row], strict=True)
    }
    assert len(cells) == 40
    assert {cell: claims[cell] for cell in cells} == cells
