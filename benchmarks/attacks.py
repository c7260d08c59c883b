"""PGD in closed form against a plain autograd loop, and against the peak of the matrix product."""

from __future__ import annotations

import torch
from timing import interleaved, line, product, product_flops
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


def compare(m: int, ball: Ball, radius: float, step: float, goal: float | None) -> None:
    """One width and one norm: ours, the loop and the bare matrix product in turn."""
    x = torch.rand(IMAGES, D, generator=torch.Generator().manual_seed(0))
    net = initialise(D, m, 0)
    y = torch.where(net.value(x) > 0, 1.0, -1.0)

    def ours() -> Tensor:
        return pgd(net, x, y, ball=ball, radius=radius, steps=STEPS, step=step, keep="last")

    rivals = {
        "ours": ours,
        "loop": lambda: autograd_loop(net, x, y, ball, radius, step),
        "peak": product(IMAGES, D, m),
    }
    seconds = interleaved(rivals, 7 if m < 1000 else 5)
    line(
        f"PGD-{STEPS} {ball.name}, m = {m}", seconds["ours"], "autograd loop", seconds["loop"], goal
    )
    rate = 4.0 * IMAGES * m * D * STEPS / seconds["ours"]
    share = rate * seconds["peak"] / product_flops(IMAGES, D, m)
    print(f"    {share:.1%} of the matrix-product peak ({rate / 1e9:.0f} GFLOP/s)")


def main() -> None:
    """Widths 100 and 1000, both norms, the same iterates."""
    for m, goal in ((100, 1.3), (1000, None)):
        compare(m, LINF, 0.1, 0.01, goal)
        compare(m, L2, 2.0, 0.1, goal)


if __name__ == "__main__":
    main()
