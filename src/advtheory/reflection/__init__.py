"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

__all__: list[str] = []
