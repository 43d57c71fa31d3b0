"""The devices that torch can use on this machine. Torch is imported when a function is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.config import ConfigError, hint
from auxjepa.limits import usable_memory

if TYPE_CHECKING:
    import torch


def available_devices() -> list[torch.device]:
    """Return the CPU and every accelerator that torch can use."""
    import torch

    devices = [torch.device("cpu")]
    if torch.cuda.is_available():
        devices += [torch.device("cuda", number) for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append(torch.device("mps"))
    return devices


def open_device(name: str | torch.device) -> torch.device:
    """Return the device of a name: ``cpu``, ``mps``, ``cuda`` (the current one) or ``cuda:N``.

    Raises:
        ConfigError: if torch can't use it here; the message lists the available devices.
    """
    import torch

    devices = available_devices()
    kinds = list(dict.fromkeys(device.type for device in devices))
    requested = str(name)
    if requested in (*kinds, *map(str, devices)):
        return torch.device(requested)
    kind, _, number = requested.partition(":")
    if kind == "cpu" or (kind in kinds and number):
        why = f"there is no {requested!r}"
    elif kind == "cuda":
        why = f"device {requested!r} can't be used: {_why_no_cuda()}"
    elif kind == "mps":
        why = f"device {requested!r} can't be used: torch sees no Apple GPU"
    elif not requested:
        why = "the name of the device is empty"
    else:
        near = hint(requested.lower().strip(), ["cpu", "cuda", "mps"])
        why = f"no device is called {requested!r}{near if near.startswith('; did you mean') else ''}"
    raise ConfigError(f"{why}; available here: {', '.join(map(str, devices))} (see auxjepa doctor)")


def memory_of(device: torch.device) -> int:
    """Return the memory of a device in bytes, free or not; an Apple GPU shares the memory of the machine."""
    if device.type == "cuda":
        import torch

        return torch.cuda.mem_get_info(device)[1]
    return usable_memory()


def _why_no_cuda() -> str:
    import torch

    if torch.version.cuda is None and torch.version.hip is None:
        return f"torch {torch.__version__} is built for CPUs (pytorch.org/get-started has builds for GPUs)"
    return f"torch {torch.__version__} sees no GPU (driver, CUDA_VISIBLE_DEVICES, docker --gpus all)"
