from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auxjepa.data.errors import EmptyVideoError, FrameRangeError, MissingVideoError, UndecodableVideoError
from auxjepa.data.media.open import open_media, probe_media
from auxjepa.data.media.still import Still
from auxjepa.data.media.video import Video


@pytest.fixture
def picture(make_pattern) -> Image.Image:
    return Image.fromarray(make_pattern(1, 40, 60)[0])


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp", "jpg", "JPEG", "tif", "ppm"])
def test_a_picture_is_a_video_of_one_frame(tmp_path: Path, picture: Image.Image, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    picture.save(path, **({"lossless": True} if suffix == "webp" else {}))
    info = probe_media(path, check=True)
    assert (info.frames, info.height, info.width, info.fps) == (1, 40, 60, 0)
    with open_media(path) as still:
        assert isinstance(still, Still)
        full = still.read([0, 0])
    assert full.shape == (2, 40, 60, 3) and (full[0] == full[1]).all()
    if suffix.lower() not in ("jpg", "jpeg"):
        np.testing.assert_array_equal(full[0], np.asarray(picture))
    with open_media(path) as still:
        small = still.read([0], size=16)[0].astype(float)
    want = np.asarray(picture.resize((24, 16), Image.Resampling.BILINEAR))[:, 4:20].astype(float)
    assert small.shape == (16, 16, 3) and np.abs(small - want).mean() < 4


def test_odd_modes_become_upright_rgb(tmp_path: Path, picture: Image.Image) -> None:
    ways = {
        "grey.png": picture.convert("L"),
        "cmyk.jpg": picture.convert("CMYK"),
        "palette.png": picture.convert("P"),
        "alpha.png": Image.merge("RGBA", [*picture.split(), Image.new("L", picture.size, 0)]),
        "deep.png": Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) << 8),
    }
    for name, odd in ways.items():
        odd.save(tmp_path / name)
        with Still(tmp_path / name) as still:
            pixels = still.read([0])[0].astype(float)
        assert pixels.shape == (40, 60, 3), name
        if name in ("grey.png", "deep.png"):
            assert np.abs(pixels[..., 0] - np.asarray(picture.convert("L"))).max() <= 1, name
        if name == "alpha.png":
            assert not pixels.any()
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned by 90 degrees
    picture.save(tmp_path / "turned.png", exif=exif)
    with Still(tmp_path / "turned.png") as still:
        assert (still.info.height, still.info.width) == (60, 40) and still.read([0]).shape == (1, 60, 40, 3)


def test_invalid_pictures_are_refused_in_one_line(tmp_path: Path, picture: Image.Image) -> None:
    picture.save(tmp_path / "a.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:-300])
    (tmp_path / "text.png").write_text("no picture at all" * 20)
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UndecodableVideoError, match="damaged"):
        probe_media(tmp_path / "cut.jpg", check=True)
    with pytest.raises(UndecodableVideoError, match="not a picture"):
        probe_media(tmp_path / "text.png")
    with pytest.raises(EmptyVideoError, match="0 bytes"):
        probe_media(tmp_path / "empty.png")
    with pytest.raises(MissingVideoError, match="not a regular file"):
        probe_media(tmp_path / "folder.png")
    with pytest.raises(MissingVideoError, match="no such file"):
        probe_media(tmp_path / "gone.png")
    with Still(tmp_path / "a.jpg") as still, pytest.raises(FrameRangeError, match="frame 1"):
        still.read([0, 1])


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(UndecodableVideoError, match=r"400000000 pixels.*bomb"):
        probe_media(tmp_path / "bomb.png", check=True)


def test_videos_are_no_pictures(videos: dict[str, Path]) -> None:
    with open_media(videos["bframes"]) as media:
        assert isinstance(media, Video)
