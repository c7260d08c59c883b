"""Ten networks trained together against torch.func.vmap, and against one after the other."""

from __future__ import annotations

from dataclasses import replace

import torch
from timing import interleaved, line
from torch import Tensor

from advtheory.networks import TwoLayer, initialise
from advtheory.training import move, propose

NETS, D, IMAGES, BATCH, RATE = 10, 196, 12_665, 64, 0.1


def together(net: TwoLayer, x: Tensor, y: Tensor) -> TwoLayer:
    """Ours: one batched step for the whole ensemble."""
    net = replace(net, w=net.w.clone())
    for rows in torch.arange(len(x)).split(BATCH):
        xb = x[rows].expand(NETS, -1, -1)
        p, _ = propose(net, xb, y[rows].expand(NETS, -1), RATE)
        move(net, xb, p)
    return net


def products(net: TwoLayer, x: Tensor) -> None:
    """The two matrix products of every step and nothing else: what no program can beat."""
    w = net.w.clone()
    for rows in torch.arange(len(x)).split(BATCH):
        xb = x[rows].expand(NETS, -1, -1)
        z = torch.matmul(xb, w.mT)
        w.baddbmm_(z.mT, xb, alpha=1e-20)


def loss(w: Tensor, a: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The logistic loss of one network."""
    return torch.nn.functional.softplus(-y * (torch.relu(x @ w.T) @ a)).mean()


def vmapped(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
    """The ensemble through torch.func."""
    w, a = net.w.clone(), net.a / net.m**0.5
    gradient = torch.func.vmap(torch.func.grad(loss), in_dims=(0, 0, None, None))
    for rows in torch.arange(len(x)).split(BATCH):
        w -= RATE * gradient(w, a, x[rows], y[rows])
    return w


def one_by_one(net: TwoLayer, x: Tensor, y: Tensor) -> list[Tensor]:
    """A plain loop: a module, autograd and torch.optim.SGD for each network."""
    trained = []
    for member in range(NETS):
        layer = torch.nn.Linear(D, net.m, bias=False)
        layer.weight.data.copy_(net.w[member])
        a = net.a[member] / net.m**0.5
        optimiser = torch.optim.SGD(layer.parameters(), lr=RATE)
        for rows in torch.arange(len(x)).split(BATCH):
            optimiser.zero_grad()
            margin = y[rows] * (torch.relu(layer(x[rows])) @ a)
            torch.nn.functional.softplus(-margin).mean().backward()
            optimiser.step()
        trained.append(layer.weight.detach())
    return trained


def main() -> None:
    """Widths 100 and 1000, one epoch, the same order for all."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(IMAGES, D, generator=generator)
    x /= x.norm(dim=1, keepdim=True)
    y = torch.where(torch.rand(IMAGES, generator=generator) < 0.5, -1.0, 1.0)
    for m, repetitions in ((100, 5), (1000, 3)):
        net = initialise(D, m, range(NETS))
        gap = (together(net, x, y).w - torch.stack(one_by_one(net, x, y))).abs().max().item()
        rivals = {
            "ours": lambda n=net: together(n, x, y),
            "vmap": lambda n=net: vmapped(n, x, y),
            "loop": lambda n=net: one_by_one(n, x, y),
            "floor": lambda n=net: products(n, x),
        }
        seconds = interleaved(rivals, repetitions)
        name = f"{NETS} networks, m = {m}"
        line(name, seconds["ours"], "torch.func.vmap", seconds["vmap"], 1.7 if m == 100 else None)
        line(name, seconds["ours"], "plain loop", seconds["loop"], 1.35 if m == 1000 else None)
        best = {name: seconds[name] / seconds["floor"] for name in ("ours", "vmap", "loop")}
        shares = ", ".join(f"{name} {ratio:.2f}" for name, ratio in best.items())
        print(f"    times in units of the bare matrix products: {shares}")
        print(f"    weights differ by at most {gap:.1e}")


if __name__ == "__main__":
    main()
