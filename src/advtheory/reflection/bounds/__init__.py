"""The bounds of Mianjy & Arora (2023) as numbers: an attack's, and adversarial training's."""

from advtheory.reflection.bounds.attack import (
    attack_bound,
    attack_step,
    effective_threshold,
    first_bound,
    flip_iterations,
    suboptimal_iterations,
)

__all__ = [
    "attack_bound",
    "attack_step",
    "effective_threshold",
    "first_bound",
    "flip_iterations",
    "suboptimal_iterations",
]
