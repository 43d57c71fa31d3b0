"""What SIGKILL at random moments does to scans, caches, shards and the loader: nothing, once the command is repeated.

Run as ``python -m speed.kills [--kills 20] [--seed 0] [WHAT …]``. Each job runs undisturbed first. Then, for each
kind of victim, it is started in a fresh folder and a victim is killed at a random moment of its time:

``worker``
    one process below it, up to three in a run: the job itself has to go on, and say nothing but that;
``parent``
    the process itself: its workers have to end by themselves, and the same command has to finish the work;
``group``
    all of its process group, as a scheduler or Ctrl-\\ does it: the same command has to finish the work.

What is compared is every byte of what the job leaves, but for notes of use and locks. It ends with status 1 when
something differs, something hidden is left behind, or a process outlives its parent by more than 30 s.
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

VICTIMS = ("worker", "parent", "group")
OUTLIVE = 30.0
"""Seconds that a process may take to see that its parent is dead."""
LONGEST = 300.0
"""Seconds after which a job counts as hanging."""
IGNORED = ("used", ".lock")
"""Ends of names of files that say who uses a folder."""
LEFT = (".partial", ".tmp", "journal.bin", "plan.json")
"""Ends of names that nothing finished has."""


@dataclass
class Tally:
    """What became of the runs with one kind of victim."""

    kills: int = 0
    landed: int = 0
    bad: list[str] = field(default_factory=list)


def make_videos(folder: Path, distinct: int = 12, copies: int = 25) -> None:
    """Small videos, many of them under several names, labelled."""
    from speed.soak import write_videos

    with tempfile.TemporaryDirectory() as place:
        write_videos(Path(place), distinct)
        folder.mkdir(parents=True)
        lines = ["path,label"]
        for number, video in enumerate(sorted(Path(place).glob("[0-9]*"))):
            for copy in range(copies):
                name = f"{copy:03d}-{video.name}"
                shutil.copy2(video, folder / name)
                lines.append(f"{name},{number % 3}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


def scan(place: Path) -> list[str]:
    """``auxjepa data scan`` of the folder."""
    return [sys.executable, "-m", "auxjepa.cli", "data", "scan", str(place / "videos"), "--workers", "2"]


def cache(encoding: str, size: int) -> Callable[[Path], list[str]]:
    """A cache of clips of the folder, scanned in advance."""
    code = (
        "import sys; from pathlib import Path; from auxjepa.data.cache.build import build_cache;"
        "from auxjepa.data.manifest.manifest import scan; place = Path(sys.argv[1]);"
        "manifest = scan(place / 'videos', place / 'manifest.jsonl', workers=2, check=False, progress=False);"
        f"build_cache(manifest, root=place / 'root', frames=8, size={size}, count=900, encoding={encoding!r},"
        " workers=2, progress=False)"
    )
    return lambda place: [sys.executable, "-c", code, str(place)]


def shards(place: Path) -> list[str]:
    """A set of shards, opened; what is known of each sample is written down in the order of the set."""
    code = (
        "import json, sys; from pathlib import Path; from auxjepa.data.shards import open_shards;"
        "place = Path(sys.argv[1]); m = open_shards(str(place / 'shards'), place / 'root', workers=2, progress=False);"
        "content = [m.digest, [str(e) for e in m.entries], [str(d) for d in m.defects]];"
        "(place / 'found.json').write_text(json.dumps(content));"
        "import shutil; shutil.rmtree(place / 'root' / 'shards')"
    )
    return [sys.executable, "-c", code, str(place)]


def loader(place: Path) -> list[str]:
    """Batches of random clips, read by three workers; a digest of each is written down."""
    code = (
        "import hashlib, sys; from pathlib import Path; from auxjepa.data.manifest.cut import Cut;"
        "from auxjepa.data.loading.loader import Loader; from auxjepa.data.manifest.manifest import scan;"
        "from auxjepa.data.loading.mixture import Mixture, Part; from auxjepa.data.loading.reader import ClipReader;"
        "place = Path(sys.argv[1]);"
        "manifest = scan(place / 'videos', place / 'manifest.jsonl', workers=2, check=False, progress=False);"
        "mixture = Mixture([Part('kills', len(manifest))], 0); out = [];"
        "reader, draw = ClipReader([(manifest, Cut(8, 64))]), lambda step: mixture.draw(step, 16);"
        "loader = Loader(reader, draw, workers=3, stop=120);\n"
        "for batch in loader:\n"
        "    digest = hashlib.sha256(batch.clips.numpy().tobytes()).hexdigest()\n"
        "    out.append(f'{digest} {batch.step} {batch.failures}')\n"
        "(place / 'batches.txt').write_text('\\n'.join(out))"
    )
    return [sys.executable, "-c", code, str(place)]


JOBS: dict[str, Callable[[Path], list[str]]] = {
    "scan": scan,
    "raw cache": cache("raw", 64),
    "jpeg cache": cache("jpeg", 96),
    "shards": shards,
    "loader": loader,
}


def content(place: Path) -> tuple[dict[str, str], list[str]]:
    """A digest of every file, but for locks and notes of use; and what should not be there."""
    digests, left = {}, []
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_file() and not name.endswith(IGNORED) and not name.startswith(("videos/0", "shards/")):
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        if name.endswith(LEFT) or any(part.endswith(".partial") for part in name.split("/")):
            left.append(name)
    return digests, left


def below(pid: int) -> list[int]:
    """Living processes below a process, those of its session that were left alone too."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents.setdefault(int(parent), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """The job, in a process group of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0, env=environment
        )


