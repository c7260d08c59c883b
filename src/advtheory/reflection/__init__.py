"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.circle import circle_attack, least_margin

__all__ = ["circle_attack", "least_margin"]
