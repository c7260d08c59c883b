"""What the paper leaves open: starts of the frameworks, and sentences for other words."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from advtheory.reflection.choices import OPTIONS, Choice, choice_of, start

D, M = 400, 300


@pytest.mark.parametrize("logits", [1, 2])
def test_the_start_of_pytorch_is_that_of_its_layers(logits: int) -> None:
    """The same laws as those of ``torch.nn.Linear``: range, and variance of every tensor."""
    net = start(Choice(logits=logits), D, M, range(40))
    layers = [(torch.nn.Linear(D, M), torch.nn.Linear(M, logits)) for _ in range(40)]
    first = torch.stack([one.weight.detach() for one, _ in layers])
    top = torch.stack([two.weight.detach() for _, two in layers])
    f = top[:, 1] - top[:, 0] if logits == 2 else top[:, 0]
    assert net.b is not None
    assert net.w.abs().max() <= 1 / math.sqrt(D)
    assert net.b.abs().max() <= 1 / math.sqrt(D)
    v = net.a / math.sqrt(M)
    assert v.abs().max() <= logits / math.sqrt(M)
    assert float(net.w.var()) == pytest.approx(float(first.var()), rel=0.02)
    assert float(v.var()) == pytest.approx(float(f.var()), rel=0.05)


@pytest.mark.parametrize(
    ("init", "variance", "top"),
    [
        ("glorot", 2 / (D + M), 2 / (M + 1)),
        ("he", 2 / D, 2 / M),
        ("gaussian", 1.0, 1 / M),
    ],
)
def test_the_other_starts_have_their_variances(init: str, variance: float, top: float) -> None:
    net = start(Choice(init=init), D, M, range(20))
    assert float(net.w.var()) == pytest.approx(variance, rel=0.02)
    assert float((net.a / math.sqrt(M)).square().mean()) == pytest.approx(top, rel=0.05)
    if init != "gaussian":
        assert net.b is not None
        assert not bool(net.b.any())


def test_a_seed_means_the_same_network_alone_and_in_company() -> None:
    alone, company = (start(Choice(), 5, 4, seeds) for seeds in ([7], [3, 7]))
    assert torch.equal(alone.w[0], company.w[1])
    assert torch.equal(alone.a[0], company.a[1])


def test_without_biases_there_are_none() -> None:
    net = start(Choice(biases="no"), 5, 4, [0])
    assert net.b is None
    assert net.c is None


@pytest.mark.parametrize("field", OPTIONS)
def test_another_word_is_named_with_those_that_there_are(field: str) -> None:
    wrong: dict[str, Any] = {field: "sideways"}
    with pytest.raises(ValueError, match=f"{field} is 'sideways'; expected one of"):
        Choice(**wrong)


def test_a_point_has_the_fields_of_its_choice_and_others() -> None:
    choice = choice_of({"d": 784, "steps": 20, "logits": 2})
    assert choice == Choice(steps=20, logits=2)
    assert [Choice(top=top).rate for top in ("trained", "fixed")] == [1.0, 0.0]
    assert choice.rate == 2.0
