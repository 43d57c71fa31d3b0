"""Accelerators, and how fast each device multiplies matrices."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auxjepa.data.space import readable
from auxjepa.devices import available_devices
from auxjepa.doctor.check import Check, Settings, reason

if TYPE_CHECKING:
    import torch

SLOW_CPU = 5.0  # GFLOP/s of fp32: a tenth of what two cores with AVX2 do
LITTLE = 2 * 10**9  # bytes free on an accelerator
# On busy cores, threads wait for each other tens of milliseconds: a small product would measure nothing else.
_SMALLEST = 1024
_LARGEST = {"cpu": 2048, "mps": 4096, "cuda": 8192}
_LONG = 0.02  # seconds: a product that takes as long is timed well
_SECONDS, _TIMES = 0.6, 9  # for all products of one kind
_DRIVER = Path("/proc/driver/nvidia/version")


def devices(_: Settings) -> Iterable[Check]:
    """Every accelerator, or why there is none."""
    import torch

    accelerators = available_devices()[1:]
    if not accelerators:
        yield judge_none(bool(torch.version.cuda or torch.version.hip), driver_version())
    for device in accelerators:
        try:
            yield _look_at(device)
        except Exception as error:
            advice = "update its driver, or train with --device cpu"
            yield Check(name=str(device), state="fail", found=reason(error), advice=advice)


def judge_none(built: bool, driver: str | None) -> Check:
    """Whether a GPU should have been found.

    Args:
        built: whether torch can use GPUs at all.
        driver: version of NVIDIA's driver, where it is loaded.
    """
    values = {"accelerators": 0, "driver": driver}
    if driver is None:
        return Check(name="devices", state="ok", found="the CPU only", values=values)
    found = f"the CPU only, though the NVIDIA driver {driver} is loaded"
    advice = "torch is built for CPUs: install its CUDA build (pytorch.org/get-started)"
    if built:
        advice = "torch is built for GPUs and sees none: see CUDA_VISIBLE_DEVICES, `nvidia-smi`, docker --gpus all"
    return Check(name="devices", state="warn", found=found, values=values, advice=advice)


def driver_version(file: Path = _DRIVER) -> str | None:
    """Version of NVIDIA's kernel driver, None where none is loaded."""
    with suppress(OSError):
        words = file.read_text(errors="replace").split("\n")[0].split()
        return next((word for word in words if word[:1].isdigit() and "." in word), "of unknown version")
    return None


def _look_at(device: torch.device) -> Check:
    import torch

    values: dict[str, Any] = {"kind": device.type}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        free, total = torch.cuda.mem_get_info(device)
        values |= {
            "model": properties.name,
            "capability": f"{properties.major}.{properties.minor}",
            "driver": driver_version(),
            "bf16": torch.cuda.get_device_capability(device) >= (8, 0),
        }
    else:
        total = int(torch.mps.recommended_max_memory())
        free = total - int(torch.mps.driver_allocated_memory())
        values |= {"model": "Apple GPU", "capability": "Metal", "driver": None, "bf16": _has_bf16(device)}
    values |= {"memory": total, "free": free}
    (torch.ones(1, device=device) + 1).item()  # a device that is listed may still refuse to work
    return judge_device(str(device), values)


def _has_bf16(device: torch.device) -> bool:
    import torch

    try:
        (torch.ones(1, device=device, dtype=torch.bfloat16) + 1).item()
    except (RuntimeError, TypeError):
        return False
    return True


def judge_device(name: str, values: dict[str, Any]) -> Check:
    """Whether a device that works is free for training."""
    found = (
        f"{values['model']} ({values['capability']}), {readable(values['free'])} of {readable(values['memory'])} free"
    )
    found += f", driver {values['driver']}" if values["driver"] else ""
    found += ", bf16" if values["bf16"] else ", no bf16"
    state, advice = "ok", None if values["bf16"] else "keep optim.precision fp32 on it"
    if values["free"] < LITTLE:
        state, advice = "warn", "another program holds its memory: wait for it, end it, or take another device"
    return Check(name=name, state=state, found=found, values=values, advice=advice)


def rates(_: Settings) -> Iterator[Check]:
    """Floating-point operations a second in square matrix products of every device, fp32 and bf16."""
    import torch

    for device in available_devices():
        try:
            size = fitting_size(device)
            measured = {"fp32": rate(device, torch.float32, size), "bf16": rate(device, torch.bfloat16, size)}
            tf32 = None
            if device.type == "cuda":
                before = torch.get_float32_matmul_precision()
                tf32 = before != "highest"
                torch.set_float32_matmul_precision("high")
                measured["tf32"] = rate(device, torch.float32, size)
                torch.set_float32_matmul_precision(before)
            yield judge_rates(str(device), size, measured, tf32)
        except Exception as error:
            advice = "another program may hold the device; if it is free, update its driver or torch"
            yield Check(name=f"rate {device}", state="fail", found=reason(error), advice=advice)


def fitting_size(device: torch.device) -> int:
    """Rows of a matrix whose product takes long enough to be timed, and not long."""
    import torch

    size = _SMALLEST
    while size < _LARGEST[device.type] and min(islice(_times(device, torch.float32, size), 3)) < _LONG:
        size *= 2
    return size


def rate(device: torch.device, dtype: torch.dtype, size: int, seconds: float = _SECONDS) -> float:
    """GFLOP/s of ``size`` x ``size`` matrix products: the median of up to 9, in about ``seconds``."""
    taken: list[float] = []
    for one in _times(device, dtype, size):
        taken.append(one)
        if sum(taken) >= seconds or len(taken) == _TIMES:
            break
    return 2 * size**3 / statistics.median(taken) / 1e9


def _times(device: torch.device, dtype: torch.dtype, size: int) -> Iterator[float]:
    """Seconds of one product after the other; the first, which makes ready, isn't told."""
    import torch

    first, second = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    torch.mm(first, second)
    while True:
        _wait(device)
        begin = time.perf_counter()
        torch.mm(first, second)
        _wait(device)
        yield time.perf_counter() - begin


def _wait(device: torch.device) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def judge_rates(device: str, size: int, rates: dict[str, float], tf32: bool | None = None) -> Check:
    """What the measured rates mean for a run.

    Args:
        rates: GFLOP/s by kind of number.
        tf32: on CUDA, whether fp32 products may use it.
    """
    fp32, bf16 = rates["fp32"], rates["bf16"]
    state, advice = "ok", None
    if device == "cpu" and fp32 < SLOW_CPU:
        state, advice = "warn", "very slow: other programs use the cores, or torch lacks vector instructions here"
    elif bf16 < fp32:
        advice = "optim.precision fp32 here: bf16 is slower"
    elif device == "cpu" and bf16 > 1.5 * fp32:
        advice = f"--optim.precision bf16 pays here: its products are {bf16 / fp32:.1f} times as fast"
    elif tf32 is False:
        gain = f" ({rates['tf32'] / fp32:.1f} times as fast)" if "tf32" in rates else ""
        advice = f"--optim.precision bf16 here, or torch.set_float32_matmul_precision('high'){gain}: TF32 is off"
    told = ", ".join(f"{kind} {_told(one)}" for kind, one in rates.items())
    values = {"gflops": {kind: round(one, 1) for kind, one in rates.items()}, "size": size, "tf32": tf32}
    found = f"{told} (matrices of {size} x {size})"
    return Check(name=f"rate {device}", state=state, found=found, values=values, advice=advice)


def _told(gflops: float) -> str:
    return f"{gflops / 1000:.1f} TFLOP/s" if gflops >= 1000 else f"{gflops:.1f} GFLOP/s"
