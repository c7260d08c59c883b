"""Train the four networks of the live figure "Break a digit" and write them to book/live.

    python tools/live_networks.py          train, measure, write break-a-digit.npz and .json
    python tools/live_networks.py --check  measure the committed file again and compare

It needs MNIST and half a minute. The weights are rounded to 8 bits before anything is measured:
what the JSON states, what the figure computes and what the package computes is one network.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from advtheory import data
from advtheory.attacks import flipping_step, pgd
from advtheory.networks import TwoLayer, deviation, initialise
from advtheory.pages.live import int8_rows, rounded
from advtheory.records.provenance import code_version, machine, now
from advtheory.training import Plan, Settings, train_lazy, train_projected

FOLDER = Path(__file__).resolve().parents[1] / "book" / "live"
NAME = "break-a-digit"
SIDE, WIDTH, C0 = 14, 256, 10.0
SEED = 3  # the first whose random network calls the first image 0, as the trained ones do
BUDGETS = (0.1, 0.2, 0.3, 0.4)  # of the attack that is measured
STEPS = 20  # of that attack
LAZY = Settings(epochs=20)
BUDGET = 0.3  # of the attack during adversarial training
PLAN = Plan(epochs=20, attack_steps=20)
FREE = 100.0  # a radius V that no row reaches: adversarial training is not held back
SAME = 1e-3  # two images of the test set: another machine rounds differently
EACH = 4  # images of each digit: the first ones of the test set, not chosen
WORDS = (
    ("random", "never trained"),
    ("lazy", "independent signs"),
    ("lazy pairs", "signs in pairs"),
    ("adversarial", "trained on attacks"),
)


def train() -> list[tuple[TwoLayer, TwoLayer]]:
    """Start and end of each network, in the order of `WORDS`; three have the same start."""
    images = data.pair(SIDE, sphere=True, fallback=False)
    x, y, d = images.train.x, images.train.y, SIDE**2
    start = initialise(d, WIDTH, [SEED])
    pairs = initialise(d, WIDTH, [SEED], signs="antisymmetric")
    lazy = [train_lazy(one, x, y, [C0], seeds=[SEED], settings=LAZY)[0] for one in (start, pairs)]
    (free,) = train_projected(start, x, y, budgets=[BUDGET], radii=[FREE], seeds=[SEED], plan=PLAN)
    single, paired = start.member(0), pairs.member(0)
    ends = [single, lazy[0].inside, lazy[1].inside, free.net]
    return list(zip([single, single, paired, single], ends, strict=True))


def measure(net: TwoLayer) -> dict[str, Any]:
    """Error and attacked accuracy on the test images, and the median flipping distance."""
    test = data.pair(SIDE, sphere=True, fallback=False).test
    exact, x, y = net.to("cpu", torch.float64), test.x.double(), test.y.double()
    attacked = {str(r): _right(exact, pgd(exact, x, y, radius=r, steps=STEPS), y) for r in BUDGETS}
    return {
        "test_error": round(1 - _right(exact, x, y), 6),
        "attacked_accuracy": attacked,
        "median_flipping_distance": round(float(flipping_step(exact, x).distance.median()), 6),
    }


def _right(net: TwoLayer, x: Tensor, y: Tensor) -> float:
    return round(float((y * net.value(x) > 0).double().mean()), 6)


def arrays(nets: Sequence[TwoLayer]) -> dict[str, Any]:
    """What the file holds: int8 weights, float32 scales, int8 signs, uint8 pixels, int8 labels."""
    found: dict[str, Any] = {}
    for k, net in enumerate(nets):
        weights, scale = int8_rows(net)
        found[f"w{k}"] = weights.to(torch.int8).numpy()
        found[f"scale{k}"] = scale.float().numpy()
        found[f"a{k}"] = net.a.to(torch.int8).numpy()
    test = data.pair(SIDE, fallback=False).test
    rows = torch.cat([torch.nonzero(test.y == label)[:EACH, 0] for label in (-1, 1)])
    found["pixels"] = (255 * test.x[rows]).round().to(torch.uint8).numpy()
    return {**found, "labels": test.y[rows].to(torch.int8).numpy()}


def provenance(trained: Sequence[tuple[TwoLayer, TwoLayer]], digest: str) -> dict[str, Any]:
    """What is written beside the file: how it was made, and what it measures."""
    nets = []
    for (name, note), (start, end) in zip(WORDS, trained, strict=True):
        far = float(deviation(end, start)) * WIDTH**0.5
        nets.append({"name": name, "note": note, "c0": round(far, 3), **measure(rounded(end))})
    return {
        "sha256": digest,
        "made_by": "tools/live_networks.py",
        "date": now(),
        "code": code_version(),
        "machine": machine(),
        "data": {"name": "mnist", "sha256": data.digest("mnist"), "side": SIDE, "sphere": True},
        "settings": settings(),
        "measured": {"images": 2115, "attack_steps": STEPS, "weights": "rounded", "in": "float64"},
        "networks": nets,
    }


def settings() -> dict[str, Any]:
    """Everything that the training was told."""
    plan = {"budget": BUDGET, "radius": FREE, **vars(PLAN)}
    lazy = {"c0": C0, **vars(LAZY)}
    return {"width": WIDTH, "seed": SEED, "lazy": lazy, "adversarial": plan}


def differences(stated: Mapping[str, Any], nets: Sequence[TwoLayer]) -> list[str]:
    """What the JSON states of the networks and a new measurement does not find."""
    wrong = []
    for before, net in zip(stated["networks"], nets, strict=True):
        old, new = _numbers(before), _numbers(measure(net))
        wrong += [
            f"{before['name']}: {key} was {old[key]} and is {new[key]}"
            for key in old
            if abs(old[key] - new[key]) > SAME
        ]
    return wrong


def _numbers(net: Mapping[str, Any]) -> dict[str, float]:
    """The measured numbers of one network, by their names."""
    attacked = net["attacked_accuracy"].items()
    return {
        "test error": net["test_error"],
        "median flipping distance": net["median_flipping_distance"],
        **{f"accuracy under attack at {radius}": share for radius, share in attacked},
    }


def main() -> int:
    """Train and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="measure the committed file again")
    if parser.parse_args().check:
        from advtheory.pages.live import four

        stated = json.loads((FOLDER / f"{NAME}.json").read_text(encoding="utf-8"))
        wrong = differences(stated, four().networks)
        print("\n".join(wrong) or "The committed networks measure as they did.")
        return len(wrong) > 0
    trained = train()
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{NAME}.npz"
    np.savez_compressed(file, **arrays([end for _, end in trained]))
    made = provenance(trained, hashlib.sha256(file.read_bytes()).hexdigest())
    text = json.dumps(made, indent=1, ensure_ascii=False)
    file.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
