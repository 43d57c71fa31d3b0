"""Opens a video file, chooses its main video stream and decodes it from one end to the other."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NoReturn, cast

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from auxjepa.data.errors import (
    EmptyVideoError,
    MissingVideoError,
    NoVideoStreamError,
    TooLargeVideoError,
    TruncatedVideoError,
    UndecodableVideoError,
    VideoError,
)
from auxjepa.data.media.integrity import read_declared_size

# Containers that are one file. Others (play lists, concat scripts, numbered pictures) make FFmpeg open further files.
_CONTAINERS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,gxf,nut,gif,apng,mjpeg,yuv4mpegpipe,ivf,obu,av1,h261,h263,"
    "h264,hevc,vvc,vc1,m4v,dv,rm,wtv,nsv,nuv,pva,ty,dhav,bink,smk,flic,amv"
)
MAX_SIDE = 16_384
"""Largest number of pixels on a side of a frame."""
MAX_PIXELS = 1 << 26
"""Largest number of pixels of a frame: two frames of 8K."""
_PATIENCE = 60.0  # seconds for opening a file, and for each of its packets
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS, "max_pixels": str(MAX_PIXELS)}
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
_ATTACHED = Disposition.attached_pic | Disposition.timed_thumbnails
_PICTURES = {"mjpeg", "png", "bmp", "gif", "tiff", "webp", "jpeg2000", "jpegls", "jpegxl", "ppm"}


def open_container(path: Path, *, number: int | None = None) -> tuple[InputContainer, VideoStream]:
    """Open a file and choose its main video stream; see :func:`choose_stream`.

    Args:
        path: the file.
        number: index of the stream, if the file was opened before and hasn't changed. The declared size isn't checked
            again then.

    Raises:
        VideoError: one of its subclasses, when the file is missing, empty, cut short, without pictures or undecodable.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe or a device would block
            raise MissingVideoError(path, f"is {_KINDS.get(stat.S_IFMT(status.st_mode), 'a device')}, not a video file")
        if status.st_size == 0:
            raise EmptyVideoError(path, "the file is empty (0 bytes)")
        size = read_declared_size(path) if number is None else None
    except FileNotFoundError:
        raise MissingVideoError(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise VideoError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if size is not None and size.bytes is not None and size.bytes > status.st_size + 1:
        raise TruncatedVideoError(path, f"cut short: the file has {status.st_size:,} bytes of {size.bytes:,}")
    if size is not None and size.samples > status.st_size:
        why = f"declares {size.samples:,} frames or samples of sound in {status.st_size:,} bytes"
        raise TooLargeVideoError(path, why)
    container = _open(path)
    try:
        if number is None:
            number, moved = choose_stream(path, container)
            if moved:
                container.close()
                container = _open(path)
        stream = container.streams[number]
        if not isinstance(stream, VideoStream) or stream.codec_context is None:
            raise UndecodableVideoError(path, "this FFmpeg has no decoder for the codec of the video stream")
        check_size(path, stream.codec_context.height, stream.codec_context.width)
    except BaseException:
        container.close()
        raise
    stream.codec_context.thread_count = 1  # many processes decode in parallel
    stream.codec_context.options = {"max_pixels": _OPTIONS["max_pixels"]}
    return container, stream


def _open(path: Path) -> InputContainer:
    try:
        return av.open(
            os.path.abspath(path),  # noqa: PTH100  (an absolute path keeps FFmpeg from reading "a:b.mp4" as a protocol)
            options=_OPTIONS,
            timeout=_PATIENCE,
            metadata_errors="replace",  # titles and comments in other encodings don't matter
        )
    except av.error.ArgumentError as error:
        raise UndecodableVideoError(path, "not a video: its content has no supported format") from error
    except av.error.ExitError as error:
        raise UndecodableVideoError(path, f"opening it takes longer than {_PATIENCE:.0f} seconds") from error
    except (av.error.FFmpegError, ValueError) as error:
        undecodable(path, "FFmpeg cannot open this as a video", error)


def choose_stream(path: Path, container: InputContainer) -> tuple[int, bool]:
    """Return the index of the main video stream of a file, and whether packets were read to choose it.

    Of several video streams it is the one that FFmpeg ranks first. Cover pictures and thumbnails don't count. They are
    recognised by a mark in the file, or because they have one frame and another stream has more.

    Raises:
        NoVideoStreamError: when there is none.
        UndecodableVideoError: when there is no decoder for any.
    """
    streams = _video_streams(container)
    if not streams:
        raise NoVideoStreamError(path, "there is no video stream in this file")
    streams = [stream for stream in streams if stream.codec_context is not None]
    if not streams:
        raise UndecodableVideoError(path, "this FFmpeg has no decoder for the codec of the video stream")
    if len(streams) == 1:
        return streams[0].index, False
    frames = {stream.index: stream.frames for stream in streams}
    uncertain = [stream for stream in streams if not stream.frames and stream.codec_context.name in _PICTURES]
    if uncertain:
        try:
            with packets_of(container, *uncertain) as packets:
                for packet in packets:
                    frames[packet.stream.index] += packet.size > 0
                    if all(frames[stream.index] > 1 for stream in uncertain):
                        break
        except av.error.FFmpegError as error:
            undecodable(path, "the container is damaged", error)
    streams = [stream for stream in streams if frames[stream.index] != 1] or streams
    best = container.streams.best("video")
    chosen = [stream for stream in streams if best is not None and stream.index == best.index]
    return (chosen or [max(streams, key=_rank)])[0].index, bool(uncertain)


def first_stream(container: InputContainer) -> int:
    """Return the index of the first video stream that isn't marked as a cover, which version 1 of reading chose."""
    return next((stream.index for stream in _video_streams(container)), -1)


def _video_streams(container: InputContainer) -> list[VideoStream]:
    return [stream for stream in container.streams.video if not stream.disposition & _ATTACHED]


def _rank(stream: VideoStream) -> tuple[bool, int, int]:
    """Return the priority of a stream if FFmpeg's choice is a cover: streams marked as default, then bit rate, then
    size.
    """
    context = stream.codec_context
    return bool(stream.disposition & Disposition.default), context.bit_rate or 0, context.width * context.height


def check_size(path: Path, height: int, width: int) -> None:
    """Refuse frames that are larger than those of any real video.

    Raises:
        TooLargeVideoError: for a side above ``MAX_SIDE`` or more than ``MAX_PIXELS``.
    """
    if max(height, width) > MAX_SIDE or height * width > MAX_PIXELS:
        most = f"{MAX_SIDE:,} a side and {MAX_PIXELS:,} a frame"
        raise TooLargeVideoError(path, f"its frames have {width:,} x {height:,} pixels, at most {most} are read")


@contextlib.contextmanager
def packets_of(container: InputContainer, *streams: VideoStream) -> Iterator[Iterator[Packet]]:
    """Yield the packets from the current position of the container.

    The generator is closed explicitly, because PyAV leaks 150 bytes if it is only dropped.
    """
    packets = container.demux(*streams)
    try:
        yield packets
    finally:
        cast("Generator[Packet, None, None]", packets).close()


def decode(
    path: Path, container: InputContainer, stream: VideoStream, look: Callable[[Packet], object] | None = None
) -> Iterator[VideoFrame]:
    """Yield frames from the current position of the container, in the order shown.

    Args:
        path: the file, for errors.
        container: the open file.
        stream: the main video stream.
        look: called with each packet before it is decoded.

    Raises:
        UndecodableVideoError: at the first packet that the decoder refuses.
    """
    try:
        with packets_of(container, stream) as packets:
            for packet in packets:
                if look is not None:
                    look(packet)
                yield from packet.decode()
    except av.error.FFmpegError as error:
        undecodable(path, "a frame cannot be decoded", error)


def undecodable(path: Path, what: str, error: Exception) -> NoReturn:
    """Raise an :class:`UndecodableVideoError` with FFmpeg's message."""
    why = getattr(error, "strerror", None) or type(error).__name__
    raise UndecodableVideoError(path, f"{what} ({why})") from error
