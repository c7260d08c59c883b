"""How experiments are measured: here, in processes, on a cluster, stopped and resumed."""

from advtheory.running.devices import choose_device, device_name
from advtheory.running.jobs import SweepError
from advtheory.running.runner import run
from advtheory.running.stopping import Interrupted, Outcome

__all__ = [
    "Interrupted",
    "Outcome",
    "SweepError",
    "choose_device",
    "device_name",
    "run",
]
