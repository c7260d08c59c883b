"""Two classes at a margin, with the discs in which an attack may move them."""

import random
from math import cos, pi, sin, sqrt

from drawings.canvas import Canvas, Point, around

CENTRE, UNIT = (240.0, 165.0), 140.0  # of the plane; R = 1
GAMMA, NU = 0.42, 0.22


def _at(x: float, y: float) -> Point:
    return CENTRE[0] + UNIT * x, CENTRE[1] - UNIT * y


def _inputs() -> list[Point]:
    """Points of both classes, at least gamma from the plane, with discs that hardly overlap."""
    draw, found = random.Random(5), list[Point]()
    while len(found) < 8:
        angle, far = 2 * pi * draw.random(), sqrt(draw.random())
        x, y = far * cos(angle), far * sin(angle)
        free = all((x - u) ** 2 + (y - v) ** 2 > 1.6 * NU**2 for u, v in found)
        if abs(x) >= GAMMA and abs(y) <= 0.75 and free:
            found.append((x, y))
    return [*found, (GAMMA, 0.0)]


def margin_radius() -> Canvas:
    """The assumption of the page on training: radius R, margin gamma, attack nu."""
    canvas = Canvas("Two classes with a margin, and the discs of the attack", 480, 345)
    canvas.path(around(CENTRE, UNIT), "grey", 1.4, "5 5")
    canvas.path([_at(0, 1.08), _at(0, -1.08)], "ink", 2)
    for side in (-1, 1):
        canvas.path([_at(side * GAMMA, 0.9), _at(side * GAMMA, -0.9)], "faint", 2)
    for x, y in _inputs():
        name = "blue" if x > 0 else "orange"
        canvas.path(around(_at(x, y), UNIT * NU), "none", 0, fill=name, opacity=0.2)
        canvas.dot(_at(x, y), name, 4)
    canvas.arrow(_at(0, 0), _at(GAMMA - NU, 0), "ink", 1.8)
    canvas.text(_at(0.02, 0.06), "*γ* − *ν*", size=14)
    canvas.arrow(_at(0, -0.92), _at(GAMMA, -0.92), "ink", 1.8)
    canvas.text(_at(GAMMA / 2, -1.06), "*γ*", anchor="middle")
    canvas.arrow(_at(GAMMA, 0), _at(GAMMA + NU, 0), "blue", 1.8)
    canvas.text(_at(GAMMA + 0.26, -0.04), "*ν*", "blue")
    canvas.arrow(_at(0, 0), _at(cos(1.85), sin(1.85)), "grey", 1.4)
    canvas.text(_at(-0.3, 1.03), "*R*", "grey", "end")
    canvas.arrow(_at(0, 1.0), _at(0.4, 1.0), "green", 2.4)
    canvas.text(_at(0.46, 0.98), "*v*_{∗}", "green")
    canvas.text(_at(-1.2, 0.0), "*y* = −1", "orange", "end")
    canvas.text(_at(1.2, 0.0), "*y* = +1", "blue")
    return canvas
