"""A sheet for an SVG drawing: lines, dots, words and axes in the colours of the page."""

import re
from collections.abc import Iterable
from html import escape
from math import cos, hypot, pi, sin
from pathlib import Path

Point = tuple[float, float]

COLOURS = {
    "ink": "#1d2329",
    "blue": "#0b63a5",
    "orange": "#a94a00",
    "green": "#007a5a",
    "grey": "#59626c",
    "faint": "#c9d3da",
    "paper": "#ffffff",
    "none": "none",
}
FONT = "Helvetica, Arial, DejaVu Sans, sans-serif"
SIZE = 16
MARK = re.compile(r"\*([^*]+)\*|_\{([^}]+)\}")


def colour(name: str) -> str:
    """The colour of the page by that name; outside a page its value on white."""
    return name if name == "none" else f"var(--drawing-{name}, {COLOURS[name]})"


def short(number: float) -> str:
    """A coordinate, to a tenth."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def marked(text: str) -> str:
    """Words with `*f*` in italics and `_{0}` as an index."""
    out, low = [], False
    for part in re.split(r"(\*[^*]+\*|_\{[^}]+\})", text):
        found = MARK.fullmatch(part)
        if found and found[2]:
            out.append(f'<tspan dy="4" font-size="12">{escape(found[2])}</tspan>')
        elif part:
            style = ' font-style="italic"' if found else ""
            back = ' dy="-4"' if low else ""
            words = escape(found[1] if found else part)
            out.append(f"<tspan{back}{style}>{words}</tspan>" if back + style else words)
        low = bool(found and found[2]) or (low and not part)
    return "".join(out)


class Canvas:
    """A drawing: shapes are added in order, the later ones on top."""

    def __init__(self, title: str, width: int, height: int) -> None:
        """Begin with an empty sheet."""
        self.size = width, height
        self.title = title
        self.shapes: list[str] = []

    def add(self, shape: str, **style: object) -> None:
        """Add an element with attributes such as `stroke_width=2`."""
        pairs = (f'{key.replace("_", "-")}="{value}"' for key, value in style.items())
        self.shapes.append(f"<{shape} {' '.join(pairs)}/>")

    def path(
        self,
        points: Iterable[Point],
        stroke: str = "ink",
        width: float = 2,
        dash: str = "",
        fill: str = "none",
        opacity: float = 1,
    ) -> None:
        """A line through points; with `fill` an area."""
        corners = " ".join(f"{short(x)},{short(y)}" for x, y in points)
        dashes = {"stroke_dasharray": dash} if dash else {}
        filled = {"fill": colour(fill)} | ({"fill_opacity": opacity} if opacity < 1 else {})
        line = {"stroke": colour(stroke), "stroke_width": width, "stroke_linejoin": "round"}
        self.add(f'polyline points="{corners}"', **filled, **line, **dashes)

    def dot(self, at: Point, fill: str = "ink", radius: float = 4, stroke: str = "none") -> None:
        """A dot."""
        place = {"cx": short(at[0]), "cy": short(at[1]), "r": short(radius)}
        self.add("circle", **place, fill=colour(fill), stroke=colour(stroke), stroke_width=2)

    def arrow(self, start: Point, end: Point, stroke: str = "ink", width: float = 2) -> None:
        """An arrow."""
        length = hypot(end[0] - start[0], end[1] - start[1])
        ahead = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        head = 4 + 2.4 * width
        foot = end[0] - head * ahead[0], end[1] - head * ahead[1]
        aside = -0.42 * head * ahead[1], 0.42 * head * ahead[0]
        self.path([start, foot], stroke, width)
        sides = [(foot[0] + s * aside[0], foot[1] + s * aside[1]) for s in (1, -1)]
        self.path([end, *sides, end], "none", 0, fill=stroke)

    def text(
        self, at: Point, words: str, fill: str = "ink", anchor: str = "start", size: int = SIZE
    ) -> None:
        """Words; `anchor` is start, middle or end."""
        place = f'x="{short(at[0])}" y="{short(at[1])}"'
        style = f'fill="{colour(fill)}" text-anchor="{anchor}" font-size="{size}"'
        self.shapes.append(f"<text {place} {style}>{marked(words)}</text>")

    def written(self) -> str:
        """The file."""
        width, height = self.size
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{round(1.3 * width)}" height="{round(1.3 * height)}" role="img" '
            f'aria-label="{self.title}" font-family="{FONT}">'
        )
        sheet = f'<rect width="{width}" height="{height}" fill="{colour("paper")}"/>'
        lines = [head, f"  <title>{self.title}</title>", f"  {sheet}"]
        return "\n".join([*lines, *(f"  {shape}" for shape in self.shapes), "</svg>", ""])

    def save(self, folder: Path, name: str) -> None:
        """Write the file `name`.svg."""
        (folder / f"{name}.svg").write_text(self.written(), "utf-8")


class Axes:
    """Two axes in a box (left, top, right, bottom) of a canvas, and where numbers lie there."""

    def __init__(
        self, canvas: Canvas, box: tuple[float, float, float, float], x: Point, y: Point
    ) -> None:
        """Draw the axes for the ranges `x` and `y`; the horizontal one lies at the height zero."""
        self.canvas, self.box, self.x, self.y = canvas, box, x, y
        left, top, right, bottom = box
        zero = self.at(x[0], min(max(0, y[0]), y[1]))[1]
        canvas.path([(left, bottom), (left, top)], width=1.6)
        canvas.path([(left, zero), (right, zero)], width=1.6)

    def at(self, x: float, y: float) -> Point:
        """Where (x, y) lies on the sheet."""
        left, top, right, bottom = self.box
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return left + across * (right - left), bottom - up * (bottom - top)

    def curve(self, points: Iterable[Point], stroke: str, width: float = 3, dash: str = "") -> None:
        """A curve through points."""
        self.canvas.path([self.at(*one) for one in points], stroke, width, dash)

    def tick(self, x: float, words: str) -> None:
        """A mark on the lower edge of the box with words below it."""
        at = self.at(x, self.y[0])[0], self.box[3]
        self.canvas.path([at, (at[0], at[1] + 5)], width=1.6)
        self.canvas.text((at[0], at[1] + 21), words, anchor="middle", size=14)


def around(centre: Point, radius: float, first: float = 0, last: float = 360) -> list[Point]:
    """Points of an arc between two angles in degrees, counterclockwise as one sees it."""
    angles = [(first + (last - first) * i / 90) * pi / 180 for i in range(91)]
    return [(centre[0] + radius * cos(a), centre[1] - radius * sin(a)) for a in angles]
