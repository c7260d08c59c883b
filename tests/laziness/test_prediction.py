"""The prediction of Figure 4: alignment and threshold by their formulas."""

import pytest
import torch

from advtheory.data import Split
from advtheory.laziness import alignment


def test_alignment_is_that_of_the_class_means() -> None:
    """Half the mean of y v.x, with v written out for two clusters."""
    x = torch.tensor([[2.0, 1.0], [2.0, -1.0], [-1.0, 0.0]])
    split = Split(x, torch.tensor([1.0, 1.0, -1.0]))
    assert alignment(split) == pytest.approx((2 + 2 + 1) / 3 / 2)


@pytest.mark.parametrize("y", [torch.ones(3), -torch.ones(3)])
def test_a_single_class_has_no_direction(y: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="y lacks one of the labels"):
        alignment(Split(torch.ones(3, 2), y))
