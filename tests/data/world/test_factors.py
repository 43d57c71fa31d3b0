"""Check labels, order looks and reversal of factors."""

from __future__ import annotations

import itertools

import numpy as np

from auxjepa.data.world import CLASSES, order_looks, reverse, sample
from auxjepa.data.world.factors import MOTION_LABELS

BASE = ("shape", "texture", "direction", "speed_profile", "rotation", "order")


def arrays(factors):
    return factors.labels() | factors.nuisances() | {"noise_seed": factors.noise_seed}


def test_labels_are_named_and_in_range():
    motion, order = (sample("test", 3000, 0, role=role).labels() for role in ("motion", "order"))
    assert set(order) == set(CLASSES) - set(MOTION_LABELS)
    labels = motion | {"order": order["order"]}
    assert set(motion) == set(CLASSES) - {"order"}
    assert {name: len(names) for name, names in CLASSES.items()} == {
        "appearance": 20, "shape": 5, "texture": 4,
        "direction": 8, "fine_motion": 48, "speed_profile": 3, "rotation": 2, "order": 8,
    }  # fmt: skip
    for name, column in labels.items():
        assert column.dtype == np.int64
        assert set(column.tolist()) == set(range(len(CLASSES[name]))), name
    for clip in range(20):
        names = {name: CLASSES[name][motion[name][clip]] for name in motion}
        assert names["appearance"] == f"{names['texture']} {names['shape']}"
        assert names["fine_motion"] == f"{names['direction']}, {names['speed_profile']}, {names['rotation']}"


def every_order():
    """Levels [8 orders, 16 phases, 4 quarters, size and light]."""
    phases = np.array(list(itertools.product(range(4), repeat=2)))
    order, phase = np.meshgrid(np.arange(8), np.arange(16), indexing="ij")
    return order_looks(order.ravel(), phases[phase.ravel()]).reshape(8, 16, 4, 2)


def test_a_look_at_one_time_does_not_show_the_order():
    states = every_order()
    for order, quarter in itertools.product(range(8), range(4)):
        assert len({tuple(look) for look in states[order, :, quarter].tolist()}) == 16


def test_the_sequence_of_looks_shows_the_order_and_their_set_does_not():
    states = every_order()
    for phase in range(16):
        sets = {tuple(sorted(map(tuple, quarters))) for quarters in states[:, phase].tolist()}
        assert len(sets) == 1
        assert len(set(sets.pop())) == 4
    assert len({tuple(sequence) for sequence in states.reshape(-1, 8).tolist()}) == 8 * 16


def test_order_names_its_three_events():
    step = np.diff(every_order(), axis=2) % 4
    up = {"warms": 1, "grows": 1, "cools": 3, "shrinks": 3}
    for order, name in enumerate(CLASSES["order"]):
        first, middle, last = name.split(", ")
        assert (step[order, :, 0] == [0, up[first]]).all()
        assert (step[order, :, 1, 0] == up[middle]).all()
        assert (step[order, :, 2] == [0, up[last]]).all()


def test_reversal_is_an_involution_that_changes_every_temporal_label():
    factors = sample("train", 400, 9)
    back = reverse(factors)
    for name in ("direction", "rotation", "order"):
        assert (getattr(back, name) != getattr(factors, name)).all()
    np.testing.assert_array_equal(
        order_looks(back.order, back.phase), order_looks(factors.order, factors.phase)[:, ::-1]
    )
    twice = reverse(back)
    for name, column in arrays(factors).items():
        np.testing.assert_allclose(arrays(twice)[name], column, atol=1e-9, err_msg=name)
