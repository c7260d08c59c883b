"""A second device in software, so that the path through a GPU is tested without one.

Inside ``with twin() as waits`` torch knows the device "twin". A tensor there holds an ordinary CPU
tensor and answers with the same numbers, but an operation that meets a CPU tensor of one dimension
or more is refused, as on a GPU; so is a conversion to NumPy. ``waits`` counts by kind how often the
host had to wait for the device: for a "value" (``float``, ``bool``, ``.item()``), for a "copy" of
numbers to the CPU, for a "size" that depends on the numbers (``nonzero``, a boolean mask).

It drives torch's PrivateUse1 backend from Python. Torch is told of the backend on first use and
keeps it, which changes nothing on other devices; the few functions of torch that must be replaced
are put back at the end of the block.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NoReturn

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "twin"
MOVES = {"aten::_to_copy", "aten::copy_"}
SIZES = {"aten::nonzero", "aten::masked_select", "aten::_unique2", "aten::repeat_interleave"}
INDEXED = {"aten::index", "aten::index_put", "aten::index_put_"}

_waits: Counter[str] = Counter()


class TwinTensor(torch.Tensor):
    """A tensor on the device "twin"; ``numbers`` holds its numbers on the CPU."""

    numbers: torch.Tensor

    @staticmethod
    def __new__(cls, numbers: torch.Tensor) -> TwinTensor:
        made: TwinTensor = torch.Tensor._make_wrapper_subclass(
            cls,
            numbers.size(),
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=torch.device(NAME, 0),
        )
        made.numbers = numbers
        return made

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, list):  # torch would build the index on the CPU
            key = torch.tensor(key, dtype=torch.long, device=NAME)
        return super().__getitem__(key)

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if self.dim() == 0 else repr(self)

    __repr__: Any = lambda self, **_: f"twin({self.numbers!r})"

    def tolist(self) -> Any:
        _waits["copy"] += 1
        return self.numbers.tolist()

    def numpy(self, *, force: bool = False) -> NoReturn:
        raise TypeError(f"a tensor on {NAME}:0 is no NumPy array; use .cpu() first")

    def __array__(self, dtype: object = None) -> NoReturn:
        self.numpy()

    __torch_dispatch__: Any = classmethod(
        lambda cls, func, types, args=(), kwargs=None: _run(func, args, kwargs or {})
    )


@contextlib.contextmanager
def twin() -> Iterator[Counter[str]]:
    """The device "twin" is there; the counter of waits begins at nothing."""
    register()
    kept = {name: getattr(torch, name) for name in _REPLACED}
    _waits.clear()
    try:
        for name, replacement in _REPLACED.items():
            setattr(torch, name, replacement)
        yield _waits
    finally:
        for name, original in kept.items():
            setattr(torch, name, original)


@cache
def register() -> Any:
    """Tell torch of the backend, once, and send its operations to :func:`_run`.

    To be called before the first backward pass of the process, which counts the devices.
    """
    _setup_privateuseone_for_python_backend(NAME)
    make: Any = torch.library.Library
    library = make("_", "IMPL")
    library.fallback(lambda func, *a, **k: _run(func, a, k), dispatch_key="PrivateUse1")
    return library


def _run(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """One operation on the CPU tensors inside, refused where a GPU would refuse it."""
    name, target = func._schema.name, kwargs.get("device")
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    twins = [t for t in tensors if isinstance(t, TwinTensor)]
    plain = [t for t in tensors if not isinstance(t, TwinTensor)]
    if twins and name not in MOVES and any(t.dim() > 0 for t in plain):
        raise RuntimeError(f"{func}: found tensors on {NAME}:0 and on the CPU")
    if twins and (kind := _wait(name, target, tensors)):
        _waits[kind] += 1
    inner = {**kwargs, "device": torch.device("cpu")} if _is_twin(target) else kwargs
    result = func(*tree_map(_unwrap, args), **tree_map(_unwrap, inner))
    if target is not None and not _is_twin(target):
        return result
    known = {id(t.numbers): t for t in twins}  # operations in place return the tensor they changed
    return tree_map(lambda value: _wrap(value, known), result)


def _wait(name: str, target: Any, tensors: list[torch.Tensor]) -> str | None:
    """What the host waits for in an operation that the twin has a part in."""
    if name == "aten::_local_scalar_dense":
        return "value"
    if name in MOVES:
        down = not isinstance(tensors[0], TwinTensor)  # copy_ fills its first tensor
        return "copy" if down or (target is not None and not _is_twin(target)) else None
    masked = name in INDEXED and any(t.dtype == torch.bool for t in tensors[1:])
    return "size" if masked or name in SIZES else None


def _unwrap(value: Any) -> Any:
    return value.numbers if isinstance(value, TwinTensor) else value


def _wrap(value: Any, known: dict[int, TwinTensor]) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    return known[id(value)] if id(value) in known else TwinTensor(value)


def _is_twin(device: Any) -> bool:
    return device is not None and torch.device(device).type == NAME


# What the fallback cannot serve: numbers become tensors, and eye asks for an empty one to fill.
_as_tensor, _tensor, _eye = torch.as_tensor, torch.tensor, torch.eye


def _as_tensor_there(data: Any, dtype: Any = None, device: Any = None) -> torch.Tensor:
    if isinstance(data, TwinTensor) and (device is None or _is_twin(device)):
        return data if dtype in (None, data.dtype) else data.to(dtype)
    made = _as_tensor(data, dtype=dtype, device=None if _is_twin(device) else device)
    return made.to(NAME) if _is_twin(device) else made


def _tensor_there(data: Any, *, device: Any = None, **options: Any) -> torch.Tensor:
    made = _tensor(data, device=None if _is_twin(device) else device, **options)
    return made.to(NAME) if _is_twin(device) else made


def _eye_there(*size: int, device: Any = None, **options: Any) -> torch.Tensor:
    made = _eye(*size, device=None if _is_twin(device) else device, **options)
    return made.to(NAME) if _is_twin(device) else made


_REPLACED: dict[str, Any] = {
    "as_tensor": _as_tensor_there,
    "tensor": _tensor_there,
    "eye": _eye_there,
}


def tensors(value: Any) -> Iterator[Tensor]:
    """All numbers in a result, whatever it is."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, bool | int | float):
        yield torch.tensor(float(value))
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from tensors(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors(part)
