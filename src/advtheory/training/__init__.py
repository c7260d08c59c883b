"""How networks learn: descent to the lazy ball, projected and online adversarial training."""

from advtheory.training.lazy import LazyExit, train_lazy
from advtheory.training.minibatch import Decay, train_minibatch
from advtheory.training.online import (
    Run,
    linear_attack,
    no_attack,
    noise_attack,
    reflected_attack,
    train_online,
)
from advtheory.training.projected import Plan, Trained, train_projected
from advtheory.training.steps import Settings, move, propose

__all__ = [
    "Decay",
    "LazyExit",
    "Plan",
    "Run",
    "Settings",
    "Trained",
    "linear_attack",
    "move",
    "no_attack",
    "noise_attack",
    "propose",
    "reflected_attack",
    "train_lazy",
    "train_minibatch",
    "train_online",
    "train_projected",
]
