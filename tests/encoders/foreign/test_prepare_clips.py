"""Frames, size and values of the pixels that an encoder reads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.encoders.foreign.encoder_record import InputFormat
from auxjepa.encoders.foreign.prepare_clips import frame_places, frames_note, prepare_clips, resize


@given(st.integers(1, 70), st.integers(1, 70))
def test_frames_are_spread_evenly_and_in_order(present: int, needed: int) -> None:
    places = frame_places(present, needed)
    assert len(places) == needed and places[0] >= 0 and places[-1] < present
    assert (np.diff(places) >= 0).all()
    counts = np.bincount(places, minlength=present)
    assert counts.max() - counts.min() <= 1
    if present == needed:
        assert places.tolist() == list(range(present))


def test_a_note_says_what_happens_to_frames() -> None:
    assert frames_note(8, 8) == frames_note(8, 0) == ""
    assert "repeated" in frames_note(8, 16)
    assert "evenly spread" in frames_note(64, 16)


def test_values_follow_scale_offset_mean_and_deviation() -> None:
    form = InputFormat(frames=2, size=4, mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1.0), scale=1 / 127.5, offset=-1.0)
    clips = np.full((1, 2, 4, 4, 3), 255, np.uint8)
    pixels = prepare_clips(clips, form, torch.device("cpu"))
    assert pixels.shape == (1, 2, 3, 4, 4)
    assert pixels[0, 0, :, 0, 0].tolist() == pytest.approx([0.9 / 0.5, 0.8 / 0.25, 0.7])


@pytest.mark.parametrize("side", [3, 8, 20])
def test_another_size_keeps_a_flat_picture_and_the_mean(side: int) -> None:
    flat = torch.full((2, 3, 10, 10), 7.0)
    torch.testing.assert_close(resize(flat, side), torch.full((2, 3, side, side), 7.0))
    halves = torch.cat([torch.zeros(1, 3, 10, 5), torch.ones(1, 3, 10, 5)], dim=3)
    assert float(resize(halves, side).mean()) == pytest.approx(0.5, abs=0.05)
