"""The experiment mianjy-fig2: rows, summary, and the count of one layer of the grid."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from advtheory.contract import Place, get
from advtheory.contract.experiment import Point, plain_rows
from advtheory.reflection.experiments import grid_search
from tests.names import named

EXPERIMENT = get("mianjy-fig2")


def table(side: int) -> pd.DataFrame:
    rows = []
    for name in grid_search.ENDS:
        point: Point = {"side": side, "grid": name}
        found = EXPERIMENT.measure(point, [0], Place("cpu", "smoke"))
        rows += plain_rows(EXPERIMENT.columns, point, [0], found)
    return pd.DataFrame(rows)


def test_rows_summary_and_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-grid: with a radius of 0.75 a grid of 60 points has flips, and the margin finds them."""
    monkeypatch.setattr(grid_search, "RADIUS", 0.75)
    found = table(60)
    assert len(found) == 2 * 3 * 3
    estimates = named(EXPERIMENT.summarise(found))
    for name in grid_search.ENDS:
        flips = estimates[f"all_flips[{name}]"].value
        assert flips > 0
        for k in grid_search.KS:
            bar = estimates[f"flips[margin reflection, k={k}, {name}]"].value
            assert bar == min(k, flips)
    figure = EXPERIMENT.draw(found)
    assert len(figure.axes) == 2
    plt.close(figure)
    assert EXPERIMENT.alts is not None
    for name, said in zip(grid_search.ENDS, EXPERIMENT.alts(found), strict=True):
        assert f"marks all {int(estimates[f'all_flips[{name}]'].value)} flips" in said


@pytest.mark.parametrize(("ends", "flips"), [(False, 148), (True, 172)])
def test_all_flips_are_counted_in_the_plane(ends: bool, flips: int) -> None:
    """prop-caps: a flip needs delta_2 - delta_1 > 1: few pairs of coordinates, times the third."""
    side = 800
    places = np.arange(side) / (side - 1) if ends else (np.arange(side) + 0.5) / side
    axis = 0.51 * (2 * places - 1)
    first, second = np.meshgrid(axis, axis, indexing="ij")
    room = 0.7078**2 - first**2 - second**2
    held = room[(second - first > 1) & (room >= 0)]
    assert sum(int((axis**2 <= left).sum()) for left in held) == flips
    # they all lie in one layer of the grid
    steps = np.rint((second - first)[(second - first > 1) & (room >= 0)] / (axis[1] - axis[0]))
    assert set(steps) == {784.0 if ends else 785.0}


def test_the_record_is_the_whole_grid() -> None:
    """sec-grid: what the committed record says of k, flips and points."""
    from advtheory.records import Records
    from tests.book.sources import BOOK

    rows = Records(BOOK / "records").read("mianjy-fig2", "paper").table
    assert set(rows["side"]) == {800}
    for name, flips, points in (("cells", 148, 488235528), ("ends", 172, None)):
        part = rows[rows["grid"] == name].set_index(["loss", "k"])
        assert set(part["all_flips"]) == {flips}
        assert points is None or set(part["points"]) == {points}
        assert part["flips"]["margin reflection"].to_dict() == {10: 10, 100: 100, 1000: flips}
        for loss in ("cross-entropy", "softmax reflection"):
            assert set(part["flips"][loss]) == {0}
