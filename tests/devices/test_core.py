"""Every public function of the numeric core on a second device: the numbers of the CPU, moved.

A tensor that is left on the CPU by mistake, or made there, ends a call on the twin with an error.
"""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from advtheory import attacks, laziness, losses, networks, norms, training
from advtheory.networks import TwoLayer, initialise
from tests.twin import NAME, tensors, twin

ROOMS = ("networks", "attacks", "training", "laziness", "norms", "losses")
RADIUS = 0.3


def net(device: str, **options: Any) -> TwoLayer:
    """One network of 40 neurons on 6 inputs; with ``seeds`` an ensemble."""
    return initialise(6, 40, options.pop("seeds", 0), device=device, **options)


def inputs(device: str) -> tuple[Tensor, Tensor]:
    """Twelve inputs on the unit sphere and their labels."""
    generator = torch.Generator().manual_seed(7)
    x = torch.nn.functional.normalize(torch.randn(12, 6, generator=generator), dim=1)
    return x.to(device), torch.where(x[:, 0] > 0, 1.0, -1.0).to(device)


def start(device: str) -> TwoLayer:
    """Two networks in double precision, as the worst cases need them."""
    return net(device, seeds=[0, 1], dtype=torch.float64)


def one(device: str) -> Tensor:
    """One input in double precision."""
    return inputs(device)[0][0].double()


def proposed(device: str) -> TwoLayer:
    """A network after one step of descent."""
    (x, y), moved = inputs(device), net(device)
    step, _ = training.propose(moved, x, y, 0.1)
    training.move(moved, x, step)
    return moved


def lazy(device: str) -> Any:
    x, y = inputs(device)
    settings = training.Settings(batch=4, epochs=3)
    return training.train_lazy(
        net(device, seeds=[0, 1]), x, y, [0.1, 5.0], seeds=[0, 1], settings=settings
    )


def projected(device: str) -> Any:
    x, y = inputs(device)
    plan = training.Plan(batch=4, epochs=3, attack_steps=5)
    return training.train_projected(
        net(device, seeds=[0, 1]),
        x,
        y,
        budgets=[0.1, 0.2],
        radii=[0.3, 0.5],
        seeds=[0, 1],
        plan=plan,
    )


def ascended(ball: norms.Ball, direction: attacks.Direction) -> Callable[[str], Tensor]:
    schedule = attacks.Schedule(RADIUS, 0.1, 5)
    return lambda device: attacks.ascend(
        net(device), *inputs(device), ball=ball, schedule=schedule, direction=direction
    )


def of_ball(ball: norms.Ball) -> Callable[[str], Any]:
    def call(device: str) -> Any:
        x, _ = inputs(device)
        sample = ball.sample((3, 6), RADIUS, torch.Generator().manual_seed(0)).to(device)
        each = torch.full((12,), RADIUS, device=device)
        projections = ball.project(x, RADIUS), ball.project(x, each)
        return ball.norm(x), ball.dual_norm(x), ball.dual_direction(x), *projections, sample

    return call


def of_loss(loss: losses.Loss) -> Callable[[str], Any]:
    def call(device: str) -> Any:
        x, y = inputs(device)
        return loss.value(x[:, 0], y), loss.slope(x[:, 0], y)

    return call


def of_activation(activation: networks.Activation) -> Callable[[str], Any]:
    def call(device: str) -> Any:
        x, _ = inputs(device)
        model = net(device, activation=activation, biases=True)
        return activation.value(x), activation.slope(x), *model.value_and_gradient(x)

    return call


def of_network(device: str) -> Any:
    x, y = inputs(device)
    ensemble = net(device, seeds=[0, 1], biases=True)
    member = ensemble.member(1).to(device, torch.float32)
    gradients = member.weight_gradient(x, y), member.input_gradient(x)
    return ensemble.value_and_gradient(x), member.value(x), gradients


def targeted(device: str) -> Tensor:
    """Four classes: outputs of a linear classifier, from a random start too."""
    x, y = inputs(device)
    rows = torch.randn(4, 6, generator=torch.Generator().manual_seed(8)).to(device)
    model = networks.AutogradModel(lambda point: point @ rows.mT, 4)
    options: dict[str, Any] = {"restarts": 1, "generator": torch.Generator().manual_seed(3)}
    return attacks.targeted(model, x, (y > 0).long(), radius=RADIUS, steps=5, **options)


def by_autograd(device: str) -> Any:
    x, _ = inputs(device)
    model = networks.AutogradModel(lambda point: point.square().sum(-1).sin())
    value, pull = model.linearise(x)
    return model.value(x), model.input_gradient(x), value, pull(value)


def moves(device: str) -> Any:
    found = laziness.towards(start(device), one(device), 2.0, one(device).flip(0))
    return found, found.gradient, found.network()


