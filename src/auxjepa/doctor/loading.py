"""Speed of loading clips: with PyAV alone, with the reader, with the loader and its workers, and from caches.

All ways read the same clips in alternating rounds, and their median counts, so that other work on the machine affects
all ways equally. Processor time is measured too, because it hardly depends on other work.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import av
import numpy as np
import torch
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

from auxjepa.data.cache.build import RAW_UP_TO, build_cache
from auxjepa.data.loading.augment import Augment
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.frame_lists import index_files
from auxjepa.data.loading.loader import Loader
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ArrayReader, ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.media.video import _SCALE, Video

_BATCHES = 4  # of the loader in a round; the first one is read before the clock starts


@dataclass
class Way:
    """One way to load clips.

    Args:
        name: name of the way.
        clips: clips in each round.
        seconds: elapsed seconds of each round.
        cpu: processor seconds of all processes in each round.
    """

    name: str
    clips: int
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return the clips per second."""
        return self.clips / statistics.median(self.seconds)

    @property
    def cpu_ms(self) -> float:
        """Return the milliseconds of processor time per clip."""
        return 1000 * statistics.median(self.cpu) / self.clips


@dataclass(frozen=True)
class Speed:
    """The measurements of all ways.

    Args:
        ways: measurements by way; ``decoder`` is the limit of PyAV.
        workers: worker processes of the loader.
        start: seconds from the start of the loader to the first batch.
        waited: share of time that a consumer without other work waits.
        augment: seconds to crop, flip and normalise the batch of clips.
    """

    ways: dict[str, Way]
    workers: int
    start: float
    waited: float
    augment: float

    @property
    def of_limit(self) -> float:
        """Return the loader's rate over that of the same number of decoders with one core each."""
        return self.ways["loader"].rate / (max(1, self.workers) * self.ways["decoder"].rate)

    @property
    def cpu_of_limit(self) -> float:
        """Return the decoder's processor time per clip over that of the loader."""
        return self.ways["decoder"].cpu_ms / self.ways["loader"].cpu_ms


def measure(manifest: Manifest, cut: Cut, *, workers: int, clips: int, rounds: int, place: Path) -> Speed:
    """Measure every way.

    Args:
        manifest: videos to read.
        cut: how clips are cut.
        workers: worker processes of the loader.
        clips: clips of each way in each round.
        rounds: number of rounds.
        place: folder for lists and a cache, which are kept.

    Raises:
        VideoError: if clips can't be read.
        CacheError: if clips can't be cached.
        LoaderError: if workers fail.
    """
    lists = index_files(manifest, place / "frames.npz", workers=1, progress=False)
    reader = ClipReader([(manifest, cut)], [lists])
    draw = Mixture([Part("bench", len(manifest))], 0).draw(0, clips)
    bare = [_prepare(manifest, cut, int(i), float(o)) for i, o in zip(draw.index, draw.offset, strict=True)]
    cache = build_cache(manifest, root=place, frames=cut.frames, size=cut.size, count=clips, workers=1, progress=False)
    cached, rows = ArrayReader([cache.clips]), np.arange(clips)
    draw_all = Draw(np.zeros(clips, np.int64), rows, np.zeros(clips, np.int64), np.zeros(clips))
    batch = torch.from_numpy(reader.read(draw)[0])
    augment, generator, augmented = Augment((0.3, 1.0), flip=True), torch.Generator().manual_seed(0), list[float]()
    kind = f"{'raw' if cut.size <= RAW_UP_TO else 'JPEG'} cache, in process"
    ways = {
        "decoder": Way("PyAV alone, 1 process", clips),
        "reader": Way("reader, in process", clips),
        "loader": Way(f"loader, {workers} workers" if workers else "loader, in process", (_BATCHES - 1) * clips),
        "cache": Way(kind, clips),
    }
    starts, waits = [], []
    for _ in range(rounds):
        _timed(ways["decoder"], lambda: [decode_bare(clip, cut.size) for clip in bare])
        _timed(ways["reader"], lambda: reader.read(draw))
        start, waited = _load(ways["loader"], reader, draw, workers)
        starts.append(start)
        waits.append(waited)
        _timed(ways["cache"], lambda: cached.read(draw_all))
        begin = time.perf_counter()
        augment(batch, generator)
        augmented.append(time.perf_counter() - begin)
    return Speed(ways, workers, statistics.median(starts), statistics.median(waits), statistics.median(augmented))


