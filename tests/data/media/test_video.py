from __future__ import annotations

import pickle
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data import errors
from auxjepa.data.media import demux, listing
from auxjepa.data.media.video import Video, probe, read_frames

KINDS = [
    "bframes",
    "open_gop",
    "transport",
    "vp9",
    "vp8_hidden",
    "avi",
    "avi_guessed",
    "refresh",
    "mpeg2",
    "hevc",
    "variable",
    "negative",
    "edit_list",
    "no_stamps",
    "one_frame",
    "ffv1",
    "odd",
    "ünï cödé 動画 %03d: a'b.mp4",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_equals_a_full_decode(
    kind: str, videos: dict[str, Path], decode_all: Callable[[Path], np.ndarray]
) -> None:
    path, expected = videos[kind], decode_all(videos[kind])
    assert probe(path).frames == len(expected)
    with Video(path) as video:
        for index in np.random.default_rng(0).permutation(len(expected))[:25]:
            assert np.array_equal(video.read([index])[0], expected[index]), index
        order = np.random.default_rng(1).integers(0, len(expected), 9)
        assert np.array_equal(video.read(order), expected[order])


@pytest.mark.parametrize("kind", ["bframes", "open_gop", "vp9", "variable"])
def test_seeking_is_used(kind: str, videos: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with Video(videos[kind]) as video:
        last = video.info.frames - 1
        video.read([0, last])
        decoded = 0
        original = demux.decode

        def counted(*args: object) -> object:
            nonlocal decoded
            for frame in original(*args):  # type: ignore[arg-type]
                decoded += 1
                yield frame

        monkeypatch.setattr("auxjepa.data.media.video.decode", counted)
        monkeypatch.setattr(Video, "_from_beginning", lambda *a: pytest.fail("fell back to a full decode"))
        video.read([last])
        assert 0 < decoded <= (last + 1 if kind in ("vp9", "variable") else 20)


def test_a_wrong_list_of_frames_falls_back_to_a_full_decode(
    videos: dict[str, Path], decode_all: Callable[[Path], np.ndarray]
) -> None:
    expected = decode_all(videos["bframes"])
    with Video(videos["bframes"]) as video:
        index = video._index
        video._index = replace(index, stamps=index.stamps + 1)
        assert np.array_equal(video.read([5, 30]), expected[[5, 30]])


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_avoids_listing(
    kind: str, videos: dict[str, Path], decode_all: Callable[[Path], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Video(videos[kind]) as video:
        index, info, times = video.index, video.info, video.times
    packed = pickle.dumps(index)
    assert len(packed) < 400
    monkeypatch.setattr("auxjepa.data.media.video.list_frames", lambda *args: pytest.fail("frames were listed"))
    expected = decode_all(videos[kind])
    with Video(videos[kind], index=pickle.loads(packed)) as video:
        assert video.info == info and np.array_equal(video.times, times)
        order = np.random.default_rng(2).integers(0, len(expected), 7)
        assert np.array_equal(video.read(order), expected[order])


def test_the_properties_of_a_file(videos: dict[str, Path]) -> None:
    info = probe(videos["bframes"])
    assert (info.frames, info.height, info.width, info.codec, info.rotation) == (50, 48, 64, "h264", 0)
    assert info.fps == pytest.approx(25) and info.duration == pytest.approx(2.0) and not info.variable_rate
    variable = probe(videos["variable"])
    assert variable.variable_rate and variable.frames == 40
    assert probe(videos["edit_list"]).frames == 43
    assert probe(videos["one_frame"]).duration == pytest.approx(0.04, abs=1e-3)
    with Video(videos["negative"]) as video:
        assert video.times[:3] == pytest.approx([0, 0.04, 0.08])
    with Video(videos["variable"]) as video:
        assert np.diff(video.times)[:4] == pytest.approx([0.06, 0.02, 0.02, 0.14], abs=1e-3)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_rotated_videos_are_turned_upright(
    degrees: int, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    frames = make_pattern(3, 32, 48)
    plain = read_frames(make_video(tmp_path / "plain.mp4", frames, pix_fmt="yuv444p"), [0, 1, 2])
    path = make_video(tmp_path / "turned.mp4", frames, pix_fmt="yuv444p", rotation=degrees)
    info, turned = probe(path), read_frames(path, [0, 1, 2])
    assert (info.height, info.width) == turned.shape[1:3] == ((48, 32) if abs(degrees) == 90 else (32, 48))
    assert np.array_equal(turned, np.rot90(plain, info.rotation // 90, axes=(1, 2)))
    # The judge is the matrix in the file itself: x' = a x + c y, y' = b x + d y (ISO/IEC 14496-12, tkhd).
    data = path.read_bytes()
    a, b, _, c, d = struct.unpack_from(">5i", data, data.index(b"tkhd") + 4 + 40)
    y, x = (axis.ravel() for axis in np.mgrid[:32, :48])
    across, down = (a * x + c * y) // 65536, (b * x + d * y) // 65536
    upright = np.zeros(turned.shape[1:], np.uint8)
    upright[down - down.min(), across - across.min()] = plain[0, y, x]
    assert np.array_equal(turned[0], upright)


def test_resizing_is_antialiased_and_centred(tmp_path: Path, make_video: Callable[..., Path]) -> None:
    stripes = np.zeros((1, 96, 160, 3), np.uint8)
    stripes[:, :, ::2] = 255  # one-pixel stripes: without antialiasing they alias to black or white
    small = read_frames(make_video(tmp_path / "s.mp4", stripes, pix_fmt="yuv444p", options={"crf": "1"}), [0], size=24)
    assert small.shape == (1, 24, 24, 3)
    assert np.abs(small.astype(int) - 127).max() < 16
    halves = np.zeros((1, 64, 128, 3), np.uint8)
    halves[:, :, 64:] = 255
    small = read_frames(make_video(tmp_path / "h.mp4", halves, options={"crf": "1"}), [0], size=32)[0]
    assert small[:, :14].max() < 20 and small[:, 18:].min() > 235  # the edge stays in the middle of the crop
    enlarged = read_frames(tmp_path / "h.mp4", [0], size=128)
    assert enlarged.shape == (1, 128, 128, 3)


def test_colours_follow_the_matrix_of_the_file(tmp_path: Path) -> None:
    # A pure green in BT.709 is (Y, U, V) = (173, 42, 26); read as BT.601 it would come out with visible red and blue.
    path = tmp_path / "709.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.codec_context.thread_count = 1
        stream.height = stream.width = 32
        stream.pix_fmt = "yuv420p"
        stream.codec_context.colorspace = 1
        frame = av.VideoFrame(32, 32, "yuv420p")
        for plane, value in zip(frame.planes, (173, 42, 26), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts = 0
        frame.colorspace = 1
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    red, green, blue = read_frames(path, [0])[0].reshape(-1, 3).mean(0)
    assert red < 6 and blue < 6 and green > 249


def test_natural_clips(natural: Path, decode_all: Callable[[Path], np.ndarray]) -> None:
    shapes = {p.name: (i.frames, i.height, i.width) for p in sorted(natural.glob("*.mp4")) for i in [probe(p)]}
    assert shapes["bikes.mp4"] == (250, 272, 640) and shapes["carphone_pristine.mp4"] == (120, 144, 176)
    expected = decode_all(natural / "carphone_pristine.mp4")
    indices = [3, 60, 119, 61]
    assert np.array_equal(read_frames(natural / "carphone_pristine.mp4", indices), expected[indices])
    clip = read_frames(natural / "bikes.mp4", range(0, 32, 2), size=64)
    assert clip.shape == (16, 64, 64, 3) and clip.std() > 20


def _cut(source: Path, target: Path, share: float) -> Path:
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


@pytest.mark.parametrize("kind", ["bframes", "open_gop", "vp9", "avi"])
@pytest.mark.parametrize("share", [0.5, 0.98])
def test_a_file_cut_short_is_an_error(kind: str, share: float, videos: dict[str, Path], tmp_path: Path) -> None:
    source = videos[kind]
    path = _cut(source, tmp_path / f"cut{source.suffix}", share)
    with pytest.raises(errors.TruncatedVideoError, match="cut short") as caught:
        probe(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_file_with_its_index_first_is_an_error_when_cut(tmp_path: Path, videos: dict[str, Path]) -> None:
    path = tmp_path / "fast.mp4"
    with av.open(str(videos["bframes"])) as source, av.open(str(path), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert probe(path).frames == 50
    with pytest.raises(errors.TruncatedVideoError):
        read_frames(_cut(path, tmp_path / "cut.mp4", 0.9), [0])


def test_each_defect_has_its_error(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingVideoError, match="no such file"):
        probe(tmp_path / "none.mp4")
    with pytest.raises(errors.MissingVideoError, match="folder"):
        probe(tmp_path)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(errors.EmptyVideoError, match="0 bytes"):
        probe(tmp_path / "empty.mp4")
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)
    with pytest.raises(errors.UndecodableVideoError, match=r"text\.mp4"):
        probe(tmp_path / "text.mp4")
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate, sound.pts = 16000, 0
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(errors.NoVideoStreamError):
        probe(tmp_path / "sound.mp4")


@pytest.mark.parametrize(("codec", "name"), [("libx264", "d.mp4"), ("mpeg4", "d.avi"), ("libvpx", "d.webm")])
def test_the_check_detects_damage_in_the_middle(
    codec: str, name: str, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    path = make_video(tmp_path / name, make_pattern(20), codec=codec)
    assert probe(path, check=True).frames == 20
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][10]
        start = data.index(bytes(packet))
        data[start : start + packet.size] = bytes(packet.size)
    path.write_bytes(data)
    with pytest.raises(errors.UndecodableVideoError, match="decoded"):
        probe(path, check=True)


def test_errors_name_the_frame_and_survive_pickling(videos: dict[str, Path]) -> None:
    with pytest.raises(errors.FrameRangeError, match=r"there is no frame 50, frames are 0 … 49") as caught:
        read_frames(videos["bframes"], [0, 50])
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is errors.FrameRangeError and str(copy) == str(caught.value) and isinstance(copy, IndexError)
    with pytest.raises(errors.FrameRangeError, match="frame -1"):
        read_frames(videos["bframes"], [-1])
    with pytest.raises(ValueError, match="non-empty"):
        read_frames(videos["bframes"], [])


def test_a_file_that_changes_is_listed_again(
    tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    path = make_video(tmp_path / "a.mp4", make_pattern(10))
    assert probe(path).frames == 10
    other = make_video(tmp_path / "b.mp4", make_pattern(17), time_base=Fraction(1, 30))
    shutil.copyfile(other, path)
    assert probe(path).frames == 17


def test_the_index_of_a_file_that_is_replaced_while_it_is_opened_is_not_kept(
    tmp_path: Path,
    make_video: Callable[..., Path],
    make_pattern: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, other = make_video(tmp_path / "a.mp4", make_pattern(10)), make_video(tmp_path / "b.mp4", make_pattern(17))
    original = listing.list_frames

    def replaced(*args: object) -> object:
        if other.exists():
            other.replace(path)
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("auxjepa.data.media.video.list_frames", replaced)
    assert probe(path).frames == 10  # of the file that was opened
    assert probe(path, check=True).frames == 17
    path.unlink()
    with pytest.raises(errors.MissingVideoError):
        probe(path)
