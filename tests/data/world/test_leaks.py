"""What simple probes can read: nothing about time from one frame, from a set of frames, or linearly from pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier

from auxjepa.data.world import CLASSES, render, sample

TRAIN, TEST = 2000, 1500
TEMPORAL = ("direction", "speed_profile", "rotation", "fine_motion", "order")


class Clips(NamedTuple):
    pixels: np.ndarray  # [n 8 32 32 3] float32
    labels: dict[str, np.ndarray]
    seen: np.ndarray  # [n 8 k] what a careful observer measures in each frame


LOOK = slice(0, 3)
PLACE = slice(3, 7)


def measure(pixels):
    """Size of the sprite, light and warmth, its place on the torus and quantiles of brightness: each frame alone."""
    ground = np.median(pixels[:, :, ::2, ::2], axis=(2, 3))
    grey = (pixels - ground[:, :, None, None]).mean(axis=-1)
    cover = np.clip(grey - 0.08, 0, None)
    area = (cover > 0).mean(axis=(2, 3)) + 1e-3
    total = cover.sum(axis=(2, 3)) + 1e-3
    wave = np.exp(2j * np.pi * np.arange(32) / 32)
    place = [np.einsum("nfxy,x->nf", cover, wave) / total, np.einsum("nfxy,y->nf", cover, wave) / total]
    place = [part for p in place for part in (p.real, p.imag)]
    quantiles = np.quantile(grey[:, :, ::2, ::2].reshape(*total.shape, -1), [0.02, 0.1, 0.3, 0.7, 0.9, 0.98], axis=-1)
    look = [np.log(area), ground.mean(axis=-1), ground[..., 0] - ground[..., 2]]
    return np.stack([*look, *place, *quantiles], axis=-1)


def clips(split, count, role):
    factors = sample(split, count, seed=7, role=role)
    pixels = render(factors).astype(np.float32) / 255 - 0.5
    return Clips(pixels, factors.labels(), measure(pixels))


@pytest.fixture(scope="session")
def world():
    """Training and test clips by label, each label on the clips that have it."""
    roles = {role: (clips("train", TRAIN, role), clips("test", TEST, role)) for role in ("motion", "order")}
    return {label: roles["order" if label == "order" else "motion"] for label in CLASSES}


def limit(label, z=3.0):
    """Accuracy that guessing passes once in 700 tries: the upper limit for `chance` of a binomial score."""
    chance = 1 / len(CLASSES[label])
    return chance + z * np.sqrt(chance * (1 - chance) / TEST)


def ridge(train_x, test_x, train_y, classes):
    """Predictions of a ridge classifier in its dual form (features far outnumber clips), standard strength."""
    mean = train_x.mean(axis=0)
    train_x, test_x = train_x - mean, test_x - mean
    gram = train_x @ train_x.T
    gram[np.diag_indices_from(gram)] += 0.1 * np.trace(gram) / len(gram)
    dual = np.linalg.solve(gram, np.eye(classes, dtype=np.float32)[train_y] - 1 / classes)
    return (test_x @ (train_x.T @ dual)).argmax(axis=1)


def accuracy(predicted, clips, label):
    return float((predicted == clips.labels[label]).mean())


def trees(train_x, test_x, train_y):
    model = ExtraTreesClassifier(40, min_samples_leaf=3, max_features=0.5, random_state=0)
    return model.fit(train_x, train_y).predict(test_x)


@pytest.mark.parametrize("label", CLASSES)
def test_a_linear_probe_on_raw_pixels_is_at_chance(world, label):
    train, held_out = world[label]
    flat_train, flat_test = (c.pixels[:, :, ::2, ::2].reshape(len(c.pixels), -1) for c in world[label])
    score = accuracy(ridge(flat_train, flat_test, train.labels[label], len(CLASSES[label])), held_out, label)
    # The mean clip is the same in all classes, so the best linear probe is a constant. One fitted to a finite sample
    # is noise around it, and noise correlates most with clips that overlap: those of the same direction or appearance.
    overlap = {"direction": 0.04, "fine_motion": 0.03, "appearance": 0.02}.get(label, 0.0)
    assert score < limit(label) + overlap, f"{label}: {score:.3f}"


@pytest.mark.parametrize("label", CLASSES)
def test_the_mean_clip_is_the_same_in_every_class(world, label):
    pixels = np.concatenate([c.pixels for c in world[label]])[:, :, ::4, ::4].reshape(TRAIN + TEST, -1)
    labels = np.concatenate([c.labels[label] for c in world[label]])
    onehot = np.eye(len(CLASSES[label]), dtype=np.float32)
    centred = pixels - pixels.mean(axis=0)

    def between(columns):
        counts = columns.sum(axis=0)
        return float((((columns.T @ centred) / counts[:, None]) ** 2 * counts[:, None]).sum())

    # The spread between class means is what labels dealt at random would show.
    dealt = [between(onehot[np.random.default_rng(seed).permutation(labels)]) for seed in range(30)]
    assert between(onehot[labels]) < np.mean(dealt) + 4 * np.std(dealt)


@pytest.mark.parametrize("frame", [0, 5])
@pytest.mark.parametrize("label", TEMPORAL)
def test_no_probe_reads_a_temporal_label_from_one_frame(world, label, frame):
    train, held_out = world[label]
    flat_train, flat_test = (c.pixels[:, frame].reshape(len(c.pixels), -1) for c in world[label])
    target = train.labels[label]
    scores = {
        "linear": ridge(flat_train, flat_test, target, len(CLASSES[label])),
        "nearest neighbours": KNeighborsClassifier(25).fit(flat_train, target).predict(flat_test),
        "trees": trees(train.seen[:, frame], held_out.seen[:, frame], target),
    }
    for probe, predicted in scores.items():
        assert accuracy(predicted, held_out, label) < limit(label), f"{label} from frame {frame}, {probe}"


def relative(clips):
    """Size, light and warmth against the clip's mean, once for each quarter: what the events change."""
    look = clips.seen[:, ::2, LOOK]
    return (look - look.mean(axis=1, keepdims=True)) / look.std(axis=(0, 1))


