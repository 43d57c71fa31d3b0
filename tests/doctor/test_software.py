from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from auxjepa.doctor import Settings, software

PROJECT = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())["project"]
X86 = {"model name": "Made Up 9000", "flags": "fpu avx avx2 avx512f amx_tile amx_bf16"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path)


def test_required_versions_are_those_of_the_package() -> None:
    assert PROJECT["requires-python"] == f">={'.'.join(map(str, software.PYTHON))}"
    asked = next(line for line in PROJECT["dependencies"] if re.match(r"torch\b", line))
    assert asked == f"torch>={'.'.join(map(str, software.TORCH))}"


def test_this_machine_will_do(settings: Settings) -> None:
    for look in (software.python, software.torch, software.cpu):
        (check,) = look(settings)
        assert check.state == "ok" and check.advice is None, check
    assert next(iter(software.python(settings))).values["executable"] == sys.executable
    assert next(iter(software.torch(settings))).values["version"] == torch.__version__
    assert next(iter(software.threads(settings))).values["threads"] == torch.get_num_threads()


def test_an_old_python_and_torch_fail() -> None:
    assert software.judge_python((3, 10, 9), 64).state == "fail"
    assert software.judge_python((3, 12, 0), 32).state == "fail"
    assert software.judge_python((3, 14, 0), 64).state == "ok"
    old = software.judge_torch("2.9.1+cu128", "CUDA 12.8")
    assert old.state == "fail" and old.advice == 'pip install "torch>=2.11"'
    assert software.judge_torch("3.0.0a0+git123", "CPU").state == "ok"


def test_a_cpu_is_judged_by_what_torch_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)
    good = software.judge_cpu("x86_64", X86, "AVX512")
    assert good.state == "ok" and good.values["amx"] and "amx_bf16" in good.found and "no AMX" not in good.found
    held = software.judge_cpu("x86_64", X86, "DEFAULT")
    assert held.state == "warn" and "ATEN_CPU_CAPABILITY" in str(held.advice)
    old = software.judge_cpu("x86_64", {"flags": "fpu sse2"}, "DEFAULT")
    assert old.state == "warn" and "another machine" in str(old.advice) and "no AMX" in old.found
    mac = software.judge_cpu("arm64", {}, "DEFAULT")
    assert mac.state == "ok" and mac.values["flags"] == [] and "AMX" not in mac.found
    assert software.judge_cpu("aarch64", {"features": "fp asimd sve bf16"}, "SVE256").values["flags"] == [
        "asimd",
        "bf16",
        "sve",
    ]


def test_cpuinfo_is_that_of_the_first_core(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("model name\t: A: B\nflags\t\t: avx\n\nmodel name\t: C\nflags\t\t: sse\n")
    assert software.read_cpuinfo(file) == {"model name": "A: B", "flags": "avx"}
    assert software.read_cpuinfo(tmp_path / "none") == {}


def test_threads_against_cores() -> None:
    assert software.judge_threads(8, 16, None, None).state == "ok"  # two hardware threads a core
    many = software.judge_threads(16, 16, 4.0, None)
    assert many.state == "warn" and "OMP_NUM_THREADS=4" in str(many.advice)
    assert "4 cores (a quota of 4 on 16)" in many.found
    few = software.judge_threads(1, 16, None, "1")
    assert few.state == "warn" and "unset OMP_NUM_THREADS (now 1)" in str(few.advice)
    assert software.judge_threads(1, 2, 0.3, "1").values["cores"] == 1
