"""What one step of the attack does to the distance from an attack that it does not know."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.networks import TwoLayer, leaky_relu
from advtheory.reflection import best_in_disc, iterates


@given(st.integers(0, 10**6), st.floats(0.5, 1), st.integers(1, 5), st.floats(0.1, 1))
def test_one_step(seed: int, alpha: float, m: int, share: float) -> None:
    """lem-one-step: each step of random runs, with step sizes up to 1 / G^2."""
    generator = torch.Generator().manual_seed(seed)
    w, a = (torch.randn(*shape, generator=generator).double() for shape in ((40, m, 2), (40, m)))
    x, y = torch.randn(40, 1, 2, generator=generator).double(), torch.ones(40, 1).double()
    net = TwoLayer(w, a, activation=leaky_relu(alpha))
    g = a.abs().amax(-1, keepdim=True) * torch.linalg.matrix_norm(w)[:, None]
    eta = share / g**2
    path = iterates(net, x, y, radius=1.0, step=eta, steps=30)
    best = best_in_disc(net, x, y, 1.0)
    margins, m_best = torch.stack([net.value(point) for point in path[:-1]]), -net.value(best)
    holds = m_best >= 2 * (1 - alpha) * g
    r = torch.linalg.vector_norm(path - best, dim=-1)
    slack, s = m_best - (1 - alpha) * g * r[:-1], torch.sigmoid(margins)
    most = r[:-1] ** 2 - eta * s * (2 * margins + 2 * slack - s)
    assert bool((r[1:] ** 2 <= most + 1e-9)[:, holds].all())
    assert bool((slack >= -1e-9)[:, holds].all())
    near = (r[:-1] <= 1) & holds
    assert bool((slack >= m_best / 2 - 1e-9)[near].all())
    assert bool((r[0] <= 1 + 1e-12).all())
