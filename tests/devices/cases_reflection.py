"""Calls of the wing of the part "Reflection", each on a device that is named."""

from collections.abc import Callable
from typing import Any

CALLS: dict[str, Callable[[str], Any]] = {}

NO_TENSORS: dict[str, str] = {}
