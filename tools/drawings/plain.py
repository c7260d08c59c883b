"""Drawings from geometry and formulas: half circles, a slab, four networks, parabolas, growth."""

import random
from collections.abc import Callable
from math import cos, exp, hypot, pi, radians, sin, sqrt
from statistics import NormalDist

from drawings.canvas import Axes, Canvas, Point, around

NORMAL = NormalDist()
MARGINS = 1.0, 2.6  # of two classes, in the sketch of robust accuracy


def spread(first: float, last: float, count: int = 101) -> list[float]:
    """Numbers at equal distances."""
    return [first + (last - first) * i / (count - 1) for i in range(count)]


def graph(f: Callable[[float], float], xs: list[float]) -> list[Point]:
    """The points (x, f(x))."""
    return [(x, f(x)) for x in xs]


def _ahead(centre: Point, degrees: float, length: float) -> Point:
    angle = radians(degrees)
    return centre[0] + length * cos(angle), centre[1] - length * sin(angle)


def angle() -> Canvas:
    """Where the gates at two inputs differ."""
    canvas = Canvas("Two half circles that differ on two arcs", 480, 300)
    centre, radius, theta = (230.0, 150.0), 110.0, 28
    for first in (-90, 90):
        wedge = around(centre, radius, first, first + theta)
        canvas.path([centre, *wedge, centre], "none", 0, fill="orange", opacity=0.25)
        canvas.path(wedge, "orange", 5)
    canvas.path(around(centre, radius), "grey", 1.6)
    for turn, fill in ((0, "ink"), (theta, "blue")):
        ends = [_ahead(centre, turn + side, radius + 14) for side in (90, -90)]
        canvas.path(ends, fill, 1.6, "6 5")
        canvas.arrow(centre, _ahead(centre, turn, radius), fill, 2.4)
    canvas.text((352, 156), "*x*")
    canvas.text((340, 92), "*x* + *δ*", "blue")
    canvas.path(around(centre, 44, 0, theta), "ink", 1.6)
    canvas.text((282, 143), "*θ*")
    canvas.text((90, 36), "differ", "orange", "middle")
    canvas.text((368, 278), "differ", "orange", "middle")
    canvas.text((66, 215), "open at", anchor="middle", size=14)
    canvas.text((66, 233), "neither", anchor="middle", size=14)
    canvas.text((420, 190), "open at both", anchor="middle", size=14)
    return canvas


def _band(canvas: Canvas, centre: Point, turn: float, half: float, fill: str) -> None:
    """A band through the centre at a right angle to a direction."""
    corners = []
    for side in (1.0, -1.0):
        middle = _ahead(centre, turn, side * half)
        corners += [_ahead(middle, turn + 90, side * 175), _ahead(middle, turn + 90, -side * 175)]
    canvas.path([*corners, corners[0]], "none", 0, fill=fill, opacity=0.16)


def slab() -> Canvas:
    """Rows near the hyperplanes of two inputs."""
    canvas = Canvas("Two slabs of neurons that can switch", 480, 360)
    centre, unit, half = (240.0, 180.0), 62.0, 0.22
    turns = {"blue": 90.0, "orange": 62.0}
    for name, turn in turns.items():
        _band(canvas, centre, turn, half * unit, name)
    draw = random.Random(3)
    for _ in range(170):
        x, y = draw.gauss(0, 1), draw.gauss(0, 1)
        sizes = {name: x * cos(radians(t)) + y * sin(radians(t)) for name, t in turns.items()}
        near = [name for name, size in sizes.items() if abs(size) <= half]
        fill = ["grey", *near, "green"][len(near) if len(near) < 2 else -1]
        canvas.dot((centre[0] + unit * x, centre[1] - unit * y), fill, 4 if near else 2.2)
    for name, turn in turns.items():
        canvas.arrow(centre, _ahead(centre, turn, 135), name, 2.4)
    canvas.text((226, 40), "*x*", "blue", "end")
    canvas.text((312, 62), "*y*", "orange")
    canvas.text((24, 160), "slab of *x*", "blue")
    canvas.text((372, 286), "slab of *y*", "orange")
    return canvas


def square() -> Canvas:
    """The way from a gradient at one input to that at another, through the start."""
    canvas = Canvas("Three changes of the gradient", 480, 230)
    columns, rows = (120.0, 360.0), (60.0, 180.0)
    names = {
        (0, 0): "∇*f*(*x*; *W*)",
        (1, 0): "∇*f*(*x*+*δ*; *W*)",
        (0, 1): "∇*f*(*x*; *W*_{0})",
        (1, 1): "∇*f*(*x*+*δ*; *W*_{0})",
    }
    for (column, row), name in names.items():
        canvas.text((columns[column], rows[row] + 6), name, anchor="middle")
    for x in columns:
        canvas.arrow((x, rows[0] + 22), (x, rows[1] - 18), "blue", 2.4)
        canvas.arrow((x, rows[1] - 18), (x, rows[0] + 22), "blue", 2.4)
    canvas.text((columns[0] - 12, 126), "*E*_{W}", "blue", "end")
    canvas.text((columns[1] + 12, 126), "*E*_{W}", "blue")
    canvas.arrow((columns[0] + 66, rows[1]), (columns[1] - 80, rows[1]), "orange", 2.4)
    canvas.arrow((columns[1] - 80, rows[1]), (columns[0] + 66, rows[1]), "orange", 2.4)
    canvas.text((238, rows[1] + 26), "*E*_{R}", "orange", "middle")
    canvas.path([(columns[0] + 62, rows[0]), (columns[1] - 74, rows[0])], "grey", 1.8, "6 5")
    canvas.text((236, rows[0] - 12), "at most 2*E*_{W} + *E*_{R}", "grey", "middle")
    return canvas


