"""Packets aren't frames: the list equals a full decode for all kinds of packets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from exact import assert_exact
from remuxed import Chunk, chunks, counted, edit, remux, without

Decode = Callable[[Path], np.ndarray]


X264 = {
    "interlaced": "interlaced=1:tff=1:bframes=3:keyint=15",
    "pyramid": "bframes=8:b-pyramid=normal:b-adapt=0:keyint=20",
    "open": "open-gop=1:keyint=8:bframes=3",
    "refresh": "intra-refresh=1:keyint=10",
}


@pytest.fixture(scope="session")
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


def _packed(result: list[Chunk], skipped: bytes) -> list[Chunk]:
    """Each picture that refers to the next one is stored with it, and a skipped picture in its old place."""
    times = sorted(pts for _, pts, _, _ in result)
    held: list[tuple[bytes, bool]] = []
    for data, _, _, key in result:
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

    def pack(result: list[Chunk]) -> list[Chunk]:
        (data, *rest), *others = _packed([(d, n, n, k) for n, (d, _, _, k) in enumerate(result)], SKIPPED)
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
    def skip(result: list[Chunk]) -> list[Chunk]:
        return [(SKIPPED if n % 5 == 4 and not key else data, n, n, key) for n, (data, _, _, key) in enumerate(result)]

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
    def hide(result: list[Chunk]) -> list[Chunk]:
        (first, *_), (second, *_), *others = result  # the mark "shown" of the key frame at the beginning
        return [(_superframe(bytes([first[0] & ~2]) + first[1:], second), 0, 0, True), *others]

    def alone(result: list[Chunk]) -> list[Chunk]:
        (first, *rest), *others = result
        return [(bytes([first[0] & ~2]) + first[1:], *rest), *others]

    def again(result: list[Chunk]) -> list[Chunk]:
        return [(_superframe(data, b"\x88") if n % 7 == 3 else data, *rest) for n, (data, *rest) in enumerate(result)]

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
