"""The world as real video files: one H.264 clip a file and a table of labels, for everything that starts from files."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa.data.world.factors import VERSION, Role, sample
from auxjepa.data.world.pixels import render
from auxjepa.data.world.shifts import VERSION as SHIFTS_VERSION
from auxjepa.data.world.shifts import render_shifted, shift_of, shifted, shifted_labels
from auxjepa.pools import Pool

FPS = 8
_CHUNK = 32


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
        shift: ``NAME-SEVERITY`` of a shifted world (:mod:`auxjepa.data.world.shifts`): the same clips, otherwise drawn.

    Raises:
        ConfigError: for an unknown shift.
        ValueError: when the folder holds another world, for an unknown split, or for an odd or too small size.
    """
    if size % 2 or size < 16:
        raise ValueError(f"H.264 needs an even size of at least 16 pixels, got {size}")
    sample(split, 0, seed, role=role)  # refuses bad arguments before anything is written
    if shift:
        shift_of(shift)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"version": VERSION, "role": role, "split": split, "seed": seed, "frames": frames, "size": size}
    _claim(folder, content | ({"shift": shift, "shifts": SHIFTS_VERSION} if shift else {}))
    count = max(count, _labelled(folder))
    missing = [i for i in range(count) if not (folder / _name(i)).exists()]
    chunks = [
        (missing[k : k + _CHUNK], folder, role, split, seed, frames, size, shift)
        for k in range(0, len(missing), _CHUNK)
    ]
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not progress) as bar:
        task = bar.add_task(f"world {role}, {split}", total=count, completed=count - len(missing))
        for written in _run(chunks, workers):
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


def _labelled(folder: Path) -> int:
    """Clips that the folder holds already."""
    path = folder / "labels.csv"
    return len(path.read_text().splitlines()) - 1 if path.exists() else 0


def _name(index: int) -> str:
    return f"{index:06d}.mp4"


def _run(chunks: list[tuple], workers: int) -> Iterator[int]:
    if workers <= 1 or len(chunks) <= 1:
        for chunk in chunks:
            yield _write_chunk(*chunk)
        return
    with Pool(max_workers=min(workers, len(chunks)), timeout=30) as pool:
        yield from pool.map(_write_chunk, *zip(*chunks, strict=True))


def _write_chunk(
    indices: list[int], folder: Path, role: Role, split: str, seed: int, frames: int, size: int, shift: str
) -> int:
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
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    try:
        partial.replace(path)
    except FileNotFoundError:  # another process has finished the folder and swept this partial away
        if not path.exists():
            raise
