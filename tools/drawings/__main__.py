"""Draw the figures of the theory pages again: `python tools/drawings` from the root."""

from pathlib import Path

from drawings import attack, classes, lazy, margins, measured, plain

BOOK = Path(__file__).resolve().parents[2] / "book"
DRAWINGS = {
    "laziness": {
        "angle": plain.angle,
        "ball": measured.ball,
        "cells": measured.cells,
        "halves": plain.halves,
        "linear-case": lazy.linear_case,
        "one-step": lazy.one_step,
        "parabola": plain.parabola,
        "slab": plain.slab,
        "square": plain.square,
        "starts": measured.starts,
        "straight": measured.straight,
        "tool-growth": plain.growth,
    },
    "reflection": {
        "attack-ball": attack.attack_ball,
        "cap": classes.cap,
        "margin-radius": margins.margin_radius,
    },
}
"""The drawings of each part, by their names."""


def folder(part: str) -> Path:
    """Where the drawings of a part stand.

    Example:
        >>> folder("laziness").name
        'figures'
    """
    return BOOK / part / "figures"


if __name__ == "__main__":
    for part, drawings in DRAWINGS.items():
        for name, draw in drawings.items():
            draw().save(folder(part), name)
