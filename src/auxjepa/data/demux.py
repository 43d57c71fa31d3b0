"""Opening a video file and listing its frames without decoding them.

The list gives the time stamp of every frame in the order shown, and the key frames from which a decoder can start. It
is read from the packets (about 1 ms per 10 s of video) and kept for the process. It is trusted only where one packet is
one frame; elsewhere (time stamps missing, doubled or guessed, codecs with hidden packets, streams that begin between
key frames) the frames are listed by decoding the file once.
"""

from __future__ import annotations

import contextlib
import os
import stat
from array import array
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from auxjepa.data.container import declared
from auxjepa.data.errors import (
    EmptyVideoError,
    MissingVideoError,
    NoVideoStreamError,
    TooLargeVideoError,
    TruncatedVideoError,
    UndecodableVideoError,
    VideoError,
)
from auxjepa.data.frame_index import FrameIndex

# Codecs whose every packet is exactly one shown frame (VP8, for one, hides reference frames in packets of their own) …
_INTRA = {"mjpeg", "ffv1", "prores", "dnxhd", "png", "rawvideo", "huffyuv", "ffvhuff", "utvideo"}
_INTER = {"h264", "hevc", "vp9", "av1", "libdav1d", "mpeg4", "mpeg2video", "mpeg1video"}
# … and containers that store when each frame is shown. For avi, asf and mpg FFmpeg guesses, and guesses otherwise after
# a seek: there only codecs without frames out of order are sure.
_STORES_TIMES = {"mov", "matroska", "mpegts", "flv", "nut"}
_KEPT = 256

# Containers that are one file. Others (play lists, concat scripts, numbered pictures) have FFmpeg open what they name.
_CONTAINERS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,nut,gif,mjpeg,yuv4mpegpipe,ivf,obu,h264,hevc,m4v,dv,av1"
)
MAX_SIDE = 16_384
"""Pixels a side of a frame may have."""
MAX_PIXELS = 1 << 26
"""Pixels a frame may have: two frames of 8K."""
MAX_FRAMES = 1 << 23
"""Frames a file may have: 93 hours at 25 frames per second."""
MAX_SECONDS = 366 * 86_400
"""Seconds from the first frame of a file to the end of its last."""
_PATIENCE = 60.0  # seconds for opening a file, and for each of its packets
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS, "max_pixels": str(MAX_PIXELS)}


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}


def open_container(path: Path, *, known: bool = False) -> tuple[InputContainer, VideoStream]:
    """Open a file and pick its first video stream (cover art doesn't count).

    Args:
        known: the file was opened before and hasn't changed, so that its size needs no comparison.

    Raises:
        VideoError: one of its kinds, when the file is missing, empty, cut short, without pictures or undecodable.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe or a device would wait for ever
            raise MissingVideoError(path, f"is {_KINDS.get(stat.S_IFMT(status.st_mode), 'a device')}, not a video file")
        if status.st_size == 0:
            raise EmptyVideoError(path, "the file is empty (0 bytes)")
        says = None if known else declared(path)
    except FileNotFoundError:
        raise MissingVideoError(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise VideoError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if says is not None and says.bytes is not None and says.bytes > status.st_size + 1:
        raise TruncatedVideoError(path, f"cut short: {status.st_size:,} bytes of {says.bytes:,} are there")
    if says is not None and says.samples > status.st_size:
        why = f"claims {says.samples:,} frames or samples of sound in {status.st_size:,} bytes"
        raise TooLargeVideoError(path, why)
    try:
        # An absolute path keeps FFmpeg from reading "a:b.mp4" as a protocol.
        container = av.open(os.path.abspath(path), options=_OPTIONS, timeout=_PATIENCE)  # noqa: PTH100
    except av.error.ArgumentError as error:
        raise UndecodableVideoError(path, "not a video: its content is of no kind that is read") from error
    except av.error.ExitError as error:
        raise UndecodableVideoError(path, f"opening it takes longer than {_PATIENCE:.0f} seconds") from error
    except (av.error.FFmpegError, ValueError) as error:
        _undecodable(path, "FFmpeg cannot open this as a video", error)
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        container.close()
        raise NoVideoStreamError(path, "there is no video stream in this file")
    if streams[0].codec_context is None:
        container.close()
        raise UndecodableVideoError(path, "this FFmpeg has no decoder for the codec of the video stream")
    context = streams[0].codec_context
    try:
        check_size(path, context.height, context.width)
    except TooLargeVideoError:
        container.close()
        raise
    context.thread_count = 1  # many processes run side by side
    context.options = {"max_pixels": _OPTIONS["max_pixels"]}
    return container, streams[0]


def check_size(path: Path, height: int, width: int) -> None:
    """Refuse frames that are larger than any real video's.

    Raises:
        TooLargeVideoError: for a side above ``MAX_SIDE`` or more than ``MAX_PIXELS``.
    """
    if max(height, width) > MAX_SIDE or height * width > MAX_PIXELS:
        most = f"{MAX_SIDE:,} a side and {MAX_PIXELS:,} a frame"
        raise TooLargeVideoError(path, f"its frames have {width:,} x {height:,} pixels, at most {most} are read")


@contextlib.contextmanager
def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Iterator[Packet]]:
    """The packets from where the container stands. PyAV loses 150 bytes if its generator is forgotten, not closed."""
    packets = container.demux(stream)
    try:
        yield packets
    finally:
        cast("Generator[Packet, None, None]", packets).close()


def decode(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Frames from where the container stands, in the order shown.

    Raises:
        UndecodableVideoError: at the first packet that the decoder refuses.
    """
    try:
        with _packets(container, stream) as packets:
            for packet in packets:
                yield from packet.decode()
    except av.error.FFmpegError as error:
        _undecodable(path, "a frame cannot be decoded", error)


