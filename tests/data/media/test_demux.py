"""The choice of the main video stream, and files with texts in another encoding."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from auxjepa.data import errors
from auxjepa.data.media.video import Video, probe, read_frames

FILM, COVER = (24, 48, 64), (1, 32, 40)
Stream = tuple[str, tuple[int, int, int], Disposition]


@pytest.fixture
def write_streams(tmp_path: Path, make_pattern: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """A file of several video streams: codec, frames x height x width and disposition of each."""

    def write(name: str, *streams: Stream, sound: bool = False) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as out:
            opened = []
            for codec, (frames, height, width), disposition in streams:
                stream = out.add_stream(codec, rate=25)
                stream.codec_context.thread_count = 1
                stream.height, stream.width = height, width
                stream.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
                stream.disposition = disposition
                opened.append((stream, make_pattern(frames, height, width)))
            if sound:
                _add_sound(out)
            for number in range(max(len(frames) for _, frames in opened)):
                for stream, frames in opened:
                    if number < len(frames):
                        frame = av.VideoFrame.from_ndarray(frames[number], format="rgb24")
                        frame.pts, frame.time_base = number, Fraction(1, 25)
                        out.mux(stream.encode(frame))
            for stream, _ in opened:
                out.mux(stream.encode())
        return path

    return write


def _add_sound(out: av.container.OutputContainer) -> None:
    stream = out.add_stream("aac", rate=16000, layout="mono")
    for number in range(4):
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate, sound.pts = 16000, 1024 * number
        out.mux(stream.encode(sound))
    out.mux(stream.encode())


NONE, DEFAULT = Disposition(0), Disposition.default
ATTACHED = Disposition.attached_pic


@pytest.mark.parametrize("suffix", ["mov", "mp4", "mkv", "avi", "nut"])
@pytest.mark.parametrize("codec", ["mjpeg", "png"])
@pytest.mark.parametrize("marks", [(NONE, DEFAULT), (DEFAULT, NONE), (DEFAULT, DEFAULT), (NONE, NONE)])
def test_a_cover_before_the_video_stream_is_ignored(
    suffix: str, codec: str, marks: tuple[Disposition, Disposition], write_streams: Callable[..., Path]
) -> None:
    if codec == "png" and suffix in ("mkv", "nut"):
        pytest.skip("FFmpeg doesn't write PNG into these")
    path = write_streams(f"a.{suffix}", (codec, COVER, marks[0]), ("libx264", FILM, marks[1]))
    info = probe(path, check=True)
    assert (info.frames, info.height, info.width) == FILM and info.codec == "h264"
    assert read_frames(path, range(24)).std(axis=0).max() > 5  # it moves
    with Video(path) as video:
        index = video.index
    with Video(path, index=index) as video:
        assert video.read([3]).shape == (1, 48, 64, 3)


def test_a_cover_after_or_between_video_streams_is_ignored(write_streams: Callable[..., Path]) -> None:
    film, cover = ("libx264", FILM, NONE), ("mjpeg", COVER, DEFAULT)
    for name, streams in (("after.mov", (film, cover)), ("between.mkv", (cover, film, cover))):
        assert probe(write_streams(name, *streams)).frames == 24


def test_a_video_stream_of_pictures_is_read(write_streams: Callable[..., Path]) -> None:
    assert probe(write_streams("one.mov", ("mjpeg", COVER, DEFAULT))).frames == 1
    assert probe(write_streams("many.avi", ("mjpeg", FILM, DEFAULT))).frames == 24
    both = write_streams("both.mov", ("mjpeg", COVER, DEFAULT), ("png", (1, 48, 64), NONE))
    assert probe(both).frames == 1  # of two pictures, FFmpeg's choice
    slides = write_streams("slides.mkv", ("mjpeg", (5, 32, 40), NONE), ("libx264", FILM, DEFAULT))
    assert probe(slides).frames == 24


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_stream_that_ffmpeg_ranks_first_is_read(suffix: str, write_streams: Callable[..., Path]) -> None:
    small, large = ("libx264", (12, 32, 32), NONE), ("libx264", FILM, NONE)
    for name, streams in (
        ("a", (small, large)),
        ("b", (large, small)),
        ("c", ((*small[:2], DEFAULT), large)),
        ("d", (small, (*large[:2], DEFAULT))),
    ):
        path = write_streams(f"{name}.{suffix}", *streams)
        with av.open(str(path)) as container:
            best = container.streams.best("video")
            assert best is not None
            expected = (best.codec_context.height, best.codec_context.width)
        assert probe(path).height == expected[0] and probe(path).width == expected[1]


def test_sound_with_a_cover_is_no_video(tmp_path: Path, write_streams: Callable[..., Path]) -> None:
    path = write_streams("song.mp4", ("mjpeg", COVER, ATTACHED), sound=True)
    with av.open(str(path)) as container:
        assert container.streams.video[0].disposition & ATTACHED
    for name in ("song.mp4", "song.mov"):
        shutil.copy(path, tmp_path / name) if name != path.name else None
        with pytest.raises(errors.NoVideoStreamError, match="no video stream"):
            probe(tmp_path / name)


def test_the_reported_thumbnail(shared: Path) -> None:
    assert probe(shared / "cases" / "thumbfirst" / "thumbfirst.mov", check=True).frames == 24


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "nut", "wmv", "flv"])
def test_texts_in_other_encodings_do_not_matter(
    suffix: str, tmp_path: Path, make_pattern: Callable[..., np.ndarray]
) -> None:
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as out:
        out.metadata.update(title="a title of Latin-1: cXXXX", artist="XXXX", comment="XXXX")
        stream = out.add_stream("flv" if suffix == "flv" else "mpeg4", rate=25)
        stream.codec_context.thread_count = 1
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        stream.metadata["handler_name"] = stream.metadata["title"] = "XXXX"
        for pixels in make_pattern(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode())
    plain = probe(path, check=True)
    data = path.read_bytes()
    changed = data.replace(b"XXXX", b"\xe9\xff\x80\xfe").replace(b"X\0X\0X\0X\0", b"\0\xd8\0\xd8\0\xdc\0\xd8")
    assert changed != data
    path.write_bytes(changed)
    assert probe(path, check=True) == plain and plain.frames == 10


def test_the_reported_text(shared: Path) -> None:
    for name in ("badmeta.mp4", "badmeta.avi"):
        assert probe(shared / "cases" / "badmeta" / name, check=True).frames == 24
