"""The errors of the data rooms: a video, a folder of videos or a cache that can't be used. Each message is one line
that names the file.
"""

from __future__ import annotations

from pathlib import Path

from auxjepa.console import printable


class DataError(Exception):
    """Base of all errors of :mod:`auxjepa.data`.

    Args:
        path: the file or folder that the error is about.
        reason: what is wrong with it.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        # Both arguments go to Exception.args, so that the error can be pickled by a worker process.
        super().__init__(str(path), reason)
        self.path = Path(path)
        self.reason = reason

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.reason}")


class VideoError(DataError):
    """The video cannot be used."""


class MissingVideoError(VideoError):
    """The file does not exist."""


class EmptyVideoError(VideoError):
    """The file has no bytes."""


class TruncatedVideoError(VideoError):
    """The container declares more bytes than the file has, because a download or a copy was cut short."""


class NoVideoStreamError(VideoError):
    """The file can be read but holds no moving pictures, only sound, cover art or subtitles."""


class UndecodableVideoError(VideoError):
    """The container, or a frame in it, cannot be decoded."""


class TooLargeVideoError(VideoError):
    """The file declares more pixels, frames or time than any real video has. See :mod:`auxjepa.data.media.demux`."""


class UnsafePathError(VideoError):
    """The name leads out of the folder that it belongs to."""


class FrameRangeError(VideoError, IndexError):
    """The video does not have the requested frame."""


class ManifestError(DataError):
    """A folder, a manifest file or a labels.csv cannot be used."""


class MissingFilesError(DataError):
    """Official files of a data set are missing. The message lists them and says where to obtain them."""


class AnnotationError(DataError):
    """An annotation file isn't in its published format."""


class CacheError(DataError):
    """A cache of decoded clips is damaged, or it could not be built."""
