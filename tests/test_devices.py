"""A device by name: what is there is opened, anything else is one line that says what is."""

from __future__ import annotations

import pytest
import torch

from auxjepa import devices
from auxjepa.config import ConfigError
from auxjepa.devices import available_devices, memory_of, open_device

CPU, MPS, GPUS = torch.device("cpu"), torch.device("mps"), [torch.device("cuda", 0), torch.device("cuda", 1)]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without accelerators."""
    monkeypatch.setattr(devices, "available_devices", lambda: [CPU])


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two GPUs."""
    monkeypatch.setattr(devices, "available_devices", lambda: [CPU, *GPUS])


def test_the_cpu_is_always_there() -> None:
    assert available_devices()[0] == CPU and open_device("cpu") == CPU == open_device(CPU)
    assert memory_of(CPU) > 10**8


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cuda", "device 'cuda' can't be used: torch"),
        ("cuda:7", "device 'cuda:7' can't be used: torch"),
        ("mps", "torch sees no Apple GPU"),
        ("", "the name of the device is empty"),
        ("meta", "no device is called 'meta'"),
        ("xla", "no device is called 'xla'"),
        ("cpu:1", "there is no 'cpu:1'"),
        ("CPU", "no device is called 'CPU'; did you mean 'cpu'?"),
        (" cuda ", "did you mean 'cuda'?"),
        ("gpu", "no device is called 'gpu'"),
        ("c\nuda", "no device is called"),
        (":0", "no device is called"),
    ],
)
def test_unavailable_devices_are_one_line(name: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_device(name)
    line = str(caught.value)
    assert words in line and "available here: cpu (see auxjepa doctor)" in line and "\n" not in line


@pytest.mark.usefixtures("gpus")
def test_gpus_are_opened_by_number() -> None:
    assert [str(open_device(name)) for name in ("cuda", "cuda:1", "cpu")] == ["cuda", "cuda:1", "cpu"]
    for name in ("cuda:2", "cuda:-1", "cuda:x", "cuda:01"):
        with pytest.raises(ConfigError, match=r"there is no .*; available here: cpu, cuda:0, cuda:1"):
            open_device(name)


def test_a_build_without_cuda_differs_from_a_missing_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "available_devices", lambda: [CPU])
    for version, words in ((None, "is built for CPUs"), ("13.0", "sees no GPU")):
        monkeypatch.setattr(torch.version, "cuda", version)
        with pytest.raises(ConfigError, match=words):
            open_device("cuda")
