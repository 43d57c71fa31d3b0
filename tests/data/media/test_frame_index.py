from __future__ import annotations

import pickle

import numpy as np
import pytest

from auxjepa.data.media.frame_index import FrameIndex


def _index(stamps: np.ndarray, keys: list[int], seekable: bool = True) -> FrameIndex:
    keyframes = np.array(keys, dtype=np.int64)
    return FrameIndex(stamps, 1 / 90000, 0.04, seekable, keyframes, stamps[keyframes] - 3600, 270, 9, 16, "h264", 7)


@pytest.mark.parametrize("seekable", [True, False])
def test_pickling_keeps_all_values(seekable: bool) -> None:
    rng = np.random.default_rng(0)
    irregular = np.cumsum(rng.integers(1, 2**40, 500)) - 2**43
    for stamps, keys in ((irregular, [0, 3, 400]), (irregular[:1], [0]), (irregular[:2], [])):
        index = _index(stamps, keys, seekable)
        copy = pickle.loads(pickle.dumps(index))
        for name, value in index.__dict__.items():
            assert np.array_equal(getattr(copy, name), value) and type(getattr(copy, name)) is type(value), name


def test_an_index_is_small() -> None:
    regular = _index(np.arange(30_000) * 3600, list(range(0, 30_000, 12)))
    assert len(regular.to_bytes()) < 600
    rounded = _index(np.round(np.arange(300) / 29.97 * 1000).astype(np.int64), list(range(0, 300, 50)))
    assert len(rounded.to_bytes()) < 300


def test_frames_are_found_by_their_stamps() -> None:
    index = _index(np.array([-5, 0, 3, 9]), [0])
    assert [index.number_of(stamp) for stamp in (-5, 0, 3, 9, -6, 1, 10, None)] == [0, 1, 2, 3, -1, -1, -1, -1]
    assert index.times.tolist() == [0, 5 / 90000, 8 / 90000, 14 / 90000] and index.duration == 14 / 90000 + 0.04
    assert len(index) == 4


def test_damage_and_other_versions_are_refused() -> None:
    data = _index(np.arange(50), [0, 10]).to_bytes()
    for bad in (b"", data[:20], data[:-3], data[:-40] + b"x" * 40, bytes([data[0] + 1]) + data[1:]):
        with pytest.raises(ValueError, match="a list of frames is damaged"):
            FrameIndex.from_bytes(bad)
