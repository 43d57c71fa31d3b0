"""Check that the loader does not leak: many clips from real files, and the resources of its processes meanwhile.

Run it with ``python -m speed.soak --clips 50000 --workers 2 [--out curve.csv]``. It ends with status 1 if the resident
memory of all processes grew by more than 1 % after the warm-up (the first fifth), or if open files or maps of /dev/shm
accumulate. PSS is shown next to it. It depends on other programs, because shared libraries are divided among all
processes.
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
    """Write and scan small videos of three codecs and several lengths, with noise over moving waves.

    Args:
        folder: folder of the videos.
        count: number of videos.
    """
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
    """Return the resident memory (RSS) and the proportional memory (PSS) of a process, MiB."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name] = int(value) / 1024
    return fields["Rss:"], fields["Pss:"]


def sample(pids: list[int]) -> dict[str, float]:
    """Return the resources of the processes: MiB (parent, workers, all), PSS of all, open files, maps of /dev/shm.

    Args:
        pids: ids of the processes, the parent first.
    """
    memory = [resident(pid) for pid in pids]
    return {
        "parent": memory[0][0],
        **{f"worker {n}": rss for n, (rss, _) in enumerate(memory[1:], start=1)},
        "all": sum(rss for rss, _ in memory),
        "pss": sum(pss for _, pss in memory),
        "files": sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids),  # noqa: PTH208
        "shm": sum("/dev/shm" in line for pid in pids for line in Path(f"/proc/{pid}/maps").read_text().splitlines()),
    }


def soak(clips: int, workers: int, batch: int, cut: Cut, videos: int) -> list[dict[str, float]]:
    """Read clips and sample the processes ``SAMPLES`` times.

    Args:
        clips: number of clips.
        workers: number of worker processes.
        batch: clips of a batch.
        cut: length and size of a clip.
        videos: number of videos.

    Raises:
        SystemExit: a clip could not be read.
    """
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
    """Return the medians of the second and of the last fifth of the curve.

    Args:
        curve: samples of the processes.
        what: name of the resource.
    """
    fifth = len(curve) // 5
    early, late = (statistics.median(row[what] for row in rows) for rows in (curve[fifth : 2 * fifth], curve[-fifth:]))
    return early, late


def main() -> int:
    """Print the curve and the growth, and return 1 if a resource grows."""
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
    is_leaking = False
    for name in names[2:]:
        early, late = growth(curve, name)
        allowed = {"all": ALLOWED * early, "files": 2 * args.workers, "shm": 0}.get(name, np.inf)
        grows = late - early > allowed
        is_leaking |= grows
        share = f"{100 * (late - early) / early:+.2f} %" if early else ""
        print(f"{name:10s} {early:8.2f} -> {late:8.2f}  {share}{'  GROWS' if grows else ''}")
    return int(is_leaking)


if __name__ == "__main__":
    sys.exit(main())
