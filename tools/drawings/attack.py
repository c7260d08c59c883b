"""Drawings of the part "Reflection": where the proof about the attack lives."""

from math import hypot

from drawings.canvas import Canvas, Point, around

CENTRE, RADIUS = (190.0, 165.0), 125.0
BEST = (278.4, 253.4)  # on the circle
PATH: list[Point] = [CENTRE, (230.0, 170.0), (262.0, 186.0), (288.0, 207.0), (295.8, 231.0)]


def attack_ball() -> Canvas:
    """The ball around x, the iterates, and their distance from the best attack."""
    canvas = Canvas("The iterates approach the best attack", 480, 330)
    at, after = PATH[2], PATH[3]
    canvas.path(around(CENTRE, RADIUS), "grey", 2)
    canvas.path(around(BEST, hypot(at[0] - BEST[0], at[1] - BEST[1])), "orange", 1.6, "6 5")
    canvas.path(PATH, "blue", 1.6)
    for point in PATH:
        canvas.dot(point, "blue", 4.5)
    canvas.arrow(at, (after[0] - 3, after[1] - 2.4), "blue", 2.6)
    canvas.path([at, BEST], "orange", 2.4)
    canvas.dot(BEST, "orange", 6)
    canvas.dot(CENTRE, "ink", 5)
    canvas.text((CENTRE[0] - 10, CENTRE[1] + 20), "*x* = *x*_{1}", anchor="end")
    canvas.text((at[0] - 4, at[1] - 12), "*x*_{t}", "blue", "middle")
    canvas.text((after[0] + 36, after[1] - 12), "*x*_{t+1}", "blue")
    canvas.text((BEST[0] - 12, BEST[1] + 24), "*x*_{*}", "orange", "end")
    canvas.text((at[0] - 4, 226), "*r*_{t}", "orange", "end")
    canvas.path([CENTRE, (CENTRE[0] - 88.4, CENTRE[1] - 88.4)], "grey", 1.6)
    canvas.text((132, 128), "*ν*", "grey")
    canvas.text((372, 262), "closer", "orange")
    canvas.text((372, 280), "than *x*_{t}", "orange")
    return canvas
