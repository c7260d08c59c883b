"""Drawings of networks that the package makes."""

from math import acos, atan2, degrees, hypot, sqrt

import torch
from torch import Tensor

from advtheory.laziness.two_starts import shifted
from advtheory.laziness.worst_case import value_range
from advtheory.networks import TwoLayer, initialise
from drawings.canvas import Axes, Canvas, Point, around
from drawings.plain import spread

DOUBLE = torch.float64


def ray(net: TwoLayer, x: Tensor) -> tuple[float, Tensor]:
    """The value at x, and the unit vector along which its size falls fastest."""
    value, gradient = net.value_and_gradient(x[None])
    down = -torch.sign(value[0]) * gradient[0]
    return float(value[0]), down / torch.linalg.vector_norm(down)


def along(net: TwoLayer, x: Tensor, step: Tensor, lengths: list[float]) -> list[Point]:
    """The graph of the value on a ray, turned so that it starts above zero."""
    values = net.value(x + torch.tensor(lengths, dtype=DOUBLE)[:, None] * step)
    return list(zip(lengths, (torch.sign(values[0]) * values).tolist(), strict=True))


def _bend(net: TwoLayer, x: Tensor, step: Tensor, lengths: list[float]) -> float:
    """The largest change of the gradient on a ray."""
    inputs = x + torch.tensor(lengths, dtype=DOUBLE)[:, None] * step
    change = net.input_gradient(inputs) - net.input_gradient(x[None])
    return float(torch.linalg.vector_norm(change, dim=1).max())


def straight() -> Canvas:
    """A random network on its way to the flip, and the wedge that straightness allows."""
    net, x = initialise(400, 2000, 4, dtype=DOUBLE), torch.eye(400, dtype=DOUBLE)[0]
    value, step = ray(net, x)
    size, slope = abs(value), float(torch.linalg.vector_norm(net.input_gradient(x[None])))
    last, foot = 2.4 * size / slope, -1.3 * size
    lengths = spread(0, last, 121)
    assert _bend(net, x, step, lengths) <= slope / 2
    canvas = Canvas("Value, gradient, straightness", 480, 340)
    axes = Axes(canvas, (40, 20, 460, 310), (0, last), (foot, 1.15 * size))
    upper, lower = (last, size - last * slope / 2), (2.3 * size / (1.5 * slope), foot)
    wedge = [axes.at(*corner) for corner in ((0, size), upper, (last, foot), lower)]
    canvas.path(wedge, "none", 0, fill="orange", opacity=0.16)
    axes.curve([(0, size), upper], "orange", 1.6)
    axes.curve([(0, size), (2.3 * size / slope, foot)], "grey", 2, "8 6")
    axes.curve([at for at in along(net, x, step, lengths) if at[1] > foot], "blue", 3.4)
    zero = axes.at(2 * size / slope, 0)
    canvas.dot(zero, "orange", 6)
    canvas.text((50, axes.at(0, size)[1] + 2), "value |*f*(*x*)|")
    canvas.text((zero[0] + 6, zero[1] - 12), "2|*f*|/‖∇*f*‖", "orange", "middle", 14)
    canvas.text((240, 80), "at least half the slope", "orange", size=14)
    canvas.text((470, 246), "its slope at *x*", "grey", "end", 14)
    canvas.text((300, 262), "the network", "blue", "end", 14)
    return canvas


