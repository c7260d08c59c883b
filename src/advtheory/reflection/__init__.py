"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.choices import Choice

__all__ = ["Choice"]
