"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.attack_path import iterates
from advtheory.reflection.exact_plane import best_in_disc

__all__ = ["best_in_disc", "iterates"]
