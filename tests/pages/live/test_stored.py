"""The four networks of the book are what their JSON describes, and measure what it says."""

import shutil
from pathlib import Path

import live_networks
import pytest
import torch

from advtheory.data import locate, pair
from advtheory.pages.live import four, rounded, stored


def test_the_weights_are_rounded_already() -> None:
    for net in four().networks:
        assert rounded(net).w.equal(net.w)
        assert set(net.a.tolist()) == {-1.0, 1.0}


def test_images_are_rows_of_length_1_of_both_digits() -> None:
    images = four().images
    assert images.y.tolist() == [-1.0] * 4 + [1.0] * 4
    assert images.x.norm(dim=1).tolist() == pytest.approx([1.0] * 8)


def test_networks_and_images_are_what_the_json_says() -> None:
    """Where MNIST is at hand, every number of the JSON is measured again from the file."""
    book = four()
    if locate().folder is not None:
        assert live_networks.differences(book.provenance, book.networks) == []
        test = pair(14).test
        rows = torch.cat([torch.nonzero(test.y == label)[:4, 0] for label in (-1, 1)])
        raw = test.x[rows] / test.x[rows].norm(dim=1, keepdim=True)
        assert float((raw - book.images.x).abs().max()) < 0.002  # a half of 255 levels
    assert book.provenance["data"]["sha256"].startswith("b2d8f5bf3917")
    assert book.provenance["settings"] == live_networks.settings()
    assert [net["name"] for net in book.provenance["networks"]] == list(book.names)


def test_a_changed_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = four().provenance["networks"]
    measured = iter(
        {**net, "attacked_accuracy": {**net["attacked_accuracy"], "0.3": 0.5 * (k == 2)}}
        for k, net in enumerate(stated)
    )
    monkeypatch.setattr(live_networks, "measure", lambda net: next(measured))
    found = live_networks.differences({"networks": stated}, four().networks)
    assert found == [
        "lazy pairs: accuracy under attack at 0.3 was 0.876123 and is 0.5",
        "adversarial: accuracy under attack at 0.3 was 0.920095 and is 0.0",
    ]


def test_lazy_networks_are_in_the_ball_and_the_adversarial_one_has_left_it() -> None:
    moved = [net["c0"] for net in four().provenance["networks"]]
    assert moved[0] == 0
    assert max(moved[1:3]) <= 10
    assert moved[3] > 30


def test_a_damaged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in live_networks.FOLDER.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(stored, "find_folder", lambda kind: (tmp_path, None))
    assert len(four().networks) == 4
    with (tmp_path / stored.FILE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match=r"is not the file that break-a-digit\.json describes"):
        four()


def test_where_the_file_is_missing_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "find_folder", lambda kind: (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(ValueError, match=r"There is no .*b/break-a-digit\.npz"):
        four()
