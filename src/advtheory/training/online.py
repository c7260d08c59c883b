r"""Online adversarial training: Algorithm 2 of Mianjy & Arora (2023), for many runs at once.

.. math:: W_{t+1} = W_t - \eta\,\nabla_W\, \ell\big(y_t f(x_t'; W_t)\big),
   \qquad x_t' \in \Delta(x_t),

with a fresh example :math:`(x_t, y_t)` at each step, and :math:`\ell(z) = \log(1 + e^{-z})`. Book
label ``sec-online``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.attacks.ascent import Direction, Schedule, climb
from advtheory.checks import require_examples
from advtheory.losses import LOGISTIC, REFLECTED
from advtheory.networks.two_layer import TwoLayer
from advtheory.norms import L2
from advtheory.training.steps import move

Attack = Callable[[TwoLayer, Tensor, Tensor], Tensor]
"""The hook that takes networks, x ``(k, 1, d)`` and y ``(k, 1)`` to the perturbed points."""


def no_attack(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
    """The inputs as they are: plain training.

    >>> no_attack(TwoLayer(torch.eye(2), torch.ones(2)), torch.ones(1, 2), torch.ones(1))
    tensor([[1., 1.]])
    """
    return x


def noise_attack(noise: Tensor) -> Attack:
    """Perturbations that were drawn beforehand, ``(k, T, d)``: the t-th call adds the t-th ones.

    >>> attack, net = noise_attack(torch.ones(1, 5, 2)), TwoLayer(torch.eye(2), torch.ones(2))
    >>> attack(net, torch.zeros(1, 1, 2), torch.ones(1, 1))
    tensor([[[1., 1.]]])
    """
    ahead = iter(torch.split(noise, 1, dim=1))
    return lambda net, x, y: x + next(ahead)


def linear_attack(radius: float) -> Attack:
    r"""The worst point of the ball for a network that is linear: :math:`x - \nu y u/\|u\|`.

    :math:`u` is the input gradient, so for other networks it is a step along it.

    >>> net = TwoLayer(torch.tensor([[3.0, 4.0]]), torch.ones(1))
    >>> linear_attack(0.5)(net, torch.ones(1, 2), torch.ones(1))
    tensor([[0.7000, 0.6000]])
    """
    return lambda net, x, y: x - radius * y[..., None] * L2.dual_direction(net.input_gradient(x))


def reflected_attack(radius: float, steps: int) -> Attack:
    r"""Algorithm 1 with a step for each network, while they train: the best iterate.

    The step :math:`\frac{1}{\kappa^2 m \|W_t\|_F^2}` changes with the weights, and multiplies the
    raw gradient of the reflected loss. :func:`~advtheory.attacks.projected_gradient.pgd` is the
    same loop with one step for all. Book label ``thm-attack``.

    >>> net = TwoLayer(torch.tensor([[0.3, 0.4]]), torch.ones(1))
    >>> reflected_attack(0.5, steps=10)(net, torch.ones(1, 2), torch.ones(1))
    tensor([[0.7000, 0.6000]])
    """

    def attack(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
        largest = net.a.abs().amax(-1) * torch.linalg.matrix_norm(net.w)
        eta = (1 / largest.square().clamp(min=torch.finfo(x.dtype).tiny))[..., None, None]
        direction = Direction(REFLECTED.slope, lambda gradient: eta * gradient)
        schedule = Schedule(radius, 1.0, steps)
        return climb(net, x, y, x, ball=L2, schedule=schedule, direction=direction)

    return attack


@dataclass(frozen=True)
class Run:
    r"""What Algorithm 2 did, for k runs.

    Attributes:
        pull: :math:`p_t = -\ell'(y_t f(x_t'; W_t))` for t = 1, ..., T, ``(k, T)``.
        norm: :math:`\|W_t\|_F` for t = 1, ..., T + 1, ``(k, T + 1)``.
        net: The networks at the end.

    >>> from advtheory.networks import initialise
    >>> Run(torch.zeros(1, 5), torch.ones(1, 6), initialise(2, 8, [0])).pull.shape
    torch.Size([1, 5])
    """

    pull: Tensor
    norm: Tensor
    net: TwoLayer


@torch.no_grad()
def train_online(
    start: TwoLayer,
    x: Tensor,
    y: Tensor,
    attack: Attack,
    *,
    learning_rate: float,
    watch: Callable[[TwoLayer], None] | None = None,
) -> Run:
    r"""Algorithm 2: attack the next example, and make a step; no example is seen twice.

    Args:
        start: :math:`W_1`, an ensemble: one network for each run.
        x: Fresh examples, T for each run: ``(k, T, d)``.
        y: Their labels -1 or +1, ``(k, T)``.
        attack: The hook that perturbs them; any map into the ball obeys ``lem-perceptron``.
        learning_rate: :math:`\eta`.
        watch: Sees the networks before each step, which changes them in place.

    Raises:
        ValueError: for other shapes or labels, or a step that is not positive.

    >>> from advtheory.networks import initialise
    >>> x, y = torch.tensor([[[0.5, 0.1]]]).expand(1, 20, 2), torch.ones(1, 20)
    >>> done = train_online(initialise(2, 8, [0]), x, y, no_attack, learning_rate=1.0)
    >>> bool(done.pull[0, -1] < done.pull[0, 0])
    True
    """
    require_examples(x, y, start.d)
    if start.w.ndim != 3 or x.shape[:-2] != start.w.shape[:1] or y.shape != x.shape[:2]:
        raise ValueError(
            f"w has shape {tuple(start.w.shape)}, x {tuple(x.shape)} and y {tuple(y.shape)}; "
            "expected (k, m, d), (k, T, d) and (k, T): one network and T examples for each run"
        )
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate}; expected a positive number")
    net = start.each(torch.clone)
    norms, pulls = [torch.linalg.matrix_norm(net.w)], []
    for example, label in zip(torch.split(x, 1, dim=1), torch.split(y, 1, dim=1), strict=True):
        if watch is not None:
            watch(net)
        pulls.append(_step(net, attack(net, example, label), label, learning_rate))
        norms.append(torch.linalg.matrix_norm(net.w))
    return Run(torch.stack(pulls, dim=-1), torch.stack(norms, dim=-1), net)


def _step(net: TwoLayer, x: Tensor, y: Tensor, learning_rate: float) -> Tensor:
    """One step on one example for each run, in place; the pull on it, ``(k,)``."""
    z = net.preactivation(x)
    h = net.gates(z)
    pull = -y * LOGISTIC.slope(net.value_at(z, h), y)
    move(net, x, h.mul_((learning_rate * pull * y)[..., None]))
    return pull[..., 0]
