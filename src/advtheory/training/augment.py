"""Images in random order, shifted and mirrored where they are, without a loop over images.

Book label ``sec-many-classes``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad


@dataclass(frozen=True)
class Images:
    """Training images on a device: bytes ``(n, side, side, channels)``, labels, the byte of white.

    >>> Images(torch.zeros(3, 8, 8, 1, dtype=torch.uint8), torch.tensor([0, 1, 2]), 16).white
    16
    """

    x: Tensor
    y: Tensor
    white: int


def rows_of(x: Tensor, white: int) -> Tensor:
    """Bytes ``(n, side, side, channels)`` as rows of pixels in [0, 1], ``(n, d)``.

    >>> rows_of(torch.tensor([[[[0], [255]]]], dtype=torch.uint8), 255)
    tensor([[0., 1.]])
    """
    return x.flatten(1).float() / white


def shuffled(
    images: Images, batch: int, shift: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch: batches of pixels in [0, 1], ``(batch, d)``, and labels, ``(batch,)``.

    Each image is shifted by at most ``shift`` pixels along both axes, black coming in, and mirrored
    with probability one half. What is left over of a batch is left out.

    >>> images = Images(torch.arange(4, dtype=torch.uint8).reshape(4, 1, 1, 1), torch.arange(4), 4)
    >>> batches = list(shuffled(images, 2, 0, torch.Generator().manual_seed(0)))
    >>> sorted(torch.cat([x[:, 0] for x, _ in batches]).tolist())
    [0.0, 0.25, 0.5, 0.75]
    """
    n, side, device = len(images.x), images.x.shape[1], images.x.device
    padded = pad(images.x, (0, 0, shift, shift, shift, shift))

    def draw(most: int) -> Tensor:
        where = generator.device
        return torch.randint(most, (n,), generator=generator, device=where).to(device)

    order = torch.randperm(n, generator=generator, device=generator.device).to(device)
    down, across, mirrored = draw(2 * shift + 1), draw(2 * shift + 1), draw(2)
    along = torch.arange(side, device=device)
    for some in torch.split(order[: n - n % batch], batch):
        columns = torch.where(mirrored[some, None] > 0, side - 1 - along, along)
        r = (down[some, None] + along)[:, :, None]
        c = (across[some, None] + columns)[:, None, :]
        yield rows_of(padded[some[:, None, None], r, c], images.white), images.y[some]
