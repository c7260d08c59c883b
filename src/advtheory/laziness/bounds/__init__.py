r"""The constants of the proof that lazy networks are fragile, as functions.

Each function is one numbered formula of the pages ``sec-random-networks`` and
``sec-lazy-stability``; a docstring names its label. The setting is that of Theorem 3.1 of Wang et
al. (2022): ReLU networks :math:`f(x) = \frac{1}{\sqrt m}\sum_s a_s \sigma(w_s \cdot x)` with rows
:math:`w_{s,0} \sim N(0, I_d)` and fair signs, :math:`\|x\| = 1`, and all weights in the lazy ball
:math:`\|w_s - w_{s,0}\| \le C_0/\sqrt m`.

Arguments are numbers or arrays that broadcast: ``c0`` is :math:`C_0 \ge 0`, ``d`` the dimension (at
least 2), ``m`` the width (at least d), ``gamma`` the probability :math:`\gamma \in (0, 1)` that one
event fails, ``radius`` a radius :math:`R \in [0, 1/2]`. Anything else is a ValueError. Sizes may be
huge and are taken as real numbers in double precision; logarithms are natural.
"""

from advtheory.laziness.bounds.lazy_weights import lazy_count, lazy_gradient_change, switch_count
from advtheory.laziness.bounds.random_networks import (
    ball_count,
    ball_gradient_change,
    gradient_everywhere,
    gradient_lower,
    gradient_upper,
    row_norm,
    value_bound,
)
from advtheory.laziness.bounds.theorem import (
    conditions,
    failure_probability,
    largest_log_width,
    perturbation_bound,
    smallest_dimension,
    smallest_width,
    step_size,
)

__all__ = [
    "ball_count",
    "ball_gradient_change",
    "conditions",
    "failure_probability",
    "gradient_everywhere",
    "gradient_lower",
    "gradient_upper",
    "largest_log_width",
    "lazy_count",
    "lazy_gradient_change",
    "perturbation_bound",
    "row_norm",
    "smallest_dimension",
    "smallest_width",
    "step_size",
    "switch_count",
    "value_bound",
]
