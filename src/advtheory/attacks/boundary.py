"""What an attack asks of its arguments, once and before its loop; and where a run may start."""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.checks import require_examples, require_finite
from advtheory.losses import require_classes
from advtheory.networks.model import Model
from advtheory.norms import Ball, fits, require_real

Box = tuple[float, float] | None
"""The range of a pixel, (low, high); None for no range."""


def attackable(model: Model, x: Tensor, y: Tensor, box: Box) -> Tensor:
    """The labels as the loop takes them: real signs, or the numbers of classes.

    Raises ValueError for an x that is not finite, has whole numbers or leaves the box, for an empty
    box, and for labels of another kind than the model's.

    >>> from advtheory.networks import initialise
    >>> attackable(initialise(2, 4, 0), torch.ones(3, 2), torch.tensor([1, -1, 1]), (0.0, 1.0))
    tensor([ 1., -1.,  1.])
    """
    require_real(x, "x")
    if model.classes is None:
        require_examples(x, y)
    else:
        require_classes(y, model.classes)
        require_examples(x, torch.ones_like(y))
    if box is not None and not box[0] <= box[1]:
        raise ValueError(f"box is {box}; expected (low, high) with low at most high")
    if box is not None and not bool(((x >= box[0]) & (x <= box[1])).all()):
        raise ValueError(f"x leaves the box {box}; scale x into it, or leave out the box")
    return y.to(x.dtype) if model.classes is None else y.long()


def inside(start: Tensor, x: Tensor, ball: Ball, radius: float, box: Box) -> Tensor:
    """The start, projected onto the ball around x where it is outside, then clipped to the box.

    Raises ValueError for a start that is not finite or of another shape than x.

    >>> from advtheory.norms import L2
    >>> inside(torch.tensor([[0.0, 9.0]]), torch.zeros(1, 2), L2, 2.0, None)
    tensor([[0., 2.]])
    """
    require_finite(start, "start")
    if not fits(x.shape, start.shape):
        raise ValueError(
            f"start has shape {tuple(start.shape)}; expected that of x, {tuple(x.shape)}"
        )
    shift = start.detach() - x.detach()
    near = x.detach() + ball.nearest(shift, radius)
    start = torch.where((ball.norm(shift) <= radius)[..., None], start.detach(), near)
    return start if box is None else start.clamp_(*box)


def random_start(
    x: Tensor,
    shape: torch.Size,
    ball: Ball,
    radius: float,
    box: Box,
    generator: torch.Generator | None,
) -> Tensor:
    """A uniform point of each ball, clipped to the box; ``shape`` has an ensemble's axis too.

    >>> from advtheory.norms import LINF
    >>> x, generator = torch.zeros(3, 2), torch.Generator().manual_seed(0)
    >>> random_start(x, x.shape, LINF, 0.5, (0.0, 1.0), generator).amin().item()
    0.0
    """
    start = x + ball.draw(tuple(shape), radius, generator).to(x)
    return start if box is None else start.clamp_(*box)


def require_outputs(f: Tensor, y: Tensor, classes: int | None) -> None:
    """Raise ValueError unless the outputs at the first iterate are finite and meet the labels.

    >>> require_outputs(torch.ones(4), torch.ones(3), None)
    Traceback (most recent call last):
    ValueError: y has shape (3,); expected labels for the outputs, (4,)
    """
    require_finite(f, "f(x)")
    rows = f.shape if classes is None else f.shape[:-1]
    if not fits(y.shape, rows):
        raise ValueError(
            f"y has shape {tuple(y.shape)}; expected labels for the outputs, {tuple(rows)}"
        )