@dataclass(frozen=True)
class Bare:
    """A clip for the bare decoder.

    Args:
        path: the video.
        stream: index of its stream.
        seek_to: time stamp to seek to; None to decode from the start.
        stamps: time stamps of the clip's frames.
        numbers: numbers of the clip's frames.
    """

    path: Path
    stream: int
    seek_to: int | None
    stamps: tuple[int | None, ...]
    numbers: tuple[int, ...]


def decode_bare(clip: Bare, size: int) -> UInt8[np.ndarray, "F X Y 3"]:
    """Return a clip with calls of PyAV alone: open, seek to the key frame before, decode, scale and crop."""
    frames = []
    with av.open(str(clip.path), metadata_errors="replace") as container:
        stream = cast("VideoStream", container.streams[clip.stream])
        stream.codec_context.thread_count = 1
        if clip.seek_to is not None:
            container.seek(clip.seek_to, stream=stream)
        scaler = VideoReformatter()
        for number, frame in enumerate(container.decode(stream)):
            if (number in clip.numbers) if clip.seek_to is None else (frame.pts in clip.stamps):
                short = min(frame.height, frame.width)
                rows, columns = (max(size, round(side * size / short)) for side in (frame.height, frame.width))
                rgb = scaler.reformat(
                    frame, width=columns, height=rows, format="rgb24", interpolation=_SCALE, threads=1
                ).to_ndarray()
                top, left = (rows - size) // 2, (columns - size) // 2
                frames.append(rgb[top : top + size, left : left + size])
                if len(frames) == len(clip.stamps):
                    break
    return np.stack(frames)


def _prepare(manifest: Manifest, cut: Cut, index: int, offset: float) -> Bare:
    entry = manifest.entries[index]
    path = manifest.folder / entry.file.path
    with Video(path) as video:
        frames = video.index
    numbers = np.unique(cut.sample(entry, frames.times, frames.duration, offset).indices)
    seek_to = None
    entry_point = int(np.searchsorted(frames.keyframes, numbers[0], side="right")) - 1
    if entry_point >= 0:
        seek_to = int(frames.seek_to[entry_point])
    return Bare(path, frames.stream, seek_to, tuple(frames.stamps[numbers].tolist()), tuple(numbers.tolist()))


def _timed(way: Way, call: Callable[[], object]) -> None:
    begin, cpu = time.perf_counter(), time.process_time()
    call()
    way.seconds.append(time.perf_counter() - begin)
    way.cpu.append(time.process_time() - cpu)


def _load(way: Way, reader: ClipReader, draw: Draw, workers: int) -> tuple[float, float]:
    """Return the seconds to the first batch, and the share of waiting in the time of the other batches."""
    start = time.perf_counter()
    with Loader(reader, lambda _: draw, workers=workers, stop=_BATCHES) as loader:
        next(loader)
        begin, cpu = time.perf_counter(), _cpu(loader.processes)
        waited = sum(batch.waited for batch in loader)
        seconds = time.perf_counter() - begin
    # The workers have ended, so their time is now that of finished children.
    way.seconds.append(seconds)
    way.cpu.append(_cpu([]) - cpu)
    return begin - start, waited / seconds


def _cpu(running: list[int]) -> float:
    """Return the processor seconds of this process, its finished children, and the running ones."""
    times = os.times()
    total = times.user + times.system + times.children_user + times.children_system
    for pid in running:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # this system has no such file: the start of the workers counts too
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total
