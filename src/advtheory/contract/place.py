"""Where and at which scale a point is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SCALES = ("smoke", "laptop", "paper")
"""Seconds (tests), minutes on two cores (a live notebook), and what the paper ran or more."""


def check_scale(scale: str) -> str:
    """The scale itself; ``ValueError`` unless it is one of :data:`SCALES`.

    >>> check_scale("smoke")
    'smoke'
    """
    if scale not in SCALES:
        raise ValueError(f"There is no scale {scale!r}; choose one of {', '.join(SCALES)}.")
    return scale


@dataclass(frozen=True)
class Place:
    """What a measurement is told beside its point and its seeds.

    Attributes:
        device: the torch device that measures: ``cpu``, ``cuda`` or ``cuda:NUMBER``.
        scale: smoke, laptop or paper.
        scratch: a folder that a long measurement may make, to go on from what it kept there when
            it is called again with the same arguments; the runner removes it at the end. None
            where nothing is to be kept.

    Raises ``ValueError`` for another scale.

    >>> Place("cpu", "smoke").fallback, Place("cpu", "paper").fallback
    (True, False)
    """

    device: str
    scale: str
    scratch: Path | None = None

    def __post_init__(self) -> None:
        check_scale(self.scale)

    @property
    def fallback(self) -> bool:
        """Whether the small digits may stand in for MNIST, which is so below paper scale."""
        return self.scale != SCALES[-1]
