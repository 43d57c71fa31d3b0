"""Clips made when they are asked for index like the first axis of an array."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.data.lazy_clips import LazyClips

SHAPE = (5, 2, 3, 3, 3)


class Numbered(LazyClips):
    """Every clip is its number."""

    KIND, MADE = "numbered clips", "numbered"

    def __init__(self) -> None:
        super().__init__(SHAPE)
        self.asked: list[int] = []

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        self.asked += numbers.tolist()
        out[:] = numbers[:, None, None, None, None]


WHOLE = np.broadcast_to(np.arange(5, dtype=np.uint8)[:, None, None, None, None], SHAPE)


@pytest.mark.parametrize(
    "which",
    [3, -1, slice(1, 4), slice(None, None, -2), [4, 0, 4], np.array([True, False] * 2 + [True]), np.array([], int)],
)
def test_only_what_is_asked_for_is_made_and_as_numpy_means_it(which: object) -> None:
    clips = Numbered()
    assert np.array_equal(clips[which], WHOLE[which])
    assert clips.asked == np.ravel(np.arange(5)[which]).tolist()


def test_it_is_as_large_as_its_array() -> None:
    clips = Numbered()
    assert (len(clips), clips.ndim, clips.nbytes, clips.dtype) == (5, 5, WHOLE.nbytes, np.uint8)
    assert np.array_equal(np.asarray(clips), WHOLE)
    assert np.asarray(clips, dtype=np.float32).dtype == np.float32


def test_what_it_is_not_made_for_is_told() -> None:
    with pytest.raises(IndexError, match="numbered clips are indexed by clip only"):
        Numbered()[3, :1]
    with pytest.raises(IndexError):
        Numbered()[5]
    with pytest.raises(ValueError, match="without being numbered"):
        np.array(Numbered(), copy=False)
