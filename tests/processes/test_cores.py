"""Number of cores that a process may use."""

from __future__ import annotations

from pathlib import Path

import loky
import pytest

from auxjepa import limits
from auxjepa.processes import cores
from auxjepa.processes.cores import count_cores


def quota_of(tmp_path: Path, text: str, group: str = "/job") -> Path:
    """Return a /proc/self in a control group (version 2) with this cpu.max; the group is below the mount."""
    mount = tmp_path / "cgroup"
    (mount / group.strip("/")).mkdir(parents=True)
    (mount / group.strip("/") / "cpu.max").write_text(text)
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(f"0::{group}\n")
    (proc / "mountinfo").write_text(f"30 23 0:26 / {mount} rw,nosuid - cgroup2 cgroup2 rw\n")
    return proc


@pytest.mark.parametrize(
    ("text", "expected"),
    [("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("800000 100000", 8), ("1600000 100000", 8)],
)
def test_a_quota_of_any_control_group_bounds_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    proc = quota_of(tmp_path, text)
    monkeypatch.setattr(cores, "cpu_quota", lambda: limits.cpu_quota(proc))
    monkeypatch.setattr(loky, "cpu_count", lambda: 8)
    assert count_cores() == expected


def test_limits_that_loky_reads_bound_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are a container's quota at the root of the mount, the affinity, and the environment variable."""
    monkeypatch.setattr(cores, "cpu_quota", lambda: None)
    monkeypatch.setattr("loky.backend.context._cpu_count_cgroup", lambda count: 1)
    assert count_cores() == 1
    monkeypatch.undo()
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert count_cores() == 1
