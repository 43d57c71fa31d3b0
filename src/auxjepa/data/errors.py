"""What can be wrong with a video, a folder of videos or a cache; every message is one line that names the file."""

from __future__ import annotations

from pathlib import Path

from auxjepa.console import printable


class DataError(Exception):
    """Base of all errors of :mod:`auxjepa.data`. ``path`` is the file or folder, ``reason`` what is wrong with it."""

    def __init__(self, path: Path | str, reason: str) -> None:
        # Both go to Exception.args, so that the error survives the way back from a worker process.
        super().__init__(str(path), reason)
        self.path = Path(path)
        self.reason = reason

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.reason}")


class VideoError(DataError):
    """A video that cannot be used."""


class MissingVideoError(VideoError):
    """There is no such file."""


class EmptyVideoError(VideoError):
    """The file has no bytes."""


class TruncatedVideoError(VideoError):
    """The container declares more bytes than the file has: a download or a copy was cut short."""


class NoVideoStreamError(VideoError):
    """The file can be read but holds no moving pictures (sound only, cover art, subtitles)."""


class UndecodableVideoError(VideoError):
    """The container or a frame in it cannot be decoded."""


class TooLargeVideoError(VideoError):
    """The file asks for more pixels, frames or time than any real video has; see :mod:`auxjepa.data.media.demux`."""


class UnsafePathError(VideoError):
    """A name that would lead out of the folder it belongs to."""


class FrameRangeError(VideoError, IndexError):
    """A frame was asked for that the video does not have."""


class ManifestError(DataError):
    """A folder, manifest file or labels.csv that cannot be used."""


class MissingFilesError(DataError):
    """Official files of a data set that aren't there; the message says which, and where they are obtained."""


class AnnotationError(DataError):
    """An annotation file that isn't in its published format."""


class CacheError(DataError):
    """A cache of decoded clips that is damaged, or that could not be built."""
