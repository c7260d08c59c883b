"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.exact_grid import Grid, Search, Top, top

__all__ = ["Grid", "Search", "Top", "top"]
