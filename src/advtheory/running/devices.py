"""The device that measures: chosen, checked and named."""

from __future__ import annotations


def resolve_device(device: str) -> str:
    """``auto`` -> ``cuda`` where a GPU answers, else ``cpu``; anything else is checked.

    Raises ``ValueError`` for an unknown device, and for ``cuda`` on a machine without a GPU.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = device.partition(":")
    if kind not in ("cpu", "cuda") or (":" in device and not (kind == "cuda" and index.isdigit())):
        raise ValueError(f"There is no device {device!r}; choose auto, cpu, cuda or cuda:NUMBER.")
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise ValueError(f"The device {device!r} is not there; choose --device cpu or auto.")
    return device


def device_name(device: str) -> str:
    """A device for people: the GPU's product name, or ``CPU``."""
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else "CPU"
