"""Factors: reproducible clip by clip, independent, and silent about time in one frame or a set of looks."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare, kstest

from auxjepa.data.world import CLASSES, IMAGE_CLASSES, ROLES, SPLITS, order_looks, render, reverse, sample
from auxjepa.data.world.factors import MOTION_LABELS, heading_of

BASE = ("shape", "texture", "direction", "speed_profile", "rotation", "order")


def arrays(factors):
    return factors.labels() | factors.nuisances() | {"noise_seed": factors.noise_seed}


@pytest.mark.parametrize("role", ROLES)
def test_a_clip_depends_on_its_index_alone(role):
    whole, part = arrays(sample("train", 100, 5, role=role)), arrays(sample("train", 13, 5, start=41, role=role))
    for name, column in part.items():
        np.testing.assert_array_equal(column, whole[name][41:54], err_msg=name)


def test_splits_seeds_and_roles_share_no_clip():
    streams = [sample(split, 500, seed, role=role) for role in ROLES for split in SPLITS for seed in (0, 1)]
    positions = np.concatenate([factors.position for factors in streams])
    noise = np.concatenate([factors.noise_seed for factors in streams])
    assert len(np.unique(positions, axis=0)) == len(positions) == 500 * 32
    assert len(np.unique(noise)) == len(noise)


def test_another_process_draws_and_renders_the_same_bits():
    code = (
        "import hashlib; from auxjepa.data.world import sample, render; f = sample('validation', 6, 11);"
        "print(hashlib.sha256(f.position.tobytes() + render(f, 4, 24).tobytes()).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    factors = sample("validation", 6, 11)
    assert hashlib.sha256(factors.position.tobytes() + render(factors, 4, 24).tobytes()).hexdigest() == other


def test_every_factor_is_uniform_and_pairwise_independent():
    factors = sample("pretrain", 20_000, 2)
    columns = {name: getattr(factors, name) for name in BASE}
    columns |= {f"phase_{k}": factors.phase[:, k] for k in range(factors.phase.shape[1])}
    columns["row"], columns["column"] = (factors.position * 6).astype(int).T
    columns["angle"] = (factors.angle / (2 * np.pi) * 6).astype(int)
    columns["size"] = np.digitize(factors.size, np.quantile(factors.size, [0.25, 0.5, 0.75]))
    columns["noise"] = np.digitize(factors.noise, np.quantile(factors.noise, [0.25, 0.5, 0.75]))
    pairs = list(itertools.combinations(columns, 2))
    threshold = 0.01 / (len(pairs) + len(columns))  # Bonferroni
    for name, column in columns.items():
        assert chisquare(np.unique(column, return_counts=True)[1]).pvalue > threshold, name
    for a, b in pairs:
        table = np.zeros((len(np.unique(columns[a])), len(np.unique(columns[b]))))
        np.add.at(
            table, (np.unique(columns[a], return_inverse=True)[1], np.unique(columns[b], return_inverse=True)[1]), 1
        )
        assert chi2_contingency(table).pvalue > threshold, (a, b)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_position_is_uniform_at_every_time_in_every_direction(share):
    factors = sample("train", 8000, 4)
    place = (factors.position + share * factors.travel[:, None] * heading_of(factors.direction)) % 1
    for direction, axis in itertools.product(range(8), range(2)):
        assert kstest(place[factors.direction == direction, axis], "uniform").pvalue > 0.001 / 48  # Bonferroni


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


def test_a_mixture_takes_turns_and_marks_the_labels_that_a_clip_lacks():
    for start in (0, 7):
        factors = sample("train", 60, 0, start=start)
        np.testing.assert_array_equal(factors.moving, (start + np.arange(60)) % 2 == 0)
        for name, column in factors.labels().items():
            lacking = {"order": factors.moving}.get(
                name, ~factors.moving if name in MOTION_LABELS else factors.moving & False
            )
            np.testing.assert_array_equal(column == -1, lacking, err_msg=name)


def test_images_share_no_shape_or_texture_with_clips():
    images, clips = sample("train", 2000, role="images"), sample("train", 2000)
    assert set(images.labels()) == {"image_class"}
    assert (
        set(images.labels()["image_class"].tolist()) == set(range(20)) == set(range(len(IMAGE_CLASSES["image_class"])))
    )
    assert not set(images.shape.tolist()) & set(clips.shape.tolist())
    assert not set(images.texture.tolist()) & set(clips.texture.tolist())


def every_order():
    """Levels [8 orders, 16 phases, 4 quarters, size and light]."""
    phases = np.array(list(itertools.product(range(4), repeat=2)))
    order, phase = np.meshgrid(np.arange(8), np.arange(16), indexing="ij")
    return order_looks(order.ravel(), phases[phase.ravel()]).reshape(8, 16, 4, 2)


def test_a_look_at_a_known_time_says_nothing_about_order():
    states = every_order()
    for order, quarter in itertools.product(range(8), range(4)):
        assert len({tuple(look) for look in states[order, :, quarter].tolist()}) == 16


def test_the_set_of_looks_says_nothing_about_order_and_the_sequence_everything():
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dev", 5), "split must be one of pretrain, train"),
        (("train", -1), "must not be negative"),
        (("train", 1, -2), "-2"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sample(*arguments)
