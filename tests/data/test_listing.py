"""Packets aren't frames: what is listed is what a full decode shows, whatever the packets hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data import errors
from auxjepa.data.video import Video, probe
from remuxed import Chunk, chunks, counted, edit, remux, without
from written_fields import BOTTOM, FRAME, TOP, h264, mpeg2, pictures_of, store

Decode = Callable[[Path], np.ndarray]


def assert_exact(path: Path, expected: np.ndarray, *, decoded: bool | None = None) -> Video:
    """Every frame of a file, read by itself, is that of a full decode; how many there are, and how long, agrees.

    Args:
        decoded: whether the frames had to be decoded to be listed.
    """
    info = probe(path, check=True)
    assert info.frames == len(expected) and info.fps * info.duration == pytest.approx(len(expected))
    with Video(path) as video:
        assert decoded is None or video.index.decoded == decoded
        for number in np.random.default_rng(0).permutation(len(expected)):
            assert np.array_equal(video.read([number])[0], expected[number]), number
        order = np.random.default_rng(1).integers(0, len(expected), 7)
        assert np.array_equal(video.read(order), expected[order])
        return video


@pytest.mark.parametrize("suffix", ["ts", "mts", "mp4", "mov", "mkv", "nut"])
@pytest.mark.parametrize("frames", [1, 2, 3, 24])
def test_fields_of_h264_are_joined_to_frames(suffix: str, frames: int, tmp_path: Path, decode_all: Decode) -> None:
    path = store(h264(pictures_of(frames)), tmp_path / f"a.{suffix}", "h264")
    expected = decode_all(path)
    assert len(expected) == frames
    video = assert_exact(path, expected, decoded=True)
    assert video.info.fps == pytest.approx(25, rel=1e-3) and video.index.seekable


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
def test_both_fields_of_a_frame_in_one_packet(suffix: str, tmp_path: Path, decode_all: Decode) -> None:
    path = store(h264(pictures_of(12)), tmp_path / f"a.{suffix}", "h264", rate=25, each=2)
    expected = decode_all(path)
    assert len(expected) == 12
    assert_exact(path, expected, decoded=True)


def test_the_camcorder_file_that_was_reported(shared: Path, decode_all: Decode) -> None:
    path = shared / "cases" / "paff" / "paff47.mts"
    expected = decode_all(path)
    assert len(expected) == 47
    info = assert_exact(path, expected).info
    assert info.fps == pytest.approx(25) and info.duration == pytest.approx(47 / 25)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("bottom first", pictures_of(16, (BOTTOM, TOP))),
        ("a lone field at the end", [*pictures_of(15), TOP]),
        ("frames among fields", [*pictures_of(5), *[FRAME] * 6, *pictures_of(4)]),
        ("frames, then fields", [*[FRAME] * 9, *pictures_of(7)]),
        ("a lone field in the middle", [*pictures_of(4), TOP, *[FRAME] * 3, *pictures_of(4)]),
    ],
)
def test_mixtures_of_fields_and_frames(
    name: str, pictures: list[str], suffix: str, tmp_path: Path, decode_all: Decode
) -> None:
    path = store(h264(pictures), tmp_path / f"{name}.{suffix}", "h264")
    assert_exact(path, decode_all(path), decoded=True)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
def test_a_stream_that_may_hold_fields_but_does_not_is_listed_by_its_packets(
    suffix: str, tmp_path: Path, decode_all: Decode
) -> None:
    path = store(h264([FRAME] * 20), tmp_path / f"a.{suffix}", "h264", rate=25)
    assert_exact(path, decode_all(path), decoded=False)


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv", "mpg"])
def test_fields_of_mpeg2_are_joined_to_frames(suffix: str, tmp_path: Path, decode_all: Decode) -> None:
    path = store(mpeg2(pictures_of(20)), tmp_path / f"a.{suffix}", "mpegvideo", rate=25)
    expected = decode_all(path)
    assert len(expected) == 20
    assert_exact(path, expected, decoded=True)


X264 = {
    "interlaced": "interlaced=1:tff=1:bframes=3:keyint=15",
    "pyramid": "bframes=8:b-pyramid=normal:b-adapt=0:keyint=20",
    "open": "open-gop=1:keyint=8:bframes=3",
    "refresh": "intra-refresh=1:keyint=10",
}


@pytest.fixture(scope="module")
def encoded(
    tmp_path_factory: pytest.TempPathFactory, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> Callable[[str, str], Path]:
    """A sound file by what is special about it and its suffix, encoded once."""
    root, frames = tmp_path_factory.mktemp("encoded"), make_pattern(40)

    def make(name: str, suffix: str) -> Path:
        path = root / f"{name}.{suffix}"
        if path.exists():
            return path
        if name in X264:
            return make_video(path, frames, options={"x264-params": X264[name]}, bframes=8 * (name == "pyramid"))
        codec, bframes, options = {
            "hevc": ("libx265", 0, {"x265-params": "open-gop=1:keyint=8:bframes=4:log-level=none"}),
            "hevc fields": ("libx265", 0, {"x265-params": "field=1:interlace=tff:keyint=8:log-level=none"}),
            "mpeg2": ("mpeg2video", 2, {"g": "8", "flags": "+ildct+ilme"}),
            "mpeg4": ("mpeg4", 2, {"g": "8"}),
            "mpeg4 plain": ("mpeg4", 0, {"g": "8"}),
            "vp9": ("libvpx-vp9", 0, {"g": "10", "cpu-used": "8", "deadline": "realtime"}),
            "vp8": ("libvpx", 0, {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "20", "b": "60000"}),
            "av1": ("libsvtav1", 0, {"preset": "10", "g": "20"}),
        }[name]
        return make_video(path, frames, codec=codec, bframes=bframes, options=options)

    return make


@pytest.mark.parametrize(
    ("name", "suffix", "decoded"),
    [
        *((name, suffix, False) for name in X264 for suffix in ("mp4", "mkv", "ts") if name != "refresh"),
        *((name, "mkv", False) for name in ("hevc", "hevc fields", "mpeg2", "mpeg4", "vp9", "av1")),
        *((name, "mp4", False) for name in ("hevc", "mpeg4 plain", "vp9", "av1")),
        *((name, "avi", True) for name in ("pyramid", "mpeg4", "mpeg2")),
        ("pyramid", "h264", True),
        ("hevc", "hevc", True),
        ("mpeg2", "mpg", True),
        ("vp8", "webm", True),
    ],
)
def test_sound_files_of_every_codec(
    name: str, suffix: str, decoded: bool, encoded: Callable[[str, str], Path], decode_all: Decode
) -> None:
    assert_exact(encoded(name, suffix), decode_all(encoded(name, suffix)), decoded=decoded)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("name", ["pyramid", "open", "hevc", "mpeg2", "mpeg4"])
def test_time_stamps_in_the_order_stored_do_not_reorder_frames(
    name: str, suffix: str, encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    if (name, suffix) == ("mpeg4", "ts"):
        pytest.skip("a transport stream without headers can't be decoded")
    path = remux(encoded(name, "mkv"), tmp_path / f"a.{suffix}", counted(40))
    assert_exact(path, decode_all(path), decoded=True)


@pytest.mark.parametrize("lost", [1, 3, 7])
@pytest.mark.parametrize(
    ("name", "suffix"),
    [("open", "ts"), ("open", "mkv"), ("interlaced", "mp4"), ("hevc", "ts"), ("mpeg2", "ts"), ("mpeg4", "mkv")],
)
def test_files_that_begin_between_key_frames(
    name: str, suffix: str, lost: int, encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    source = encoded(name, suffix)
    path = remux(source, tmp_path / f"a.{suffix}", without(*range(lost)))
    assert_exact(path, decode_all(path))


@pytest.mark.parametrize("name", ["open", "hevc", "mpeg2"])
def test_files_that_begin_with_an_open_group(
    name: str, encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    second = [n for n, (_, _, _, key) in enumerate(chunks(encoded(name, "mkv"))) if key][1]
    path = remux(encoded(name, "mkv"), tmp_path / "a.mkv", without(*range(second)))
    assert_exact(path, decode_all(path))


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("begins between key frames", [(1.0, 0.52)]),
        ("begins between two frames", [(0.6, 0.3)]),
        ("begins late", [(0.4, None), (1.6, 0.0)]),
        ("ends early", [(0.5, 0.0)]),
        ("in another order", [(0.6, 0.8), (0.6, 0.0)]),
        ("shown twice", [(0.6, 0.2), (0.6, 0.2)]),
        ("two pieces", [(0.4, 0.0), (0.4, None), (0.4, 0.8)]),
    ],
)
@pytest.mark.parametrize("codec", ["pyramid", "open", "hevc", "mpeg4", "vp9", "av1"])
def test_frames_that_an_edit_list_discards(
    codec: str,
    name: str,
    pieces: list[tuple[float, float | None]],
    encoded: Callable[[str, str], Path],
    tmp_path: Path,
    decode_all: Decode,
) -> None:
    path = edit(encoded(codec, "mp4"), tmp_path / f"{name}.mp4", pieces)
    expected = decode_all(path)
    assert 9 < len(expected) <= 40
    assert_exact(path, expected)


def _packed(found: list[Chunk], skipped: bytes) -> list[Chunk]:
    """Each picture that refers to the next one is stored with it, and a skipped picture in its old place."""
    times = sorted(pts for _, pts, _, _ in found)
    held: list[tuple[bytes, bool]] = []
    for data, _, _, key in found:
        kind = data[data.index(b"\0\0\1\xb6") + 4] >> 6
        if kind == 2:
            held[-1] = (held[-1][0] + data, held[-1][1])
            held.append((skipped, False))
        else:
            held.append((data, key))
    return [(data, at, at, key) for (data, key), at in zip(held, times, strict=True)]


SKIPPED = b"\0\0\1\xb6" + bytes([0b01_0_1_0000, 0b0_1_0_01111])  # kind P, no second, a time of 5 bits, not coded


@pytest.mark.parametrize("suffix", ["avi", "mkv", "mp4", "nut"])
@pytest.mark.parametrize("marked", [True, False])
def test_packed_pictures_of_divx(
    suffix: str,
    marked: bool,
    tmp_path: Path,
    make_video: Callable[..., Path],
    make_pattern: Callable[..., np.ndarray],
    decode_all: Decode,
) -> None:
    source = make_video(
        tmp_path / "source.mp4", make_pattern(31), codec="mpeg4", bframes=1, options={"bf": "1", "g": "10"}
    )
    with av.open(str(source)) as container:
        head = container.streams.video[0].codec_context.extradata or b""

    def pack(found: list[Chunk]) -> list[Chunk]:
        (data, *rest), *others = _packed([(d, n, n, k) for n, (d, _, _, k) in enumerate(found)], SKIPPED)
        return [(head + b"\0\0\1\xb2DivX503b1393p" * marked + data, *rest), *others]

    path = remux(source, tmp_path / f"packed.{suffix}", pack, rate=25)
    expected = decode_all(path)
    assert len(expected) == (31 if marked else 16)  # without the mark FFmpeg drops one of two
    video = assert_exact(path, expected, decoded=True)
    assert not marked or video.info.fps == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize("suffix", ["avi", "mkv", "mp4"])
def test_pictures_that_an_encoder_skipped(
    suffix: str, encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    def skip(found: list[Chunk]) -> list[Chunk]:
        return [(SKIPPED if n % 5 == 4 and not key else data, n, n, key) for n, (data, _, _, key) in enumerate(found)]

    path = remux(encoded("mpeg4 plain", "mp4"), tmp_path / f"a.{suffix}", skip, rate=25)
    expected = decode_all(path)
    assert 30 < len(expected) < 40
    assert_exact(path, expected, decoded=True)


def _superframe(*frames: bytes) -> bytes:
    mark = bytes([0b110_11_000 | len(frames) - 1])
    return b"".join([*frames, mark, *(len(frame).to_bytes(4, "little") for frame in frames), mark])


@pytest.mark.parametrize("suffix", ["webm", "mp4", "nut"])
def test_frames_of_vp9_that_are_hidden_or_shown_again(
    suffix: str, encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    def hide(found: list[Chunk]) -> list[Chunk]:
        (first, *_), (second, *_), *others = found  # the mark "shown" of the key frame at the beginning
        return [(_superframe(bytes([first[0] & ~2]) + first[1:], second), 0, 0, True), *others]

    def alone(found: list[Chunk]) -> list[Chunk]:
        (first, *rest), *others = found
        return [(bytes([first[0] & ~2]) + first[1:], *rest), *others]

    def again(found: list[Chunk]) -> list[Chunk]:
        return [(_superframe(data, b"\x88") if n % 7 == 3 else data, *rest) for n, (data, *rest) in enumerate(found)]

    source = encoded("vp9", "webm")
    for name, change, frames, decoded in (
        ("hidden", hide, 39, False),
        ("alone", alone, 39, True),
        ("again", again, 46, True),
    ):
        path = remux(source, tmp_path / f"{name}.{suffix}", change)
        expected = decode_all(path)
        assert len(expected) == frames, name
        assert_exact(path, expected, decoded=decoded)


@pytest.mark.parametrize("names", [("open", "pyramid"), ("hevc", "hevc fields"), ("mpeg2", "mpeg2")])
def test_streams_that_were_joined(
    names: tuple[str, str], encoded: Callable[[str, str], Path], tmp_path: Path, decode_all: Decode
) -> None:
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(encoded(name, "ts").read_bytes() for name in names))
    assert_exact(path, decode_all(path), decoded=True)


def test_frames_of_fields_that_are_damaged_are_found_by_the_check(tmp_path: Path) -> None:
    path = store(h264(pictures_of(12)), tmp_path / "a.mkv", "h264")
    data, packet = bytearray(path.read_bytes()), chunks(path)[9][0]
    begin = data.index(packet)
    data[begin + 10 : begin + 400] = bytes(390)  # the header of a field, and some of its pixels
    path.write_bytes(data)
    with pytest.raises(errors.UndecodableVideoError, match="cannot be decoded"):
        probe(path, check=True)
