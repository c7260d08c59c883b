"""Drawings of the first theorem: the value along its step, and the linear case."""

from itertools import accumulate, pairwise
from math import asin, cos, degrees, radians, sin, sqrt

from drawings.canvas import Axes, Canvas, Point, around

FALL = 2.43
"""What the step takes from the value by its first slope, in units of F: as in the proof."""
SLOPES = (1.0, 1.22, 0.94, 0.78, 1.1, 0.72, 0.92, 0.66, 0.85, 0.7)
"""The slopes of the pieces in the sketch, beside the first one."""


def one_step() -> Canvas:
    """The value along the step of the theorem, between two lines."""
    canvas = Canvas("The value along the step of the theorem, between two lines", 480, 370)
    start, pieces = 0.8, len(SLOPES)
    axes = Axes(canvas, (46, 14, 394, 330), (0, 1.12), (-3, 1.6))
    high, low = ((1.0, start - share * FALL) for share in (0.5, 1.5))
    canvas.path(
        [axes.at(*p) for p in ((0, start), high, low)], "none", 0, fill="blue", opacity=0.13
    )
    axes.curve([(0, 1), (1, 1)], "grey", 1.6, "3 5")
    axes.curve([(1, 1.2), (1, -3)], "grey", 1.6, "3 5")
    for end in (high, low):
        axes.curve([(0, start), end], "grey", 2, "9 6")
    heights = accumulate((-FALL * slope / pieces for slope in SLOPES), initial=start)
    curve = [(i / pieces, height) for i, height in enumerate(heights)]
    axes.curve(curve, "blue", 3.4)
    canvas.dot(axes.at(0, start), "blue", 5)
    lost = axes.at(_zero(curve), 0)
    canvas.path([(lost[0] + 5, lost[1] - 8), (180, 86)], "orange", 1.4)
    canvas.dot(lost, "orange", 6.5)
    canvas.text((184, 84), "the sign is lost here", "orange")
    canvas.text((54, 24), "value along the step")
    canvas.text((38, axes.at(0, 1)[1] + 3), "*F*", "grey", "end")
    canvas.text((38, axes.at(0, 0)[1] + 6), "0", anchor="end")
    for height, words, fill in (
        (high[1], "half the slope", "grey"),
        (curve[-1][1], "value", "blue"),
    ):
        canvas.text((364, axes.at(1, height)[1] + 6), words, fill)
    canvas.text((214, 302), "one and a half of it", "grey", "end")
    canvas.text((46, 356), "*x*", anchor="middle")
    canvas.text((axes.at(1, 0)[0], 356), "*x* + *δ*", anchor="middle")
    return canvas


def _zero(curve: list[Point]) -> float:
    """Where a falling curve is zero."""
    (a, up), (b, down) = next(pair for pair in pairwise(curve) if pair[1][1] <= 0)
    return a + (b - a) * up / (up - down)


def linear_case() -> Canvas:
    """The gradients of all lazy linear networks, seen from the origin."""
    canvas = Canvas("The gradients of all lazy linear networks", 480, 236)
    foot, length, radius, theta = (52.0, 184.0), 330.0, 80.0, 12.0
    reach, psi = sqrt(length**2 - radius**2), degrees(asin(radius / length))
    tip = _at(foot, length, theta)
    edges = [_at(foot, reach + 66, theta + side * psi) for side in (1, -1)]
    cone = around(foot, reach + 66, theta + psi, theta - psi)
    canvas.path([foot, *cone, foot], "none", 0, fill="blue", opacity=0.1)
    canvas.path([(24, foot[1]), (466, foot[1])])
    for edge in edges:
        canvas.path([foot, edge], "blue", 1.4, "7 5")
    disc = around(tip, radius)
    canvas.path(disc, "blue", 1.6, fill="blue", opacity=0.15)
    touch = _at(foot, reach, theta + psi)
    canvas.path([tip, touch], "grey", 1.6, "3 4")
    canvas.arrow(foot, (foot[0], foot[1] - 96), "green", 3)
    canvas.arrow(foot, tip, "blue", 3)
    canvas.arrow(foot, touch, "orange", 3)
    canvas.path(around(foot, 112, 0, theta), width=1.8)
    canvas.path(around(foot, 144, theta, theta + psi), width=1.8)
    canvas.text((178, 174), "*θ*", anchor="middle")
    canvas.text((202, 134), "*ψ*", anchor="middle")
    canvas.text((foot[0] - 10, 96), "*x*", "green", "end")
    canvas.text((touch[0] - 8, touch[1] - 8), "*v* of the worst *W*", "orange", "end")
    canvas.text((tip[0] + 6, tip[1] + 22), "*v*(*W*_{0})", "blue")
    canvas.text(((tip[0] + touch[0]) / 2 + 10, (tip[1] + touch[1]) / 2 + 6), "*C*_{0}", "grey")
    canvas.text((foot[0] + 14, foot[1] + 26), "all *v* with *v* · *x* = 0")
    return canvas


def _at(foot: Point, length: float, turn: float) -> Point:
    """The end of an arrow from the foot."""
    return foot[0] + length * cos(radians(turn)), foot[1] - length * sin(radians(turn))
