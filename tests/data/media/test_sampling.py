from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.data.media.sampling import by_seconds, by_stride, random_offsets, start_frame, start_second, uniform


def test_by_stride_repeats_the_last_frame() -> None:
    assert by_stride(20, 4, 3, 2).indices.tolist() == [2, 5, 8, 11]
    short = by_stride(6, 5, 2)
    assert short.indices.tolist() == [0, 2, 4, 4, 4] and short.repeated == 2
    assert by_stride(1, 3).indices.tolist() == [0, 0, 0]


@given(total=st.integers(1, 60), frames=st.integers(1, 20), stride=st.integers(1, 6), offset=st.floats(0, 0.999))
def test_a_random_start_uses_all_frames_that_fit(total: int, frames: int, stride: int, offset: float) -> None:
    start = start_frame(total, frames, stride, offset)
    drawn = by_stride(total, frames, stride, start)
    span = (frames - 1) * stride + 1
    assert drawn.repeated == (0 if total >= span else frames - len(range(0, total, stride)))
    assert drawn.indices.max() < total and (np.diff(drawn.indices) >= 0).all()


def test_every_start_that_fits_is_equally_likely() -> None:
    starts = [start_frame(10, 4, 2, offset) for offset in np.linspace(0, 1, 4000, endpoint=False)]
    assert np.bincount(starts).tolist() == [1000] * 4


@pytest.mark.parametrize("rate", [24.0, 25.0, 30000 / 1001, 60.0])
def test_by_seconds_follows_the_clock_at_every_frame_rate(rate: float) -> None:
    times = np.arange(300) / rate
    drawn = by_seconds(times, 300 / rate, 8, fps=4.0, start=1.0)
    shown = times[drawn.indices]
    assert drawn.repeated == 0
    assert (shown <= 1 + np.arange(8) / 4 + 1e-5).all() and (shown > 1 + np.arange(8) / 4 - 1 / rate).all()


def test_by_seconds_at_a_variable_rate_and_at_the_end() -> None:
    times = np.array([0.0, 0.1, 0.5, 0.6, 1.0])
    assert by_seconds(times, 1.1, 6, fps=5.0).indices.tolist() == [0, 1, 1, 3, 3, 4]
    drawn = by_seconds(times, 1.1, 8, fps=5.0, start=0.4)
    assert drawn.indices.tolist() == [1, 3, 3, 4, 4, 4, 4, 4] and drawn.repeated == 4
    assert by_seconds(times, 1.1, 3, fps=20.0).indices.tolist() == [0, 0, 1]
    exact = np.arange(31) / 30  # 3 * (1 / 30) in floats is not times[3]
    assert by_seconds(exact, 31 / 30, 31, fps=30.0).indices.tolist() == list(range(31))


def test_uniform_includes_both_ends() -> None:
    assert uniform(100, 4).indices.tolist() == [0, 33, 66, 99]
    assert uniform(9, 1).indices.tolist() == [4]
    assert uniform(3, 5).indices.tolist() == [0, 1, 2, 2, 2] and uniform(3, 5).repeated == 2
    assert uniform(5, 5).indices.tolist() == [0, 1, 2, 3, 4]


def test_offsets_follow_from_the_seed_and_spread() -> None:
    offsets = random_offsets(10, (1, 2, 3))
    assert np.array_equal(offsets, random_offsets(10, (1, 2, 3)))
    assert not np.array_equal(offsets, random_offsets(10, (1, 2, 4)))
    assert (np.floor(offsets * 10) == np.arange(10)).all()
    assert start_second(10.0, 8, 4.0, 0.5) == 4.0 and start_second(1.0, 8, 4.0, 0.5) == 0.0


def test_impossible_requests_are_refused() -> None:
    for call in (
        lambda: by_stride(0, 4),
        lambda: by_stride(4, 0),
        lambda: by_stride(4, 2, start=4),
        lambda: uniform(0, 2),
        lambda: by_seconds(np.zeros(0), 1.0, 2, 5.0),
        lambda: by_seconds(np.zeros(1), 1.0, 2, 5.0, start=1.0),
    ):
        with pytest.raises(ValueError, match="must"):
            call()
