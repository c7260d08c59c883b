"""What breaks networks: projected gradient descent, the flipping step, the strongest attack."""

from advtheory.attacks.ascent import Direction, Schedule, ascend, normalised, raw, steepest
from advtheory.attacks.flipping import Flip, flipping_step
from advtheory.attacks.projected_gradient import bim, fgsm, pgd
from advtheory.attacks.strongest import unbroken
from advtheory.attacks.switching import switch_table, switching_pgd
from advtheory.attacks.targeted import targeted

__all__ = [
    "Direction",
    "Flip",
    "Schedule",
    "ascend",
    "bim",
    "fgsm",
    "flipping_step",
    "normalised",
    "pgd",
    "raw",
    "steepest",
    "switch_table",
    "switching_pgd",
    "targeted",
    "unbroken",
]
