"""The bounds of Mianjy & Arora (2023) as numbers: an attack's, and adversarial training's."""

from advtheory.reflection.bounds.attack import (
    attack_bound,
    attack_step,
    effective_threshold,
    first_bound,
    flip_iterations,
    sharp_bound,
    suboptimal_iterations,
)
from advtheory.reflection.bounds.training import (
    attack_iterations,
    correlation,
    cost_bound,
    linear_iterations,
    mean_bound,
    norm_bound,
    perceptron_iterations,
    perceptron_mistakes,
    step_size,
    top_for_beta,
    training_iterations,
)

__all__ = [
    "attack_bound",
    "attack_iterations",
    "attack_step",
    "correlation",
    "cost_bound",
    "effective_threshold",
    "first_bound",
    "flip_iterations",
    "linear_iterations",
    "mean_bound",
    "norm_bound",
    "perceptron_iterations",
    "perceptron_mistakes",
    "sharp_bound",
    "step_size",
    "suboptimal_iterations",
    "top_for_beta",
    "training_iterations",
]
