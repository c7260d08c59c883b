"""How networks learn: descent that stops at the lazy ball, and projected adversarial training."""

from advtheory.training.lazy import LazyExit, train_lazy
from advtheory.training.minibatch import Decay, train_minibatch
from advtheory.training.projected import Plan, Trained, train_projected
from advtheory.training.steps import Settings, move, propose

__all__ = [
    "Decay",
    "LazyExit",
    "Plan",
    "Settings",
    "Trained",
    "move",
    "propose",
    "train_lazy",
    "train_minibatch",
    "train_projected",
]
