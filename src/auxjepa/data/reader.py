"""The clips of a draw: decoded from the files of several manifests, or taken from arrays.

A reader is a few flat arrays, so that a million examples travel to worker processes as bytes and not as objects: 12
bytes an example, and 20 bytes and its path a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import av.error
import numpy as np

from auxjepa.data.cache import Cut
from auxjepa.data.errors import VideoError
from auxjepa.data.manifest import Entry, Manifest
from auxjepa.data.media import is_still
from auxjepa.data.scanned import Scanned
from auxjepa.data.still import Still
from auxjepa.data.video import Video

TRIES = 5
"""Replacements tried for one clip before reading gives up."""


@runtime_checkable
class Wanted(Protocol):
    """Which clips to read; :class:`auxjepa.data.mixture.Draw` is one."""

    @property
    def part(self) -> np.ndarray: ...
    @property
    def index(self) -> np.ndarray: ...
    @property
    def visit(self) -> np.ndarray: ...
    @property
    def offset(self) -> np.ndarray: ...
    def __len__(self) -> int: ...


@runtime_checkable
class Reader(Protocol):
    """What a loader reads from."""

    def shape(self, draw: Wanted) -> tuple[int, ...]:
        """``(b, F, X, Y, 3)`` of what :meth:`read` gives."""
        ...

    def read(self, draw: Wanted, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """The clips, uint8 ``[b F X Y 3]`` (in ``out`` where it is given), and what could not be read."""
        ...

    def name(self, part: int, index: int) -> str:
        """What to call an example before people."""
        ...


@dataclass(frozen=True)
class Failure:
    """An example that could not be read.

    Args:
        part: of the mixture. name: of the example. reason: what is wrong. replaced_by: the example read in its place.
    """

    part: int
    name: str
    reason: str
    replaced_by: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}; replaced by {self.replaced_by}"


class ClipReader:
    """Decodes clips from video files and pictures.

    Args:
        parts: the manifest and the cut of each part of a mixture. A picture is repeated for the frames of a clip.

    Raises:
        ValueError: when there are no parts, or cuts differ in size.
    """

    def __init__(self, parts: Sequence[tuple[Manifest, Cut]]) -> None:
        if not parts:
            raise ValueError("a reader needs at least one part")
        sizes = sorted({cut.size for _, cut in parts})
        if len(sizes) > 1:
            raise ValueError(f"the parts of a mixture must have clips of one size, got {sizes}")
        self.size = sizes[0]
        self.cuts = tuple(cut for _, cut in parts)
        self._examples = [Examples(manifest) for manifest, _ in parts]

    @property
    def nbytes(self) -> int:
        """Bytes of all examples of all parts."""
        return sum(examples.nbytes for examples in self._examples)

    def shape(self, draw: Wanted) -> tuple[int, ...]:
        """``(b, F, X, Y, 3)``.

        Raises:
            ValueError: when the drawn parts have clips of different lengths.
        """
        frames = {self.cuts[part].frames for part in np.unique(draw.part).tolist()}
        if len(frames) != 1:
            raise ValueError(f"a batch holds clips of one length, got {sorted(frames)}")
        return (len(draw), frames.pop(), self.size, self.size, 3)

    def name(self, part: int, index: int) -> str:
        """The path of an example, with the segment where it isn't the whole file."""
        return self._examples[part].entry(index).name

    def read(self, draw: Wanted, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """The clips of a draw, uint8 ``[b F X Y 3]``, and the examples that had to be replaced.

        What can't be read, or has changed since the scan, is replaced by another example of its part, chosen by part,
        index and visit alone: nobody else's clip changes.

        Raises:
            VideoError: when an example and its replacements all fail.
        """
        out = np.empty(self.shape(draw), np.uint8) if out is None else out
        failures: list[Failure] = []
        for row, (part, index, visit, offset) in enumerate(
            zip(draw.part.tolist(), draw.index.tolist(), draw.visit.tolist(), draw.offset.tolist(), strict=True)
        ):
            failures += self._read(part, index, visit, offset, out[row])
        return out, failures

    def _read(self, part: int, index: int, visit: int, offset: float, out: np.ndarray) -> list[Failure]:
        examples, cut = self._examples[part], self.cuts[part]
        failed: list[tuple[int, VideoError]] = []
        for now in (index, *substitutes(part, index, visit, len(examples))):
            try:
                out[:] = self._decode(examples.folder, examples.entry(now), cut, offset)
            except VideoError as error:
                failed.append((now, error))
                continue
            into = examples.entry(now).name
            return [Failure(part, examples.entry(bad).name, error.reason, into) for bad, error in failed]
        first = failed[0][1]
        also = f", and so do {len(failed) - 1} others drawn in its place" if len(failed) > 1 else ""
        raise VideoError(first.path, f"{first.reason}{also}: scan the folder again (with check) to leave them out")

    def _decode(self, folder: Path, entry: Entry, cut: Cut, offset: float) -> np.ndarray:
        path = folder / entry.file.path
        try:
            if path.stat().st_size != entry.file.bytes:
                raise VideoError(path, "the file has changed since the scan")
            with Still(path) if is_still(path) else Video(path) as media:
                if len(media.times) != entry.file.frames:
                    raise VideoError(path, "the file has changed since the scan")
                duration = 0.0 if isinstance(media, Still) else media.info.duration
                return media.read(cut.sample(entry, media.times, duration, offset).indices, size=cut.size)
        except FileNotFoundError:
            raise VideoError(path, "the file is gone since the scan") from None
        except (OSError, av.error.FFmpegError) as error:
            raise VideoError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


class Examples:
    """The examples of a manifest as flat arrays; :meth:`entry` makes one an object again."""

    def __init__(self, manifest: Manifest) -> None:
        self.folder = manifest.folder
        numbers: dict[str, int] = {}
        files: list[Scanned] = []
        for entry in manifest.entries:
            if numbers.setdefault(entry.file.path, len(files)) == len(files):
                files.append(entry.file)
        paths = [file.path.encode("utf-8", "surrogateescape") for file in files]
        self._paths = np.frombuffer(b"".join(paths), np.uint8)
        self._ends = np.cumsum([len(path) for path in paths], dtype=np.int64)
        self._bytes = np.array([file.bytes for file in files], np.int64)
        self._frames = np.array([file.frames for file in files], np.int32)
        self._file = np.array([numbers[entry.file.path] for entry in manifest.entries], np.int32)
        self._start = np.array([entry.start for entry in manifest.entries], np.int32)
        self._stop = np.array([entry.stop for entry in manifest.entries], np.int32)

    def __len__(self) -> int:
        return len(self._file)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def entry(self, index: int) -> Entry:
        """Example ``index``, with the path, bytes and frames of its file (nothing else is kept)."""
        file = int(self._file[index])
        path = self._paths[self._ends[file - 1] if file else 0 : self._ends[file]].tobytes()
        scanned = Scanned(
            path.decode("utf-8", "surrogateescape"), int(self._bytes[file]), 0, "", None, int(self._frames[file])
        )
        return Entry(scanned, int(self._start[index]), int(self._stop[index]))


def substitutes(part: int, index: int, visit: int, size: int) -> list[int]:
    """The examples to try in place of one, in this order: different ones, a function of the arguments alone."""
    found: list[int] = []
    for attempt in range(8 * TRIES):
        key = repr((part, index, visit, attempt)).encode()
        other = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") % size
        if other != index and other not in found:
            found.append(other)
        if len(found) == min(TRIES, size - 1):
            break
    return found


class ArrayReader:
    """Takes clips from arrays: cached pools, whatever decodes behind their ``[]``.

    Args:
        arrays: one a part, each ``[n F X Y 3]`` uint8, of one frame size. Memory maps travel to workers by their name.
        names: of the examples of each part, for messages.
    """

    def __init__(self, arrays: Sequence[Any], names: Sequence[Sequence[str]] | None = None) -> None:
        if not arrays:
            raise ValueError("a reader needs at least one part")
        sizes = sorted({tuple(array.shape[2:]) for array in arrays})
        if len(sizes) > 1:
            raise ValueError(f"the parts of a mixture must have clips of one size, got {sizes}")
        self._arrays, self._names = list(arrays), names

    def __getstate__(self) -> dict[str, Any]:
        return {"_arrays": [_by_name(array) for array in self._arrays], "_names": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._arrays = [np.memmap(**array) if isinstance(array, dict) else array for array in state["_arrays"]]
        self._names = state["_names"]

    def shape(self, draw: Wanted) -> tuple[int, ...]:
        """``(b, F, X, Y, 3)``.

        Raises:
            ValueError: when the drawn parts have clips of different lengths.
        """
        shapes = {tuple(self._arrays[part].shape[1:]) for part in np.unique(draw.part).tolist()}
        if len(shapes) != 1:
            raise ValueError(f"a batch holds clips of one length, got {sorted(shape[0] for shape in shapes)}")
        return (len(draw), *shapes.pop())

    def name(self, part: int, index: int) -> str:
        """The example's name where names were given, else its number."""
        return f"clip {index} of part {part}" if self._names is None else self._names[part][index]

    def read(self, draw: Wanted, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """The clips of a draw, uint8 ``[b F X Y 3]``; visits and offsets mean nothing here, and nothing is replaced."""
        out = np.empty(self.shape(draw), np.uint8) if out is None else out
        for row, (part, index) in enumerate(zip(draw.part.tolist(), draw.index.tolist(), strict=True)):
            out[row] = self._arrays[part][index]
        return out, []


def _by_name(array: Any) -> Any:
    """A memory map as the arguments that open it again; pickling would copy what is in it."""
    whole = isinstance(array, np.memmap) and not isinstance(array.base, np.ndarray) and array.filename is not None
    if not whole:
        return array
    return {
        "filename": str(array.filename),
        "dtype": array.dtype,
        "mode": "r",
        "offset": array.offset,
        "shape": array.shape,
        "order": "C" if array.flags.c_contiguous else "F",
    }
