"""The report for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advtheory.pages.report import Line, Report, Sheet


def report_json(made: Report) -> str:
    r"""``{"records": [...]}``, each with its ``numbers``; infinite numbers become null.

    >>> from advtheory.pages.report import Report
    >>> report_json(Report(()))
    '{\n "records": []\n}'
    """
    records = [_plain(sheet) for sheet in made.sheets]
    return json.dumps({"records": _finite(records)}, indent=1, allow_nan=False)


def _plain(sheet: Sheet) -> dict[str, Any]:
    """A sheet as JSON has it: flat numbers, each with its verdict."""
    content = {key: value for key, value in asdict(sheet).items() if key != "lines"}
    numbers = [_plain_line(line) for line in sheet.lines]
    return {**content, "complete": sheet.coverage.complete, "numbers": numbers}


def _plain_line(line: Line) -> dict[str, Any]:
    ours = line.ours
    return {
        "quantity": line.key.quantity,
        "curve": line.key.curve,
        "name": line.name,
        "verdict": line.verdict,
        "claim": {**asdict(line.claim), "key": str(line.claim.key)} if line.claim else None,
        "ours": ours.value if ours else None,
        "error": ours.error if ours else None,
        "error_of": ours.over if ours and ours.error is not None else None,
        "n": ours.n if ours else 0,
        "difference": line.difference,
        "sigmas": line.sigmas,
    }


def _finite(content: Any) -> Any:
    if isinstance(content, float) and not math.isfinite(content):
        return None
    if isinstance(content, Mapping):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return content
