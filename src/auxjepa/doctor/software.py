"""Checks of Python, torch, and the CPU instructions that torch uses."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import loky

from auxjepa.doctor.check import Check, Settings
from auxjepa.limits import cpu_quota

PYTHON = (3, 11)
TORCH = (2, 11)
_FLAGS = ("avx", "avx2", "avx512f", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8")
_ARM_FLAGS = ("asimd", "bf16", "i8mm", "sve", "sve2", "sme")


def python(_: Settings) -> Iterable[Check]:
    """Yield the check of the versions of Python and the system."""
    yield judge_python(tuple(sys.version_info[:3]), 64 if sys.maxsize > 2**32 else 32)


def judge_python(version: tuple[int, ...], bits: int) -> Check:
    """Return the check of a version of Python."""
    text = ".".join(map(str, version))
    values = {"version": text, "bits": bits, "platform": platform.platform(), "executable": sys.executable}
    is_supported = version[:2] >= PYTHON and bits == 64
    advice = (
        None if is_supported else f"install a 64-bit Python {'.'.join(map(str, PYTHON))} or later, and AuxJEPA into it"
    )
    found = f"{text}, {bits} bits, {platform.platform()}"
    return Check(name="python", state="ok" if is_supported else "fail", found=found, values=values, advice=advice)


def torch(_: Settings) -> Iterable[Check]:
    """Yield the check of the version and build of torch."""
    import torch

    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    build = f"ROCm {torch.version.hip}" if torch.version.hip else build
    yield judge_torch(torch.__version__, build)


def judge_torch(version: str, build: str) -> Check:
    """Return the check of a version of torch."""
    numbers = tuple(int(part) for part in version.split("+")[0].split(".")[:2])
    is_supported = numbers >= TORCH
    advice = None if is_supported else f'pip install "torch>={".".join(map(str, TORCH))}"'
    values = {"version": version, "build": build}
    found = f"{version}, built for {build}"
    return Check(name="torch", state="ok" if is_supported else "fail", found=found, values=values, advice=advice)


def cpu(_: Settings) -> Iterable[Check]:
    """Yield the check of the CPU, its vector and matrix instructions, and those that torch uses."""
    import torch

    yield judge_cpu(platform.machine(), read_cpuinfo(), torch.backends.cpu.get_cpu_capability())


def read_cpuinfo(file: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """Return the properties of the first core on Linux; an empty mapping on other systems."""
    try:
        first = file.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def judge_cpu(machine: str, info: Mapping[str, str], capability: str) -> Check:
    """Return the check of the instructions that torch uses.

    Args:
        machine: type of machine, for example ``x86_64`` or ``arm64``.
        info: properties of a core, from :func:`read_cpuinfo`.
        capability: the instructions that torch uses.
    """
    model = info.get("model name") or platform.processor() or machine
    features = set((info.get("flags") or info.get("features") or "").split())
    x86 = machine.lower() in ("x86_64", "amd64")
    flags = [flag for flag in (_FLAGS if x86 else _ARM_FLAGS) if flag in features]
    values = {"model": model, "machine": machine, "capability": capability, "flags": flags}
    if features and x86:
        values |= {"avx2": "avx2" in features, "avx512": "avx512f" in features, "amx": "amx_tile" in features}
    state, advice = "ok", None
    if x86 and capability in ("DEFAULT", "NO AVX"):
        state, advice = "warn", "training will be several times slower than on a CPU with AVX2: use another machine"
        if "avx2" in features or os.environ.get("ATEN_CPU_CAPABILITY"):
            advice = "the CPU has AVX2 and torch doesn't use it: unset ATEN_CPU_CAPABILITY, or install another torch"
    found = f"{model}, torch uses {capability}" + (f" (the CPU has {' '.join(flags)})" if flags else "")
    if features and x86:
        found += "" if "amx_tile" in features else ", no AMX"
    return Check(name="cpu", state=state, found=found, values=values, advice=advice)


def threads(_: Settings) -> Iterable[Check]:
    """Yield the check of the threads of torch and the cores that this process may use."""
    import torch

    yield judge_threads(torch.get_num_threads(), loky.cpu_count(), cpu_quota(), os.environ.get("OMP_NUM_THREADS"))


def judge_threads(used: int, affinity: int, quota: float | None, setting: str | None) -> Check:
    """Return the check of the number of threads of torch.

    Args:
        used: threads of torch.
        affinity: cores that this process may keep busy (loky's count).
        quota: processor time that a container may use, in cores.
        setting: value of ``OMP_NUM_THREADS``.
    """
    cores = min(affinity, math.ceil(quota)) if quota else affinity
    values = {"threads": used, "cores": cores, "affinity": affinity, "quota": quota, "omp_num_threads": setting}
    state, advice = "ok", None
    if used > cores:
        state, advice = "warn", f"threads wait for each other: export OMP_NUM_THREADS={cores}, or --threads {cores}"
    elif used < cores // 2 and setting:
        state, advice = "warn", f"most cores are idle: unset OMP_NUM_THREADS (now {setting}), or --threads {cores}"
    found = f"{used} of torch on {cores} {'core' if cores == 1 else 'cores'}"
    found += f" (a quota of {quota:g} on {affinity})" if quota and quota < affinity else ""
    found += f", OMP_NUM_THREADS {setting or 'not set'}"
    return Check(name="threads", state=state, found=found, values=values, advice=advice)
