"""The four networks that the figure "Break a digit" shows in the book, and its images.

They are one file of the book, made by ``tools/live_networks.py`` from MNIST, and the figure needs
nothing else. The JSON file beside it says how they were trained and what they measure.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from advtheory.data import Split
from advtheory.networks import TwoLayer
from advtheory.records.store import find_folder

FILE = "break-a-digit.npz"


@dataclass(frozen=True)
class Four:
    """Networks with their names, images, and what is known of them.

    Attributes:
        networks: Of width 256, with weights that are rounded already.
        images: Test images 0 (label -1) and 1 (label +1) as rows of length 1.
        names: What each network is called.
        notes: How each one came about, in a few words.
        provenance: The JSON file: settings, seeds, versions, measurements.
    """

    networks: tuple[TwoLayer, ...]
    images: Split
    names: tuple[str, ...]
    notes: tuple[str, ...]
    provenance: dict[str, Any]


def four() -> Four:
    """Read the file of the book.

    Raises ``ValueError`` where it is missing, or is not the one that its JSON file describes.

    >>> [net.m for net in four().networks], four().images.x.shape
    ([256, 256, 256, 256], torch.Size([8, 196]))
    """
    path = _path()
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if hashlib.sha256(path.read_bytes()).hexdigest() != said["sha256"]:
        raise ValueError(f"{path} is not the file that {path.stem}.json describes")
    with np.load(path) as held:
        parts = {name: torch.from_numpy(held[name]) for name in held.files}
    pixels = parts["pixels"].float()
    images = Split(pixels / pixels.norm(dim=1, keepdim=True), parts["labels"].float())
    nets = tuple(_network(parts, k) for k in range(len(said["networks"])))
    names = tuple(net["name"] for net in said["networks"])
    return Four(nets, images, names, tuple(net["note"] for net in said["networks"]), said)


def _path() -> Path:
    folder, shipped = find_folder("live")
    places = [place / FILE for place in (folder, shipped) if place]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise ValueError(f"There is no {places[-1]}: the networks of the book are not installed.")
    return path


def _network(parts: dict[str, torch.Tensor], k: int) -> TwoLayer:
    w = parts[f"w{k}"].float() * parts[f"scale{k}"][:, None]
    return TwoLayer(w, parts[f"a{k}"].float())
