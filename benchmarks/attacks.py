"""PGD in closed form against a plain autograd loop, and against the peak of the matrix product."""

from __future__ import annotations

import torch
from common import interleaved, line, product, product_flops
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.networks import TwoLayer, initialise
from advtheory.norms import L2, LINF, Ball

IMAGES, D, STEPS = 2115, 784, 40


def autograd_loop(
    net: TwoLayer, x: Tensor, y: Tensor, ball: Ball, radius: float, step: float
) -> Tensor:
    """What one writes by hand: margin loss, autograd, normalised step, projection."""
    w, a = net.w.clone(), net.a / net.m**0.5
    delta = torch.zeros_like(x)
    for _ in range(STEPS):
        point = (x + delta).requires_grad_(True)
        margin = y * (torch.relu(point @ w.T) @ a)
        (g,) = torch.autograd.grad(-margin.sum(), point)
        if ball is LINF:
            delta = (delta + step * g.sign()).clamp(-radius, radius)
        else:
            delta = delta + step * g / g.norm(dim=1, keepdim=True)
            delta = delta * (radius / delta.norm(dim=1, keepdim=True)).clamp(max=1)
    return x + delta


def main() -> None:
    """Widths 100 and 1000, both norms, the same iterates."""
    x = torch.rand(IMAGES, D, generator=torch.Generator().manual_seed(0))
    for m, repetitions, goal in ((100, 7, 1.3), (1000, 5, None)):
        net = initialise(D, m, 0)
        y = torch.where(net.value(x) > 0, 1.0, -1.0)
        for ball, radius, step in ((LINF, 0.1, 0.01), (L2, 2.0, 0.1)):
            options = {"ball": ball, "radius": radius, "steps": STEPS, "step": step, "keep": "last"}
            rivals = {
                "ours": lambda n=net, o=options: pgd(n, x, y, **o),
                "loop": lambda n=net, b=ball, r=radius, s=step: autograd_loop(n, x, y, b, r, s),
                "peak": product(IMAGES, D, m),
            }
            seconds = interleaved(rivals, repetitions)
            name = f"PGD-{STEPS} {ball.name}, m = {m}"
            line(name, seconds["ours"], "plain autograd loop", seconds["loop"], goal)
            rate = 4.0 * IMAGES * m * D * STEPS / seconds["ours"]
            share = rate * seconds["peak"] / product_flops(IMAGES, D, m)
            print(f"    {share:.1%} of the matrix-product peak ({rate / 1e9:.0f} GFLOP/s)")


if __name__ == "__main__":
    main()
