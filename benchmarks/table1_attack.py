"""The raw attacks of Table 1: in closed form, by the plain loop, and by autograd, in turn."""

from __future__ import annotations

import torch
from timing import interleaved, line
from torch import Tensor
from torch.nn.functional import softplus

from advtheory.attacks import Schedule, ascend, raw
from advtheory.attacks.raw_paths import Way, perturb
from advtheory.data import pair
from advtheory.losses import REFLECTED
from advtheory.networks import TwoLayer
from advtheory.norms import L2, LINF
from advtheory.reflection.choices import Choice, start
from advtheory.training import Decay, train_minibatch

BATCH, D, M, CALLS = 64, 784, 100, 20


def autograd_loop(net: TwoLayer, x: Tensor, y: Tensor, way: Way) -> Tensor:
    """What one writes by hand: autograd on the reflected loss, raw step, projection, box."""
    assert net.b is not None
    assert net.c is not None
    w, a, b, c = net.w[0], net.a[0] / M**0.5, net.b[0], net.c[0]
    delta, radius = torch.zeros_like(x), way.schedule.radius
    for t in range(way.schedule.steps):
        point = (x + delta).requires_grad_(True)
        f = torch.relu(point @ w.T + b) @ a + c
        (g,) = torch.autograd.grad(-softplus(y * f).sum(), point)
        delta = delta + way.schedule.length(t) * g
        if way.ball is LINF:
            delta = delta.clamp(-radius, radius)
        else:
            delta = delta * (radius / delta.norm(dim=1, keepdim=True).clamp(min=radius))
        if way.box is not None:
            delta = (x + delta).clamp(*way.box) - x
    return x + delta


def compare(name: str, way: Way, goal: float | None) -> None:
    """One attack on one batch of zeros and ones, at a network after one epoch."""
    train = pair(28, fallback=False).train
    plain = Decay(epochs=1)
    net = train_minibatch(start(Choice(), D, M, [0]), train.x, train.y, seeds=[0], settings=plain)
    x, y = train.x[:BATCH], train.y[:BATCH]

    def loop() -> list[Tensor]:
        ball, schedule, direction = way.ball, way.schedule, raw(way.loss)
        one = net.member(0)
        return [
            ascend(one, x, y, ball=ball, schedule=schedule, direction=direction, box=way.box)
            for _ in range(CALLS)
        ]

    rivals = {
        "ours": lambda: [perturb(net, x[None], y, way) for _ in range(CALLS)],
        "plain loop": loop,
        "autograd loop": lambda: [autograd_loop(net, x, y, way) for _ in range(CALLS)],
    }
    seconds = interleaved(rivals, 7)
    for rival in ("plain loop", "autograd loop"):
        line(name, seconds["ours"], rival, seconds[rival], goal)


def main() -> None:
    """Forty steps: both norms, and the Euclidean one with a box, where no Gram matrix helps."""
    linf, euclid = (Schedule(radius, 10.0, 40, "last", decay=0.2) for radius in (0.1, 2.0))
    compare("l2", Way(L2, euclid, REFLECTED), 3.0)
    compare("l2, pixels in [0, 1]", Way(L2, euclid, REFLECTED, box=(0.0, 1.0)), None)
    compare("linf", Way(LINF, linf, REFLECTED), None)


if __name__ == "__main__":
    main()
