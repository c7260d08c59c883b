"""What the hidden tests compare with: forward passes and bisection, nothing of the solution.

Goes into the autograder only. A network is a triple ``(w, a, x)``: weights ``(m, d)``, signs
``(m,)`` and an input ``(d,)``; a case is such a triple with an input on the unit sphere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np

Case = tuple[np.ndarray, np.ndarray, np.ndarray]

# Along its ray the sign of f changes at distances 5/2, 7/2 and 9/2, and two neurons reach their
# kinks together. On the line x_2 = 1 the function is x_1 down to 1, then a zigzag.
ZIGZAG: Case = (
    np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, 0.0], [-4.0, 0.0], [-4.0, -4.0]]),
    np.array([1.0, -1.0, -1.0, 1.0, -1.0]),
    np.array([3.0, 1.0]),
)


def case(rng: np.random.Generator, m: int, d: int) -> Case:
    """A network at initialisation and an input on the unit sphere."""
    x = rng.standard_normal(d)
    w, a = rng.standard_normal((m, d)), rng.choice([-1.0, 1.0], m)
    return w, a, x / np.linalg.norm(x)


def value(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """F at one input ``(d,)``, or at several ``(n, d)``."""
    return np.asarray(np.maximum(x @ w.T, 0) @ a / np.sqrt(len(a)))


def gradient(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The input gradient of f at x; a neuron at its kink counts as off."""
    return np.asarray((a * (w @ x > 0)) @ w / np.sqrt(len(a)))


def ray(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """phi: the sign of f(x) times f on the ray against the gradient, by full forward passes."""
    sign, g = np.sign(value(w, a, x)), gradient(w, a, x)
    return lambda eta: sign * value(w, a, x - sign * np.multiply.outer(eta, g))


def crossings(phi: Callable[[np.ndarray], np.ndarray], scale: float) -> np.ndarray:
    """Every place where the sign of phi changes: a scan up to a million scales, then bisection."""
    grid = scale * np.concatenate([np.linspace(0, 10, 2001), np.geomspace(10, 1e6, 500)[1:]])
    positive = phi(grid) > 0
    at = np.flatnonzero(positive[1:] != positive[:-1])
    low, high, before = grid[at], grid[at + 1], positive[at]
    for _ in range(80):
        middle = (low + high) / 2
        same = (phi(middle) > 0) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray((low + high) / 2)


def network_crossings(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """All steps at which the sign of f changes on the ray from x."""
    g = gradient(w, a, x)
    return crossings(ray(w, a, x), abs(float(value(w, a, x))) / (g @ g))


def crossing_once(seed: int, sizes: list[tuple[int, int]], n: int) -> Iterator[tuple[Case, float]]:
    """N cases of each size ``(m, d)`` whose sign changes once on the ray, and the step there."""
    rng = np.random.default_rng(seed)
    for m, d in sizes:
        found = 0
        while found < n:
            drawn = case(rng, m, d)
            steps = network_crossings(*drawn)
            if len(steps) == 1:
                found += 1
                yield drawn, float(steps[0])


def never_flipping(rng: np.random.Generator, m: int, d: int) -> Case:
    """Every neuron beside its mirror image, all signs equal: f vanishes at the origin only."""
    w, _, x = case(rng, m // 2, d)
    return np.concatenate([w, -w]), np.full(2 * len(w), rng.choice([-1.0, 1.0])), x


def rotated(network: Case, rng: np.random.Generator) -> Case:
    """The same function in other coordinates."""
    w, a, x = network
    q, _ = np.linalg.qr(rng.standard_normal((len(x), len(x))))
    return w @ q, a, x @ q


def decreasing(rng: np.random.Generator, n: int) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Value, slope, breakpoints and slope changes of a decreasing phi, in no order."""
    slopes = -rng.uniform(0.1, 1, n + 1)
    t = rng.exponential(size=n).cumsum()
    mix = rng.permutation(n)
    return float(t[-1] / 4), float(slopes[0]), t[mix], np.diff(slopes)[mix]


def python_steps(function: Callable[..., object], *arguments: object) -> int:
    """How many lines and calls of Python ran: a loop over the neurons makes it grow with m."""
    events = 0

    def count(*_: object) -> Callable[..., object]:
        nonlocal events
        events += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return events
