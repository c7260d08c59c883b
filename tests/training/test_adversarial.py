"""Adversarial training of a deep network: it learns, it resumes, its attack is the one it says."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from advtheory.attacks.ascent import Schedule
from advtheory.data.cifar import small_digits
from advtheory.losses import CROSS_ENTROPY, REFLECTED, Loss
from advtheory.networks.preact_resnet import PreActResNet, preact_resnet
from advtheory.training import adversarial
from advtheory.training.adversarial import Inner, Outer, perturbed, train_adversarial
from advtheory.training.augment import Images, rows_of


def some(n: int) -> Images:
    source = small_digits()
    x, y = (torch.as_tensor(array[:n]) for array in source.train)
    return Images(x, y.long(), source.white)


def start() -> PreActResNet:
    return preact_resnet(0, width=2, shape=(8, 8, 1))


def inner(loss: Loss = CROSS_ENTROPY, batch_norm: str = "train") -> Inner:
    return Inner(loss, Schedule(0.1, 0.05, 2, keep="last"), batch_norm)


def state(net: PreActResNet) -> list[Tensor]:
    return [tensor.clone() for tensor in net.state_dict().values()]


def test_a_network_learns_the_digits() -> None:
    net, images = start(), some(1000)
    train_adversarial(net, images, inner=inner(), outer=Outer(8, batch=50, shift=0), seed=0)
    right = net.eval()(rows_of(images.x, images.white)).argmax(1) == images.y
    assert right.double().mean() > 0.5  # mirrored digits are hard for two channels


@pytest.mark.parametrize("killed_after", [1, 2])
def test_after_a_kill_the_bits_are_the_same(
    killed_after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, outer = some(128), Outer(3, batch=32)
    whole = start()
    train_adversarial(whole, images, inner=inner(), outer=outer, seed=3)
    keep, done = adversarial._keep, []

    def kill(*arguments: Any) -> None:
        keep(*arguments)
        done.append(1)
        if len(done) == killed_after:
            raise KeyboardInterrupt

    monkeypatch.setattr(adversarial, "_keep", kill)
    with pytest.raises(KeyboardInterrupt):
        train_adversarial(start(), images, inner=inner(), outer=outer, seed=3, scratch=tmp_path)
    monkeypatch.setattr(adversarial, "_keep", keep)
    again = start()
    train_adversarial(again, images, inner=inner(), outer=outer, seed=3, scratch=tmp_path)
    assert all(a.equal(b) for a, b in zip(state(again), state(whole), strict=True))


@pytest.mark.parametrize("loss", [CROSS_ENTROPY, REFLECTED], ids=lambda loss: loss.name)
def test_the_attack_is_sign_ascent_on_its_loss(loss: Loss) -> None:
    """The same steps with autograd through the loss itself, one input at a time in eval mode."""
    net, images = start(), some(4)
    x, y = rows_of(images.x, images.white), images.y
    found = perturbed(net, x, y, inner(loss, "eval"), torch.Generator().manual_seed(5))
    delta = 0.1 * (2 * torch.rand(x.shape, generator=torch.Generator().manual_seed(5)) - 1)
    for i in range(len(x)):
        point = (x[i] + delta[i]).clamp(0, 1)
        for _ in range(2):
            point = point.requires_grad_()
            value = loss.value(net(point[None]), y[i : i + 1]).sum()
            (gradient,) = torch.autograd.grad(value, point)
            point = point.detach() + 0.05 * gradient.sign()
            point = torch.minimum(torch.maximum(point, x[i] - 0.1), x[i] + 0.1).clamp(0, 1)
        assert torch.allclose(found[i], point, atol=1e-6)


def test_batch_norm_moves_in_train_mode_only() -> None:
    for mode, same in (("train", False), ("eval", True)):
        net, images = start(), some(8)
        before = state(net)
        x = rows_of(images.x, images.white)
        perturbed(net, x, images.y, inner(batch_norm=mode), torch.Generator())
        assert all(a.equal(b) for a, b in zip(state(net), before, strict=True)) == same
        assert all(p.grad is None for p in net.parameters())


def test_too_few_images_and_a_wrong_mode_are_told() -> None:
    with pytest.raises(ValueError, match="there are 4 images; expected at least a batch of 128"):
        train_adversarial(start(), some(4), inner=inner(), outer=Outer(1), seed=0)
    with pytest.raises(ValueError, match="batch_norm is 'off'; expected 'train' or 'eval'"):
        inner(batch_norm="off")
