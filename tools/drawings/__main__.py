"""Draw the figures of the theory pages again: `python tools/drawings` from the root."""

from pathlib import Path

from drawings import lazy, measured, plain

FOLDER = Path(__file__).resolve().parents[2] / "book" / "laziness" / "figures"
DRAWINGS = {
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
}


if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        draw().save(FOLDER, name)
