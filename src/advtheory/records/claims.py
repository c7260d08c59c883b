"""What the papers report: one file for each figure, read with care."""

from __future__ import annotations

import json
from pathlib import Path

from advtheory.contract.experiment import Claim
from advtheory.records.store import find_folder


def read_claims(experiment: str, folder: Path | None = None) -> tuple[Claim, ...]:
    """What the paper says about an experiment, from ``<folder>/<experiment>.json``; often nothing.

    Raises ``ValueError`` naming the file if it is not as CONTRIBUTING.md describes it.
    """
    for place in (folder,) if folder else find_folder("claims"):
        path = place and place / f"{experiment}.json"
        if path and path.exists():
            return _claims(path, experiment)
    return ()


def _claims(path: Path, experiment: str) -> tuple[Claim, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["experiment"] != experiment:
            raise ValueError("another experiment's name")
        source, place = str(content["source"]), str(content["place"])
        return tuple(
            Claim(
                experiment=experiment,
                key=str(claim["key"]),
                symbol=str(claim["symbol"]),
                text=str(claim["text"]),
                value=float(claim["value"]),
                source=source,
                place=place,
            )
            for claim in content["claims"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The claims file {path} is wrong at {error}; it needs experiment, source, place and "
            "claims, each with key, symbol, text and a number as value."
        ) from error
