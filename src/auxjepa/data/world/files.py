"""Write the world as video files: one H.264 clip a file, and a table of labels."""

from __future__ import annotations

import csv
import errno
import io
import json
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa.config import ConfigError
from auxjepa.console import stderr_console
from auxjepa.data.media.demux import MAX_PIXELS, MAX_SIDE
from auxjepa.data.media.listing import MAX_FRAMES
from auxjepa.data.space import announce, require_files
from auxjepa.data.world.factor_sampling import sample
from auxjepa.data.world.factors import VERSION, Role
from auxjepa.data.world.pixels import render
from auxjepa.data.world.shifts import VERSION as SHIFTS_VERSION
from auxjepa.data.world.shifts import find_shift, label_shifted, render_shifted, shift_factors
from auxjepa.files import WriteError, write_bytes
from auxjepa.processes.jobs import run_jobs

FPS = 8
BYTES_A_FILE, BYTES_A_PIXEL = 1_500, 0.65
"""Estimates of the size of the world's files, measured at 16 to 224 pixels."""
BLOCK = 4096
"""Bytes of a disk block; a file takes a whole number of blocks."""
_CHUNK = 32
Chunk = tuple[list[int], Path, Role, str, int, int, int, str]
"""A job: numbers of clips, folder, role, split, seed, frames, size and shift."""


def write_videos(
    folder: Path,
    split: str,
    count: int,
    seed: int = 0,
    frames: int = 8,
    size: int = 32,
    workers: int = 1,
    role: Role = "mixture",
    progress: bool = True,
    shift: str = "",
) -> Path:
    """Write clips of a split as ``NNNNNN.mp4`` and their labels, and return the path of ``labels.csv``.

    ``labels.csv`` has ``path`` and every label column. ``nuisances.csv`` has ``path`` and all other random quantities.
    ``world.json`` describes the folder. No partial file is visible. After a crash, a second call writes only the
    missing files. A larger ``count`` adds clips, and a smaller ``count`` removes none. The same arguments give the same
    bytes.

    Args:
        folder: folder of the files.
        split: split of the world.
        count: number of clips.
        seed: seed of the world.
        frames: frames of a clip.
        size: side of a frame in pixels.
        workers: number of processes, 0 for one per core.
        role: role of the clips.
        progress: show the progress on standard error.
        shift: ``NAME-SEVERITY`` of a shifted world (:mod:`auxjepa.data.world.shifts`); "" for no shift.

    Raises:
        ConfigError: if the shift is unknown, or the files can't have this size.
        CacheError: if the disk has no room for the files.
        ValueError: if the folder holds another world, or the split is unknown.
    """
    check_cut(frames, size)
    sample(split, 0, seed, role=role)  # refuses wrong arguments before a file is written
    if shift:
        find_shift(shift)
    _check_room(folder, count, frames, size, progress)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"version": VERSION, "role": role, "split": split, "seed": seed, "frames": frames, "size": size}
    _claim(folder, content | ({"shift": shift, "shifts": SHIFTS_VERSION} if shift else {}))
    count = max(count, _count_labelled(folder))
    missing = [i for i in range(count) if not (folder / _name(i)).exists()]
    chunks: list[Chunk] = [
        (missing[k : k + _CHUNK], folder, role, split, seed, frames, size, shift)
        for k in range(0, len(missing), _CHUNK)
    ]
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr_console(), disable=not progress) as bar:
        task = bar.add_task(f"world {role}, {split}", total=count, completed=count - len(missing))
        for _, written in run_jobs(_write_chunk, chunks, workers, f"world {role}, {split}", progress=False):
            bar.advance(task, written)
    factors = sample(split, count, seed, role=role)
    _write_table(folder / "nuisances.csv", (shift_factors(factors, shift) if shift else factors).nuisances())
    numbers = label_shifted(factors, shift) if shift else factors.labels()
    # Manifests read an empty cell as no label: an order clip has no direction, for example.
    labels = {name: np.where(column < 0, "", column.astype(str)) for name, column in numbers.items()}
    _write_table(folder / "labels.csv", labels)
    for partial in folder.glob(".*.partial"):  # files of killed processes
        partial.unlink(missing_ok=True)
    return folder / "labels.csv"


