"""What is trained and attacked: two-layer networks in closed form, and any function."""

from advtheory.networks.activations import GAUSSIAN_RELU, RELU, SOFTPLUS, Activation, leaky_relu
from advtheory.networks.model import AutogradModel, Model
from advtheory.networks.two_layer import TwoLayer, initialise
from advtheory.networks.weight_balls import deviation, project_lazy

__all__ = [
    "GAUSSIAN_RELU",
    "RELU",
    "SOFTPLUS",
    "Activation",
    "AutogradModel",
    "Model",
    "TwoLayer",
    "deviation",
    "initialise",
    "leaky_relu",
    "project_lazy",
]
