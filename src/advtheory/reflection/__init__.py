"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.attack_path import iterates
from advtheory.reflection.choices import Choice
from advtheory.reflection.exact_grid import Grid, Search, Top, top
from advtheory.reflection.exact_plane import best_in_disc, least_margin
from advtheory.reflection.one_margin import lower, q, q_time, s, s_time, steps_to_zero, upper

__all__ = [
    "Choice",
    "Grid",
    "Search",
    "Top",
    "best_in_disc",
    "iterates",
    "least_margin",
    "lower",
    "q",
    "q_time",
    "s",
    "s_time",
    "steps_to_zero",
    "top",
    "upper",
]
