"""The device that measures: a GPU where it answers, the CPU elsewhere, one sentence if neither."""

import doctest
from collections.abc import Callable, Iterator

import pytest
import torch

from advtheory.running import choose_device, device_name, devices


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No wish of this machine's user; what auto chose before is forgotten."""
    monkeypatch.delenv(devices.VARIABLE, raising=False)
    devices._best.cache_clear()
    yield
    devices._best.cache_clear()


Machine = Callable[[int, str | None], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with so many GPUs, all healthy or all with one fault."""
    arange = torch.arange

    def make(gpus: int, fault: str | None) -> None:
        def there(end: int, *, dtype: torch.dtype, device: str) -> torch.Tensor:
            kind, _, number = device.partition(":")
            if kind == "cuda" and fault is not None:
                raise RuntimeError(fault)
            if kind == "cuda" and int(number or 0) >= gpus:
                raise AssertionError("Torch not compiled with CUDA enabled")
            return arange(end, dtype=dtype)

        monkeypatch.setattr(torch, "arange", there)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device}")

    return make


@pytest.mark.parametrize(
    ("gpus", "asked", "wish", "given"),
    [
        (0, "auto", "", "cpu"),
        (2, "auto", "", "cuda"),
        (2, "auto", "auto", "cuda"),
        (2, "auto", "cpu", "cpu"),
        (2, "auto", "cuda:1", "cuda:1"),
        (2, "cuda:1", "cpu", "cuda:1"),
        (2, "cpu", "cuda", "cpu"),
    ],
)
def test_auto_takes_the_gpu_unless_the_variable_overrules(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    gpus: int,
    asked: str,
    wish: str,
    given: str,
) -> None:
    machine(gpus, None)
    monkeypatch.setenv(devices.VARIABLE, wish)
    assert choose_device(asked) == given
    assert device_name(given) == ("CPU" if given == "cpu" else f"GPU {given}")


def test_a_gpu_that_does_not_answer_is_passed_over_with_one_sentence(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine(1, "no kernel image is available for execution on the device. Try something.\nMore")
    assert [choose_device(), choose_device()] == ["cpu", "cpu"]
    reason = "no kernel image is available for execution on the device"
    assert capsys.readouterr().err == f"The GPU does not answer ({reason}); the CPU is used.\n"


def test_a_machine_without_a_gpu_is_silent(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine(0, None)
    assert choose_device() == "cpu"
    assert capsys.readouterr() == ("", "")


ODD = ["", "CUDA", "tpu", "cpu:0", "cuda:", "cuda:²", "cuda:-1", "cuda:1.5", "cuda 0", "²", "meta"]


@pytest.mark.parametrize("asked", ODD)
def test_what_is_no_device_is_refused_in_one_sentence(asked: str) -> None:
    with pytest.raises(ValueError, match="no device") as error:
        choose_device(asked)
    expected = f"There is no device {asked!r}; choose auto, cpu, cuda or cuda:NUMBER."
    assert str(error.value) == expected


@pytest.mark.parametrize("wish", ODD[1:])
def test_the_sentence_names_the_variable_where_the_name_comes_from_it(
    monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    monkeypatch.setenv(devices.VARIABLE, wish)
    with pytest.raises(ValueError, match=rf"^There is no device '.*' \(from {devices.VARIABLE}\)"):
        choose_device()


@pytest.mark.parametrize("asked", ["cuda:1", "cuda:99"])
def test_a_gpu_that_is_not_there_is_refused(machine: Machine, asked: str) -> None:
    machine(1, None)
    with pytest.raises(ValueError, match=f"^The device '{asked}' is not there: .*; choose cpu or "):
        choose_device(asked)


def test_examples() -> None:
    assert doctest.testmod(devices) == (0, 2)
