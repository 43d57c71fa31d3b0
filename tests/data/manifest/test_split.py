"""Divisions keep related examples together, put every class into every split, and depend on names alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.config import ConfigError
from auxjepa.data.manifest.order import hash_ranks
from auxjepa.data.manifest.split import (
    NONE,
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    choose,
    divide,
    group_names,
    group_related,
    hold_out,
    keep_apart,
    stratify,
)


def assign(videos: list[str], labels: list[int], classes: list[str]) -> np.ndarray:
    return divide(videos, group_related(videos), np.array(labels), classes, "folder:x")[0]


def test_examples_that_share_a_key_directly_or_through_others_are_related() -> None:
    paths = ["a", "a", "b", "c", "d", "e"]
    hashes = ["1", "1", "2", "2", "", ""]
    assert group_related(paths, hashes).tolist() == [0, 0, 1, 1, 2, 3]
    sessions = ["x", None, None, "x", "y", None]
    assert group_related(paths, hashes, sessions).tolist() == [0, 0, 0, 0, 1, 2]
    assert group_names(["z", "b", "q", "a", "c", "d"], group_related(paths, hashes, sessions)) == ["a", "c", "d"]


@given(counts=st.lists(st.integers(3, 30), min_size=2, max_size=5), clips=st.integers(1, 3))
def test_every_class_is_in_every_split_and_no_video_in_two(counts: list[int], clips: int) -> None:
    videos = [f"{c}/{v}.mp4" for c, n in enumerate(counts) for v in range(n) for _ in range(clips)]
    labels = np.array([c for c, n in enumerate(counts) for _ in range(n * clips)], dtype=np.int64)
    split = assign(videos, labels.tolist(), [str(c) for c in range(len(counts))])
    for video in set(videos):
        assert len(set(split[np.array(videos) == video].tolist())) == 1
    for c, n in enumerate(counts):
        sizes = np.bincount(split[labels == c], minlength=3) / clips
        assert (sizes >= 1).all() and abs(sizes[0] - 0.6 * n) <= 1 and abs(sizes[2] - 0.2 * n) <= 1


def test_the_division_of_ordinary_folders_never_changes() -> None:
    """Computed with version 1 of the benchmark. Scores of finished runs depend on it."""
    videos = [f"{'abc'[v % 3]}/{v}.mp4" for v in range(30)]
    split = assign(videos, [v % 3 for v in range(30)], ["a", "b", "c"])
    assert "".join(map(str, split.tolist())) == "002000201010001100122020010200"
    segments = [f"{v}.mp4" for v in range(14) for _ in range(2)] + [f"only{v}.mp4" for v in range(4)]
    labels = [label for v in range(14) for label in (0, 1 + v % 2)] + [0] * 4
    split = assign(segments, labels, ["walk", "run", "jump"])
    assert "".join(map(str, split.tolist())) == "11000011000022000011112200000021"


def test_the_split_follows_from_names_alone() -> None:
    videos = [f"{'ab'[v % 2]}{v}.mp4" for v in range(20)]
    labels = (np.arange(20) % 2).tolist()
    split = assign(videos, labels, ["a", "b"])
    order = np.random.default_rng(0).permutation(20)
    again = assign([videos[n] for n in order], [labels[n] for n in order], ["a", "b"])
    assert np.array_equal(again, split[order])
    assert not np.array_equal(split, np.sort(split)), "a random order, not the alphabet's"


def test_copies_are_one_video() -> None:
    videos = [f"{'ab'[content % 2]}/{content}-{copy}.mp4" for content in range(8) for copy in range(5)]
    contents = [content for content in range(8) for _ in range(5)]
    labels = np.array(contents) % 2
    split, together = divide(videos, group_related(videos, contents), labels, ["a", "b"], "x")
    assert not together
    for content in range(8):
        assert len(set(split[np.array(contents) == content].tolist())) == 1
    for label in (0, 1):
        assert np.bincount(split[labels == label]).tolist() == [10, 5, 5]


def test_a_video_cut_into_segments_of_several_classes_stays_in_one_split() -> None:
    videos, labels = [], []
    for v in range(12):
        videos += [f"{v}.mp4"] * 3
        labels += [0, 0, 1 + v % 2]  # all walk, half also run, half also jump: no one only walks
    for more in (0, 3):
        videos += [f"only{v}.mp4" for v in range(more)]
        labels += [0] * more
        split, together = divide(videos, group_related(videos), np.array(labels), ["walk", "run", "jump"], "x")
        assert together == (more == 0), "with three videos of its own, walk is divided as it was in version 1"
        by_video = {video: set(split[np.array(videos) == video].tolist()) for video in videos}
        assert all(len(splits) == 1 for splits in by_video.values())
        assert all(set(split[np.array(labels) == c].tolist()) == {0, 1, 2} for c in range(3))


@pytest.mark.parametrize(
    ("counts", "words"),
    [([5], "only one class (a)"), ([5, 2], "class b has 2 videos;"), ([1, 5], "class a has 1 video;")],
)
def test_too_few_videos_are_refused_with_the_class(counts: list[int], words: str) -> None:
    names = "ab"[: len(counts)]
    videos = [f"{name}{v}" for name, n in zip(names, counts, strict=True) for v in range(n)]
    labels = np.repeat(np.arange(len(counts)), counts).tolist()
    with pytest.raises(ConfigError) as caught:
        assign(videos, labels, list(names))
    assert words in str(caught.value) and str(caught.value).startswith("folder:x")


def test_copies_do_not_count_as_further_videos() -> None:
    videos = [f"a{v}" for v in range(10)] + [f"b{v}" for v in range(10)]
    contents = ["same"] * 6 + ["other"] * 4 + [f"b{v}" for v in range(10)]
    with pytest.raises(ConfigError, match=r"class a has 2 independent videos \(its 10 files hold equal content"):
        divide(videos, group_related(videos, contents), np.repeat([0, 1], 10), ["a", "b"], "x")


def possible(member: np.ndarray) -> bool:
    """Check whether some division puts every class into every split, by trying all divisions."""
    splits = np.array(list(itertools.product(range(3), repeat=len(member))))
    covered = np.stack([(member[None] & (splits == s)[:, :, None]).any(axis=1).all(axis=1) for s in range(3)])
    return bool(covered.all(axis=0).any())


@settings(max_examples=150)
@given(data=st.data())
def test_groups_of_several_classes_cover_every_split_if_possible(data: st.DataObject) -> None:
    groups, classes = data.draw(st.integers(3, 9)), data.draw(st.integers(2, 4))
    cells = data.draw(st.lists(st.booleans(), min_size=groups * classes, max_size=groups * classes))
    member = np.array(cells, bool).reshape(groups, classes)
    member[np.arange(groups), np.arange(groups) % classes] = True
    split = stratify(member, hash_ranks([str(n) for n in range(groups)], 8))
    assert set(split.tolist()) <= {TRAIN, VALIDATION, TEST}
    if possible(member):
        assert all(member[split == s].any(axis=0).all() for s in range(3))


def test_shares_of_groups_of_several_classes_are_about_60_20_20() -> None:
    rng = np.random.default_rng(0)
    member = rng.random((200, 12)) < rng.uniform(0.05, 0.6, 12)
    member[np.arange(200), rng.integers(0, 12, 200)] = True
    split = stratify(member, rng.permutation(200))
    for number in range(12):
        shares = np.bincount(split[member[:, number]], minlength=3) / member[:, number].sum()
        assert np.abs(shares - [0.6, 0.2, 0.2]).max() < 0.1


def test_official_splits_lose_examples_that_are_related_to_a_test_video() -> None:
    split = np.array([TRAIN, TRAIN, TRAIN, VALIDATION, VALIDATION, TEST, TEST, NONE])
    groups = np.array([0, 1, 2, 2, 3, 3, 0, 5])
    apart = keep_apart(split, groups)
    assert apart.tolist() == [NONE, TRAIN, TRAIN, NONE, NONE, TEST, TEST, NONE]


def test_fewer_clips_than_videos_keep_every_class_in_every_split() -> None:
    split, labels = np.repeat([0, 1, 2], [12, 4, 4]), np.tile([0, 1], 10)
    order = np.random.default_rng(0).permutation(20)
    for count in range(6, 21):
        chosen = choose(split, labels, order, count)
        assert len(chosen) == len(set(chosen.tolist())) == count
        assert len(np.unique(np.stack([split[chosen], labels[chosen]]), axis=1).T) == 6
    assert len(choose(split, labels, order, 5)) == 0
    assert np.bincount(split[choose(split, labels, order, 10)]).tolist() == [6, 2, 2]


def test_validation_examples_are_held_out_by_whole_groups() -> None:
    names = [f"{label}{v}" for label in "abc" for v in range(8) for _ in range(2)]
    labels = np.repeat([0, 1, 2], 16)
    held = hold_out(names, labels, whole=True)
    assert all(np.bincount(labels[held]) == 2), "one of 8 names, with both its examples"
    assert len({name for name, out in zip(names, held, strict=True) if out}) == 3
    assert np.array_equal(held, hold_out(names, labels, whole=False))


def test_a_class_that_would_lose_all_training_examples_keeps_a_whole_group() -> None:
    names = ["x", "x", "y", "z"]
    labels = np.array([0, 1, 0, 0])
    for swap in ("xyz", "zyx", "yxz", "yzx"):
        some = [swap["xyz".index(name)] for name in names]
        held = hold_out(some, labels, whole=True)
        assert set(labels[~held].tolist()) == {0, 1}
        assert len({(name, bool(out)) for name, out in zip(some, held, strict=True)}) == len(set(some))


def test_splits_have_their_order() -> None:
    assert SPLITS == ("train", "validation", "test") and (TRAIN, VALIDATION, TEST) == (0, 1, 2)
