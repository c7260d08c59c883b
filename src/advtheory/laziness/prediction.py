r"""The predicted budget up to which a lazy network can be robust.

Book label ``sec-prediction``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from advtheory import data
from advtheory.checks import require
from advtheory.contract.axes import Axis

if TYPE_CHECKING:
    import pandas as pd


def alignment(split: data.Split) -> float:
    r""":math:`\bar s = \frac12\,\mathbb E[y\, v \cdot x]` for the unit vector v along the
    difference of the class means; ValueError where a class has no input. Book label
    ``sec-prediction``.

    >>> x = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> round(alignment(data.Split(x, torch.tensor([1.0, -1.0]))), 3)
    0.354
    """
    both = bool((split.y == 1).any() and (split.y == -1).any())
    require(both, "y lacks one of the labels -1 and +1; expected inputs of both classes")
    up, down = (split.x[split.y == sign].double().mean(0) for sign in (1, -1))
    v = (up - down) / torch.linalg.vector_norm(up - down)
    return float((split.y.double() * (split.x.double() @ v)).mean()) / 2


def predicted(table: pd.DataFrame, axis: Axis) -> pd.Series:
    r"""The threshold of ``sec-prediction`` for every row, from :math:`\bar s` and :math:`|f_0|`.

    >>> import pandas as pd
    >>> row = {"alignment": [0.3], "start_value": [0.5], "d": [50], "c0": [10.0]}
    >>> predicted(pd.DataFrame(row), Axis("d", "eps", "", "")).tolist()
    [0.5]
    """
    s, f0 = table["alignment"], table["start_value"]
    if axis.y == "eps":
        law: pd.Series = (2 / table["d"]) ** 0.5 * (table["c0"] * s - f0)
    else:
        law = (table["eps"] * (table["d"] / 2) ** 0.5 + f0) / (s * table["m"] ** 0.5)
    return law
