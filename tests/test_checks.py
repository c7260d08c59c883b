"""The sentences for bad input: one each, with what was wrong and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from advtheory import checks

X, Y = torch.ones(2, 3), torch.ones(2)

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "negative": (lambda: checks.require_nonnegative(-1, "c0"), "c0 is -1; expected a finite"),
    "nan": (lambda: checks.require_nonnegative(math.nan, "c0"), "c0 is nan; expected a finite"),
    "huge": (lambda: checks.require_nonnegative(10**400, "c0"), "expected a finite number"),
    "bool size": (lambda: checks.require_positive_integer(True, "m"), "m is True; expected an"),
    "zero": (lambda: checks.require_positive_integer(0, "m"), "m is 0; expected an integer"),
    "bool labels": (lambda: checks.require_labels(Y > 0), r"y is torch\.bool; .* 2\.0 \* y - 1\.0"),
    "complex labels": (lambda: checks.require_labels(Y * 1j), r"y is torch\.complex64; expected"),
    "zeros": (lambda: checks.require_labels(0 * Y), "a label other than -1 and"),
    "no label": (lambda: checks.require_labels(math.nan * Y), "a label other than -1 and"),
}

ANY: dict[str, tuple[Callable[..., object], tuple[object, ...], str]] = {
    "a word": (checks.require_nonnegative, ("much", "c0"), "c0 is much; expected a finite number"),
    "many": (checks.require_nonnegative, (torch.ones(2), "c0"), "c0 is tensor"),
    "a list of labels": (checks.require_labels, ([1, -1],), "y is a list; expected a tensor"),
    "an array of inputs": (checks.require_examples, (np.ones((2, 3)), Y), "x is a ndarray"),
    "a list of labels for x": (checks.require_examples, (X, [1, 1]), "y is a list"),
    "labels in words": (checks.require_training_data, (X, np.array(["a", "b"])), "y is a ndarray"),
    "inputs in words": (checks.require_training_data, ("cat", Y), "x is a str; expected a tensor"),
    "bool labels of x": (checks.require_training_data, (X, Y > 0), "y is torch.bool"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("check", "arguments", "sentence"), ANY.values(), ids=ANY)
def test_what_has_another_type_gets_one_too(
    check: Callable[..., object], arguments: tuple[object, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        check(*arguments)
    assert "\n" not in str(caught.value)


def test_good_input_passes() -> None:
    checks.require_nonnegative(0, "c0")
    checks.require_positive_integer(int(np.int64(3)), "m")
    checks.require_labels(torch.tensor([-1, 1]))
    checks.require_examples(X.expand(4, 2, 3), Y.expand(4, 2), 3)
    checks.require_training_data(X, -Y)
    assert checks.as_real([1, 2]).dtype == np.float64
