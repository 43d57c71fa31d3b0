"""Checks of accelerators, and of the speed of matrix products on each device."""

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
from auxjepa.doctor.check import Check, Settings
from auxjepa.plugins import reason

if TYPE_CHECKING:
    import torch

SLOW_CPU = 5.0  # GFLOP/s of fp32: a tenth of the speed of two cores with AVX2
LITTLE = 2 * 10**9  # bytes free on an accelerator
# On busy cores, threads wait for each other tens of milliseconds, which would dominate the time of a small product.
_SMALLEST = 1024
_LARGEST = {"cpu": 2048, "mps": 4096, "cuda": 8192}
_LONG = 0.02  # seconds: a product of this length can be timed
_SECONDS, _TIMES = 0.6, 9  # for all products of one kind
_DRIVER = Path("/proc/driver/nvidia/version")


def devices(_: Settings) -> Iterable[Check]:
    """Yield a check of every accelerator, or the reason why there is none."""
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
    """Return the check of a machine without usable accelerators.

    Args:
        built: whether torch is built for GPUs.
        driver: version of NVIDIA's driver; None if none is loaded.
    """
    values = {"accelerators": 0, "driver": driver}
    if driver is None:
        return Check(name="devices", state="ok", found="the CPU only", values=values)
    found = f"the CPU only, though the NVIDIA driver {driver} is loaded"
    advice = "torch is built for CPUs: install its CUDA build (pytorch.org/get-started)"
    if built:
        advice = "torch is built for GPUs and sees none: check CUDA_VISIBLE_DEVICES, `nvidia-smi`, docker --gpus all"
    return Check(name="devices", state="warn", found=found, values=values, advice=advice)


def driver_version(file: Path = _DRIVER) -> str | None:
    """Return the version of NVIDIA's kernel driver; None if none is loaded."""
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
    (torch.ones(1, device=device) + 1).item()  # a listed device may still fail
    return judge_device(str(device), values)


def _has_bf16(device: torch.device) -> bool:
    import torch

    try:
        (torch.ones(1, device=device, dtype=torch.bfloat16) + 1).item()
    except (RuntimeError, TypeError):
        return False
    return True


def judge_device(name: str, values: dict[str, Any]) -> Check:
    """Return the check of the free memory of a device that works."""
    found = (
        f"{values['model']} ({values['capability']}), {readable(values['free'])} of {readable(values['memory'])} free"
    )
    found += f", driver {values['driver']}" if values["driver"] else ""
    found += ", bf16" if values["bf16"] else ", no bf16"
    state, advice = "ok", None if values["bf16"] else "keep optim.precision fp32 on it"
    if values["free"] < LITTLE:
        state, advice = "warn", "another program holds its memory: wait for it, end it, or use another device"
    return Check(name=name, state=state, found=found, values=values, advice=advice)


def rates(_: Settings) -> Iterator[Check]:
    """Yield a check of the speed of square matrix products on every device, in fp32 and bf16."""
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
    """Return the rows of a matrix whose product takes long enough to be timed."""
    import torch

    size = _SMALLEST
    while size < _LARGEST[device.type] and min(islice(_times(device, torch.float32, size), 3)) < _LONG:
        size *= 2
    return size


def rate(device: torch.device, dtype: torch.dtype, size: int, seconds: float = _SECONDS) -> float:
    """Return the GFLOP/s of ``size`` x ``size`` matrix products: the median of at most 9 in about ``seconds``."""
    times: list[float] = []
    for time_of_product in _times(device, dtype, size):
        times.append(time_of_product)
        if sum(times) >= seconds or len(times) == _TIMES:
            break
    return 2 * size**3 / statistics.median(times) / 1e9


def _times(device: torch.device, dtype: torch.dtype, size: int) -> Iterator[float]:
    """Yield the seconds of one product after the other, without the first, which warms up the device."""
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
    """Return the check of the measured rates of a device.

    Args:
        device: name of the device.
        size: rows of the matrices.
        rates: GFLOP/s by type of number.
        tf32: on CUDA, whether fp32 products may use TF32.
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
    listed = ", ".join(f"{kind} {_readable_rate(value)}" for kind, value in rates.items())
    values = {"gflops": {kind: round(value, 1) for kind, value in rates.items()}, "size": size, "tf32": tf32}
    found = f"{listed} (matrices of {size} x {size})"
    return Check(name=f"rate {device}", state=state, found=found, values=values, advice=advice)


def _readable_rate(gflops: float) -> str:
    return f"{gflops / 1000:.1f} TFLOP/s" if gflops >= 1000 else f"{gflops:.1f} GFLOP/s"
