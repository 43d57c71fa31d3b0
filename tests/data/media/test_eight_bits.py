"""Pictures of other than 8 bits, and of other colours: the right picture, or a reason, never black or clipped."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auxjepa.data.errors import UndecodableVideoError
from auxjepa.data.media.open import probe_media
from auxjepa.data.media.still import Still

SHARES = np.linspace(0, 1, 24 * 40).reshape(24, 40)
GREY = np.round(255 * SHARES).astype(np.uint8)


def read(path: Path) -> np.ndarray:
    with Still(path) as still:
        pixels = still.read([0])[0]
        assert (still.info.height, still.info.width) == pixels.shape[:2]
    return pixels


def refused(path: Path) -> str:
    with pytest.raises(UndecodableVideoError) as caught:
        probe_media(path, check=True)
    assert "\n" not in str(caught.value)
    return caught.value.reason


def tiff(path: Path, pixels: np.ndarray, **tags: int) -> Path:
    """A TIFF of one grey channel: 16 or 32 bits, whole (kind 1), with a sign (2) or a point (3)."""
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    height, width = pixels.shape
    rows = {256: width, 257: height, 258: 8 * pixels.itemsize, 259: 1, 262: tags.get("photometric", 1), 273: 8}
    rows |= {277: 1, 278: height, 279: len(data), 339: kind} | ({274: tags["turn"]} if "turn" in tags else {})
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(rows.items()))
    directory = struct.pack("<H", len(rows)) + entries + bytes(4)
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + directory)
    return path


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_floats_are_shares_of_white(kind: type, tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", SHARES.astype(kind))
    if kind is np.float64:
        assert refused(path) == "not a picture that can be read"
        return
    assert np.array_equal(read(path), np.repeat(GREY[..., None], 3, -1))
    assert probe_media(path).reading == "floats as shares of white"
    dark = tiff(tmp_path / "dark.tif", np.full((4, 4), 0.25, kind))
    assert (read(dark) == 64).all()  # not stretched to its own range
    for pixels, words in (
        (255 * SHARES, "floats from 0 to 255, and only 0 (black) to 1 (white) are read"),
        (SHARES - 0.1, "floats from -0.1 to 0.9"),
        (np.where(SHARES > 0.5, np.nan, SHARES), "floats from nan to nan"),
        (np.where(SHARES > 0.5, np.inf, SHARES), "floats from 0 to inf"),
    ):
        assert words in refused(tiff(tmp_path / "b.tif", pixels.astype(kind)))
    edges = tiff(tmp_path / "edges.tif", np.array([[-0.0015, 1.0015]], kind))  # less than half a grey outside
    assert read(edges)[0, :, 0].tolist() == [0, 255]


def test_a_float_picture_of_netpbm(tmp_path: Path) -> None:
    rows = SHARES[::-1].astype("<f4").tobytes()  # from the bottom up
    (tmp_path / "a.pfm").write_bytes(b"Pf\n40 24\n-1.0\n" + rows)
    assert np.array_equal(read(tmp_path / "a.pfm")[..., 0], GREY)


def test_sixteen_bits_lose_their_lower_half(tmp_path: Path) -> None:
    deep = np.round(65_535 * SHARES).astype(np.uint16)
    expected = (deep >> 8).astype(np.uint8)
    Image.fromarray(deep).save(tmp_path / "a.png")
    (tmp_path / "a.pgm").write_bytes(b"P5\n40 24\n65535\n" + deep.astype(">u2").tobytes())
    tiff(tmp_path / "a.tif", deep)
    Image.fromarray(deep).save(tmp_path / "a.jp2", irreversible=False)
    for suffix in ("png", "pgm", "tif", "jp2"):
        path = tmp_path / f"a.{suffix}"
        assert np.array_equal(read(path), np.repeat(expected[..., None], 3, -1)), suffix
        assert bool(probe_media(path).reading) == (suffix == "pgm")  # it was read as white in version 1
    negative = tiff(tmp_path / "negative.tif", 65_535 - deep, photometric=0)
    assert np.array_equal(read(negative)[..., 0], expected) and probe_media(negative).reading == "white is zero"
    (tmp_path / "b.pgm").write_bytes(b"P5\n40 24\n1023\n" + np.round(1023 * SHARES).astype(">u2").tobytes())
    assert np.abs(read(tmp_path / "b.pgm")[..., 0].astype(int) - GREY).max() <= 1  # its own white counts


def test_sixteen_bits_of_which_few_are_used_are_refused(tmp_path: Path) -> None:
    twelve = tiff(tmp_path / "a.tif", np.round(4095 * SHARES).astype(np.uint16))
    assert refused(twelve).startswith("its brightest pixel is 4,095 of 65,535, so that it would be almost black")
    assert not read(tiff(tmp_path / "black.tif", np.zeros((4, 4), np.uint16))).any()  # black is black


@pytest.mark.parametrize("kind", [np.int32, np.uint32, np.int16])
def test_numbers_without_a_white_are_refused(kind: type, tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", np.round(30_000 * SHARES).astype(kind))
    assert refused(path).startswith(
        "its pixels are whole numbers of 32 bits or with a sign: the file doesn't define white"
    )


def test_transparent_parts_are_black(tmp_path: Path) -> None:
    colour = np.dstack([GREY, 255 - GREY, np.full_like(GREY, 90)])
    clear = np.where(np.arange(40) < 20, 0, 255).astype(np.uint8) + np.zeros_like(GREY)
    expected = colour * (clear[..., None] > 0)
    rgba = Image.merge("RGBA", [*Image.fromarray(colour).split(), Image.fromarray(clear)])
    grey = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(clear)])
    for suffix in ("png", "webp", "tif", "tga"):
        rgba.save(tmp_path / f"a.{suffix}", **({"lossless": True, "exact": True} if suffix == "webp" else {}))
        assert np.array_equal(read(tmp_path / f"a.{suffix}"), expected), suffix
    for suffix in ("png", "tif"):
        grey.save(tmp_path / f"g.{suffix}")
        assert np.array_equal(read(tmp_path / f"g.{suffix}")[..., 0], GREY * (clear > 0)), suffix
    palette = Image.fromarray(GREY // 64)
    palette.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200, 90, 90, 90])
    palette.save(tmp_path / "p.png", transparency=1)
    pixels, wanted = read(tmp_path / "p.png"), np.array([[200, 0, 0], [0, 0, 0], [0, 0, 200], [90, 90, 90]])
    assert np.array_equal(pixels, wanted[np.asarray(palette)])
    deep = np.array([[0, 1000, 65_535]], np.uint16)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 3, 1, 16, 0, 0, 0, 0)), (b"tRNS", struct.pack(">H", 65_535))]
    chunks += [(b"IDAT", zlib.compress(b"\0" + deep.astype(">u2").tobytes())), (b"IEND", b"")]
    (tmp_path / "deep.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    )
    assert read(tmp_path / "deep.png")[0, :, 0].tolist() == [0, 3, 0]


def test_other_kinds_of_colour(tmp_path: Path) -> None:
    colour = Image.fromarray(np.dstack([GREY, 255 - GREY, np.full_like(GREY, 90)]))
    black = Image.fromarray((GREY > 127).astype(np.uint8) * 255).convert("1")
    black.save(tmp_path / "1.png")
    black.save(tmp_path / "1.tif")
    black.save(tmp_path / "1.pbm")
    for name in ("1.png", "1.tif", "1.pbm"):
        assert np.array_equal(read(tmp_path / name)[..., 0], np.where(GREY > 127, 255, 0)), name
    for mode in ("CMYK", "YCbCr", "LAB"):
        there = colour.convert(mode) if mode != "LAB" else Image.new("LAB", (40, 24), (255, 128, 128))
        there.save(tmp_path / f"{mode}.tif", compression="raw")
        wanted = np.asarray(colour if mode != "LAB" else Image.new("RGB", (40, 24), "white")).astype(int)
        assert np.abs(read(tmp_path / f"{mode}.tif") - wanted).max() <= 4, mode
    assert np.array_equal(read(tiff(tmp_path / "0.tif", 255 - GREY, photometric=0))[..., 0], GREY)


@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_that_are_stored_turned(turn: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = np.dstack([GREY, 255 - GREY, np.full_like(GREY, 90)])
    undo = {1: 0, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1]}
    undo |= {5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a), 8: lambda a: np.rot90(a, -1)}
    undo[7] = lambda a: np.rot90(a.swapaxes(0, 1), 2)
    stored = upright if turn == 1 else undo[turn](upright)
    for suffix in ("png", "webp", "tif", "jpg"):
        how = {"exif": exif} | ({"lossless": True} if suffix == "webp" else {})
        Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{suffix}", **how)
        assert np.abs(read(tmp_path / f"a.{suffix}").astype(int) - upright).max() <= (30 if suffix == "jpg" else 0)


def test_animations_and_pages_are_refused_with_a_remedy(tmp_path: Path) -> None:
    pictures = [Image.fromarray(np.roll(GREY, n, 1)).convert("RGB") for n in range(3)]
    for suffix, words in (
        ("webp", "an animated WebP of 3 pictures, where one is expected: save it as a GIF or a video"),
        ("png", "an animated PNG of 3 pictures, where one is expected: the ending .apng reads it as a video"),
        ("avif", "an animated AVIF of 3 pictures, where one is expected: save it as a GIF or a video"),
        ("tif", "has 3 pages, where one picture is expected: save each page as a file"),
    ):
        pictures[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=pictures[1:])
        assert refused(tmp_path / f"a.{suffix}") == words
    small = pictures[0].resize((10, 6))
    small.encoderinfo = {"tiffinfo": {254: 1}}  # type: ignore[attr-defined]
    pictures[0].save(tmp_path / "preview.tif", save_all=True, append_images=[small])
    assert np.array_equal(read(tmp_path / "preview.tif"), np.asarray(pictures[0]))
    pictures[0].save(tmp_path / "camera.jpg", "MPO", save_all=True, append_images=[small])
    assert np.abs(read(tmp_path / "camera.jpg").astype(int) - np.asarray(pictures[0])).max() < 30