def finished(process: subprocess.Popen[bytes], log: Path) -> str:
    """'' for a job that ends well; else how it ended."""
    try:
        status = process.wait(LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"hangs after {LONGEST:.0f} s"
    return "" if status == 0 else f"ended with status {status}: {log.read_bytes()[-300:].decode(errors='replace')}"


def outlived(pids: list[int]) -> list[int]:
    """Those of the processes that are still there when they had their time."""
    end = time.monotonic() + OUTLIVE
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
    """Run a job with kills until it is done; what went wrong, or ''."""
    process = started(command, log)
    for _ in range(rng.randint(1, 3)):
        time.sleep(rng.uniform(0, duration))
        tally.kills += 1
        children = below(process.pid)
        if process.poll() is not None or (victim == "worker" and not children):
            continue
        tally.landed += 1
        if victim == "worker":
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(children), signal.SIGKILL)
            continue
        (os.kill if victim == "parent" else os.killpg)(process.pid, signal.SIGKILL)
        process.wait()
        if stubborn := outlived(children):
            for pid in stubborn:
                os.kill(pid, signal.SIGKILL)
            return f"{len(stubborn)} processes outlive their parent"
        process = started(command, log)
    return finished(process, log)


def fresh(source: Path, root: Path, number: int) -> Path:
    """A folder to work in, with the same videos and shards: time stamps and paths are part of what is written."""
    place = root / "work"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place, symlinks=True)
    return place


def campaign(what: str, kills: int, seed: int, source: Path, root: Path) -> Iterator[tuple[str, Tally, float]]:
    """Each kind of victim, how it went, and the seconds of an undisturbed run."""
    log = root / "log.txt"
    place = fresh(source, root, 0)
    begin = time.monotonic()
    wrong = finished(started(JOBS[what](place), log), log)
    duration = time.monotonic() - begin
    if wrong:
        raise SystemExit(f"{what}: undisturbed, it {wrong}")
    expected, left = content(place)
    if left:
        raise SystemExit(f"{what}: undisturbed, it leaves {left}")
    for victim in VICTIMS:
        rng, tally = random.Random(f"{what} {victim} {seed}"), Tally()
        while tally.landed < kills:
            log.write_bytes(b"")
            place = fresh(source, root, tally.kills)
            before = tally.landed
            wrong = trial(JOBS[what](place), victim, duration, rng, log, tally)
            got, left = content(place)
            if not wrong and got != expected:
                wrong = (
                    f"differs in {sorted(k for k in expected.keys() | got.keys() if expected.get(k) != got.get(k))[:4]}"
                )
            if not wrong and left:
                wrong = f"leaves {left[:4]}"
            if wrong:
                tally.bad.append(f"{what}, {victim} {before + 1} to {tally.landed}: {wrong}")
        yield victim, tally, duration


def main() -> int:
    """Print a line for each job and victim; returns how many runs went wrong."""
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