_indices: dict[Path, tuple[tuple[int, int], FrameIndex]] = {}


def list_frames(path: Path, container: InputContainer, stream: VideoStream) -> FrameIndex:
    """List the frames of an open file, which is left at an undefined place; known files are answered from memory.

    Raises:
        UndecodableVideoError: when no frame can be decoded, or frames must be decoded to be listed and one cannot.
        TooLargeVideoError: above ``MAX_FRAMES`` or ``MAX_SECONDS``.
    """
    status = path.stat()
    version = (status.st_size, status.st_mtime_ns)
    known = _indices.pop(path, None)
    if known is None or known[0] != version:
        known = (version, _build_index(path, container, stream))
    _indices[path] = known
    if len(_indices) > _KEPT:
        del _indices[next(iter(_indices))]
    return known[1]


def _build_index(path: Path, container: InputContainer, stream: VideoStream) -> FrameIndex:
    packets = _list_packets(path, container, stream)
    first = damaged = None
    if packets is not None and packets.starts_with_its_first_frame:
        first = _first_frame(path, container, stream, int(packets.seek_to[0]))
    if packets is not None and first is not None and first.pts == packets.stamps[0]:
        order = np.argsort(packets.stamps)
        stamps, last = packets.stamps[order], int(packets.durations[order[-1]])
        keyframes = np.flatnonzero(packets.keys[order])
        seek_to, seekable = packets.seek_to[order][keyframes], True
    else:
        found: list[int | None] = []
        keyframes, seek_to, last, seekable = np.zeros(0, np.int64), np.zeros(0, np.int64), 0, False
        fresh, fresh_stream = open_container(path)
        with fresh:
            for frame in decode(path, fresh, fresh_stream):
                first = frame if not found else first
                damaged = len(found) if frame.is_corrupt and damaged is None else damaged
                found.append(frame.pts)
                last = frame.duration or 0
        stamps = np.array([stamp for stamp in found if stamp is not None], dtype=np.int64)
        if len(stamps) < len(found):
            stamps = np.zeros(len(found), dtype=np.int64)
    if first is None or not len(stamps):
        raise UndecodableVideoError(path, "no frame can be decoded")
    second = float(stream.time_base or 1)
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    if (stamps[1:] <= stamps[:-1]).any():  # or some are missing: evenly at the mean rate
        stamps, second, last = np.arange(len(stamps), dtype=np.int64), 1 / rate, 1
    typical = float(np.median(np.diff(stamps))) * second if len(stamps) > 1 else 1 / rate
    last_seconds = last * second if last > 0 else typical
    seconds = (int(stamps[-1]) - int(stamps[0])) * second + last_seconds
    if not 0 < seconds <= MAX_SECONDS:
        raise TooLargeVideoError(path, f"its frames span {seconds / 86_400:,.0f} days, at most 366 are read")
    check_size(path, first.height, first.width)
    turn = first.rotation or 0
    return FrameIndex(
        stamps=stamps,
        second=second,
        last=last_seconds,
        seekable=seekable,
        keyframes=keyframes,
        seek_to=seek_to,
        rotation=round(turn / 90) * 90 if abs(turn) <= 360 else 0,  # a matrix may be none of a rotation
        height=first.height,
        width=first.width,
        codec=stream.codec_context.name,
        damaged=damaged,
    )


def _first_frame(path: Path, container: InputContainer, stream: VideoStream, seek_to: int) -> VideoFrame | None:
    """The frame from which the file can be decoded, or None where it can't be reached."""
    try:
        container.seek(seek_to, stream=stream)
    except av.error.FFmpegError:
        return None
    return next(decode(path, container, stream), None)


@dataclass(frozen=True)
class _Packets:
    """Time stamp, place to seek to, duration of each packet in the order stored, and whether it is a key frame."""

    stamps: np.ndarray
    seek_to: np.ndarray
    durations: np.ndarray
    keys: np.ndarray

    @property
    def starts_with_its_first_frame(self) -> bool:
        return bool(self.keys[0] and self.stamps[0] == self.stamps.min())


def _list_packets(path: Path, container: InputContainer, stream: VideoStream) -> _Packets | None:
    """The packets in the order stored; None where they cannot stand for frames."""
    stamps, places, durations, keys = array("q"), array("q"), array("q"), array("b")
    # Matroska's table of key frames is in time shown, those of other containers in time decoded.
    shown = "matroska" in container.format.name
    stores_times = container.format.name.split(",")[0] in _STORES_TIMES
    if stream.codec_context.name not in (_INTRA | _INTER if stores_times else _INTRA):
        return None
    try:
        with _packets(container, stream) as packets:
            for packet in packets:
                pts, dts, size = packet.pts, packet.dts, packet.size
                if packet.is_discard or (pts is None and dts is None and size == 0):
                    continue  # outside the edit list; the flush packet at the end
                if pts is None or size == 0 or packet.is_corrupt:
                    return None
                stamps.append(pts)
                places.append(pts if shown or dts is None else min(pts, dts))
                durations.append(packet.duration or 0)
                keys.append(packet.is_keyframe)
                if len(stamps) > MAX_FRAMES:
                    raise TooLargeVideoError(path, f"has more than {MAX_FRAMES:,} frames")
    except av.error.FFmpegError as error:
        _undecodable(path, "the container is damaged", error)
    listed = _Packets(*(np.array(one, dtype=np.int64) for one in (stamps, places, durations, keys)))
    return listed if len(stamps) and len(np.unique(listed.stamps)) == len(stamps) else None


def _undecodable(path: Path, what: str, error: Exception) -> NoReturn:
    why = getattr(error, "strerror", None) or type(error).__name__
    raise UndecodableVideoError(path, f"{what} ({why})") from error
