"""Image gradients of a PreActResNet: their rate, what frozen parameters save, and the layout."""

from __future__ import annotations

import torch
from timing import interleaved, line
from torch import Tensor
from torch.nn.functional import cross_entropy

from advtheory.losses import CROSS_ENTROPY
from advtheory.networks import AutogradModel
from advtheory.networks.preact_resnet import PreActResNet, preact_resnet

IMAGES, WIDTH, REPETITIONS = 128, 8, 9


def ours(net: PreActResNet, x: Tensor, y: Tensor) -> Tensor:
    """As the attack in training does: only the gradient in the pixels is asked for."""
    f, pull = AutogradModel(net, classes=net.classes).linearise(x)
    return pull(CROSS_ENTROPY.slope(f, y))


def with_weights(net: PreActResNet, x: Tensor, y: Tensor) -> Tensor:
    """As codes do that call backward(): the gradients of all weights are computed, and dropped."""
    point = x.clone().requires_grad_()
    torch.autograd.backward(cross_entropy(net(point), y, reduction="sum"))
    net.zero_grad()
    gradient = point.grad
    if gradient is None:
        raise RuntimeError("the network does not depend on its input")
    return gradient


def planes_first(net: PreActResNet, x: Tensor, y: Tensor) -> Tensor:
    """The same network on images that are copied into planes of one colour."""
    point = x.clone().requires_grad_()
    images = (point.view(-1, *net.shape) - net.mean) / net.deviation
    h = net.stages(net.first(images.movedim(-1, 1).contiguous()))
    f = net.last(net.norm(h).relu().mean((2, 3)))
    (gradient,) = torch.autograd.grad(cross_entropy(f, y, reduction="sum"), point)
    return gradient


def main() -> None:
    """Batch norm in training mode, one thread."""
    net = preact_resnet(0, width=WIDTH, shape=(32, 32, 3)).train()
    x, y = torch.rand(IMAGES, 3072), torch.randint(10, (IMAGES,))
    seconds = interleaved(
        {
            "ours": lambda: ours(net, x, y),
            "weights too": lambda: with_weights(net, x, y),
            "planes first": lambda: planes_first(net, x, y),
        },
        REPETITIONS,
    )
    for rival in ("weights too", "planes first"):
        line(f"image gradients, width {WIDTH}", seconds["ours"], rival, seconds[rival])
    print(f"    {IMAGES / seconds['ours']:.0f} image gradients a second")


if __name__ == "__main__":
    main()
