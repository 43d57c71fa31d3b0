"""Whether the loader leaks: many clips from real files, and what its processes hold meanwhile.

Run as ``python -m speed.soak --clips 50000 --workers 2 [--out curve.csv]``. It ends with status 1 when resident
memory of all processes grew by more than 1 % after the warm-up (the first fifth), or when open files or maps of
/dev/shm piled up. PSS is shown beside it; it depends on what else runs, as shared libraries are divided among all.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from auxjepa.data.loading.loader import Loader
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, scan

SAMPLES = 100
ALLOWED = 0.01
KINDS = (("mp4", "libx264", {"preset": "ultrafast", "g": "12"}), ("avi", "mpeg4", {"g": "12"}), ("mkv", "ffv1", {}))


def write_videos(folder: Path, count: int) -> Manifest:
    """Small videos of three codecs and lengths, noise over moving waves, scanned."""
    for number in range(count):
        suffix, codec, options = KINDS[number % len(KINDS)]
        rng = np.random.default_rng(number)
        with av.open(str(folder / f"{number:04d}.{suffix}"), "w") as container:
            stream = container.add_stream(codec, rate=25, options=options)
            assert isinstance(stream, VideoStream)
            stream.height, stream.width, stream.pix_fmt = 72, 96, "bgr0" if codec == "ffv1" else "yuv420p"
            stream.codec_context.time_base = Fraction(1, 25)
            stream.codec_context.thread_count = 1
            y, x = np.mgrid[:72, :96]
            for when in range(20 + 7 * (number % 5)):
                waves = 127 + 80 * np.sin(0.1 * y + 0.07 * x + 0.3 * when + number)
                pixels = np.clip(waves[..., None] + rng.normal(0, 12, (72, 96, 3)), 0, 255).astype(np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
    return scan(folder, workers=1, progress=False)


def resident(pid: int) -> tuple[float, float]:
    """Resident memory and its share of what it has in common with others, MiB."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name] = int(value) / 1024
    return fields["Rss:"], fields["Pss:"]


def sample(pids: list[int]) -> dict[str, float]:
    """What the processes hold: MiB (parent, workers, all), PSS of all, open files, maps of /dev/shm."""
    held = [resident(pid) for pid in pids]
    return {
        "parent": held[0][0],
        **{f"worker {n}": rss for n, (rss, _) in enumerate(held[1:], start=1)},
        "all": sum(rss for rss, _ in held),
        "pss": sum(pss for _, pss in held),
        "files": sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids),  # noqa: PTH208
        "shm": sum("/dev/shm" in line for pid in pids for line in Path(f"/proc/{pid}/maps").read_text().splitlines()),
    }


def soak(clips: int, workers: int, batch: int, cut: Cut, videos: int) -> list[dict[str, float]]:
    """Read clips and look at the processes ``SAMPLES`` times."""
    curve = []
    with tempfile.TemporaryDirectory() as place:
        manifest = write_videos(Path(place), videos)
        reader, mixture = ClipReader([(manifest, cut)]), Mixture([Part("soak", len(manifest))], 0)
        steps, begin = -(-clips // batch), time.perf_counter()
        with Loader(reader, lambda step: mixture.draw(step, batch), workers=workers, stop=steps) as loader:
            for loaded in loader:
                if loaded.failures or loaded.events:
                    raise SystemExit(f"step {loaded.step}: {[*map(str, loaded.failures), *loaded.events]}")
                if (loaded.step + 1) * SAMPLES // steps > loaded.step * SAMPLES // steps:
                    row = {"clips": (loaded.step + 1) * batch, "seconds": time.perf_counter() - begin}
                    curve.append(row | sample([os.getpid(), *loader.processes]))
    return curve


def growth(curve: list[dict[str, float]], what: str) -> tuple[float, float]:
    """The median of the second fifth of the curve, and of the last one."""
    fifth = len(curve) // 5
    early, late = (statistics.median(row[what] for row in rows) for rows in (curve[fifth : 2 * fifth], curve[-fifth:]))
    return early, late


def main() -> int:
    """Print the curve and the growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=50_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--videos", type=int, default=150)
    parser.add_argument("--out", type=Path, help="where to write the curve as CSV")
    args = parser.parse_args()
    curve = soak(args.clips, args.workers, args.batch, Cut(args.frames, args.size), args.videos)
    names = list(curve[0])
    if args.out is not None:
        with args.out.open("w", newline="") as file:
            table = csv.DictWriter(file, names)
            table.writeheader()
            table.writerows(curve)
    print("".join(f"{name:>10}" for name in names))
    for row in [curve[0], *curve[len(curve) // 10 - 1 :: len(curve) // 10]]:
        print("".join(f"{row[name]:10.1f}" if name in names[1:-2] else f"{row[name]:10.0f}" for name in names))
    bad = False
    for name in names[2:]:
        early, late = growth(curve, name)
        allowed = {"all": ALLOWED * early, "files": 2 * args.workers, "shm": 0}.get(name, np.inf)
        wrong = late - early > allowed
        bad |= wrong
        share = f"{100 * (late - early) / early:+.2f} %" if early else ""
        print(f"{name:10s} {early:8.2f} -> {late:8.2f}  {share}{'  GROWS' if wrong else ''}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
