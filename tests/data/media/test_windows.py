"""Clips that are spread evenly over a video."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from auxjepa.data.media.windows import windows
from auxjepa.data_config import DataConfig


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("change", [{"stride": 2}, {"fps": 5.0}], ids=str)
def test_clips_are_cut_as_in_training_and_spread_evenly(count: int, change: dict[str, float]) -> None:
    times = np.arange(100) / 10  # 10 frames a second, so every second frame either way
    clips = windows(times, 10.0, DataConfig.model_validate({"frames": 4, **change}), count)
    assert len(clips) == count and all((np.diff(clip) == 2).all() for clip in clips)
    assert (clips[0][0] == 0 and clips[-1][-1] >= 97) if count > 1 else 45 <= clips[0][0] <= 48


def test_short_videos_repeat_their_last_frame() -> None:
    (clip,) = windows(np.arange(2) / 10, 0.2, DataConfig(frames=4), 1)
    assert clip.tolist() == [0, 1, 1, 1]


def test_a_process_that_cuts_clips_needs_no_torch() -> None:
    code = "import sys, auxjepa.data.media.windows, auxjepa.data.media.read_clips; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
