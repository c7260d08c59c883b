"""PreActResNet-18: its layers, its size, its gradient in the input, its start."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, batch_norm, conv2d, relu

from advtheory.networks import AutogradModel
from advtheory.networks.preact_resnet import COLOURS, PreActResNet, preact_resnet


def by_hand(net: PreActResNet, images: Tensor) -> Tensor:
    """The network from its tensors alone, in evaluation mode; images are ``(n, 3, s, s)``."""
    t = net.state_dict()

    def norm(x: Tensor, name: str) -> Tensor:
        mean, variance = t[f"{name}.running_mean"], t[f"{name}.running_var"]
        return relu(batch_norm(x, mean, variance, t[f"{name}.weight"], t[f"{name}.bias"]))

    mean, deviation = (torch.tensor(c, dtype=images.dtype)[:, None, None] for c in COLOURS)
    x = conv2d((images - mean) / deviation, t["first.weight"], padding=1)
    for k in range(8):
        name, stride = f"stages.{k}", 2 if k in (2, 4, 6) else 1
        h = norm(x, f"{name}.first_norm")
        short = f"{name}.short.weight"
        way = conv2d(h, t[short], stride=stride) if short in t else x
        h = conv2d(h, t[f"{name}.first.weight"], stride=stride, padding=1)
        x = way + conv2d(norm(h, f"{name}.second_norm"), t[f"{name}.second.weight"], padding=1)
    pooled = avg_pool2d(norm(x, "norm"), x.shape[-1])[:, :, 0, 0]
    out: Tensor = pooled @ t["last.weight"].T + t["last.bias"]
    return out


def trained_a_little(seed: int = 0) -> PreActResNet:
    """In double precision, with averages and scales that are not those of a start."""
    net = preact_resnet(seed, width=2, shape=(16, 16, 3)).double()
    generator = torch.Generator().manual_seed(seed)
    for tensor in net.state_dict().values():
        if tensor.ndim == 1 and tensor.is_floating_point() and len(tensor) != 3:
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    return net.eval()


def rows(images: Tensor) -> Tensor:
    """Pixel after pixel, the colours of a pixel side by side."""
    return images.permute(0, 2, 3, 1).flatten(1)


def test_it_is_the_network_of_its_tensors() -> None:
    net = trained_a_little()
    images = torch.rand(3, 3, 16, 16, dtype=torch.float64)
    assert torch.allclose(net(rows(images)), by_hand(net, images), rtol=1e-10)


def test_it_has_18_layers_and_the_usual_number_of_weights() -> None:
    net = PreActResNet()
    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    in_line = [m for m in layers if isinstance(m, nn.Linear) or m.kernel_size == (3, 3)]
    assert len(in_line) == 18
    # stem, blocks with their norms, short cuts, last norm and layer, counted on paper
    stages = [(64, 64), (64, 128), (128, 256), (256, 512)]
    blocks = sum(
        9 * a * b + 3 * 9 * b * b + 2 * a + 3 * 2 * b + (a * b if a != b else 0) for a, b in stages
    )
    assert sum(p.numel() for p in net.parameters()) == 27 * 64 + blocks + 2 * 512 + 5130


def test_the_pull_back_is_the_derivative() -> None:
    net = trained_a_little(1)
    model, x = AutogradModel(net, classes=10), torch.rand(2, 768, dtype=torch.float64)
    c, v = torch.randn(2, 10, dtype=torch.float64), torch.randn(2, 768, dtype=torch.float64)
    f, pull = model.linearise(x)
    h = 1e-6
    slope = ((net(x + h * v) - net(x - h * v)) / (2 * h) * c).sum()
    assert torch.allclose((pull(c) * v).sum(), slope, rtol=1e-5)
    assert f.equal(net(x).detach())
    assert all(p.grad is None for p in net.parameters())


def test_a_seed_is_a_start_and_leaves_the_generator_of_torch_alone() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    nets = [preact_resnet(seed, width=2, shape=(8, 8, 1)) for seed in (0, 0, 1)]
    assert torch.get_rng_state().equal(before)
    first, again, other = (net.first.weight for net in nets)
    assert first.equal(again)
    assert not first.equal(other)


def test_wrong_rows_and_widths_are_told() -> None:
    with pytest.raises(ValueError, match=r"x has shape \(2, 63\); expected \(..., n, 64\)"):
        preact_resnet(0, width=2, shape=(8, 8, 1))(torch.zeros(2, 63))
    with pytest.raises(ValueError, match="width is 0; expected an integer of at least 1"):
        PreActResNet(width=0)
    half: Any = 0.5
    with pytest.raises(ValueError, match=r"the seed 0\.5 is no integer"):
        preact_resnet(half, width=2, shape=(8, 8, 1))
