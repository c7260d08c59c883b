"""What the hidden tests compare with: one example at a time, nothing of the solution.

Goes into the autograder only. A network is a triple ``(w, a, alpha)``: weights ``(m, d)``, signs
``(m,)`` and the slope of the leaky ReLU.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

Network = tuple[np.ndarray, np.ndarray, float]


def loss(z: np.ndarray) -> np.ndarray:
    """The logistic loss, for margins of moderate size."""
    return np.asarray(np.log1p(np.exp(-z)))


def reflected(z: np.ndarray) -> np.ndarray:
    """The reflected logistic loss, for margins of moderate size."""
    return np.asarray(-np.log1p(np.exp(z)))


def network(rng: np.random.Generator, m: int, d: int, alpha: float) -> Network:
    """A network at initialisation."""
    return rng.standard_normal((m, d)), rng.choice([-1.0, 1.0], m), alpha


def examples(rng: np.random.Generator, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal inputs ``(n, d)`` with fair labels ``(n,)``."""
    return rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)


def margin_data(rng: np.random.Generator, n: int, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """The data of the notebook: points of the unit sphere away from the plane x_1 = 0."""
    x = rng.standard_normal((10 * n, d))
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    x = x[np.abs(x[:, 0]) >= 0.4][:n]
    return x, np.sign(x[:, 0])


def value(net: Network, x: np.ndarray) -> np.ndarray:
    """F at inputs ``(n, d)``, by a forward pass."""
    w, a, alpha = net
    z = np.einsum("nd,md->nm", x, w)
    return np.asarray(np.einsum("nm,m->n", np.maximum(alpha * z, z), a) / math.sqrt(len(a)))


def length(rows: np.ndarray, norm: str) -> np.ndarray:
    """The length of each row, "l2" or "linf"."""
    return np.linalg.norm(rows, ord=2 if norm == "l2" else np.inf, axis=1)


def inside(rng: np.random.Generator, shape: tuple[int, ...], nu: float, norm: str) -> np.ndarray:
    """Random rows of the ball of radius nu, many of them near its boundary."""
    rows = rng.standard_normal(shape)
    longest = nu * rng.uniform(size=(shape[0], 1)) ** 0.1
    return np.asarray(longest * rows / length(rows, norm)[:, None])


def attack(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    nu: float,
    eta: float,
    steps: int,
    norm: str,
    reflect: bool,
) -> np.ndarray:
    """Algorithm 1, one example after the other, in the coordinates of the difference."""
    return np.array(
        [_one(net, *case, nu, eta, steps, norm, reflect) for case in zip(x, y, strict=True)]
    )


def _one(
    net: Network,
    x: np.ndarray,
    y: float,
    nu: float,
    eta: float,
    steps: int,
    norm: str,
    reflect: bool,
) -> np.ndarray:
    shift, seen = np.zeros_like(x), []
    for _ in range(steps + 1):
        margin = float(y * value(net, (x + shift)[None])[0])
        seen.append((margin, x + shift))
        weight = 1 / (1 + math.exp(-margin if reflect else margin))
        shift = shift - eta * weight * y * _gradient(net, x + shift)
        if norm == "linf":
            shift = np.minimum(np.maximum(shift, -nu), nu)
        elif (long := math.sqrt(float(shift @ shift))) > nu:
            shift = shift * nu / long
    return min(seen, key=lambda pair: pair[0])[1]


def _gradient(net: Network, x: np.ndarray) -> np.ndarray:
    """The gradient of f at one input, neuron by neuron."""
    w, a, alpha = net
    parts = [s * row * (1.0 if row @ x > 0 else alpha) for row, s in zip(w, a, strict=True)]
    return np.asarray(sum(parts) / math.sqrt(len(a)))


def robust_error(net: Network, x: np.ndarray, y: np.ndarray, nu: float) -> float:
    """The share of examples that steps of fixed length break, from several starts."""
    rng, broken = np.random.default_rng(0), np.zeros(len(x), bool)
    for start in range(4):
        shift = inside(rng, x.shape, nu, "l2") if start else np.zeros_like(x)
        for step in range(60):
            broken |= y * value(net, x + shift) <= 0
            gradient = np.array([_gradient(net, point) for point in x + shift])
            way = gradient / length(gradient, "l2")[:, None]
            shift = shift - nu / (2 + step) * y[:, None] * way
            shift = shift * np.minimum(1, nu / np.maximum(length(shift, "l2"), nu))[:, None]
    return float(np.mean(broken))


def settings(seed: int) -> Iterator[tuple[float, float, float, float, float]]:
    """Random alpha, beta, nu, norm of W and epsilon."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        alpha, beta, nu, norm_w, epsilon = rng.uniform(0.05, 0.95, 5)
        yield alpha, 3 * beta, nu, 5 * norm_w, epsilon


def attack_steps(alpha: float, beta: float, nu: float, norm_w: float, epsilon: float) -> float:
    """The bound of Theorem 3.4 with the kappa of Corollary 3.6, for one width."""
    m = 9
    kappa = beta / (2 * nu * (1 - alpha) * math.sqrt(m))
    steps_per_epsilon = 8 * nu**2 * kappa**2 * m * norm_w**2
    return steps_per_epsilon / epsilon
