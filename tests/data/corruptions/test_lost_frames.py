"""Frames are lost in exact numbers, nested, the same in every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.data.corruptions.lost_frames import KINDS, FrameDropout, choose_lost_frames, drop

SHARES = st.floats(0, 0.9)


@pytest.fixture
def numbered() -> np.ndarray:
    """Six clips of eight frames; every frame shows its number, counted from 1."""
    return np.broadcast_to(np.arange(1, 9, dtype=np.uint8)[None, :, None, None, None], (6, 8, 2, 2, 3))


@given(st.integers(1, 40), SHARES, st.integers(0, 5))
def test_counts_are_exact_and_a_frame_is_left(frames, share, seed):
    lost = choose_lost_frames(7, frames, share, seed).sum(axis=1)
    assert (lost == min(np.floor(share * frames + 0.5), frames - 1)).all()


@given(st.integers(1, 24), SHARES, SHARES)
def test_what_is_lost_stays_lost_at_larger_shares(frames, one, other):
    few, many = (choose_lost_frames(5, frames, share) for share in sorted((one, other)))
    assert not (few & ~many).any()


def test_clips_differ_and_follow_from_seed_and_place():
    lost = choose_lost_frames(200, 8, 0.5)
    assert len(np.unique(lost, axis=0)) > 50
    assert (choose_lost_frames(20, 8, 0.5) == lost[:20]).all()
    assert (choose_lost_frames(200, 8, 0.5, seed=1) != lost).any()
    assert np.allclose(lost.mean(axis=0), 0.5, atol=0.15), "every frame is lost as often"


@pytest.mark.parametrize("kind", KINDS)
def test_no_dropout_changes_nothing(kind, numbered):
    assert (drop(numbered, 0.0, kind) == numbered).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_clips_given_stay_as_they_are(kind, numbered):
    clips = numbered.copy()
    out = drop(clips, 0.5, kind)
    assert out.dtype == np.uint8 and out.shape == clips.shape and (clips == numbered).all()


def shown(clips: np.ndarray) -> list[list[int]]:
    return clips[:, :, 0, 0, 0].tolist()


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_each_kind_shows_what_it_says(share, numbered):
    lost = choose_lost_frames(6, 8, share)
    for clip, gone in enumerate(lost.tolist()):
        left = [frame + 1 for frame in range(8) if not gone[frame]]
        frozen = [max((one for one in left if one <= frame + 1), default=left[0]) for frame in range(8)]
        assert shown(drop(numbered, share, "zero"))[clip] == [0 if gone[f] else f + 1 for f in range(8)]
        assert shown(drop(numbered, share, "freeze"))[clip] == frozen
        removed = shown(drop(numbered, share, "remove"))[clip]
        assert removed == sorted(removed) and set(removed) == set(left)
        times = [removed.count(one) for one in left]
        assert max(times) - min(times) <= 1


def test_images_keep_their_only_frame():
    image = np.full((3, 1, 2, 2, 3), 7, np.uint8)
    assert all((drop(image, 0.9, kind) == image).all() for kind in KINDS)


def test_no_clips_are_no_trouble():
    none = np.zeros((0, 8, 2, 2, 3), np.uint8)
    assert all(drop(none, 0.5, kind).shape == none.shape for kind in KINDS)


def test_what_cannot_be_dropped_is_said(numbered):
    with pytest.raises(ValueError, match=r"0 … 0\.9, got 0\.95"):
        drop(numbered, 0.95, "zero")
    with pytest.raises(ValueError, match="zero, freeze, remove; got 'blur'"):
        drop(numbered, 0.5, "blur")
    with pytest.raises(ValueError, match="at least one frame"):
        choose_lost_frames(3, 0, 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_clips_can_lose_frames_as_they_are_asked_for(numbered, kind):
    complete, later = drop(numbered, 0.5, kind, 3), FrameDropout(numbered, 0.5, kind, 3)
    assert len(later) == 6 and (later[2:5] == complete[2:5]).all() and (later[:] == complete).all()
