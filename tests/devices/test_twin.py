"""The device in software refuses what a GPU refuses, counts what a GPU waits for, and leaves."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from advtheory.running import choose_device, device_name
from tests.twin import NAME, twin

MIXED: dict[str, Callable[[Tensor, Tensor], object]] = {
    "sum": lambda here, there: here + there,
    "product": lambda here, there: there @ here,
    "mask": lambda here, there: there[here > 0],
}


@pytest.mark.parametrize("name", MIXED)
def test_a_tensor_of_the_twin_meets_none_of_the_cpu(name: str) -> None:
    with twin():
        here, there = torch.ones(3), torch.ones(3, device=NAME)
        with pytest.raises(RuntimeError, match="found tensors on twin:0 and on the CPU"):
            MIXED[name](here, there)
        assert (there + torch.tensor(1.0)).tolist() == [2, 2, 2]  # one number may, as on a GPU


@pytest.mark.parametrize("convert", [np.asarray, np.sqrt, lambda t: t.numpy()])
def test_a_tensor_of_the_twin_is_no_numpy_array(convert: Callable[[Tensor], object]) -> None:
    with twin():
        there = torch.ones(3, device=NAME)
        with pytest.raises(TypeError):
            convert(there)
        assert there.cpu().numpy().tolist() == [1, 1, 1]


WAITS: dict[str, tuple[Callable[[Tensor], object], dict[str, int]]] = {
    "arithmetic": (lambda t: (t * 2 - t.exp()).sum(), {}),
    "upload": (lambda t: t + torch.ones(3).to(NAME), {}),
    "in place": (lambda t: t.mul_(2).clamp_(0, 1), {}),
    "float": (lambda t: float(t.sum()), {"value": 1}),
    "bool": (lambda t: bool((t > 0).all()), {"value": 1}),
    "format": (lambda t: f"{t.sum():.2f} {t.max():.1f}", {"value": 2}),
    "copy": (lambda t: t.cpu(), {"copy": 1}),
    "list": (lambda t: t.tolist(), {"copy": 1}),
    "fill": (lambda t: torch.zeros(3).copy_(t), {"copy": 1}),
    "mask": (lambda t: t[t > 0], {"size": 1}),
    "nonzero": (lambda t: t.nonzero(), {"size": 1}),
    "rows": (lambda t: t[[0, 2]], {}),
}


@pytest.mark.parametrize("name", WAITS)
def test_waits_are_counted_by_kind(name: str) -> None:
    work, expected = WAITS[name]
    with twin() as waits:
        work(torch.ones(3, device=NAME))
        assert waits == expected


def test_the_twin_is_a_device_that_can_be_chosen() -> None:
    with twin():
        assert choose_device(NAME) == NAME
        assert device_name(NAME) == NAME


def test_outside_the_block_torch_is_as_before() -> None:
    before = torch.as_tensor, torch.tensor, torch.eye
    with pytest.raises(ZeroDivisionError), twin():
        raise ZeroDivisionError
    assert (torch.as_tensor, torch.tensor, torch.eye) == before
    assert type(torch.ones(2) + torch.eye(2)) is Tensor
