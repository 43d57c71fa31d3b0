"""Labelled videos of one's own: classes, and splits that share no video."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.benchmarks.folder import SPLITS, assign
from auxjepa.config import ConfigError


@given(
    counts=st.lists(st.integers(3, 30), min_size=2, max_size=5),
    clips=st.integers(1, 3),
)
def test_every_class_is_in_every_split_and_no_video_in_two(counts: list[int], clips: int) -> None:
    videos = np.array([f"{c}/{v}.mp4" for c, n in enumerate(counts) for v in range(n) for _ in range(clips)])
    labels = np.array([c for c, n in enumerate(counts) for _ in range(n * clips)], dtype=np.int64)
    split = assign(videos, labels, [str(c) for c in range(len(counts))], "folder:x")
    for video in set(videos.tolist()):
        assert len(set(split[videos == video].tolist())) == 1
    for c, n in enumerate(counts):
        sizes = np.bincount(split[labels == c], minlength=3) / clips
        assert (sizes >= 1).all() and abs(sizes[0] - 0.6 * n) <= 1 and abs(sizes[2] - 0.2 * n) <= 1


def test_the_split_follows_from_names_alone() -> None:
    videos = np.array([f"{'ab'[v % 2]}{v}.mp4" for v in range(20)])
    labels = np.arange(20) % 2
    split = assign(videos, labels, ["a", "b"], "x")
    order = np.random.default_rng(0).permutation(20)
    assert np.array_equal(assign(videos[order], labels[order], ["a", "b"], "x"), split[order])
    assert not np.array_equal(split, np.sort(split)), "a random order, not the alphabet's"


def test_a_video_cut_into_segments_of_several_classes_stays_in_one_split() -> None:
    videos, labels = [], []
    for v in range(12):
        videos += [f"{v}.mp4"] * 3
        labels += [0, 0, 1 + v % 2]  # everybody walks, half run, half jump
    with pytest.raises(ConfigError, match="class walk has 0 videos of its own"):
        assign(np.array(videos), np.array(labels), ["walk", "run", "jump"], "x")
    videos += [f"only{v}.mp4" for v in range(3)]
    labels += [0] * 3
    split = assign(np.array(videos), np.array(labels), ["walk", "run", "jump"], "x")
    by_video = {video: set(split[np.array(videos) == video].tolist()) for video in videos}
    assert all(len(splits) == 1 for splits in by_video.values())
    assert all(set(split[np.array(labels) == c].tolist()) == {0, 1, 2} for c in range(3))


@pytest.mark.parametrize(
    ("counts", "words"),
    [([5], "only one class (a)"), ([5, 2], "class b has 2 videos of its own"), ([1, 5], "class a has 1 video of its")],
)
def test_too_few_videos_are_said_with_the_class(counts: list[int], words: str) -> None:
    names = "ab"[: len(counts)]
    videos = np.array([f"{name}{v}" for name, n in zip(names, counts, strict=True) for v in range(n)])
    labels = np.repeat(np.arange(len(counts)), counts)
    with pytest.raises(ConfigError) as caught:
        assign(videos, labels, list(names), "folder:x")
    assert words in str(caught.value) and str(caught.value).startswith("folder:x")


def test_splits_have_their_order() -> None:
    assert SPLITS == ("train", "validation", "test")
