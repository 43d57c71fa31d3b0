"""Direction and magnitude of the optical flow of squares that move in a known way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.diagnostics import flow
from auxjepa.benchmarks.diagnostics.flow import DIRECTIONS, largest_change, optical_flow, stored_change, stored_flow
from auxjepa.config import ConfigError
from auxjepa.data.cache.clip_cache import ClipCache
from moving_square import moving_square

STEPS = {
    "right": (0, 1),
    "right-down": (1, 1),
    "down": (1, 0),
    "left-down": (1, -1),
    "left": (0, -1),
    "left-up": (-1, -1),
    "up": (-1, 0),
    "right-up": (-1, 1),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_the_direction_is_that_of_the_moving_square(name: str) -> None:
    clips = np.stack([moving_square(4, 64, STEPS[name], seed) for seed in range(3)])
    assert [DIRECTIONS[number] for number in optical_flow(clips).direction] == [name] * 3


def test_the_magnitude_is_the_mean_speed_in_sides_of_the_frame() -> None:
    slow, fast = (optical_flow(moving_square(4, 64, (0, step), 3)[None]).magnitude[0] for step in (1, 2))
    assert 1.6 < fast / slow < 2.4
    # A quarter of the pixels move by one 64th of the side. The window of the algorithm extends their flow.
    assert 1 < slow / (1 / 4 / 64) < 3
    double = moving_square(4, 64, (0, 2), 3).repeat(4, axis=1).repeat(4, axis=2)
    assert optical_flow(double[None]).magnitude[0] == pytest.approx(fast, rel=0.35), "larger pictures are reduced"


def test_a_reversed_clip_flows_the_other_way() -> None:
    clip = moving_square(4, 64, (0, 1), 1)
    forward, backward = optical_flow(np.stack([clip, clip[::-1]])).direction
    assert (DIRECTIONS[forward], DIRECTIONS[backward]) == ("right", "left")


def test_still_clips_and_noise_of_a_codec_have_no_motion_and_no_change() -> None:
    still = np.repeat(moving_square(1, 32, (0, 0)), 4, axis=0)
    noise = (still + np.random.default_rng(0).integers(0, 3, still.shape)).astype(np.uint8)
    moving = moving_square(4, 32, (0, 1))
    found = optical_flow(np.stack([still, moving]))
    assert found.is_moving.tolist() == [False, True] and found.magnitude[0] == 0
    change = largest_change(np.stack([still, noise, moving]))
    assert (change <= flow.CHANGE).tolist() == [True, True, False]


def test_measurements_are_stored_and_computed_again_when_damaged(tmp_path: Path, monkeypatch) -> None:
    clips = np.stack([moving_square(3, 32, (0, 1), seed) for seed in range(2)])
    cache = ClipCache(tmp_path, "k", clips, ("a", "b"), {}, {}, np.zeros((2, 3)), np.zeros(2))
    first = stored_flow(cache, tmp_path)
    monkeypatch.setattr(flow, "optical_flow", None)
    assert np.array_equal(stored_flow(cache, tmp_path).magnitude, first.magnitude)
    change = stored_change(cache, tmp_path)
    (tmp_path / "diagnostics" / "k-change-v1.npz").write_bytes(b"damage")
    assert np.array_equal(stored_change(cache, tmp_path), change) and change.min() > 8


def test_without_opencv_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(flow.importlib, "import_module", refuse)
    with pytest.raises(ConfigError, match=r"pip install 'auxjepa\[flow\]'"):
        optical_flow(np.zeros((1, 2, 8, 8, 3), np.uint8))
