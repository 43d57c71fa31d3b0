"""Lists the frames of a video: the time stamp of each in the order shown, and the frames at which a decoder can start.

The list is read from the packets (about 2 ms per 10 s of video) if their headers prove that each is one frame
(:mod:`auxjepa.data.media.codecs`) and if the container stores when each is shown. Otherwise (single fields, frames that
are never shown, time stamps that are missing, doubled or guessed, streams that begin between key frames) the file is
decoded once to list the frames. Each process keeps the lists that it used last.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from auxjepa.data.errors import TooLargeVideoError, UndecodableVideoError
from auxjepa.data.media.codecs import ORDERINGS
from auxjepa.data.media.demux import check_size, decode, open_container, packets_of, undecodable
from auxjepa.data.media.frame_index import FrameIndex
from auxjepa.data.media.index_cache import FrameIndexCache, Version
from auxjepa.data.media.integrity import segments

# Codecs in which every packet is exactly one shown frame and a key frame …
_INTRA = {"mjpeg", "ffv1", "prores", "dnxhd", "png", "rawvideo", "huffyuv", "ffvhuff", "utvideo"}
# … those whose key frames depend on no earlier frame …
_INTER = {*ORDERINGS, "vp8", "flv", "h263"}
# … and containers that store when each frame is shown. For avi, asf and mpg FFmpeg guesses, and its guess differs after
# a seek. In these containers only codecs that store frames in the order shown are reliable.
_STORES_TIMES = {"mov", "matroska", "mpegts", "flv", "nut"}

MAX_FRAMES = 1 << 23
"""Largest number of frames of a file: 93 hours at 25 frames per second."""
MAX_SECONDS = 366 * 86_400
"""Largest number of seconds from the first frame of a file to the end of its last."""

_cache = FrameIndexCache()


def version_of(path: Path) -> Version:
    """Return the bytes and the modification time of a file.

    Raises:
        OSError: when the file can't be accessed.
    """
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def version_or_none(path: Path) -> Version | None:
    """Return the bytes and the modification time of a file, or None if it can't be accessed. Opening it raises the
    error.
    """
    try:
        return version_of(path)
    except (OSError, ValueError):
        return None


def list_frames(path: Path, container: InputContainer, stream: VideoStream, before: Version | None) -> FrameIndex:
    """Return the frame index of an open file. It comes from memory if the process listed the same file before.

    The position of the container is undefined afterwards.

    Args:
        path: the file.
        container: the open file.
        stream: its main video stream.
        before: version of the file before it was opened. If the file has changed since, its index isn't kept.

    Raises:
        UndecodableVideoError: when no frame can be decoded, or frames must be decoded to be listed and one cannot.
        TooLargeVideoError: above ``MAX_FRAMES`` or ``MAX_SECONDS``.
    """
    version = version_or_none(path)
    if version is None or before != version:
        return _build_index(path, container, stream)
    index = _cache.get(path, version)
    if index is None:
        index = _build_index(path, container, stream)
        if version_or_none(path) == version:
            _cache.put(path, version, index)
    return index


@dataclass(frozen=True)
class _FrameListing:
    """Frames in the order shown.

    Args:
        first: the first frame.
        stamps: time stamps, int64; zeros if some are missing.
        last: duration of the last frame, 0 if unknown.
        keys: numbers of key frames, int64.
        seek_to: the time stamp to seek to for each of them.
        decoded: whether all frames were decoded.
        damaged: number of the first damaged frame, if they were decoded.
    """

    first: VideoFrame
    stamps: np.ndarray
    last: int
    keys: np.ndarray
    seek_to: np.ndarray
    decoded: bool = False
    damaged: int | None = None


def _build_index(path: Path, container: InputContainer, stream: VideoStream) -> FrameIndex:
    listed = _by_packets(path, container, stream) or _by_decoding(path, container, stream)
    stamps, last, seekable = listed.stamps, listed.last, True
    second = float(stream.time_base or 1)
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    if listed.decoded:
        seekable = _stores_times(container) and stream.codec_context.name in _INTRA | _INTER
    if (stamps[1:] <= stamps[:-1]).any():  # wrong or missing stamps: frames are spaced evenly at the mean rate
        span = float(np.ptp(stamps)) * second
        if span and not 0.9 < (measured := (len(stamps) - 1) / span) / rate < 1.1:
            rate = measured  # the header counts ticks instead of frames
        stamps, second, last, seekable = np.arange(len(stamps), dtype=np.int64), 1 / rate, 1, False
    typical = float(np.median(np.diff(stamps))) * second if len(stamps) > 1 else 1 / rate
    last_seconds = last * second if last > 0 else typical
    seconds = (int(stamps[-1]) - int(stamps[0])) * second + last_seconds
    if not 0 < seconds <= MAX_SECONDS:
        raise TooLargeVideoError(path, f"its frames span {seconds / 86_400:,.0f} days, at most 366 are read")
    check_size(path, listed.first.height, listed.first.width)
    turn, none = listed.first.rotation or 0, np.zeros(0, np.int64)
    return FrameIndex(
        stamps=stamps,
        second=second,
        last=last_seconds,
        seekable=seekable,
        keyframes=listed.keys if seekable else none,
        seek_to=listed.seek_to if seekable else none,
        rotation=round(turn / 90) * 90 if abs(turn) <= 360 else 0,  # some display matrices are no rotation
        height=listed.first.height,
        width=listed.first.width,
        codec=stream.codec_context.name,
        stream=stream.index,
        decoded=listed.decoded,
        damaged=listed.damaged,
    )


def _stores_times(container: InputContainer) -> bool:
    return container.format.name.split(",")[0] in _STORES_TIMES


def _place(container: InputContainer, packet: Packet) -> int:
    """Return the time stamp to seek to. Matroska's table of key frames uses presentation times, other containers'
    decoding times.
    """
    shown, decoded = packet.pts or 0, packet.dts
    return shown if "matroska" in container.format.name or decoded is None else min(shown, decoded)


def _by_packets(path: Path, container: InputContainer, stream: VideoStream) -> _FrameListing | None:
    """Return the frames as the packets list them, or None if a packet may not be one frame."""
    codec = stream.codec_context.name
    if codec not in (_INTRA | ORDERINGS.keys() if _stores_times(container) else _INTRA):
        return None
    if codec in ORDERINGS and container.format.name.startswith("mov") and segments(path) > 1:
        return None  # frames at the edges of segments may refer to removed frames
    ordering = ORDERINGS[codec](stream.codec_context.extradata or b"") if codec in ORDERINGS else None
    stamps, places, durations, keys, order = array("q"), array("q"), array("q"), array("b"), array("q")
    try:
        with packets_of(container, stream) as packets:
            for packet in packets:
                pts, dts, size = packet.pts, packet.dts, packet.size
                if pts is None and dts is None and size == 0:
                    continue  # the flush packet at the end
                place = len(order) if ordering is None else ordering.place(bytes(packet))
                if place is None:
                    return None
                if packet.is_discard:
                    continue  # outside the edit list
                if pts is None or size == 0 or packet.is_corrupt:
                    return None
                if packet.is_keyframe and packet.has_sidedata("new_extradata"):
                    return None  # other headers apply to the following packets
                stamps.append(pts)
                places.append(_place(container, packet))
                durations.append(packet.duration or 0)
                keys.append(packet.is_keyframe)
                order.append(place)
                if len(stamps) > MAX_FRAMES:
                    raise TooLargeVideoError(path, f"has more than {MAX_FRAMES:,} frames")
    except av.error.FFmpegError as error:
        undecodable(path, "the container is damaged", error)
    if not len(stamps) or not keys[0] or stamps[0] != min(stamps):
        return None
    shown, key = np.array(stamps, np.int64), np.array(keys, np.int64)
    by_time = np.argsort(shown)
    # The decoder returns frames in the order of their pictures, so that time stamps must increase in that order.
    if (np.diff(np.array(order, np.int64)[by_time]) <= 0).any() or (np.diff(shown[by_time]) <= 0).any():
        return None
    if ordering is not None and int((np.argsort(by_time) - np.arange(len(shown))).min()) < -ordering.reorder:
        return None
    first = _first_frame(path, container, stream, places[0])
    if first is None or first.pts != stamps[0]:
        return None
    keyframes = np.flatnonzero(key[by_time])
    seek_to = np.array(places, np.int64)[by_time][keyframes]
    return _FrameListing(first, shown[by_time], durations[int(by_time[-1])], keyframes, seek_to)


def _first_frame(path: Path, container: InputContainer, stream: VideoStream, seek_to: int) -> VideoFrame | None:
    """Return the frame from which the file can be decoded, or None if it can't be reached."""
    try:
        container.seek(seek_to, stream=stream)
    except av.error.FFmpegError:
        return None
    return next(decode(path, container, stream), None)