def check_cut(frames: int, size: int) -> None:
    """Check that the world's files can hold clips of this size and that readers accept them.

    Args:
        frames: frames of a clip.
        size: side of a frame in pixels.

    Raises:
        ConfigError: if they can't.
    """
    largest = min(MAX_SIDE, int(MAX_PIXELS**0.5))
    if size % 2 or not 16 <= size <= largest:
        raise ConfigError(f"the world's H.264 files need an even size of 16 to {largest:,} pixels, got {size:,}")
    if not 1 <= frames <= MAX_FRAMES:
        raise ConfigError(f"the world's files need 1 to {MAX_FRAMES:,} frames, got {frames:,}")


def encode(clip: UInt8[np.ndarray, "F X Y 3"]) -> bytes:
    """Return an mp4 file of one clip, in nearly lossless H.264 with one thread.

    The pixel format is 4:4:4, so that colours keep their resolution.
    """
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "8"})
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "yuv444p"
        stream.codec_context.thread_count = 1
        for frame in clip:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def world_bytes(count: int, frames: int, size: int) -> int:
    """Return the estimated disk space of the world's files in bytes.

    Args:
        count: number of clips.
        frames: frames of a clip.
        size: side of a frame in pixels.
    """
    file_bytes = BYTES_A_FILE + int(BYTES_A_PIXEL * frames * size**2)
    return count * -(-file_bytes // BLOCK) * BLOCK


def _check_room(folder: Path, count: int, frames: int, size: int, progress: bool) -> None:
    """Check that the disk has room for the missing files, and print their size if progress is shown.

    Raises:
        CacheError: if it has no room.
    """
    missing = count - (sum(path.suffix == ".mp4" for path in folder.iterdir()) if folder.is_dir() else 0)
    if missing <= 0:
        return
    what = f"{missing:,} files of {frames:,} x {size:,} x {size:,} of the world"
    require_files(folder, what, missing)
    announce(folder, what, world_bytes(missing, frames, size), estimate=True, progress=progress)


def _count_labelled(folder: Path) -> int:
    """Return the number of clips that the folder holds already."""
    path = folder / "labels.csv"
    return len(path.read_text().splitlines()) - 1 if path.exists() else 0


def _name(index: int) -> str:
    return f"{index:06d}.mp4"


def _write_chunk(chunk: Chunk) -> int:
    indices, folder, role, split, seed, frames, size, shift = chunk
    first = indices[0]
    factors = sample(split, indices[-1] - first + 1, seed, first, role)[np.array(indices) - first]
    clips = render_shifted(factors, shift, frames, size) if shift else render(factors, frames, size)
    for index, clip in zip(indices, clips, strict=True):
        _write(folder / _name(index), encode(clip))
    return len(indices)


def _claim(folder: Path, content: dict[str, str | int]) -> None:
    """Write ``world.json``, or check that the folder holds the same world.

    Raises:
        ValueError: if it holds another world.
    """
    path = folder / "world.json"
    if path.exists():
        try:
            existing = json.loads(path.read_text())
        except ValueError:
            existing = None
        if existing != content:
            raise ValueError(f"{folder} holds another world ({existing} and not {content}); choose another folder")
    else:
        _write(path, (json.dumps(content, indent=1) + "\n").encode())


def _write_table(path: Path, columns: dict[str, np.ndarray]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", *columns])
    for index, row in enumerate(zip(*(column.tolist() for column in columns.values()), strict=True)):
        writer.writerow([_name(index), *row])
    _write(path, text.getvalue().encode())


def _write(path: Path, content: bytes) -> None:
    """Write a complete file, also if several processes write the same file."""
    try:
        write_bytes(path, content)
    except WriteError as error:  # another process may have finished the folder and removed the partial file
        if error.errno != errno.ENOENT or not path.exists():
            raise
