"""Check the contract of every corruption and the effect of each."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.config import ConfigError
from auxjepa.data.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from auxjepa.data.corruptions.frames import hold_frames
from auxjepa.data.world import render, sample

KINDS = sorted(CORRUPTIONS)
CLIPS = render(sample("validation", 12, seed=3, role="motion"))
STILLS = [kind for kind in KINDS if CORRUPTIONS[kind].stills]


def error(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a.astype(float) - b) ** 2).mean())


def changed(a: np.ndarray, b: np.ndarray) -> float:
    return float((a != b).any(axis=(2, 3, 4)).mean())


def test_there_are_ten_kinds() -> None:
    named = "blur brightness compression drop freeze noise occlusion rate reverse shuffle"
    assert named.split() == KINDS
    assert {k for k in KINDS if CORRUPTIONS[k].reorders} == {"shuffle", "reverse"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_contract_of_a_corruption(kind: str) -> None:
    before = CLIPS.copy()
    results = {severity: corrupt(CLIPS, kind, severity) for severity in (0, *SEVERITIES)}
    assert np.array_equal(CLIPS, before), "the clips themselves were changed"
    assert np.array_equal(results[0], CLIPS)
    for severity, result in results.items():
        assert result.shape == CLIPS.shape and result.dtype == np.uint8
        assert np.array_equal(result, corrupt(CLIPS, kind, severity)), "the same seed gave other pixels"
    measure = error if CORRUPTIONS[kind].grows == "error" else changed
    strength = [measure(result, CLIPS) for result in results.values()]
    assert strength == sorted(strength) and strength[1] > 0 and strength[5] > strength[3] > strength[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_clip_does_not_depend_on_its_batch(kind: str) -> None:
    order = np.random.default_rng(0).permutation(len(CLIPS))
    complete = corrupt(CLIPS, kind, 3)
    assert np.array_equal(corrupt(CLIPS[order], kind, 3), complete[order])
    assert np.array_equal(corrupt(CLIPS[5:6], kind, 3), complete[5:6])


def test_compression_does_not_depend_on_earlier_memory() -> None:
    """Check the encoder without look-ahead; with it, one clip of 32 x 32 in ten differed."""
    first = corrupt(CLIPS, "compression", 3)
    for number in range(1, 8):
        rubbish = [np.full((50 + 7 * number, 32, 32, 3), 31 * number + k, np.uint8) for k in range(5)]
        del rubbish
        assert np.array_equal(corrupt(CLIPS, "compression", 3), first)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("blur", "compression", "reverse", "rate")])
def test_another_seed_is_another_draw(kind: str) -> None:
    assert not np.array_equal(corrupt(CLIPS, kind, 3), corrupt(CLIPS, kind, 3, seed=1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 16, 16), (2, 17, 21), (5, 8, 30), (16, 16, 16)])
def test_any_length_and_size(kind: str, shape: tuple[int, int, int]) -> None:
    clips = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    for severity in SEVERITIES:
        assert corrupt(clips, kind, severity).shape == clips.shape
    if shape[0] == 1 and kind in STILLS:
        assert not np.array_equal(corrupt(clips, kind, 5), clips)


def test_no_clips_at_all() -> None:
    assert all(len(corrupt(CLIPS[:0], kind, 5)) == 0 for kind in KINDS)


def test_what_is_unknown_is_told() -> None:
    with pytest.raises(ConfigError, match="unknown corruption 'blurr'; did you mean 'blur'"):
        corrupt(CLIPS, "blurr", 1)
    with pytest.raises(ValueError, match=r"noise: severity must be 0 … 5, got 6"):
        corrupt(CLIPS, "noise", 6)


def test_noise_has_the_documented_spread() -> None:
    grey = np.full((1, 8, 32, 32, 3), 128, np.uint8)
    assert (corrupt(grey, "noise", 2) - 128.0).std() == pytest.approx(0.08 * 255, rel=0.02)


def test_an_occlusion_hides_the_documented_share_and_drifts_in_some_clips() -> None:
    clips = np.random.default_rng(1).integers(0, 256, (40, 4, 64, 64, 3), dtype=np.uint8)
    result = corrupt(clips, "occlusion", 5)
    hidden = (result != clips).any(axis=-1)
    assert hidden.mean() == pytest.approx(0.35, abs=0.02)
    drifts = (hidden[:, 0] != hidden[:, -1]).mean(axis=(1, 2)) > 0.05
    assert 0.2 < drifts.mean() < 0.8


def test_half_the_clips_are_lighter_and_half_darker() -> None:
    grey = np.random.default_rng(1).integers(100, 156, (60, 1, 8, 8, 3), dtype=np.uint8)
    difference = (corrupt(grey, "brightness", 1) - grey.astype(float)).mean(axis=(1, 2, 3, 4))
    assert np.allclose(np.abs(difference), 0.06 * 255, atol=0.5) and 15 < (difference > 0).sum() < 45


def test_the_highest_severity_reverses_the_complete_clip() -> None:
    assert np.array_equal(corrupt(CLIPS, "reverse", 5), CLIPS[:, ::-1])


def test_shuffling_keeps_the_set_of_frames_and_finally_moves_every_frame() -> None:
    numbered = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None], (20, 8, 2, 2, 3)).copy()
    numbered[:, :, 0, 0, 0] = np.arange(20)[:, None]  # another stream of random numbers for every clip
    orders = [corrupt(numbered, "shuffle", severity)[:, :, 1, 1, 0] for severity in SEVERITIES]
    assert all((np.sort(order, axis=1) == np.arange(8)).all() for order in orders)
    order = orders[-1]
    assert (order != np.arange(8)).all() and len(np.unique(order, axis=0)) > 15


def test_dropped_frames_are_black_and_one_frame_remains() -> None:
    black = (corrupt(CLIPS, "drop", 5) == 0).all(axis=(2, 3, 4))
    assert (black.sum(axis=1) == 5).all() and len(np.unique(black, axis=0)) > 5
    assert not (corrupt(CLIPS[:, :1], "drop", 5) == 0).all()


def test_a_frozen_clip_repeats_one_frame_and_keeps_later_frames() -> None:
    same = (np.diff(corrupt(CLIPS, "freeze", 4).astype(int), axis=1) == 0).all(axis=(2, 3, 4))
    assert (same.sum(axis=1) == 4).all()
    runs = np.diff(np.pad(same, ((0, 0), (1, 1))).astype(int), axis=1)
    assert ((runs == 1).sum(axis=1) == 1).all(), "in one stretch"


def test_a_lower_rate_shows_every_second_frame_twice() -> None:
    assert hold_frames(8, 4).tolist() == [0, 0, 2, 2, 4, 4, 6, 6]
    assert hold_frames(8, 8).tolist() == list(range(8)) and hold_frames(5, 0).tolist() == [0] * 5
    assert np.array_equal(corrupt(CLIPS, "rate", 4), CLIPS[:, [0, 0, 2, 2, 4, 4, 6, 6]])


def test_compression_loses_detail_and_keeps_the_picture() -> None:
    mild, harsh = corrupt(CLIPS, "compression", 1), corrupt(CLIPS, "compression", 5)
    psnr = [10 * np.log10(255**2 / error(one, CLIPS)) for one in (mild, harsh)]
    assert psnr[0] > 25 and psnr[0] - psnr[1] > 5 and psnr[1] > 10
