"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.exact_plane import best_in_disc
from advtheory.reflection.attack_path import iterates

__all__ = ["best_in_disc", "iterates"]
