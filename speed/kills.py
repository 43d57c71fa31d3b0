r"""Check that SIGKILL at random moments does not change the results of scans, caches, shards, loader, probes, reports.

Run it with ``python -m speed.kills [--kills 20] [--seed 0] [WHAT …]``. Each job runs undisturbed first. Then, for each
kind of victim, the job starts in a fresh folder and a victim is killed at a random moment:

``worker``
    one child process, up to three in a run: the job must finish, and may only report the lost process;
``parent``
    the process itself: its workers must end, and the same command must finish the work;
``group``
    the whole process group, as a scheduler or Ctrl-\ does it: the same command must finish the work.

Every byte that the job leaves is compared, except notes of use and locks. The script ends with status 1 if something
differs, if a hidden file remains, or if a process outlives its parent by more than 30 s.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from speed._kill_jobs import JOBS, make_run, make_videos

VICTIMS = ("worker", "parent", "group")
MAX_OUTLIVE = 30.0
"""Seconds after which a process must have ended because its parent died."""
MOST_TRIES = 4
"""Largest number of kills for each kill that should reach a process; some jobs have a child process only rarely."""
MAX_SECONDS = 300.0
"""Seconds after which a job counts as hanging."""
IGNORED = ("used", ".lock")
"""Endings of files that record who uses a folder."""
UNFINISHED = (".partial", ".tmp", "journal.bin", "plan.json")
"""Endings of files that no finished job leaves."""


@dataclass
class Tally:
    """Results of the runs with one kind of victim."""

    kills: int = 0
    landed: int = 0
    bad: list[str] = field(default_factory=list)


def content(place: Path) -> tuple[dict[str, str], list[str]]:
    """Return a digest of every file, except locks and notes of use, and the files that should not remain."""
    digests, left = {}, []
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_file() and not name.endswith(IGNORED) and not name.startswith(("videos/0", "shards/")):
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        if name.endswith(UNFINISHED) or any(part.endswith(".partial") for part in name.split("/")):
            left.append(name)
    return digests, left


def child_processes(pid: int) -> list[int]:
    """Return the living processes below a process."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents.setdefault(int(parent), []).append(int(entry.name))
    descendants, pending = [], [pid]
    while pending:
        children = parents.get(pending.pop(), [])
        descendants += children
        pending += children
    return descendants


def start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start the job in a separate process group.

    Args:
        command: command of the job.
        log: file of its output.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0, env=environment
        )


def wait_for_end(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return '' for a job that ends well, or a description of its end.

    Args:
        process: the job.
        log: file of its output.
    """
    try:
        status = process.wait(MAX_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"hangs after {MAX_SECONDS:.0f} s"
    return "" if status == 0 else f"ended with status {status}: {log.read_bytes()[-300:].decode(errors='replace')}"


def wait_for_children(pids: list[int]) -> list[int]:
    """Return those of the processes that still run after `OUTLIVE` seconds."""
    end = time.monotonic() + MAX_OUTLIVE
    while time.monotonic() < end:
        pids = [pid for pid in pids if _alive(pid)]
        if not pids:
            return []
        time.sleep(0.1)
    return pids


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def trial(command: list[str], victim: str, duration: float, rng: random.Random, log: Path, tally: Tally) -> str:
    """Run a job with kills until it finishes, and return a description of the failure, or ''.

    Args:
        command: command of the job.
        victim: kind of victim.
        duration: seconds of an undisturbed run.
        rng: source of the moments and victims.
        log: file of the job's output.
        tally: counts of kills, which are updated.
    """
    process = start(command, log)
    for _ in range(rng.randint(1, 3)):
        time.sleep(rng.uniform(0, duration))
        tally.kills += 1
        children = child_processes(process.pid)
        if process.poll() is not None or (victim == "worker" and not children):
            continue
        tally.landed += 1
        if victim == "worker":
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(children), signal.SIGKILL)
            continue
        (os.kill if victim == "parent" else os.killpg)(process.pid, signal.SIGKILL)
        process.wait()
        if survivors := wait_for_children(children):
            for pid in survivors:
                os.kill(pid, signal.SIGKILL)
            return f"{len(survivors)} processes outlive their parent"
        process = start(command, log)
    return wait_for_end(process, log)


def copy_source(source: Path, root: Path) -> Path:
    """Return a fresh working folder with the same videos and shards. Time stamps and paths are part of the results."""
    place = root / "work"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place, symlinks=True)
    return place


def campaign(what: str, kills: int, seed: int, source: Path, root: Path) -> Iterator[tuple[str, Tally, float]]:
    """Yield each kind of victim with its tally and the seconds of an undisturbed run.

    Args:
        what: name of the job.
        kills: kills of each kind that reach a running process.
        seed: seed of moments and victims.
        source: folder with the videos and shards.
        root: folder of the work.

    Raises:
        SystemExit: the undisturbed job fails.
    """
    log = root / "log.txt"
    place = copy_source(source, root)
    begin = time.monotonic()
    failure = wait_for_end(start(JOBS[what](place), log), log)
    duration = time.monotonic() - begin
    if failure:
        raise SystemExit(f"{what}: undisturbed, it {failure}")
    expected, remaining = content(place)
    if remaining:
        raise SystemExit(f"{what}: undisturbed, it leaves {remaining}")
    for victim in VICTIMS:
        rng, tally = random.Random(f"{what} {victim} {seed}"), Tally()
        while tally.landed < kills and tally.kills < MOST_TRIES * kills:
            log.write_bytes(b"")
            place = copy_source(source, root)
            before = tally.landed
            failure = trial(JOBS[what](place), victim, duration, rng, log, tally)
            actual, remaining = content(place)
            if not failure and actual != expected:
                names = sorted(k for k in expected.keys() | actual.keys() if expected.get(k) != actual.get(k))
                failure = f"differs in {names[:4]}"
            if not failure and remaining:
                failure = f"leaves {remaining[:4]}"
            if failure:
                tally.bad.append(f"{what}, {victim} {before + 1} to {tally.landed}: {failure}")
        yield victim, tally, duration


def main() -> int:
    """Print a line for each job and victim, and return the number of failed runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=[*JOBS, []], help="which jobs; all when none is named")
    parser.add_argument("--kills", type=int, default=20, help="of each kind of victim")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    bad: Counter[str] = Counter()
    print(f"{'job':12s}{'victim':>8s}{'kills':>7s}{'landed':>8s}{'wrong':>7s}{'undisturbed':>13s}")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        source = root / "source"
        make_videos(source / "videos")
        make_run(source)
        from auxjepa.data.manifest.manifest import scan as scan_now
        from auxjepa.data.shards import write_shards

        write_shards(scan_now(source / "videos", root / "m.jsonl", progress=False), source / "shards", samples=60)
        for what in args.what or JOBS:
            for victim, tally, duration in campaign(what, args.kills, args.seed, source, root):
                row = f"{what:12s}{victim:>8s}{tally.kills:7d}{tally.landed:8d}{len(tally.bad):7d}{duration:11.1f} s"
                print(row, *tally.bad, sep="\n    ", flush=True)
                bad[what] += len(tally.bad)
    print(json.dumps({"seed": args.seed, "wrong": sum(bad.values())}))
    return sum(bad.values())


if __name__ == "__main__":
    sys.exit(main() > 0)
