"""Drawn clips behave as an array of clips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa.data.rendered import Rendered


def draw(which: np.ndarray) -> np.ndarray:
    return np.broadcast_to(which[:, None, None, None, None], (len(which), 2, 4, 4, 3)).astype(np.uint8)


@pytest.mark.parametrize("which", [3, slice(2, 7), slice(None, None, -3), [5, 2, 5], np.arange(9) % 2 == 0], ids=str)
def test_clips_are_those_of_the_array(which: Any) -> None:
    clips = Rendered((9, 2, 4, 4, 3), draw)
    np.testing.assert_array_equal(clips[which], draw(np.arange(9))[which])
    assert clips[which].dtype == np.uint8


def test_only_what_is_asked_for_is_drawn_in_parts() -> None:
    asked: list[int] = []

    def noted(which: np.ndarray) -> np.ndarray:
        asked.extend(which.tolist())
        return np.zeros((len(which), 8, 512, 256, 3), np.uint8)

    clips = Rendered((10**6, 8, 512, 256, 3), noted)
    assert clips[7:9].shape == (2, 8, 512, 256, 3) and asked == [7, 8]
    assert len(clips) == 10**6 and clips.ndim == 5 and clips.nbytes == 10**6 * 8 * 512 * 256 * 3


def test_it_becomes_an_array_but_is_none() -> None:
    clips = Rendered((3, 2, 4, 4, 3), draw)
    assert np.asarray(clips).shape == (3, 2, 4, 4, 3) and np.asarray(clips, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="without being drawn"):
        np.array(clips, copy=False)
    with pytest.raises(IndexError, match="by clip only"):
        clips[0, 1]
    with pytest.raises(IndexError):
        clips[3]
