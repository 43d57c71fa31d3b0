from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.data.sets.segments import frames_between


@given(st.floats(0, 3), st.floats(0.05, 3), st.integers(1, 60))
def test_a_segment_holds_the_frames_shown_between_its_times(start: float, length: float, frames: int) -> None:
    times = np.arange(frames) / 20
    first, stop = frames_between(times, start, start + length)
    if start > times[-1] + 1 / 20 + 1e-5:
        assert (first, stop) == (0, 0)
    elif first < stop:
        assert times[first] <= start + 1e-5 and (stop == frames or times[stop] >= start + length - 1e-5)
        assert first + 1 >= frames or times[first + 1] > start
