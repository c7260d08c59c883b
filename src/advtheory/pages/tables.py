"""Tables of numbers and words for people: one format in a column.

Book label ``sec-records``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeGuard

from advtheory.pages import markup
from advtheory.pages.captions import framed

if TYPE_CHECKING:
    import pandas as pd


def show_table(
    table: pd.DataFrame,
    *,
    number: int | None = None,
    caption: str = "",
    made: str | None = None,
) -> None:
    """A small table of numbers and words, without its index; a column has one format.

    Args:
        table: Its columns have names for people, such as ``attacked accuracy``.
        number: The number of the table on its page; also its address, ``#table-1``.
        caption: See `show`.
        made: Who made it, on what: see `made_here`.

    >>> import pandas as pd
    >>> show_table(pd.DataFrame({"d": [25, 784], "norm": [3.5, 19.8]}), caption="Norms.")
    <IPython.core.display.HTML object>
    """
    columns = [column_text(list(table[name])) for name in table.columns]
    rows = list(zip(*columns, strict=True))
    shown = markup.table([str(name) for name in table.columns], rows)
    framing = number is not None or caption or made
    markup.display(framed(shown, "Table", number, caption, made) if framing else shown)


def column_text(values: Sequence[object]) -> list[str]:
    """The cells of a column: round numbers as they are, others to one number of decimals.

    Where sizes differ too much for that, each has three digits.

    >>> column_text([0.5, 10.0]), column_text([9.998, 10.0]), column_text([1139.2, 0.0125])
    (['0.5', '10'], ['10.00', '10.00'], ['1139', '0.0125'])
    """
    sizes = [abs(value) for value in values if _is_float(value) and math.isfinite(value)]
    if all(size.is_integer() or size == float(f"{size:.2g}") for size in sizes):
        return [_significant(value, 2) if _is_float(value) else str(value) for value in values]
    decimals = max(0, 3 - math.floor(math.log10(max(sizes))))
    fixed = max(sizes) < 1e4 and min(filter(None, sizes)) >= 10.0 ** (1 - decimals)

    def cell(value: float) -> str:
        return f"{value:.{decimals}f}" if fixed and math.isfinite(value) else _significant(value, 3)

    return [cell(value) if _is_float(value) else str(value) for value in values]


def _is_float(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, Integral)


def _significant(value: float, digits: int) -> str:
    """A number to so many digits: ``11390``, ``0.0125``, ``3.00·10⁻⁷``."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
        text = f"{value:.{max(0, places)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{raised}"
