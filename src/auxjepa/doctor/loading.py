"""How fast clips arrive: what PyAV alone needs for them, our reader, the loader with its workers, and caches.

All ways read the same clips, in rounds that take turns, and what counts is the median: other work on the machine then
hits all ways alike. Processor time stands beside the clock, as it hardly depends on what else runs.
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

_BATCHES = 4  # that the loader reads in a round; the first one is there when the clock starts


@dataclass
class Way:
    """One way to get clips: seconds by the clock, and of all its processes, for ``clips`` clips in each round."""

    name: str
    clips: int
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Clips a second."""
        return self.clips / statistics.median(self.seconds)

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time a clip."""
        return 1000 * statistics.median(self.cpu) / self.clips


@dataclass(frozen=True)
class Speed:
    """What was measured, by way; the first is the decoder's own limit.

    Args:
        workers: of the loader.
        start: seconds from nothing to the first batch.
        waited: share of its time for which a consumer that does nothing else waited.
        augment: seconds to crop, flip and normalise the batch of clips.
    """

    ways: dict[str, Way]
    workers: int
    start: float
    waited: float
    augment: float

    @property
    def of_limit(self) -> float:
        """The loader's rate over that of as many decoders with a core each."""
        return self.ways["loader"].rate / (max(1, self.workers) * self.ways["decoder"].rate)

    @property
    def cpu_of_limit(self) -> float:
        """The decoder's processor time over the loader's, a clip."""
        return self.ways["decoder"].cpu_ms / self.ways["loader"].cpu_ms


def measure(manifest: Manifest, cut: Cut, *, workers: int, clips: int, rounds: int, place: Path) -> Speed:
    """Measure every way.

    Args:
        clips: read by each way in each round.
        place: a folder for lists and a cache, which stay there.

    Raises:
        VideoError, CacheError, LoaderError: when clips can't be read.
    """
    lists = index_files(manifest, place / "frames.npz", workers=1, progress=False)
    reader = ClipReader([(manifest, cut)], [lists])
    draw = Mixture([Part("bench", len(manifest))], 0).draw(0, clips)
    bare = [_prepare(manifest, cut, int(i), float(o)) for i, o in zip(draw.index, draw.offset, strict=True)]
    cache = build_cache(manifest, root=place, frames=cut.frames, size=cut.size, count=clips, workers=1, progress=False)
    cached, rows = ArrayReader([cache.clips]), np.arange(clips)
    every = Draw(np.zeros(clips, np.int64), rows, np.zeros(clips, np.int64), np.zeros(clips))
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
        _timed(ways["decoder"], lambda: [decode_bare(one, cut.size) for one in bare])
        _timed(ways["reader"], lambda: reader.read(draw))
        start, waited = _load(ways["loader"], reader, draw, workers)
        starts.append(start)
        waits.append(waited)
        _timed(ways["cache"], lambda: cached.read(every))
        begin = time.perf_counter()
        augment(batch, generator)
        augmented.append(time.perf_counter() - begin)
    return Speed(ways, workers, statistics.median(starts), statistics.median(waits), statistics.median(augmented))


@dataclass(frozen=True)
class Bare:
    """A clip as the bare decoder is asked for it: of which stream, from which stamp on to decode, which to keep."""

    path: Path
    stream: int
    seek_to: int | None
    stamps: tuple[int | None, ...]
    numbers: tuple[int, ...]


def decode_bare(clip: Bare, size: int) -> UInt8[np.ndarray, "F X Y 3"]:
    """The decoder's own limit: open, seek to the key frame before, decode forward, scale and crop; nothing of ours."""
    found = []
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
                found.append(rgb[top : top + size, left : left + size])
                if len(found) == len(clip.stamps):
                    break
    return np.stack(found)


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
    """Seconds to the first batch, and the share of the others' time for which they were waited for."""
    nothing = time.perf_counter()
    with Loader(reader, lambda _: draw, workers=workers, stop=_BATCHES) as loader:
        next(loader)
        begin, cpu = time.perf_counter(), _cpu(loader.processes)
        waited = sum(batch.waited for batch in loader)
        seconds = time.perf_counter() - begin
    # The workers have ended: their time is now that of children that were waited for.
    way.seconds.append(seconds)
    way.cpu.append(_cpu([]) - cpu)
    return begin - nothing, waited / seconds


def _cpu(running: list[int]) -> float:
    """Processor seconds of this process, its children that ended, and those that are running."""
    times = os.times()
    total = times.user + times.system + times.children_user + times.children_system
    for pid in running:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # no such table on this system: the start of the workers is counted then
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total
