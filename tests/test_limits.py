"""Control groups as Linux writes them, in a folder that stands for the file systems."""

from __future__ import annotations

from pathlib import Path

from auxjepa.limits import MemoryLimit, cpu_quota, memory_limit


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def proc(tmp_path: Path, cgroup: str, *mounts: str) -> Path:
    write(tmp_path / "proc", cgroup=cgroup, mountinfo="\n".join(mounts))
    return tmp_path / "proc"


def test_version_2_the_tightest_group_above_binds(tmp_path: Path) -> None:
    top = tmp_path / "cgroup"
    mount = f"30 23 0:26 / {top} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
    here = proc(tmp_path, "0::/user/job", "1 0 0:1 / / rw - ext4 /dev/vda rw", mount)
    write(top / "user" / "job", cpu__max="max 100000", memory__max="max", memory__current="5")
    assert cpu_quota(here) is None and memory_limit(here) is None
    write(top / "user", cpu__max="150000 100000", memory__max="1000", memory__current="600")
    write(top / "user", memory__stat="anon 300\ninactive_file 250\nactive_file 50")
    assert cpu_quota(here) == 1.5 and memory_limit(here) == MemoryLimit(1000, 350)
    write(top / "user" / "job", cpu__max="50000 100000", memory__max="2000", memory__current="1900")
    assert cpu_quota(here) == 0.5 and memory_limit(here) == MemoryLimit(2000, 1900)


def test_version_2_in_a_container_sees_only_its_own_group(tmp_path: Path) -> None:
    top = tmp_path / "with space"
    escaped = str(top).replace(" ", "\\040")
    here = proc(tmp_path, "0::/", f"30 23 0:26 / {escaped} ro - cgroup2 cgroup rw")
    write(top, cpu__max="200000 100000", memory__max="4096", memory__current="96")
    assert cpu_quota(here) == 2.0 and memory_limit(here) == MemoryLimit(4096, 96)


def test_version_1(tmp_path: Path) -> None:
    top = tmp_path / "cgroup"
    mounts = [
        f"33 31 0:30 /docker/abc {top}/cpu ro master:11 - cgroup cgroup rw,cpu,cpuacct",
        f"35 31 0:32 /docker/abc {top}/memory ro - cgroup cgroup rw,memory",
        f"41 31 0:38 / {top}/unified rw - cgroup2 cgroup2 rw",
    ]
    here = proc(tmp_path, "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/docker/abc", *mounts)
    write(top / "cpu", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    write(top / "memory", memory__limit_in_bytes="9223372036854771712", memory__usage_in_bytes="77")
    assert cpu_quota(here) is None and memory_limit(here) is None
    write(top / "cpu", cpu__cfs_quota_us="300000")
    write(top / "memory", memory__limit_in_bytes="1000", memory__stat="total_inactive_file 70")
    assert cpu_quota(here) == 3.0 and memory_limit(here) == MemoryLimit(1000, 7)


def test_nothing_and_nonsense_limit_nothing(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path) is None and memory_limit(tmp_path) is None
    top = tmp_path / "cgroup"
    here = proc(tmp_path, "0::/../../elsewhere", f"30 23 0:26 / {top} rw - cgroup2 cgroup2 rw", "short line")
    write(top, cpu__max="", memory__max="1000", memory__current="many")
    assert cpu_quota(here) is None and memory_limit(here) is None
