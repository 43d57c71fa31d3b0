"""Reads still pictures as videos of one frame, so that all readers of clips can read images."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from auxjepa.data.errors import EmptyVideoError, FrameRangeError, MissingVideoError, UndecodableVideoError, VideoError
from auxjepa.data.media.eight_bits import PixelsError, check_single_picture, conversion_note, to_rgb
from auxjepa.data.media.video import VideoInfo

SUFFIXES = frozenset(
    "avif bmp dib j2k jfif jp2 jpe jpeg jpg pbm pcx pfm pgm png pnm ppm qoi tga tif tiff webp".split()  # noqa: SIM905
)
_FORMATS = ("AVIF", "BMP", "DIB", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "QOI", "TGA", "TIFF", "WEBP")


class Still:
    """An open picture with the interface of :class:`auxjepa.data.media.video.Video`. Use it as a context manager.

    Raises:
        VideoError: one of its subclasses, when the file is missing, empty, no picture or several pictures, or so large
            that Pillow considers it a decompression bomb (179 million pixels).
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            if not self.path.is_file():
                exists = self.path.exists()
                raise MissingVideoError(self.path, "is not a regular file" if exists else "no such file")
            if not self.path.stat().st_size:
                raise EmptyVideoError(self.path, "the file is empty (0 bytes)")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # warnings about metadata and about large pictures don't matter
                self._picture = Image.open(self.path, formats=_FORMATS)
                check_single_picture(self._picture)
        except VideoError:
            raise
        except PixelsError as error:
            self._picture.close()
            raise UndecodableVideoError(self.path, str(error)) from error
        except UnidentifiedImageError:
            raise UndecodableVideoError(self.path, "not a picture that can be read") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise UndecodableVideoError(self.path, f"the picture cannot be opened ({_why(error)})") from error
        self.codec = (self._picture.format or "").lower()

    def __enter__(self) -> Still:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._picture.close()

    @property
    def times(self) -> np.ndarray:
        """Time of the frame, 0, as float64 ``[1]``."""
        return np.zeros(1)

    @property
    def info(self) -> VideoInfo:
        """Properties of the file. Rate and duration are 0."""
        width, height = self._picture.size
        try:
            turned = self._picture.getexif().get(0x0112, 1) >= 5  # EXIF orientations 5 to 8 swap the sides
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UndecodableVideoError(self.path, f"the picture is damaged ({_why(error)})") from error
        return VideoInfo(
            path=self.path,
            frames=1,
            fps=0.0,
            duration=0.0,
            height=width if turned else height,
            width=height if turned else width,
            codec=self.codec,
            rotation=0,
            variable_rate=False,
            reading=conversion_note(self._picture),
        )

    def read(self, indices: Sequence[int | np.integer] | np.ndarray, *, size: int | None = None) -> np.ndarray:
        """Return the picture once for each index, uint8 ``[F X Y 3]``, upright, RGB, transparent parts black.

        Pixels of more than 8 bits are converted as :mod:`auxjepa.data.media.eight_bits` describes.

        Args:
            indices: ``[F]``, all 0.
            size: short side of the result, followed by a centred square crop.

        Raises:
            FrameRangeError: for an index other than 0.
            UndecodableVideoError: when the picture is damaged, or can't be converted to 8 bits without a guess.
            ValueError: when ``indices`` is empty or not a list.
        """
        numbers = np.asarray(indices, dtype=np.int64)
        if numbers.ndim != 1 or not len(numbers):
            raise ValueError(f"indices must be a non-empty list of frame numbers, got shape {numbers.shape}")
        if numbers.any():
            raise FrameRangeError(
                self.path, f"there is no frame {numbers[numbers != 0][0]}, a picture has frame 0 only"
            )
        pixels = self._decode(size)
        return np.repeat(pixels[None], len(numbers), axis=0)

    def decode_all(self) -> int:
        """Decode the picture, discard it, and return 1.

        Raises:
            UndecodableVideoError: when it is damaged or cut short.
        """
        self._decode(None)
        return 1

    def _decode(self, size: int | None) -> np.ndarray:
        try:
            if size is not None:  # the JPEG decoder may shrink by 2, 4 or 8, but never below twice the size
                self._picture.draft("RGB", (2 * size, 2 * size))
            picture = ImageOps.exif_transpose(self._picture)
            picture = to_rgb(picture, self._picture)
            if size is not None:
                short = min(picture.size)
                columns, rows = (max(size, round(side * size / short)) for side in picture.size)
                picture = picture.resize((columns, rows), Image.Resampling.BILINEAR)
                left, top = (columns - size) // 2, (rows - size) // 2
                picture = picture.crop((left, top, left + size, top + size))
            return np.asarray(picture, dtype=np.uint8)
        except PixelsError as error:
            raise UndecodableVideoError(self.path, str(error)) from error
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise UndecodableVideoError(self.path, f"the picture is damaged ({_why(error)})") from error


def _why(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
