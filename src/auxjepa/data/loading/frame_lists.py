"""The frame indices of all files of a manifest, computed once and stored in one file for all workers and runs.

Listing the frames of a file costs about 10 % of decoding a clip from it. It costs as much as decoding the whole file if
frames can only be counted that way (avi). A list takes about 130 bytes.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt8

from auxjepa.data.errors import ManifestError, VideoError
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.media.frame_index import VERSION, FrameIndex
from auxjepa.data.media.index_cache import Version
from auxjepa.data.media.listing import version_of
from auxjepa.data.media.open import is_still
from auxjepa.data.media.video import Video
from auxjepa.data.shards.local_files import local_file
from auxjepa.files import write_bytes
from auxjepa.processes.jobs import run_jobs

_FILES_PER_JOB = 16


@dataclass(frozen=True)
class FrameLists:
    """The frame indices of a manifest's files, in the order of :func:`files_of`.

    Args:
        ends: where each index ends in ``lists``, int64 ``[files]``. Pictures and unreadable files have an empty one.
        lists: all indices, uint8.
        versions: the version of each listed file, int64 ``[files 2]``.
    """

    ends: Int64[np.ndarray, " files"]
    lists: UInt8[np.ndarray, " bytes"]
    versions: Int64[np.ndarray, "files 2"]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.ends.nbytes + self.lists.nbytes + self.versions.nbytes

    def get(self, file: int, version: Version) -> FrameIndex | None:
        """Return the frame index of a file; None if there is none or the file has changed."""
        begin = int(self.ends[file - 1]) if file else 0
        if begin == self.ends[file] or tuple(self.versions[file].tolist()) != version:
            return None
        return FrameIndex.from_bytes(self.lists[begin : self.ends[file]].tobytes())


def files_of(manifest: Manifest) -> list[Scanned]:
    """Return each file of a manifest once, in the order of its first example."""
    return list({entry.file.path: entry.file for entry in manifest.entries}.values())


def index_files(manifest: Manifest, file: Path, *, workers: int = 2, progress: bool = True) -> FrameLists:
    """Return the frame indices of a manifest's files. They come from ``file`` if it is up to date; otherwise they are
    computed and stored there.

    Args:
        manifest: the examples.
        file: where the indices are stored.
        workers: processes, 0 for one per core.
        progress: whether to show progress on standard error.

    Raises:
        ManifestError: when ``file`` can't be written.
    """
    files = files_of(manifest)
    identity = "\n".join([f"version {VERSION}", *(f"{one.bytes} {one.modified} {one.path}" for one in files)])
    key = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    stored = _load(file, key, len(files))
    if stored is not None:
        return stored
    jobs = [
        (start, tuple(one.path for one in files[start : start + _FILES_PER_JOB]))
        for start in range(0, len(files), _FILES_PER_JOB)
    ]
    work = partial(_list_job, manifest.folder)
    done = run_jobs(work, jobs, workers, "listing frames", died=partial(_each_alone, work), progress=progress)
    by_start = {job[0]: lists for job, lists in done}
    ordered = [entry for start in sorted(by_start) for entry in by_start[start]]
    lists = FrameLists(
        np.cumsum([len(data) for _, data in ordered], dtype=np.int64),
        np.frombuffer(b"".join(data for _, data in ordered), np.uint8),
        np.array([version for version, _ in ordered], np.int64).reshape(-1, 2),
    )
    content = io.BytesIO()
    np.savez(content, key=np.frombuffer(key, np.uint8), **vars(lists))
    try:
        write_bytes(file, content.getvalue())
    except OSError as error:
        why = f"the lists of frames cannot be written: {error.strerror}; choose another place"
        raise ManifestError(file, why) from error
    return lists


def _load(file: Path, key: bytes, files: int) -> FrameLists | None:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            if stored["key"].tobytes() != key:
                return None
            lists = FrameLists(stored["ends"], stored["lists"], stored["versions"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return lists if len(lists.ends) == len(lists.versions) == files else None


_Job = tuple[int, tuple[str, ...]]
"""The number of the first file, and the names of the files."""
_EMPTY = ((0, 0), b"")


def _list_job(folder: Path, job: _Job) -> list[tuple[Version, bytes]]:
    return [_list(folder, name) for name in job[1]]


def _each_alone(work: Callable[[_Job], Any], job: _Job, _how: str) -> list[tuple[Version, bytes]]:
    """Return the indices of a job that kills its process; an empty one for the file that kills it."""
    first, names = job
    if len(names) == 1:
        return [_EMPTY]
    alone = [(first + place, (name,)) for place, name in enumerate(names)]
    lists = dict(run_jobs(work, alone, 1, "listing frames", died=partial(_each_alone, work), progress=False))
    return [entry for job in alone for entry in lists[job]]


def _list(folder: Path, name: str) -> tuple[Version, bytes]:
    if is_still(name):
        return _EMPTY
    try:
        with local_file(folder, name) as path:
            version = version_of(path)
            with Video(path) as video:
                return version, video.index.to_bytes()
    except (VideoError, OSError):  # a reader of the file raises the error
        return _EMPTY
