"""Converts pictures with any kind of pixels to red, green and blue of 8 bits each, or explains why they can't be
converted correctly.

Whole numbers of 16 bits have a white of 65,535, and lose their lower 8 bits. Floating-point numbers are shares of
white, 0 to 1. No picture is stretched to the range of its values, so two pictures of the same brightness stay equal.
Numbers for which no format defines a brightness (32 bits, negative, above white) are refused. Pictures of 16 bits that
use so small a range that they would become black are refused too.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFile

_WHITE_IS_ZERO = 0
_PHOTOMETRIC, _SUBFILE = 262, 254  # tags of TIFF
_DARK = 4096  # of 65,536: a darker picture would have fewer than 16 of 256 greys
_ANIMATED = {"WEBP": "an animated WebP", "PNG": "an animated PNG", "AVIF": "an animated AVIF"}


class PixelsError(ValueError):
    """The pixels can't be converted to 8 bits without a guess, or the file holds several pictures. The message says
    why.
    """


def check_single_picture(picture: ImageFile.ImageFile) -> None:
    """Check that a file holds one picture.

    Previews in a camera's JPEG and reduced copies in a TIFF don't count.

    Raises:
        PixelsError: for an animation or several pages.
    """
    count = getattr(picture, "n_frames", 1)
    if count < 2:
        return
    if picture.format in _ANIMATED:
        name = "the ending .apng reads it as a video" if picture.format == "PNG" else "save it as a GIF or a video"
        raise PixelsError(f"{_ANIMATED[picture.format]} of {count} pictures, where one is expected: {name}")
    if picture.format == "TIFF":
        pages = 0
        for number in range(count):
            picture.seek(number)
            pages += not _tag(picture, _SUBFILE) & 1
        picture.seek(0)
        if pages > 1:
            raise PixelsError(f"has {pages} pages, where one picture is expected: save each page as a file")


def conversion_note(picture: ImageFile.ImageFile) -> str:
    """Return how a picture's pixels are converted to 8 bits, if version 1 converted them differently; else ""."""
    if picture.mode == "F":
        return "floats as shares of white"
    if picture.mode == "I":
        return "16 of 32 bits"
    return "white is zero" if picture.mode.startswith("I;16") and _inverted(picture) else ""


def to_rgb(picture: Image.Image, source: ImageFile.ImageFile) -> Image.Image:
    """Return a picture as RGB of 8 bits a colour. Transparent pixels become black.

    Args:
        picture: as decoded.
        source: the file of the picture.

    Raises:
        PixelsError: when its numbers have no white, or are outside the range from black to white.
    """
    if picture.mode == "F":
        return _grey(_floats(np.asarray(picture), _inverted(source))).convert("RGB")
    if picture.mode == "I":
        if source.format != "PPM":  # there Pillow scales to 65,535
            raise PixelsError(f"its pixels are whole numbers of 32 bits or with a sign: {_ADVICE}")
        return _grey(_sixteen(np.asarray(picture), inverted=False)).convert("RGB")
    if picture.mode.startswith("I;16"):
        pixels = np.asarray(picture)
        grey = _sixteen(pixels, inverted=_inverted(source))
        clear = picture.info.get("transparency")
        if isinstance(clear, int):
            grey = np.where(pixels == clear, 0, grey).astype(np.uint8)
        return _grey(grey).convert("RGB")
    if picture.mode == "La":
        picture = picture.convert("LA")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in picture.info:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture.convert("RGBA"))
    return picture.convert("RGB")


_ADVICE = "the file doesn't define white; save it in 8 or 16 bits"


def _grey(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels)


def _floats(pixels: np.ndarray, inverted: bool) -> np.ndarray:
    low, high = float(pixels.min()), float(pixels.max())
    half = 0.5 / 255
    if not -half <= low <= high <= 1 + half:  # also refuses NaN
        raise PixelsError(f"its pixels are floats from {low:g} to {high:g}, and only 0 (black) to 1 (white) are read")
    grey = np.round(255 * pixels.astype(np.float64)).astype(np.uint8)
    return 255 - grey if inverted else grey


def _sixteen(pixels: np.ndarray, *, inverted: bool) -> np.ndarray:
    values = pixels.astype(np.int64)
    values = 65_535 - values if inverted else values
    if 0 < int(values.max()) < _DARK:
        raise PixelsError(
            f"its brightest pixel is {values.max():,} of 65,535, so that it would be almost black in 8 bits: "
            "save it in 8 bits, or stretch its range to 16 bits"
        )
    return (values >> 8).astype(np.uint8)


def _inverted(picture: ImageFile.ImageFile) -> bool:
    """Check whether a TIFF declares that white is 0. Pillow inverts such pictures of 1 and 8 bits only."""
    return picture.format == "TIFF" and _tag(picture, _PHOTOMETRIC, 1) == _WHITE_IS_ZERO


def _tag(picture: ImageFile.ImageFile, number: int, default: int = 0) -> int:
    value = getattr(picture, "tag_v2", {}).get(number, default)
    return value if isinstance(value, int) else default