CALLS: dict[str, Callable[[str], Any]] = {
    "networks.AutogradModel": by_autograd,
    "networks.GAUSSIAN_RELU": of_activation(networks.GAUSSIAN_RELU),
    "networks.RELU": of_activation(networks.RELU),
    "networks.SOFTPLUS": of_activation(networks.SOFTPLUS),
    "networks.TwoLayer": of_network,
    "networks.deviation": lambda d: networks.deviation(proposed(d), net(d)),
    "networks.initialise": lambda d: net(d, biases=True, signs="antisymmetric"),
    "networks.leaky_relu": of_activation(networks.leaky_relu(0.1)),
    "networks.project_lazy": lambda d: networks.project_lazy(proposed(d), net(d), 1e-3),
    "attacks.ascend": ascended(norms.LINF, attacks.raw(losses.REFLECTED)),
    "attacks.bim": lambda d: attacks.bim(net(d), *inputs(d), radius=RADIUS, box=(-1.0, 1.0)),
    "attacks.fgsm": lambda d: attacks.fgsm(net(d), *inputs(d), radius=RADIUS),
    "attacks.flipping_step": lambda d: attacks.flipping_step(net(d, seeds=[0, 1]), inputs(d)[0]),
    "attacks.pgd": lambda d: attacks.pgd(
        net(d), *inputs(d), radius=RADIUS, restarts=1, generator=torch.Generator().manual_seed(3)
    ),
    "attacks.raw": ascended(norms.LINF, attacks.raw(losses.LOGISTIC)),
    "attacks.steepest": ascended(norms.L2, attacks.steepest(norms.L2)),
    "attacks.switch_table": lambda d: attacks.switch_table(net(d)),
    "attacks.switching_pgd": lambda d: attacks.switching_pgd(
        net(d, seeds=[0, 1]), *inputs(d), radius=torch.tensor([0.1, 0.3], device=d), steps=9
    ),
    "attacks.targeted": targeted,
    "attacks.unbroken": lambda d: attacks.unbroken(net(d), *inputs(d), RADIUS, steps=9),
    "training.move": proposed,
    "training.propose": lambda d: training.propose(net(d), *inputs(d), 0.1),
    "training.train_lazy": lazy,
    "training.train_projected": projected,
    "laziness.best_margin": lambda d: laziness.best_margin(net(d), *inputs(d), RADIUS),
    "laziness.certified": lambda d: laziness.certified(net(d), *inputs(d), 0.05),
    "laziness.doomed": lambda d: laziness.doomed(net(d), *inputs(d), 0.2, RADIUS),
    "laziness.extreme_value": lambda d: laziness.extreme_value(start(d), one(d), 2.0, 1.0),
    "laziness.largest_change": lambda d: laziness.largest_change(start(d), one(d), 2.0),
    "laziness.margin_lower_bound": lambda d: laziness.margin_lower_bound(net(d), *inputs(d), 0.1),
    "laziness.Moves": moves,
    "laziness.shifted": lambda d: laziness.shifted(net(d), torch.eye(6, device=d)[0], 2.0),
    "laziness.shrink": lambda d: laziness.shrink(start(d), one(d), 3.0),
    "laziness.split_bound": lambda d: laziness.split_bound(start(d), one(d), 2.0),
    "laziness.switching": lambda d: laziness.switching(start(d), one(d), 2.0),
    "laziness.towards": moves,
    "laziness.value_range": lambda d: laziness.value_range(start(d), one(d), 2.0),
    "norms.L2": of_ball(norms.L2),
    "norms.LINF": of_ball(norms.LINF),
    "losses.MARGIN": of_loss(losses.MARGIN),
    "losses.margin": lambda d: losses.margin(inputs(d)[0], torch.arange(12, device=d) % 6),
    "losses.LOGISTIC": of_loss(losses.LOGISTIC),
    "losses.REFLECTED": of_loss(losses.REFLECTED),
}
"""A public name -> a call of it on a device. It returns what may be compared."""

NO_TENSORS = {
    "networks.Activation": "a type; its instances are called",
    "networks.Model": "a protocol",
    "attacks.Direction": "a hook of ascend, made by raw and steepest",
    "attacks.Flip": "what flipping_step returns",
    "attacks.Schedule": "numbers",
    "training.LazyExit": "what train_lazy returns",
    "training.Plan": "numbers",
    "training.Settings": "numbers",
    "training.Trained": "what train_projected returns",
    "laziness.Shrunk": "what shrink returns",
    "laziness.alignment": "of a data set, which stays on the CPU",
    "laziness.gradient_bound": "of numbers",
    "laziness.gradient_square": "of numbers",
    "laziness.predicted": "of a table",
    "laziness.switching_pairs": "of numbers",
    "losses.of_margin": "makes LOGISTIC and REFLECTED, which are called",
    "losses.require_classes": "raises or returns nothing",
    "norms.Ball": "a type; its instances are called",
    "norms.Euclidean": "the type of L2, which is called",
    "norms.Maximum": "the type of LINF, which is called",
    "norms.fits": "of shapes",
    "norms.require_real": "raises or returns nothing",
    "norms.surely": "says whether a value may be looked at: never off the CPU",
    "norms.Radius": "a type",
    "norms.TINY": "a number",
    "losses.Loss": "a type; its instances are called",
}
"""A public name that is not called -> why."""


def public() -> Iterator[str]:
    """The names that a room gathers in its face, or those that a module defines."""
    for room in ROOMS:
        module = importlib.import_module(f"advtheory.{room}")
        own = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_")
            and getattr(value, "__module__", module.__name__) in (module.__name__, "types")
            and type(value) is not type(module)
        ]
        yield from (f"{room}.{name}" for name in getattr(module, "__all__", own))


def test_every_public_name_is_called_or_has_a_reason() -> None:
    assert sorted(public()) == sorted([*CALLS, *NO_TENSORS])


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_second_device_gives_the_numbers_of_the_cpu(name: str) -> None:
    here = list(tensors(CALLS[name]("cpu")))
    with twin():
        there = list(tensors(CALLS[name](NAME)))
        places = {t.device.type for t in there if t.ndim}
        back = [t.cpu() for t in there]
    assert here
    assert places <= {NAME}
    for ours, theirs in zip(here, back, strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)