def _plane(x: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Two unit vectors at right angles to x, the first one as near to the step as it can be."""
    other = torch.eye(len(x), dtype=DOUBLE)[1]
    basis = torch.linalg.qr(torch.stack([x, step, other], dim=1)).Q.T
    return basis[1] * torch.sign(basis[1] @ step), basis[2]


def _caps(net: TwoLayer, x: Tensor, step: Tensor, radius: float) -> list[tuple[float, float]]:
    """Where hyperplanes cut the disc around x: the first and the last angle of what lies behind."""
    first, second = _plane(x, step)
    found = []
    for row in net.w:
        z, across, up = (float(row @ one) for one in (x, first, second))
        away = -z / hypot(across, up)
        if abs(away) < radius:
            turn = degrees(atan2(up, across)) + 180 * (away < 0)
            half = degrees(acos(abs(away) / radius))
            found.append((turn - half, turn + half))
    return found


def cells() -> Canvas:
    """The hyperplanes of a random network in a plane through the input."""
    net, x = initialise(20, 44, 1, dtype=DOUBLE), torch.eye(20, dtype=DOUBLE)[0]
    canvas, centre, size = Canvas("Cells cut by hyperplanes", 480, 330), (240.0, 165.0), 150.0
    caps = [around(centre, size, *ends) for ends in _caps(net, x, ray(net, x)[1], 0.5)]
    for cap in caps:
        canvas.path([*cap, cap[0]], "none", 0, fill="orange", opacity=0.15)
    for cap in caps:
        canvas.path([cap[0], cap[-1]], "ink", 1.3)
    canvas.path(around(centre, size), "grey", 2)
    canvas.arrow(centre, (centre[0] + 105, centre[1]), "blue", 3)
    canvas.dot(centre, "blue", 5)
    canvas.text((centre[0] - 6, centre[1] + 20), "*x*", "blue", "end")
    canvas.text((centre[0] + 60, centre[1] - 10), "*δ*", "blue", "middle")
    canvas.text((30, 30), "‖*δ*‖ ≤ *R*", "grey")
    return canvas


def ball() -> Canvas:
    """The largest and the smallest margin of the lazy ball on the way of one perturbation."""
    net, x = initialise(400, 4000, 2, dtype=DOUBLE), torch.eye(400, dtype=DOUBLE)[0]
    value, step = ray(net, x)
    lengths = spread(0, 0.25, 101)
    ranges = [value_range(net, x + t * step, 2.0) for t in lengths]
    margins = [sorted(float(v) * (1 if value > 0 else -1) for v in both) for both in ranges]
    bottom, top = ([(t, both[i]) for t, both in zip(lengths, margins, strict=True)] for i in (0, 1))
    canvas = Canvas("The largest and the smallest margin in the lazy ball", 480, 340)
    axes = Axes(canvas, (44, 20, 450, 300), (0, 0.25), (bottom[-1][1], top[0][1] + 0.2))
    canvas.path([axes.at(*at) for at in [*top, *bottom[::-1]]], "none", 0, "", "blue", 0.14)
    axes.curve(along(net, x, step, lengths), "ink", 2, "7 5")
    for points, fill in ((top, "orange"), (bottom, "blue")):
        axes.curve(points, fill, 3.2)
    at = axes.at(next(t for t, margin in top if margin < 0), 0)
    canvas.dot(at, "orange", 6)
    canvas.text((at[0] + 14, at[1] - 28), "from here on no lazy", "orange", size=14)
    canvas.text((at[0] + 14, at[1] - 10), "network is right", "orange", size=14)
    canvas.text((84, 40), "the largest, max over *W*", "orange", size=14)
    canvas.text((60, 190), "the smallest", "blue", size=14)
    canvas.text((216, 190), "the start", size=14)
    canvas.text((456, at[1] + 20), "‖*δ*‖", anchor="end", size=14)
    for length in (0.1, 0.2):
        axes.tick(length, str(length))
    return canvas


def _gradients(canvas: Canvas, corner: Point, leftover: float, words: str) -> None:
    """The learnt gradient and what is left over, at right angles and to scale."""
    unit, top = 26.0, corner[1] - 26.0
    canvas.text((corner[0], corner[1] - 56), words, size=14)
    end = corner[0] + unit * leftover
    if leftover:
        canvas.arrow(corner, (end, corner[1]), "grey", 2.6)
        canvas.text(((corner[0] + end) / 2, corner[1] + 20), "left over", "grey", "middle", 14)
    canvas.arrow((end, corner[1]), (end, top), "green", 2.6)
    canvas.text((end + 8, corner[1] - 8), "learnt", "green", size=14)


def starts() -> Canvas:
    """The same movement from two starts: values on the way of the gradient, and gradients."""
    d, m, c0, rho = 200, 20000, 2.0, 0.5
    x, other = torch.eye(d, dtype=DOUBLE)[:2]
    v = rho * x + sqrt(1 - rho**2) * other
    canvas = Canvas("One movement, two starts", 480, 430)
    axes = Axes(canvas, (44, 20, 450, 280), (0, 0.7), (-0.8, 0.8))
    for signs, fill in (("independent", "orange"), ("antisymmetric", "blue")):
        net = shifted(initialise(d, m, 10, signs=signs, dtype=DOUBLE), v, c0)
        _, step = ray(net, x)
        lengths = spread(0, 0.7, 141)
        axes.curve([at for at in along(net, x, step, lengths) if at[1] > -0.8], fill, 3.2)
    canvas.text((56, 22), "value on the way of the gradient", size=14)
    canvas.text((126, 250), "independent signs", "orange", size=14)
    canvas.text((250, 96), "pairs", "blue", size=14)
    for length in (0.2, 0.4, 0.6):
        axes.tick(length, str(length))
    canvas.text((456, 144), "‖*δ*‖", anchor="end", size=14)
    _gradients(canvas, (44, 396), sqrt(d / 2), "gradient, independent signs")
    _gradients(canvas, (390, 396), 0, "pairs")
    return canvas