def _by_decoding(path: Path, container: InputContainer, stream: VideoStream) -> _FrameListing:
    """Return the frames as the decoder shows them, from the beginning to the end.

    Raises:
        UndecodableVideoError: when one cannot be decoded, or there is none.
    """
    stamps, seek_to = list[int | None](), dict[int, int]()
    first = damaged = None
    last, stored = 0, list[int]()
    fresh, fresh_stream = open_container(path, number=stream.index)

    def look(packet: Packet) -> None:
        if packet.pts is not None:
            stored.append(packet.pts)
            if packet.is_keyframe:
                seek_to[packet.pts] = _place(container, packet)

    with fresh:
        for frame in decode(path, fresh, fresh_stream, look):
            first = frame if not stamps else first
            damaged = len(stamps) if frame.is_corrupt and damaged is None else damaged
            stamps.append(frame.pts)
            last = frame.duration or 0
            if len(stamps) > MAX_FRAMES:
                raise TooLargeVideoError(path, f"has more than {MAX_FRAMES:,} frames")
    if first is None:
        raise UndecodableVideoError(path, "no frame can be decoded")
    complete = [stamp for stamp in stamps if stamp is not None]
    shown = np.array(complete if len(complete) == len(stamps) else [0] * len(stamps), dtype=np.int64)
    if len(shown) < len(stored) <= 2 * len(shown):  # packets are single fields, which last half as long as a frame
        step = int(np.median(np.diff(np.sort(stored))))
        last = 2 * step if len(shown) == 1 or 2 * step == int(np.median(np.diff(shown))) else last
    keys = [number for number, stamp in enumerate(shown.tolist()) if stamp in seek_to]
    places = np.array([seek_to[int(shown[number])] for number in keys], np.int64)
    return _FrameListing(first, shown, last, np.array(keys, np.int64), places, True, damaged)
