"""Whether a file's frames are those of a full decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.media.video import Video, probe


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
