"""PGD that pays for switches only, against the dense loop and the peak of the matrix product."""

from __future__ import annotations

import torch
from timing import interleaved, line, product, product_flops

from advtheory.attacks import pgd, switch_table, switching_pgd
from advtheory.networks import initialise

IMAGES, M, STEPS = 256, 1000, 100


def compare(d: int, radius: float) -> None:
    """One dimension and one budget: the same iterates, with and without the time for the table."""
    x = torch.randn(IMAGES, d, generator=torch.Generator().manual_seed(0))
    x /= torch.linalg.vector_norm(x, dim=1, keepdim=True)
    net = initialise(d, M, 0)
    y = torch.where(net.value(x) > 0, 1.0, -1.0)
    table = switch_table(net)
    seconds = interleaved(
        {
            "table at hand": lambda: switching_pgd(net, x, y, radius=radius, table=table),
            "table": lambda: switch_table(net),
            "dense": lambda: pgd(net, x, y, radius=radius, steps=STEPS, keep="last"),
            "peak": product(IMAGES, d, M),
        },
        5,
    )
    name = f"PGD-{STEPS} by switches, m = {M}, d = {d}, budget {radius:g}"
    line(name, seconds["table at hand"], "dense PGD", seconds["dense"], None)
    batches = IMAGES / 64  # in training the table serves one batch of 64
    line(
        "    with one table for each batch of 64",
        seconds["table at hand"] + batches * seconds["table"],
        "dense PGD",
        seconds["dense"],
        None,
    )
    rate = 4.0 * IMAGES * M * d * STEPS / seconds["table at hand"]
    share = rate * seconds["peak"] / product_flops(IMAGES, d, M)
    print(f"    as much as the dense products would give at {share:.0%} of the matrix-product peak")


def main() -> None:
    """Dimensions and budgets of Figure 4."""
    for d, radius in ((784, 0.1), (784, 0.4), (196, 0.2), (25, 0.4)):
        compare(d, radius)


if __name__ == "__main__":
    main()
