"""Calls of the numeric core that no wing owns, each on a device that is named."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from advtheory import attacks, losses, networks, norms, training
from advtheory.networks import TwoLayer, initialise

RADIUS = 0.3


def net(device: str, **options: Any) -> TwoLayer:
    """One network of 40 neurons on 6 inputs; with ``seeds`` an ensemble."""
    return initialise(6, 40, options.pop("seeds", 0), device=device, **options)


def inputs(device: str) -> tuple[Tensor, Tensor]:
    """Twelve inputs on the unit sphere and their labels."""
    generator = torch.Generator().manual_seed(7)
    x = torch.nn.functional.normalize(torch.randn(12, 6, generator=generator), dim=1)
    return x.to(device), torch.where(x[:, 0] > 0, 1.0, -1.0).to(device)


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


def minibatch(device: str) -> TwoLayer:
    """Both layers of two networks, under attack."""
    x, y = inputs(device)
    settings = training.Decay(batch=4, epochs=3)
    attack = training.linear_attack(RADIUS)
    ensemble = net(device, seeds=[0, 1], biases=True)
    return training.train_minibatch(ensemble, x, y, seeds=[0, 1], settings=settings, attack=attack)


def ascended(ball: norms.Ball, direction: attacks.Direction) -> Callable[[str], Tensor]:
    schedule = attacks.Schedule(RADIUS, 0.1, 5)
    return lambda device: attacks.ascend(
        net(device), *inputs(device), ball=ball, schedule=schedule, direction=direction
    )


def online(attack: training.online.Attack) -> Callable[[str], Any]:
    def call(device: str) -> Any:
        x, y = (t.expand(2, *t.shape) for t in inputs(device))
        return training.train_online(net(device, seeds=[0, 1]), x, y, attack, learning_rate=0.5)

    return call


def with_noise(device: str) -> Any:
    x, _ = inputs(device)
    return online(training.noise_attack(x.flip(0).expand(2, *x.shape)))(device)


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


def of_classes(loss: losses.Loss) -> Callable[[str], Any]:
    def call(device: str) -> Any:
        f, y = inputs(device)[0], torch.arange(12, device=device) % 6
        return loss.value(f, y), loss.slope(f, y)

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
    "attacks.normalised": ascended(norms.L2, attacks.normalised(losses.REFLECTED, norms.L2)),
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
    "training.linear_attack": online(training.linear_attack(RADIUS)),
    "training.move": proposed,
    "training.no_attack": online(training.no_attack),
    "training.noise_attack": with_noise,
    "training.propose": lambda d: training.propose(net(d), *inputs(d), 0.1),
    "training.reflected_attack": online(training.reflected_attack(RADIUS, 5)),
    "training.train_lazy": lazy,
    "training.train_minibatch": minibatch,
    "training.train_online": online(training.no_attack),
    "training.train_projected": projected,
    "norms.L2": of_ball(norms.L2),
    "norms.LINF": of_ball(norms.LINF),
    "losses.MARGIN": of_loss(losses.MARGIN),
    "losses.margin": lambda d: losses.margin(inputs(d)[0], torch.arange(12, device=d) % 6),
    "losses.LOGISTIC": of_loss(losses.LOGISTIC),
    "losses.REFLECTED": of_loss(losses.REFLECTED),
    "losses.CROSS_ENTROPY": of_classes(losses.CROSS_ENTROPY),
    "losses.REFLECTED_SOFTMAX": of_classes(losses.REFLECTED_SOFTMAX),
}

NO_TENSORS = {
    "networks.Activation": "a type; its instances are called",
    "networks.Model": "a protocol",
    "attacks.Direction": "a hook of ascend, made by raw and steepest",
    "attacks.Flip": "what flipping_step returns",
    "attacks.Schedule": "numbers",
    "training.Decay": "numbers",
    "training.LazyExit": "what train_lazy returns",
    "training.Plan": "numbers",
    "training.Run": "what train_online returns",
    "training.Settings": "numbers",
    "training.Trained": "what train_projected returns",
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