def _share(margin: float, centre: float, width: float = 0.12) -> float:
    """How many images have a margin near this one, beside those at the centre."""
    return exp(-(((margin - centre) / width) ** 2) / 2)


def _robust(taken: float, width: float = 0.12) -> float:
    """The share of images with a larger margin than the budget takes."""
    return 1 - sum(NORMAL.cdf((taken - centre) / width) for centre in MARGINS) / 2


def halves() -> Canvas:
    """Margins of two classes, and the robust accuracy that follows."""
    canvas, xs = Canvas("Robust accuracy falls in two steps", 480, 400), spread(0, 3.4, 171)
    above = Axes(canvas, (50, 20, 460, 160), (0, 3.4), (0, 1.15))
    below = Axes(canvas, (50, 210, 460, 350), (0, 3.4), (0, 1.15))
    below.curve(graph(_robust, xs), "ink")
    words = (
        ("start against it", "*C*_{0}*s̄* − |*f*_{0}|"),
        ("start for it", "*C*_{0}*s̄* + |*f*_{0}|"),
    )
    for centre, fill, (head, foot) in zip(MARGINS, ("orange", "blue"), words, strict=True):
        near = [x for x in xs if abs(x - centre) < 0.6]
        above.curve([(x, _share(x, centre)) for x in near], fill)
        across = above.at(centre, 1)[0]
        canvas.path([above.at(centre, 1), (across, 350)], fill, 1.4, "3 5")
        canvas.text((across, 14), head, fill, "middle")
        below.tick(centre, foot)
    for height, number in ((1.0, "1"), (0.5, "½")):
        place = below.at(0, height)
        canvas.path([(45, place[1]), (50, place[1])], width=1.6)
        canvas.text((40, place[1] + 5), number, anchor="end", size=14)
    canvas.text((58, 60), "images", size=14)
    canvas.text((58, 206), "robust accuracy", size=14)
    canvas.text(
        (455, 394), "margin; below, what the budget takes: *ε*√(*d*/2)", anchor="end", size=14
    )
    return canvas


def _remainder(t: float, z: float) -> float:
    """What a kink at the distance z can lose."""
    return max(0, abs(t) - z)


def parabola() -> Canvas:
    """The remainder of a kink and two parabolas above it."""
    canvas, ts, c = Canvas("Two parabolas above a kink", 480, 280), spread(-1, 1, 121), 0.3
    far = Axes(canvas, (20, 30, 220, 220), (-1, 1), (0, 0.9))
    far.curve([(t, 0.4 * t * t) for t in ts], "orange")
    far.curve([(t, _remainder(t, 0.6)) for t in ts], "blue")
    near = Axes(canvas, (260, 30, 460, 220), (-1, 1), (0, 0.9))
    near.curve([(t, y) for t in ts if (y := c - 0.2 + t * t / (4 * c)) < 0.9], "orange")
    near.curve([(t, _remainder(t, 0.2)) for t in ts], "blue")
    for axes, z in ((far, 0.6), (near, 0.2)):
        for t, words in ((-1, "−*r*"), (z, "|*z*|"), (1, "*r*")):
            axes.tick(t, words)
    canvas.text((120, 22), "part 2: zero at 0", "orange", "middle", 14)
    canvas.text((360, 22), "part 3: never zero", "orange", "middle", 14)
    canvas.text((240, 270), "blue: (|*t*| − |*z*|)_{+}", "blue", "middle", 14)
    return canvas


def _strokes(canvas: Canvas, axes: Axes) -> None:
    """Short lines with the slope x y."""
    for x in spread(0.2, 1.8, 9):
        for y in spread(1, 7, 7):
            if y <= exp(x * x / 2) + 0.8:
                at, ahead = axes.at(x, y), axes.at(x + 1, y + x * y)
                share = 16 / hypot(ahead[0] - at[0], ahead[1] - at[1])
                end = [a + share * (b - a) for a, b in zip(at, ahead, strict=True)]
                canvas.path([at, (end[0], end[1])], "grey", 1.6)


def growth() -> Canvas:
    """A function whose growth is limited, below the solution that grows as fast as it may."""
    canvas = Canvas("A differential inequality and its solution", 480, 340)
    axes, xs, mean = (
        Axes(canvas, (50, 24, 440, 290), (0, 2), (0, 7.6)),
        spread(0, 2, 81),
        sqrt(2 / pi),
    )
    _strokes(canvas, axes)
    axes.curve([(x, exp(x * x / 2)) for x in xs], "orange", 3.4)
    moment = [(x, 2 * exp(x * x / 2 - mean * x) * NORMAL.cdf(x)) for x in xs]  # of |Z| - E|Z|
    axes.curve(moment, "blue", 3.4)
    canvas.text((400, 60), "exp(*λ*²*L*²/2)", "orange", "end")
    canvas.text((446, 150), "*G*(*λ*)", "blue", "end")
    canvas.text((446, 296), "*λ*")
    canvas.text((42, 260), "1", anchor="end", size=14)
    for x in (1, 2):
        axes.tick(x, str(x))
    return canvas
