"""The part "Reflection": the reflected loss of Mianjy & Arora (2023), and what it guarantees."""

from advtheory.reflection.one_margin import lower, q, q_time, s, s_time, steps_to_zero, upper

__all__ = ["lower", "q", "q_time", "s", "s_time", "steps_to_zero", "upper"]
