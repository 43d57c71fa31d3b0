"""Each label shows the frames that its name promises."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.benchmarks.diagnostics.arrangements import (
    ORDERS,
    at_speed,
    balanced_classes,
    forward_or_backward,
    in_order,
    unchanged,
)

NONE = np.zeros(2, np.int64)


def test_backward_is_the_reverse_of_forward() -> None:
    frames = forward_or_backward(np.array([0, 1]), NONE, 4)
    assert frames.tolist() == [[0, 1, 2, 3], [3, 2, 1, 0]]
    assert unchanged(np.array([1]), NONE[:1], 3).tolist() == [[0, 1, 2]]


def test_speeds_show_every_first_second_and_fourth_frame_of_the_middle() -> None:
    frames = at_speed(np.arange(3), np.zeros(3, np.int64), 4)
    assert frames.tolist() == [[6, 7, 8, 9], [4, 6, 8, 10], [1, 5, 9, 13]]
    for row in at_speed(np.arange(3), np.zeros(3, np.int64), 16):
        assert row.min() >= 0 and row.max() < 64 and abs((row.min() + row.max()) / 2 - 31.5) <= 0.5


def test_twelve_orders_of_segments_are_one_of_each_pair_of_reverses() -> None:
    assert len(ORDERS) == 12 and (0, 1, 2, 3) in ORDERS and (3, 2, 1, 0) not in ORDERS
    assert len({frozenset((order, order[::-1])) for order in ORDERS}) == 12


def test_segments_are_placed_in_order_or_in_the_reversed_order_and_keep_their_frames() -> None:
    number = ORDERS.index((1, 0, 2, 3))
    frames = in_order(np.array([number, number]), np.array([0, 1]), 8)
    assert frames.tolist() == [[2, 3, 0, 1, 4, 5, 6, 7], [6, 7, 4, 5, 0, 1, 2, 3]]
    every = in_order(np.arange(12), np.zeros(12, np.int64), 8)
    assert (np.sort(every, axis=1) == np.arange(8)).all() and len(np.unique(every, axis=0)) == 12


@pytest.mark.parametrize(("clips", "classes"), [(12, 12), (25, 3), (1, 2), (7, 2)])
def test_classes_are_balanced_and_follow_from_the_hashes_alone(clips: int, classes: int) -> None:
    hashes = [f"{(37 * number) % 101:03d}" for number in range(clips)]
    labels = balanced_classes(hashes, classes)
    counts = np.bincount(labels, minlength=classes)
    assert counts.max() - counts.min() <= 1
    order = np.random.default_rng(0).permutation(clips)
    assert np.array_equal(balanced_classes([hashes[n] for n in order], classes), labels[order])
