"""The exact flipping step against bisection with a full forward pass for every probe."""

from __future__ import annotations

import torch
from timing import interleaved, line
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.networks import TwoLayer, initialise

IMAGES, D = 2115, 784
HALVINGS = 20


def bisection(net: TwoLayer, x: Tensor) -> Tensor:
    """Double an upper bound until the sign flips, then halve 20 times: one forward pass a probe."""
    f, gradient = net.value_and_gradient(x)
    direction = -torch.sign(f)[:, None] * gradient
    high = f.abs() / gradient.square().sum(1)
    for _ in range(3):
        flipped = torch.sign(net.value(x + high[:, None] * direction)) != torch.sign(f)
        high = torch.where(flipped, high, 2 * high)
    low = torch.zeros_like(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        flipped = torch.sign(net.value(x + middle[:, None] * direction)) != torch.sign(f)
        low, high = torch.where(flipped, low, middle), torch.where(flipped, middle, high)
    return high


def main() -> None:
    """Widths 1000 and 10000, all on one thread."""
    x = torch.rand(IMAGES, D, generator=torch.Generator().manual_seed(0))
    x /= x.norm(dim=1, keepdim=True)
    for m, repetitions in ((1000, 7), (10_000, 2)):
        net = initialise(D, m, 0)
        exact, halved = flipping_step(net, x).step, bisection(net, x)
        close = ((exact - halved).abs() <= 1e-3 * exact).double().mean().item()
        rivals = {"ours": lambda n=net: flipping_step(n, x), "b": lambda n=net: bisection(n, x)}
        seconds = interleaved(rivals, repetitions)
        line(f"flipping step, m = {m}", seconds["ours"], "20-step bisection", seconds["b"], 4)
        print(f"    agree to 0.1 %: {100 * close:.2f} % of {IMAGES} inputs")


if __name__ == "__main__":
    main()
