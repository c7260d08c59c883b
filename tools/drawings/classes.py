"""The cap of the ball in which another class wins, and where two losses go instead."""

from math import sqrt

from drawings.canvas import Axes, Canvas

RADIUS, NEED = 0.7078, sqrt(0.5)
ENDS = {  # (delta_2 - delta_1) / sqrt 2 and delta_3 of the largest value, in `many-classes.md`
    "cross-entropy": ((0.475 + 0.51) / sqrt(2), 0.123),
    "softmax reflection": ((0.510 + 0.481) / sqrt(2), -0.096),
    "margin reflection": (RADIUS, 0.0),
}


def cap() -> Canvas:
    """A section of the ball through the direction of class 2 and the third coordinate."""
    canvas = Canvas(
        "A section of the ball near its tip, with the cap in which class 2 wins and the places "
        "where three losses are largest",
        480,
        320,
    )
    axes = Axes(canvas, (70, 24, 440, 280), (0.66, 0.715), (-0.2, 0.2))
    heights = [-0.2 + 0.4 * i / 200 for i in range(201)]
    end = [(sqrt(RADIUS**2 - third**2), third) for third in heights]
    tip = [axes.at(*place) for place in end if place[0] > NEED]
    canvas.path([*tip, tip[0]], "none", 0, fill="green", opacity=0.45)
    axes.curve([place for place in end if place[0] > 0.66], "grey", 2)
    axes.curve([(NEED, -0.2), (NEED, 0.2)], "green", 2, "6 5")
    colours = {"cross-entropy": "blue", "softmax reflection": "orange"}
    for name, fill in (*colours.items(), ("margin reflection", "green")):
        canvas.dot(axes.at(*ENDS[name]), fill, 6, "paper")
    canvas.text((axes.at(*ENDS["cross-entropy"])[0] - 12, 105), "cross-entropy", "blue", "end")
    canvas.text((axes.at(0.692, 0)[0], 214), "softmax reflection", "orange", "end")
    canvas.text((axes.at(NEED, 0)[0] - 12, 146), "margin reflection", "green", "end")
    canvas.text((axes.at(NEED, 0)[0] + 6, 44), "class 2", "green", size=14)
    canvas.text((axes.at(NEED, 0)[0] + 6, 60), "wins", "green", size=14)
    canvas.text((60, 36), "*δ*_{3}", anchor="end")
    canvas.text((440, 304), "towards class 2", anchor="end", size=14)
    canvas.text((axes.at(0.672, 0)[0], 92), "ball", "grey", "middle")
    return canvas
