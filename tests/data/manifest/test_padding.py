"""Clips that repeat frames are counted before anything is decoded, exactly as the cuts will repeat them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.config import ConfigError
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.padding import count_repeats, padding_of, refuse_padding
from auxjepa.data.manifest.scan import Scanned


def manifest(*frames: int, fps: float = 25.0, suffix: str = "mp4") -> Manifest:
    files = [Scanned(f"{n}.{suffix}", 1, 1, "", None, frames=count, fps=fps) for n, count in enumerate(frames)]
    return Manifest(Path(), tuple(Entry(one, 0, one.frames) for one in files), {}, {}, ())


@given(
    total=st.integers(1, 60),
    frames=st.integers(1, 16),
    stride=st.integers(1, 6),
    fps=st.sampled_from([None, 3.0, 10.0, 25.0, 60.0]),
    where=st.sampled_from(["random", "uniform"]),
    offset=st.floats(0, 1, exclude_max=True),
)
def test_the_count_equals_that_of_the_cut_frames(
    total: int, frames: int, stride: int, fps: float | None, where: Any, offset: float
) -> None:
    one = manifest(total)
    cut = Cut(frames, 32, stride, fps, where)
    sample = cut.sample(one.entries[0], np.arange(total) / 25, total / 25, offset)
    counted = padding_of(one, cut)
    distinct = len(np.unique(sample.indices))
    # Between two frames a clip may show one more or one fewer, depending on where it begins.
    slack = 1 if where == "random" and fps is not None else 0
    assert abs(counted.repeats - (frames - distinct)) <= slack
    if not slack:
        assert counted.padded == (distinct < frames)


def test_counts_by_hand() -> None:
    result = count_repeats(np.array([8, 8, 6, 4, 3, 1]), 8)
    assert (result.clips, result.padded, result.mostly_padded, result.repeats) == (6, 4, 2, 0 + 0 + 2 + 4 + 5 + 7)
    assert result.share == pytest.approx(18 / 48) and not result.is_refused
    assert count_repeats(np.array([1, 2]), 2).mostly_padded == 1, "one frame shown twice is no video"
    assert count_repeats(np.array([1, 1]), 1).padded == 0, "a clip of one frame repeats none"


def test_each_clip_of_an_example_counts() -> None:
    result = padding_of(manifest(20, 5), Cut(8, 32, 2), np.array([3, 2]))
    assert (result.clips, result.padded, result.mostly_padded, result.repeats) == (5, 2, 2, 2 * 5)


def test_the_summary_has_the_share_and_advice() -> None:
    result = padding_of(manifest(5, 5, 40), Cut(8, 32, 2))
    assert result.summary().startswith("2 of 3 clips are padded with repeated frames, 2 of them with more than half")
    assert (
        "41.7 % of all frames" in result.summary()
        and "takes 15 frames, half of the videos have 5 or fewer" in result.summary()
    )
    with pytest.raises(ConfigError, match=r"folder:x: 2 of 3 .* a smaller data\.stride or fewer data\.frames .*--flag"):
        refuse_padding(result, "folder:x", "--flag")
    assert padding_of(manifest(40, 41), Cut(8, 32, 2)).summary() == ""


@pytest.mark.parametrize(("fps", "word"), [(100.0, "a lower data.fps"), (2.0, "a higher data.fps")])
def test_advice_for_rates(fps: float, word: str) -> None:
    assert word in padding_of(manifest(10, 10), Cut(8, 32, fps=fps)).advice


def test_half_of_the_clips_may_be_padded() -> None:
    refuse_padding(padding_of(manifest(2, 2, 20, 20), Cut(8, 32)), "x", "--flag")
    with pytest.raises(ConfigError):
        refuse_padding(padding_of(manifest(2, 2, 2, 20, 20), Cut(8, 32)), "x", "--flag")


def test_pictures_are_counted_separately() -> None:
    result = padding_of(manifest(1, 1, suffix="jpg"), Cut(8, 32))
    assert (result.clips, result.stills, result.padded) == (0, 2, 0) and not result.is_refused
    assert result.summary() == "2 clips are still pictures, each shown for all 8 frames"
    assert padding_of(manifest(1, suffix="png"), Cut(1, 32)).summary() == ""
