"""The parts that both ways of training share: networks that still train, and their attack."""

from typing import Any

import pytest
import torch

from advtheory.attacks.switching import last_iterate, switching_pays, switching_pgd
from advtheory.networks import deviation, initialise, project_lazy
from advtheory.training.members import Members


def test_each_changes_every_tensor_that_there_is() -> None:
    for biases in (False, True):
        net = initialise(3, 4, [0, 1], biases=biases)
        double = net.each(lambda t: 2 * t)
        assert torch.equal(double.w, 2 * net.w)
        assert (double.b is None) == (net.b is None) == (not biases)
        if net.b is not None and double.b is not None:
            assert torch.equal(double.b, 2 * net.b)


def test_members_that_stay_keep_their_start_and_their_order() -> None:
    net = initialise(3, 4, [0, 1, 2])
    whole, part = Members(net, [7, 8, 9]), Members(net, [7, 8, 9])
    part.keep([0, 2])
    assert part.numbers == [0, 2]
    assert torch.equal(part.start.w, net.w[[0, 2]])
    first, _, third = whole.orders(20)
    assert torch.equal(part.orders(20), torch.stack([first, third]))
    assert torch.equal(whole.orders(20)[0], part.orders(20)[0])  # and later orders too
    assert sorted(first.tolist()) == list(range(20))


def test_training_in_place_leaves_the_start_alone() -> None:
    net = initialise(3, 4, [0])
    members = Members(net, [0])
    members.net.w.add_(1.0)
    assert torch.equal(members.start.w, net.w)


@pytest.mark.parametrize(("m", "d"), [(64, 4), (400, 64)])
def test_both_ways_of_the_attack_give_the_same_iterates(m: int, d: int) -> None:
    """prop-switching-pgd: the faster way is chosen by size, and either is the other's oracle."""
    net = initialise(d, m, [0, 1], dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    x = torch.nn.functional.normalize(torch.randn(2, 64, d, generator=generator).double(), dim=-1)
    y = torch.where(x[..., 0] > 0, 1.0, -1.0).double()
    eps = torch.tensor([0.1, 0.3], dtype=torch.float64)
    found = last_iterate(net, x, y, eps, steps=40)
    expected = switching_pgd(net, x, y, radius=eps, steps=40)
    assert not switching_pays(64, m, d, 40)  # so these are the dense loop and the switches
    # where a step ends on a kink the two may part; nearly everywhere they do not
    assert ((found - expected).norm(dim=-1) < 1e-6).double().mean() > 0.97


def test_weights_of_another_shape_have_no_distance() -> None:
    net, other = initialise(3, 4, 0, biases=True), initialise(3, 5, 0, biases=True)
    bare = initialise(3, 4, 0)
    for function in (deviation, lambda a, b: project_lazy(a, b, 1.0)):
        for one, two in ((net, other), (net, bare), (bare, net)):
            with pytest.raises(ValueError, match="expected"):
                function(one, two)


def test_a_seed_is_a_whole_number() -> None:
    half: Any = [1.7]
    with pytest.raises(ValueError, match=r"1\.7"):
        initialise(3, 4, half)
