"""What the hidden tests compare with: certificates, searches and differences, not the solution.

Goes into the autograder only. Weights have shape ``(m, d)``, signs ``(m,)``, one input ``(d,)``,
several inputs ``(n, d)`` and their labels ``(n,)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ANGLES = np.linspace(0, 2 * np.pi, 721)


def given(found: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """What a function returned, or a sentence on what is wrong with it at first sight."""
    assert found is not None, f"{name} returns nothing yet: replace the dots by your code"
    assert found is not ..., f"{name} is still three dots: replace them by your code"
    assert np.shape(found) == shape, f"{name} has the shape {np.shape(found)}, not {shape}"
    array = np.asarray(found)
    assert np.all(np.isfinite(array)), f"{name} holds a number that is not finite"
    return array


def network(rng: np.random.Generator, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and signs at initialisation."""
    return rng.standard_normal((m, d)), rng.choice([-1.0, 1.0], m)


def inputs(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Inputs on the unit sphere."""
    x = rng.standard_normal((n, d))
    return np.asarray(x / np.sqrt((x**2).sum(1))[:, None])


def labels(rng: np.random.Generator, n: int) -> np.ndarray:
    """Labels that know nothing of the inputs: about half of them disagree with any network."""
    return rng.choice([-1.0, 1.0], n)


def moved(rng: np.random.Generator, w0: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Weights of which row s lies at the distance ``lengths[s]`` from its start."""
    return np.asarray(w0 + lengths[:, None] * inputs(rng, *w0.shape))


def value(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """F at one input or at several."""
    return np.asarray(np.maximum(x @ w.T, 0) @ a / len(a) ** 0.5)


def gradient(w: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The gradient of f at one input."""
    return np.asarray((a * (w @ x > 0)) @ w / len(a) ** 0.5)


def nearest(found: np.ndarray, w: np.ndarray, w0: np.ndarray, radius: float) -> bool:
    """Whether each row of ``found`` is the nearest point of its ball, by the obtuse angle.

    The point p of a convex set is nearest to w exactly when (w - p).(q - p) <= 0 for every q of the
    set; over the ball around w0 the largest of these is (w - p).(w0 - p) + radius * |w - p|.
    """
    length = np.sqrt(((found - w0) ** 2).sum(1))
    missing = np.sqrt(((w - found) ** 2).sum(1))
    largest = ((w - found) * (w0 - found)).sum(1) + radius * missing
    return bool(np.all(length <= radius + 1e-9) and np.all(largest <= 1e-6))


def gates_change(w0: np.ndarray, x: np.ndarray, radius: float) -> np.ndarray:
    """For each neuron, whether moving its row by ``radius`` along x or against it switches it."""
    shift = radius * x / np.sqrt(x @ x)
    on = w0 @ x > 0
    return np.asarray((((w0 + shift) @ x > 0) != on) | (((w0 - shift) @ x > 0) != on))


def searched_gain(w0: np.ndarray, a: np.ndarray, x: np.ndarray, radius: float) -> float:
    """The most that f grows at x in the plane, by trying 721 directions and 11 lengths a row."""
    circle = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
    tries = (radius * np.linspace(0, 1, 11)[:, None, None] * circle).reshape(-1, 2)
    terms = a * np.maximum(w0 @ x + (tries @ x)[:, None], 0)
    return float((terms.max(0) - a * np.maximum(w0 @ x, 0)).sum() / len(a) ** 0.5)


def attacked(
    w: np.ndarray, a: np.ndarray, x: np.ndarray, y: np.ndarray, eps: float, steps: int = 10
) -> np.ndarray:
    """Projected gradient descent on the margin, one input after another."""
    points = []
    for row, label in zip(x, y, strict=True):
        delta = np.zeros_like(row)
        for _ in range(steps):
            g = gradient(w, a, row + delta)
            if g.any():
                delta = delta - 2.5 * eps / steps * label * g / np.sqrt(g @ g)
            delta = delta * min(1.0, eps / max(np.sqrt(delta @ delta), 1e-300))
        points.append(row + delta)
    return np.array(points)


def loss(w: np.ndarray, a: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """The mean logistic loss."""
    return float(np.logaddexp(0, -y * value(w, a, x)).mean())


def loss_slope(w: np.ndarray, a: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The gradient of the mean loss in the weights, by central differences."""
    slope = np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        h = np.zeros_like(w)
        h[place] = 1e-6
        slope[place] = (loss(w + h, a, x, y) - loss(w - h, a, x, y)) / 2e-6
    return slope
