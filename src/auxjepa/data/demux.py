"""Opening a video file and listing its frames without decoding them.

The list gives the time stamp of every frame in the order shown, and the key frames from which a decoder can start. It
is read from the packets (about 1 ms per 10 s of video) and kept for the process. It is trusted only where one packet is
one frame; elsewhere (time stamps missing, doubled or guessed, codecs with hidden packets, streams that begin between
key frames) the frames are listed by decoding the file once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from auxjepa.data.container import declared_bytes
from auxjepa.data.errors import (
    EmptyVideoError,
    MissingVideoError,
    NoVideoStreamError,
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


@dataclass(frozen=True)
class _Packet:
    pts: int
    seek_to: int
    duration: int
    key: bool


def open_container(path: Path, *, known: bool = False) -> tuple[InputContainer, VideoStream]:
    """Open a file and pick its first video stream (cover art doesn't count).

    Args:
        known: the file was opened before and hasn't changed, so that its size needs no comparison.

    Raises:
        VideoError: one of its kinds, when the file is missing, empty, cut short, without pictures or undecodable.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise MissingVideoError(path, "is a folder, not a video file")
        if size == 0:
            raise EmptyVideoError(path, "the file is empty (0 bytes)")
        declared = None if known else declared_bytes(path)
    except FileNotFoundError:
        raise MissingVideoError(path, "no such file") from None
    except OSError as error:
        raise VideoError(path, f"cannot be read: {error.strerror}") from error
    if declared is not None and declared > size + 1:
        raise TruncatedVideoError(path, f"cut short: {size:,} bytes of {declared:,} are there")
    try:
        # An absolute path keeps FFmpeg from reading "a:b.mp4" as a protocol; play lists may not reach the network.
        container = av.open(os.path.abspath(path), options={"protocol_whitelist": "file"})  # noqa: PTH100
    except (av.error.FFmpegError, UnicodeError) as error:
        _undecodable(path, "FFmpeg cannot open this as a video", error)
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        container.close()
        raise NoVideoStreamError(path, "there is no video stream in this file")
    if streams[0].codec_context is None:
        container.close()
        raise UndecodableVideoError(path, "this FFmpeg has no decoder for the codec of the video stream")
    streams[0].codec_context.thread_count = 1  # many processes run side by side
    return container, streams[0]


def decode(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Frames from where the container stands, in the order shown.

    Raises:
        UndecodableVideoError: at the first packet that the decoder refuses.
    """
    try:
        yield from container.decode(stream)
    except av.error.FFmpegError as error:
        _undecodable(path, "a frame cannot be decoded", error)


_indices: dict[Path, tuple[tuple[int, int], FrameIndex]] = {}


def list_frames(path: Path, container: InputContainer, stream: VideoStream) -> FrameIndex:
    """List the frames of an open file, which is left at an undefined place; known files are answered from memory.

    Raises:
        UndecodableVideoError: when no frame can be decoded, or frames must be decoded to be listed and one cannot.
    """
    stat = path.stat()
    version = (stat.st_size, stat.st_mtime_ns)
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
    if packets and packets[0].key and packets[0].pts == min(p.pts for p in packets):
        container.seek(packets[0].seek_to, stream=stream)
        first = next(decode(path, container, stream), None)
    if packets and first is not None and first.pts == packets[0].pts:
        shown = sorted(packets, key=lambda p: p.pts)
        stamps: list[int | None] = [p.pts for p in shown]
        last = shown[-1].duration
        keys = [(number, p.seek_to) for number, p in enumerate(shown) if p.key]
    else:
        packets, keys, last, stamps = [], [], 0, []
        fresh, fresh_stream = open_container(path)
        with fresh:
            for frame in decode(path, fresh, fresh_stream):
                first = frame if not stamps else first
                damaged = len(stamps) if frame.is_corrupt and damaged is None else damaged
                stamps.append(frame.pts)
                last = frame.duration or 0
    if first is None or not stamps:
        raise UndecodableVideoError(path, "no frame can be decoded")
    second = float(stream.time_base or 1)
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    known = np.array([stamp for stamp in stamps if stamp is not None], dtype=np.int64)
    if len(known) < len(stamps) or (np.diff(known) <= 0).any():  # evenly at the mean rate
        known, second, last = np.arange(len(stamps), dtype=np.int64), 1 / rate, 1
    typical = float(np.median(np.diff(known))) * second if len(known) > 1 else 1 / rate
    return FrameIndex(
        stamps=known,
        second=second,
        last=last * second or typical,
        seekable=bool(packets),
        keyframes=np.array([number for number, _ in keys], dtype=np.int64),
        seek_to=np.array([stamp for _, stamp in keys], dtype=np.int64),
        rotation=round((first.rotation or 0) / 90) * 90,
        height=first.height,
        width=first.width,
        codec=stream.codec_context.name,
        damaged=damaged,
    )


def _list_packets(path: Path, container: InputContainer, stream: VideoStream) -> list[_Packet]:
    """The packets in the order stored; none at all where they cannot stand for frames."""
    packets: list[_Packet] = []
    # Matroska's table of key frames is in time shown, those of other containers in time decoded.
    shown = "matroska" in container.format.name
    stores_times = container.format.name.split(",")[0] in _STORES_TIMES
    usable = stream.codec_context.name in (_INTRA | _INTER if stores_times else _INTRA)
    try:
        for packet in container.demux(stream):
            if packet.is_discard or (packet.pts is None and packet.dts is None and packet.size == 0):
                continue  # outside the edit list; the flush packet at the end
            if packet.pts is None or packet.size == 0 or packet.is_corrupt or not usable:
                usable = False
                break
            seek_to = packet.pts if shown or packet.dts is None else min(packet.pts, packet.dts)
            packets.append(_Packet(packet.pts, seek_to, packet.duration or 0, packet.is_keyframe))
    except av.error.FFmpegError as error:
        _undecodable(path, "the container is damaged", error)
    return packets if usable and len({p.pts for p in packets}) == len(packets) else []


def _undecodable(path: Path, what: str, error: Exception) -> NoReturn:
    why = getattr(error, "strerror", None) or type(error).__name__
    raise UndecodableVideoError(path, f"{what} ({why})") from error
