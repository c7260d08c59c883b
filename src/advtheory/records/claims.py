"""What the papers report and what this book states: one file for each figure, read with care."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from advtheory.contract.claims import EQUAL, RELATIONS, Claim
from advtheory.contract.estimates import Key
from advtheory.records.store import find_folder

NEEDED = {"quantity", "symbol", "text"}
OPTIONAL = {"curve", "value", "words", "relation", "tolerance", "source", "place"}
TEXTS = ("quantity", "curve", "symbol", "text", "words", "source", "place")


def read_claims(experiment: str, folder: Path | None = None) -> tuple[Claim, ...]:
    """What is stated about an experiment, from ``<folder>/<experiment>.json``; often nothing.

    A claim has a quantity, a symbol, a text, and a value, or words where the source gives no
    number. It may have a curve, a relation, a tolerance, and a source and a place of its own.

    Raises ``ValueError`` naming the file if it is not as CONTRIBUTING.md describes it.

    >>> [claim.value for claim in read_claims("wang-fig4-left") if claim.key.quantity == "exponent"]
    [-0.5]
    """
    for place in (folder,) if folder else find_folder("claims"):
        path = place and place / f"{experiment}.json"
        if path and path.exists():
            return _claims(path, experiment)
    return ()


def _claims(path: Path, experiment: str) -> tuple[Claim, ...]:
    try:
        content = json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=_once, parse_constant=_no_number
        )
        if content["experiment"] != experiment:
            raise ValueError("another experiment's name")
        shared = {name: _text(content, name) for name in ("source", "place")}
        claims = tuple(_claim(experiment, {**shared, **claim}) for claim in content["claims"])
        _check_keys(claims)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, OSError) as error:
        raise ValueError(
            f"The claims file {path} is wrong at {error}; it needs experiment, source, place and "
            "claims, each with quantity, symbol, text and a finite number as value."
        ) from error
    return claims


def _claim(experiment: str, content: Mapping[str, Any]) -> Claim:
    names = set(content)
    if odd := sorted((names - NEEDED - OPTIONAL) | (NEEDED - names)):
        raise ValueError(f"the field {odd[0]!r}")
    if ("value" in content) == ("words" in content):
        raise ValueError("a claim that has not exactly one of value and words")
    texts = {name: _text(content, name) for name in TEXTS if name in content}
    relation = content.get("relation", EQUAL)
    if relation not in RELATIONS:
        raise ValueError(f"the relation {relation!r}, which is none of {', '.join(RELATIONS)}")
    return Claim(
        experiment=experiment,
        key=Key(texts.pop("quantity"), texts.pop("curve", "")),
        value=_number(content["value"]) if "value" in content else None,
        relation=relation,
        tolerance=abs(_number(content.get("tolerance", 0.0))),
        **texts,
    )


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} = {value!r}, which is no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r}, which is no number")
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{value!r}, which is not finite")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name}, which is not finite")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, unless a name stands in it twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r}, which stands twice in one object")
    return content


def _check_keys(claims: Sequence[Claim]) -> None:
    seen: set[Key] = set()
    for claim in claims:
        if claim.key in seen:
            raise ValueError(f"a second claim about {claim.key}")
        seen.add(claim.key)