def in_order(clips):
    return relative(clips).reshape(len(clips.seen), -1)


def as_set(clips):
    """What a set of looks shows: each measure sorted, and each product of two or three measures sorted."""
    look = relative(clips)
    products = [look[:, :, list(some)].prod(axis=2, keepdims=True) for some in ((0, 1), (1, 2), (0, 2), (0, 1, 2))]
    return np.sort(np.concatenate([look, *products], axis=-1), axis=1).reshape(len(look), -1)


def shuffled(values):
    order = np.random.default_rng(1).permuted(np.tile(np.arange(values.shape[1]), (len(values), 1)), axis=1)
    return np.take_along_axis(values, order[:, :, None], axis=1).reshape(len(values), -1)


def shuffled_looks(clips):
    return shuffled(relative(clips))


def shuffled_pixels(clips):
    return shuffled(clips.pixels[:, :, ::2, ::2].reshape(len(clips.pixels), 8, -1))


def test_order_is_read_from_ordered_frames(world):
    """Without this, an observer too poor to read anything would pass the tests of shuffled frames."""
    train, held_out = world["order"]
    assert accuracy(trees(in_order(train), in_order(held_out), train.labels["order"]), held_out, "order") > 0.6


@pytest.mark.parametrize("view", [as_set, shuffled_looks])
def test_no_observer_reads_order_from_a_set_of_frames(world, view):
    train, held_out = world["order"]
    score = accuracy(trees(view(train), view(held_out), train.labels["order"]), held_out, "order")
    assert score < limit("order")


def test_a_linear_probe_on_shuffled_frames_is_at_chance(world):
    train, held_out = world["order"]
    predicted = ridge(shuffled_pixels(train), shuffled_pixels(held_out), train.labels["order"], 8)
    assert accuracy(predicted, held_out, "order") < limit("order")


def test_the_same_observer_reads_direction_from_ordered_frames(world):
    train, held_out = world["direction"]
    turned = []
    for clip in (train, held_out):
        step = np.diff(clip.seen[:, :, PLACE], axis=1)
        row, column = clip.seen[:, :-1, 3:5], clip.seen[:, :-1, 5:7]
        pairs = ((row, step[..., :2]), (column, step[..., 2:]))
        turned.append(np.concatenate([p[..., 0] * d[..., 1] - p[..., 1] * d[..., 0] for p, d in pairs], axis=1))
    assert accuracy(trees(*turned, train.labels["direction"]), held_out, "direction") > 0.6


def test_shape_and_texture_are_read_from_one_frame(world):
    spectrum = []
    train, held_out = world["shape"]
    for clip in (train, held_out):
        frame = clip.pixels[:, 3].mean(axis=-1)
        radius = np.hypot(*np.meshgrid(np.fft.fftfreq(32), np.fft.fftfreq(32))) * 32
        power = np.abs(np.fft.fft2(frame - frame.mean(axis=(1, 2), keepdims=True))) ** 2
        bins = [power[:, (radius >= r) & (radius < r + 1)].mean(axis=1) for r in range(1, 16)]
        spectrum.append(np.concatenate([np.log(np.stack(bins, axis=1)), clip.seen[:, 3]], axis=1))
    for label in ("shape", "texture"):
        assert accuracy(trees(*spectrum, train.labels[label]), held_out, label) > limit(label, z=8)
