"""Lazy clips index like the first axis of an array and make only the requested clips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa.data.lazy_clips import LazyClips, RenderedClips

SHAPE = (5, 2, 3, 3, 3)


class Numbered(LazyClips):
    """Every clip is its number."""

    KIND, MADE = "numbered clips", "numbered"

    def __init__(self) -> None:
        super().__init__(SHAPE)
        self.made: list[int] = []

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        self.made += numbers.tolist()
        out[:] = numbers[:, None, None, None, None]


ALL = np.broadcast_to(np.arange(5, dtype=np.uint8)[:, None, None, None, None], SHAPE)


@pytest.mark.parametrize(
    "which",
    [3, -1, slice(1, 4), slice(None, None, -2), [4, 0, 4], np.array([True, False] * 2 + [True]), np.array([], int)],
)
def test_indexing_makes_the_requested_clips_as_numpy_selects_them(which: object) -> None:
    clips = Numbered()
    assert np.array_equal(clips[which], ALL[which])
    assert clips.made == np.ravel(np.arange(5)[which]).tolist()


def test_shape_and_size_equal_those_of_the_array() -> None:
    clips = Numbered()
    assert (len(clips), clips.ndim, clips.nbytes, clips.dtype) == (5, 5, ALL.nbytes, np.uint8)
    assert np.array_equal(np.asarray(clips), ALL)
    assert np.asarray(clips, dtype=np.float32).dtype == np.float32


def test_unsupported_indexing_is_refused() -> None:
    with pytest.raises(IndexError, match="numbered clips are indexed by clip only"):
        Numbered()[3, :1]
    with pytest.raises(IndexError):
        Numbered()[5]
    with pytest.raises(ValueError, match="without being numbered"):
        np.array(Numbered(), copy=False)


def draw(which: np.ndarray) -> np.ndarray:
    return np.broadcast_to(which[:, None, None, None, None], (len(which), 2, 4, 4, 3)).astype(np.uint8)


@pytest.mark.parametrize("which", [3, slice(2, 7), slice(None, None, -3), [5, 2, 5], np.arange(9) % 2 == 0], ids=str)
def test_rendered_clips_equal_those_of_the_array(which: Any) -> None:
    clips = RenderedClips((9, 2, 4, 4, 3), draw)
    np.testing.assert_array_equal(clips[which], draw(np.arange(9))[which])
    assert clips[which].dtype == np.uint8


def test_only_the_requested_clips_are_drawn() -> None:
    drawn: list[int] = []

    def record(which: np.ndarray) -> np.ndarray:
        drawn.extend(which.tolist())
        return np.zeros((len(which), 8, 512, 256, 3), np.uint8)

    clips = RenderedClips((10**6, 8, 512, 256, 3), record)
    assert clips[7:9].shape == (2, 8, 512, 256, 3) and drawn == [7, 8]
    assert len(clips) == 10**6 and clips.ndim == 5 and clips.nbytes == 10**6 * 8 * 512 * 256 * 3


def test_rendered_clips_convert_to_an_array() -> None:
    clips = RenderedClips((3, 2, 4, 4, 3), draw)
    assert np.asarray(clips).shape == (3, 2, 4, 4, 3) and np.asarray(clips, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="without being drawn"):
        np.array(clips, copy=False)
    with pytest.raises(IndexError, match="by clip only"):
        clips[0, 1]
    with pytest.raises(IndexError):
        clips[3]
