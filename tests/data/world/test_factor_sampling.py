"""Check that drawn factors are reproducible clip by clip, uniform and independent."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare, kstest

from auxjepa.data.world import IMAGE_CLASSES, ROLES, SPLITS, render, sample
from auxjepa.data.world.factors import MOTION_LABELS, STILL_ROLES, heading_of

BASE = ("shape", "texture", "direction", "speed_profile", "rotation", "order")


def arrays(factors):
    return factors.labels() | factors.nuisances() | {"noise_seed": factors.noise_seed}


@pytest.mark.parametrize("role", ROLES)
def test_a_clip_depends_on_its_index_alone(role):
    complete, part = arrays(sample("train", 100, 5, role=role)), arrays(sample("train", 13, 5, start=41, role=role))
    for name, column in part.items():
        np.testing.assert_array_equal(column, complete[name][41:54], err_msg=name)


def test_splits_seeds_and_roles_share_no_clip():
    streams = [sample(split, 500, seed, role=role) for role in ROLES for split in SPLITS for seed in (0, 1)]
    positions = np.concatenate([factors.position for factors in streams])
    noise = np.concatenate([factors.noise_seed for factors in streams])
    assert len(np.unique(positions, axis=0)) == len(positions) == 500 * 8 * len(ROLES)
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


def test_a_mixture_takes_turns_and_marks_the_labels_that_a_clip_lacks():
    for start in (0, 7):
        factors = sample("train", 60, 0, start=start)
        np.testing.assert_array_equal(factors.moving, (start + np.arange(60)) % 2 == 0)
        for name, column in factors.labels().items():
            lacking = {"order": factors.moving}.get(
                name, ~factors.moving if name in MOTION_LABELS else factors.moving & False
            )
            np.testing.assert_array_equal(column == -1, lacking, err_msg=name)


def test_pictures_are_upright_and_their_backgrounds_have_the_ranges_of_clips():
    pictures, clips = sample("train", 2000, role="pictures"), sample("train", 2000)
    assert np.abs(pictures.angle).max() < np.pi / 10 and pictures.angle.std() > 0.1
    assert not pictures.ripple[:, 0].any() and not clips.ripple[:, 0].any()
    for name in ("background", "gradient"):
        picture, clip = getattr(pictures, name), getattr(clips, name)
        np.testing.assert_allclose(np.abs(picture).max(axis=0), np.abs(clip).max(axis=0), atol=0.01, err_msg=name)
        np.testing.assert_allclose(picture.mean(axis=0), clip.mean(axis=0), atol=0.01, err_msg=name)
    assert np.abs(sample("train", 2000, role="images").gradient).max() > 0.19


@pytest.mark.parametrize("role", STILL_ROLES)
def test_images_share_no_shape_or_texture_with_clips(role):
    images, clips = sample("train", 2000, role=role), sample("train", 2000)
    assert set(images.labels()) == {"image_class"}
    assert (
        set(images.labels()["image_class"].tolist()) == set(range(20)) == set(range(len(IMAGE_CLASSES["image_class"])))
    )
    assert not set(images.shape.tolist()) & set(clips.shape.tolist())
    assert not set(images.texture.tolist()) & set(clips.texture.tolist())


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
