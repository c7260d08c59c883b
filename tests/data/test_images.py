"""The data sets as experiments get them: MNIST where it is at hand, and otherwise the stand-in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory import data
from advtheory.data import small_digits
from advtheory.data.images import _dataset
from advtheory.data.source import Source

# What this machine has: MNIST itself where it is at hand, and otherwise the stand-in.


def test_the_pair_of_this_machine_is_whole() -> None:
    both, every = data.pair(28), data.ten(28)
    counts = [len(part.y) for part in (both.train, both.test, every.train, every.test)]
    expected = {"mnist": [12665, 2115, 60000, 10000], "digits-8x8": [254, 106, 1266, 531]}
    assert counts == expected[both.name]
    assert both.sha256 == every.sha256 == data.digest(both.name)
    assert both.side == {"mnist": 28, "digits-8x8": 8}[both.name]


@pytest.mark.parametrize("side", [1, 5, 7])
def test_pixels_and_labels_are_in_range(side: int) -> None:
    both, every = data.pair(side), data.ten(side)
    for part in (both.train, both.test, every.train, every.test):
        assert part.x.dtype == torch.float32
        assert part.x.shape == (len(part.y), side * side)
        assert 0 <= part.x.min() < part.x.max() <= 1
    assert sorted(set(both.train.y.tolist())) == [-1.0, 1.0]
    assert set(every.test.y.tolist()) == set(range(10))


def test_the_pair_is_the_zeros_and_ones_of_all_ten() -> None:
    both, every = data.pair(7), data.ten(7)
    keep = every.test.y < 2
    assert torch.equal(both.test.x, every.test.x[keep])
    assert torch.equal(both.test.y, 2.0 * every.test.y[keep] - 1)


def test_rows_lie_on_the_sphere_and_keep_their_direction() -> None:
    flat, round_ = data.pair(7), data.pair(7, sphere=True)
    norms = flat.train.x.double().norm(dim=1, keepdim=True)
    assert torch.allclose(round_.train.x.double().norm(dim=1), torch.ones(1).double(), atol=1e-6)
    assert torch.allclose(round_.train.x.double() * norms, flat.train.x.double(), atol=1e-6)


def test_a_second_call_is_free() -> None:
    assert data.pair(7) is data.pair(7)


# Area averaging.


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, 12), st.data())
def test_area_averages_agree_with_counting_small_squares(k: int, draw: st.DataObject) -> None:
    side = draw.draw(st.integers(1, k))
    seed = draw.draw(st.integers(0, 1000))
    images = np.random.default_rng(seed).integers(0, 256, (3, k, k), dtype=np.uint8)
    shrunk = data.area_average(images, side)
    # Cut each pixel into side x side equal squares: a new pixel then holds k x k whole ones.
    fine = images.repeat(side, axis=1).repeat(side, axis=2).astype(float)
    expected = fine.reshape(3, side, k, side, k).mean(axis=(2, 4))
    assert np.allclose(shrunk, expected, rtol=1e-7, atol=0)
    # The mean is conserved exactly: before the last rounding every sum is a whole number.
    sums = np.rint(shrunk.astype(float) * k * k)
    assert sums.sum() == side**2 * images.sum(dtype=float)


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, 28), st.integers(1, 28), st.integers(0, 255))
def test_a_grey_image_stays_exactly_as_grey(k: int, side: int, grey: int) -> None:
    images = np.full((1, k, k), grey, np.uint8)
    assert (data.area_average(images, min(side, k), white=255) == np.float32(grey / 255)).all()


def test_the_native_side_changes_nothing() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    assert np.array_equal(data.area_average(images, 28), images)


@pytest.mark.parametrize("side", [0, -3, 29, 2.5, True, "7", np.int64(29), np.float64(5)])
def test_a_side_that_makes_no_sense(side: int) -> None:
    with pytest.raises(ValueError, match="expected an integer from 1 to 28"):
        data.pair(side)
    with pytest.raises(ValueError, match="expected an integer from 1 to 28"):
        data.area_average(np.zeros((1, 28, 28), np.uint8), side)


@pytest.mark.parametrize("side", [np.int64(5), np.uint8(5)])
def test_a_side_may_be_an_integer_of_numpy(side: int) -> None:
    assert data.pair(side) is data.pair(5)
    assert type(data.ten(side).side) is int
    assert data.area_average(np.zeros((1, 8, 8), np.uint8), side).shape == (1, 5, 5)


@pytest.mark.parametrize("d", [0, -25, 24, 25.0, True, "25", None])
def test_a_dimension_that_makes_no_sense(d: int) -> None:
    with pytest.raises(ValueError, match=r"^d is .*; expected a|but the data at hand"):
        data.load(d, sphere=False, fallback=True)


def test_images_that_are_not_square() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 3\); expected square images"):
        data.area_average(np.zeros((2, 3), np.uint8), 1)


def test_a_black_image_has_no_direction() -> None:
    images, labels = np.ones((3, 4, 4), np.uint8), np.array([0, 5, 1], np.uint8)
    images[2] = 0
    source = Source("made up", (images, labels), (images, labels), 1, "")
    assert _dataset(source, 2, False, True).train.x.tolist() == [[1] * 4, [0] * 4]
    with pytest.raises(ValueError, match="image 1 is all black and has no direction"):
        _dataset(source, 2, True, True)


# The stand-in.


def test_the_stand_in_is_announced_once(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small, again, ten = data.pair(28), data.pair(8), data.ten(3)
    assert small.name == ten.name == "digits-8x8"
    assert small.side == again.side == 8
    assert torch.equal(small.test.x, again.test.x)
    assert ten.side == 3
    assert small.sha256 == data.digest("digits-8x8")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "scikit-learn's 8x8 digits stand in" in lines[0]


def test_changed_digits_are_noticed(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_digits, "DIGESTS", {"digits-8x8": "0" * 64})
    with pytest.raises(data.DataError, match="not the original ones"):
        data.pair()


def test_both_parts_of_the_stand_in_hold_every_digit(nowhere: Path) -> None:
    every = data.ten(8)
    train, test = every.train.y.bincount(), every.test.y.bincount()
    assert torch.allclose(train / (train + test), torch.tensor(0.7), atol=0.02)


def test_the_digest_of_something_unknown() -> None:
    with pytest.raises(ValueError, match="no data set 'cifar'; choose one of mnist, digits-8x8"):
        data.digest("cifar")
