r"""The residual network with 18 layers of weights in which normalisation comes before convolution.

Images come as rows of pixels, row by row, the colours of a pixel side by side. Seen as an image
such a row is laid out "channels last", which is what convolutions like best, and so no copy is
made. Source: He et al. (2016); the network of Table 2 of Mianjy & Arora (2023). Book label
``sec-many-classes``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from advtheory.checks import as_seed, require_last_size, require_positive_integer

COLOURS = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
"""Mean and standard deviation of red, green and blue over CIFAR-10."""
GREY = (0.5,), (0.25,)


class Block(nn.Module):
    r"""Two convolutions, each after normalisation and ReLU, and a short cut beside them.

    >>> Block(4, 8, stride=2)(torch.ones(1, 4, 6, 6)).shape
    torch.Size([1, 8, 3, 3])
    """

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.BatchNorm2d(inner), nn.BatchNorm2d(outer)
        self.first = _convolution(inner, outer, stride)
        self.second = _convolution(outer, outer, 1)
        same = stride == 1 and inner == outer
        self.short = None if same else nn.Conv2d(inner, outer, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """The sum of both ways, ``(n, outer, side, side)``."""
        h = self.first_norm(x).relu()
        way = x if self.short is None else self.short(h)
        out: Tensor = self.second(self.second_norm(self.first(h)).relu()) + way
        return out


class PreActResNet(nn.Module):
    r"""PreActResNet-18: four stages of two blocks, each of half the side and twice the channels.

    Args:
        width: Channels of the first stage; 64 is the usual network.
        side: Side length of the images.
        channels: 3 for colours, 1 for grey values.
        classes: Number of outputs.

    Pixels are in [0, 1] and normalised inside, so that a radius means the same for every network.

    >>> net = PreActResNet(width=2, side=8, channels=1)
    >>> net(torch.rand(5, 64)).shape
    torch.Size([5, 10])
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int = 64, side: int = 32, channels: int = 3, classes: int = 10):
        super().__init__()
        require_positive_integer(width, "width")
        self.shape, self.classes = (side, side, channels), classes
        mean, deviation = COLOURS if channels == len(COLOURS[0]) else GREY
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        self.first = _convolution(channels, width, 1)
        self.stages = nn.Sequential(*_blocks(widths))
        self.norm = nn.BatchNorm2d(widths[-1])
        self.last = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Outputs ``(n, classes)`` for rows ``(n, side * side * channels)`` of pixels in [0, 1].

        Raises ValueError for rows of another length.
        """
        side, _, channels = self.shape
        require_last_size(x, side * side * channels, "x")
        images = (x.view(*x.shape[:-1], *self.shape) - self.mean) / self.deviation
        h = self.stages(self.first(images.movedim(-1, 1)))
        out: Tensor = self.last(self.norm(h).relu().mean((2, 3)))
        return out


def preact_resnet(
    seed: int, *, width: int, shape: Sequence[int], device: torch.device | str = "cpu"
) -> PreActResNet:
    """A network with the start of that seed, the same on every device.

    Args:
        seed: Seed of the weights, drawn on the CPU by torch's own rules.
        width: As in :class:`PreActResNet`.
        shape: (side, side, channels) of an image.
        device: Where the network lives.

    >>> net = preact_resnet(0, width=2, shape=(8, 8, 1))
    >>> sum(p.numel() for p in net.parameters())
    11328
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(as_seed(seed))
        net = PreActResNet(width, shape[0], shape[-1])
    return net.to(device)


def _convolution(inner: int, outer: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(inner, outer, 3, stride, padding=1, bias=False)


def _blocks(widths: Sequence[int]) -> list[Block]:
    """Two blocks for each stage; the first of the later stages has stride 2."""
    blocks = []
    for stage, (inner, outer) in enumerate(itertools.pairwise(widths)):
        blocks += [Block(inner, outer, 2 if stage else 1), Block(outer, outer, 1)]
    return blocks
