"""The world as real video files: one H.264 clip a file and a table of labels, for everything that starts from files."""

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
from auxjepa.data.world.factors import VERSION, Role, sample
from auxjepa.data.world.pixels import render
from auxjepa.data.world.shifts import VERSION as SHIFTS_VERSION
from auxjepa.data.world.shifts import render_shifted, shift_of, shifted, shifted_labels
from auxjepa.files import WriteError, write_bytes
from auxjepa.processes.jobs import run_jobs

FPS = 8
BYTES_A_FILE, BYTES_A_PIXEL = 1_500, 0.65
"""What the world's files take, measured at 16 to 224 pixels."""
BLOCK = 4096
"""Bytes in which a disk counts."""
_CHUNK = 32
Chunk = tuple[list[int], Path, Role, str, int, int, int, str]
"""Clips, folder, role, split, seed, frames, size and shift of a job."""


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
    """Write ``count`` clips of a split as ``NNNNNN.mp4`` and their labels; returns the path of ``labels.csv``.

    ``labels.csv`` holds ``path`` and every label column, ``nuisances.csv`` ``path`` and everything else that was drawn,
    ``world.json`` what the folder holds. Files appear whole or not at all; called again after a crash, only what is
    missing is written; a larger ``count`` adds clips, a smaller one takes none away. The same arguments give the same
    bytes.

    Args:
        shift: ``NAME-SEVERITY`` of a shifted world (:mod:`auxjepa.data.world.shifts`): the same clips, otherwise
            drawn.

    Raises:
        ConfigError: for an unknown shift, or a size that its files can't have.
        CacheError: when the disk has no room for them.
        ValueError: when the folder holds another world, or for an unknown split.
    """
    check_cut(frames, size)
    sample(split, 0, seed, role=role)  # refuses bad arguments before anything is written
    if shift:
        shift_of(shift)
    _check_room(folder, count, frames, size, progress)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"version": VERSION, "role": role, "split": split, "seed": seed, "frames": frames, "size": size}
    _claim(folder, content | ({"shift": shift, "shifts": SHIFTS_VERSION} if shift else {}))
    count = max(count, _labelled(folder))
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
    _write_table(folder / "nuisances.csv", (shifted(factors, shift) if shift else factors).nuisances())
    known = shifted_labels(factors, shift) if shift else factors.labels()
    # An empty cell is what manifests read as "no such label": an order clip has no direction.
    labels = {name: np.where(column < 0, "", column.astype(str)) for name, column in known.items()}
    _write_table(folder / "labels.csv", labels)
    for left in folder.glob(".*.partial"):  # by a killed process
        left.unlink(missing_ok=True)
    return folder / "labels.csv"


def check_cut(frames: int, size: int) -> None:
    """Nothing, if the world's files can hold clips of this size and can be read again.

    Raises:
        ConfigError: when they can't.
    """
    largest = min(MAX_SIDE, int(MAX_PIXELS**0.5))
    if size % 2 or not 16 <= size <= largest:
        raise ConfigError(f"the world's H.264 files need an even size of 16 to {largest:,} pixels, got {size:,}")
    if not 1 <= frames <= MAX_FRAMES:
        raise ConfigError(f"the world's files need 1 to {MAX_FRAMES:,} frames, got {frames:,}")


def encode(clip: UInt8[np.ndarray, "F X Y 3"]) -> bytes:
    """An mp4 file of one clip: H.264 in 4:4:4, so that colour keeps its resolution, close to lossless, one thread."""
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
    """Bytes on the disk that the files of ``count`` clips take, an estimate."""
    each = BYTES_A_FILE + int(BYTES_A_PIXEL * frames * size**2)
    return count * -(-each // BLOCK) * BLOCK


def _check_room(folder: Path, count: int, frames: int, size: int, progress: bool) -> None:
    """Say what the missing files take, unless the disk has no room for them.

    Raises:
        CacheError: when it hasn't.
    """
    left = count - (sum(path.suffix == ".mp4" for path in folder.iterdir()) if folder.is_dir() else 0)
    if left <= 0:
        return
    what = f"{left:,} files of {frames:,} x {size:,} x {size:,} of the world"
    require_files(folder, what, left)
    announce(folder, what, world_bytes(left, frames, size), estimate=True, progress=progress)


def _labelled(folder: Path) -> int:
    """Clips that the folder holds already."""
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
    """Say what the folder holds, or refuse when it already holds something else."""
    path = folder / "world.json"
    if path.exists():
        try:
            held = json.loads(path.read_text())
        except ValueError:
            held = None
        if held != content:
            raise ValueError(f"{folder} holds another world ({held}, asked for {content}); choose another folder")
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
    """Whole or not at all, also when several processes write the same file."""
    try:
        write_bytes(path, content)
    except WriteError as error:  # another process may have finished the folder and swept the partial file away
        if error.errno != errno.ENOENT or not path.exists():
            raise
