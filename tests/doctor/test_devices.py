from __future__ import annotations

from pathlib import Path

import pytest
import torch

from auxjepa.doctor import Settings, devices

CPU = torch.device("cpu")
CARD = {"model": "H100", "capability": "9.0", "driver": "570.1", "bf16": True, "memory": 80 * 10**9, "free": 79 * 10**9}


def test_rates_of_this_machine_are_measured(tmp_path: Path) -> None:
    first = next(devices.rates(Settings(tmp_path, tmp_path)))
    assert first.name == "rate cpu" and first.state != "fail"
    assert all(1 < rate < 1e5 for rate in first.values["gflops"].values())
    assert 1024 <= first.values["size"] <= 2048


def test_a_rate_is_work_by_the_median_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_times", lambda *_: iter([0.1, 5.0, 0.1, 0.1, 0.1]))
    assert devices.rate(CPU, torch.float32, 500, seconds=5.3) == pytest.approx(2 * 500**3 / 0.1 / 1e9)
    assert devices.rate(CPU, torch.float32, 500, seconds=0.05) == pytest.approx(2 * 500**3 / 0.1 / 1e9)


def test_matrices_grow_until_they_can_be_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_times", lambda _d, _t, size: iter([1.0, (size / 1024) ** 3 * 0.03, 1.0]))
    assert devices.fitting_size(CPU) == 1024
    monkeypatch.setattr(devices, "_times", lambda *_: iter([0.015, 0.5, 0.5]))  # now and then something came between
    assert devices.fitting_size(CPU) == 2048


def test_a_device_that_refuses_to_multiply_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = devices.fitting_size

    def broken(device: torch.device) -> int:
        if device.type == "meta":
            raise RuntimeError("no kernel image is available")
        return min(256, real(device))

    monkeypatch.setattr(devices, "available_devices", lambda: [torch.device("meta"), CPU])
    monkeypatch.setattr(devices, "fitting_size", broken)
    bad, good = devices.rates(Settings(tmp_path, tmp_path))
    assert (bad.name, bad.state) == ("rate meta", "fail") and "no kernel image" in bad.found and bad.advice
    assert good.name == "rate cpu" and good.state != "fail"


@pytest.mark.parametrize(
    ("device", "rates", "tf32", "state", "advice"),
    [
        ("cpu", {"fp32": 100.0, "bf16": 50.0}, None, "ok", "optim.precision fp32 here"),
        ("cpu", {"fp32": 100.0, "bf16": 420.0}, None, "ok", "--optim.precision bf16 pays here: its products are 4.2"),
        ("cpu", {"fp32": 100.0, "bf16": 110.0}, None, "ok", ""),
        ("cpu", {"fp32": 2.0, "bf16": 1.0}, None, "warn", "very slow"),
        ("cuda:0", {"fp32": 5e4, "bf16": 7e5, "tf32": 3.5e5}, False, "ok", "('high') (7.0 times as fast): TF32 is off"),
        ("cuda:0", {"fp32": 3.5e5, "bf16": 7e5, "tf32": 3.5e5}, True, "ok", ""),
    ],
)
def test_what_rates_mean(device: str, rates: dict[str, float], tf32: bool | None, state: str, advice: str) -> None:
    check = devices.judge_rates(device, 1024, rates, tf32)
    assert check.state == state and check.name == f"rate {device}"
    assert (advice in str(check.advice)) if advice else check.advice is None
    assert "TFLOP/s" in check.found or device == "cpu"


def test_a_gpu_that_torch_does_not_see(tmp_path: Path) -> None:
    version = tmp_path / "version"
    version.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Release Build\nGCC version: 12\n")
    assert devices.driver_version(version) == "570.86.15" and devices.driver_version(tmp_path / "no") is None
    assert devices.judge_none(False, None).state == "ok"
    unused = devices.judge_none(False, "570.86.15")
    assert unused.state == "warn" and "CUDA build" in str(unused.advice)
    assert "CUDA_VISIBLE_DEVICES" in str(devices.judge_none(True, "570.86.15").advice)


def test_a_device_that_is_taken_or_has_no_bf16() -> None:
    assert devices.judge_device("cuda:0", CARD).state == "ok"
    assert devices.judge_device("cuda:0", {**CARD, "free": 10**9}).state == "warn"
    old = devices.judge_device("cuda:1", {**CARD, "bf16": False})
    assert old.state == "ok" and "fp32" in str(old.advice) and "no bf16" in old.found


def test_a_device_that_is_listed_and_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "available_devices", lambda: [CPU, torch.device("mps")])
    (check,) = devices.devices(Settings(tmp_path, tmp_path))
    if torch.backends.mps.is_available():
        pytest.skip("this machine has one that works")
    assert check.name == "mps" and check.state == "fail" and check.advice


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_real_gpu(tmp_path: Path) -> None:
    precision = torch.get_float32_matmul_precision()
    assert all(check.state != "fail" for check in devices.devices(Settings(tmp_path, tmp_path)))
    found = [*devices.rates(Settings(tmp_path, tmp_path))]
    assert set(found[1].values["gflops"]) == {"fp32", "bf16", "tf32"}
    assert torch.get_float32_matmul_precision() == precision
