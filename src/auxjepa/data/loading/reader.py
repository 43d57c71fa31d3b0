"""Reads the clips of a draw: decodes them from the files of several manifests, or takes them from arrays.

A reader holds a few flat arrays (:mod:`auxjepa.data.loading.examples`), which all workers share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import av.error
import numpy as np

from auxjepa.data.errors import VideoError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.examples import Examples, substitutes
from auxjepa.data.loading.frame_lists import FrameLists
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.media.index_cache import Version
from auxjepa.data.media.listing import version_of
from auxjepa.data.media.open import is_still
from auxjepa.data.media.still import Still
from auxjepa.data.media.video import Video
from auxjepa.data.shards.local_files import local_file


@runtime_checkable
class Reader(Protocol):
    """Interface of the source that a loader reads from."""

    def shape(self, draw: Draw) -> tuple[int, ...]:
        """Return the shape of the clips that :meth:`read` returns, ``(b, F, X, Y, 3)``."""
        ...

    def read(self, draw: Draw, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """Return the clips of a draw, and the examples that could not be read.

        Args:
            draw: the clips.
            out: array for the clips, uint8 ``[b F X Y 3]``; a new one if None.
        """
        ...

    def name(self, part: int, index: int) -> str:
        """Return the name of an example for people."""
        ...


@dataclass(frozen=True)
class Failure:
    """An example that could not be read.

    Args:
        part: index of the mixture's part.
        name: of the example.
        reason: what is wrong.
        replaced_by: name of the substitute.
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
        lists: frame indices of each part, from :func:`auxjepa.data.loading.frame_lists.index_files`. Without them every
            process lists the frames of a file when it first reads it.

    Raises:
        ValueError: when there are no parts, cuts differ in size, or lists don't match the parts.
    """

    decodes_files = True
    """Decoding may kill the process, so that a loader never does it in the training process."""

    def __init__(self, parts: Sequence[tuple[Manifest, Cut]], lists: Sequence[FrameLists | None] | None = None) -> None:
        if not parts:
            raise ValueError("a reader needs at least one part")
        sizes = sorted({cut.size for _, cut in parts})
        if len(sizes) > 1:
            raise ValueError(f"the parts of a mixture must have clips of one size, got {sizes}")
        self.size = sizes[0]
        self.cuts = tuple(cut for _, cut in parts)
        self._examples = [Examples(manifest) for manifest, _ in parts]
        self._lists = [None] * len(parts) if lists is None else list(lists)
        files = [None if each is None else len(each.ends) for each in self._lists]
        if len(files) != len(parts) or any(
            n not in (None, e.files) for n, e in zip(files, self._examples, strict=True)
        ):
            raise ValueError(f"lists of {files} files for parts of {[e.files for e in self._examples]} files")
        self._left_out: dict[tuple[int, int], str] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of all examples and frame indices of all parts."""
        return sum(each.nbytes for each in (*self._examples, *self._lists) if each is not None)

    def shape(self, draw: Draw) -> tuple[int, ...]:
        """Return ``(b, F, X, Y, 3)``.

        Raises:
            ValueError: when the drawn parts have clips of different lengths.
        """
        frames = {self.cuts[part].frames for part in np.unique(draw.part).tolist()}
        if len(frames) != 1:
            raise ValueError(f"a batch holds clips of one length, got {sorted(frames)}")
        return (len(draw), frames.pop(), self.size, self.size, 3)

    def name(self, part: int, index: int) -> str:
        """Return the path of an example, and the segment if it isn't the whole file."""
        return self._examples[part].entry(index).name

    def candidates(self, part: int, index: int, visit: int) -> list[int]:
        """Return the examples that are tried for a clip, in this order: the drawn example and its substitutes."""
        return [index, *substitutes(part, index, visit, len(self._examples[part]))]

    def leave_out(self, part: int, index: int, reason: str) -> None:
        """Never read an example again, because it kills the process."""
        self._left_out[part, index] = reason

    def read(self, draw: Draw, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """Return the clips of a draw, uint8 ``[b F X Y 3]``, and the examples that could not be read.

        An unreadable example is replaced by another example of its part. The choice depends on part, index and visit
        alone, so that no other clip changes.

        Args:
            draw: the clips.
            out: array for the clips; a new one if None.

        Raises:
            VideoError: when an example and its substitutes all fail.
        """
        out = np.empty(self.shape(draw), np.uint8) if out is None else out
        failures: list[Failure] = []
        for row, (part, index, visit, offset) in enumerate(
            zip(draw.part.tolist(), draw.index.tolist(), draw.visit.tolist(), draw.offset.tolist(), strict=True)
        ):
            failures += self._read(part, index, visit, offset, out[row])
        return out, failures

    def _read(self, part: int, index: int, visit: int, offset: float, out: np.ndarray) -> list[Failure]:
        failed: list[tuple[int, VideoError]] = []
        for candidate in self.candidates(part, index, visit):
            try:
                self._decode(part, candidate, offset, out)
            except VideoError as error:
                failed.append((candidate, error))
                continue
            substitute = self.name(part, candidate)
            return [Failure(part, self.name(part, bad), error.reason, substitute) for bad, error in failed]
        first = failed[0][1]
        also = f", and {len(failed) - 1} substitutes cannot be read either" if len(failed) > 1 else ""
        raise VideoError(first.path, f"{first.reason}{also}: scan the folder again (with check) to leave them out")

    def _decode(self, part: int, index: int, offset: float, out: np.ndarray) -> None:
        examples, cut = self._examples[part], self.cuts[part]
        entry = examples.entry(index)
        path = examples.folder / entry.file.path
        if (part, index) in self._left_out:
            raise VideoError(path, self._left_out[part, index])
        try:
            with local_file(examples.folder, entry.file.path) as here:
                version = version_of(here)
                if version[0] != entry.file.bytes:
                    raise VideoError(here, "the file has changed since the scan")
                if is_still(here):
                    with Still(here) as still:
                        out[:] = still.read(np.zeros(cut.frames, np.int64), size=cut.size)
                    return
                with self._open(part, examples.file(index), here, version) as video:
                    if len(video.times) != entry.file.frames:
                        raise VideoError(here, "the file has changed since the scan")
                    sample = cut.sample(entry, video.times, video.index.duration, offset)
                    video.read(sample.indices, size=cut.size, out=out)
        except FileNotFoundError:
            raise VideoError(path, "the file is gone since the scan") from None
        except (OSError, av.error.FFmpegError) as error:
            raise VideoError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error

    def _open(self, part: int, file: int, path: Path, version: Version) -> Video:
        lists = self._lists[part]
        index = None if lists is None else lists.get(file, version)
        return Video(path, index=index)


class ArrayReader:
    """Reads clips from arrays, or from caches that decode on indexing.

    Args:
        arrays: one a part, each ``[n F X Y 3]`` uint8, of one frame size. Memory maps are passed to workers by file
            name.
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

    def shape(self, draw: Draw) -> tuple[int, ...]:
        """Return ``(b, F, X, Y, 3)``.

        Raises:
            ValueError: when the drawn parts have clips of different lengths.
        """
        shapes = {tuple(self._arrays[part].shape[1:]) for part in np.unique(draw.part).tolist()}
        if len(shapes) != 1:
            raise ValueError(f"a batch holds clips of one length, got {sorted(shape[0] for shape in shapes)}")
        return (len(draw), *shapes.pop())

    def name(self, part: int, index: int) -> str:
        """Return the example's name, or its number if names are missing."""
        return f"clip {index} of part {part}" if self._names is None else self._names[part][index]

    def read(self, draw: Draw, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        """Return the clips of a draw, uint8 ``[b F X Y 3]``. Visits and offsets are ignored, no clip is replaced."""
        out = np.empty(self.shape(draw), np.uint8) if out is None else out
        for row, (part, index) in enumerate(zip(draw.part.tolist(), draw.index.tolist(), strict=True)):
            out[row] = self._arrays[part][index]
        return out, []


def _by_name(array: Any) -> Any:
    """Return a memory map as the arguments that open it again, because pickling it would copy its content."""
    is_complete_map = isinstance(array, np.memmap) and not isinstance(array.base, np.ndarray)
    if not is_complete_map or array.filename is None:
        return array
    return {
        "filename": str(array.filename),
        "dtype": array.dtype,
        "mode": "r",
        "offset": array.offset,
        "shape": array.shape,
        "order": "C" if array.flags.c_contiguous else "F",
    }
