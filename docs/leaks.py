"""Measure what the synthetic benchmarks reveal without motion: ``python -m docs.leaks`` (one minute on one core).

The inputs are the pixels of one frame and of the mean frame. For the physics, they are also the true positions of both
bodies in one frame, in all frames without order, and in all frames in order. Small models read the label from each, on
test clips with parameters of the training range.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auxjepa.config import DataConfig
from auxjepa.data.synthetic import open_synthetic, physics
from auxjepa.probes.fit import Split, probe
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.reading import ridge_accuracy

TRAIN, VALIDATION, TEST = 1600, 800, 2408
SIZES = {"train": TRAIN, "validation": VALIDATION, "test": TEST, "known": TEST}
KNN = Protocol(name="knn", head="knn", centre=True, whiten=False)


def pixels(source: str, test: str) -> None:
    """Print the accuracy of ridge and k-NN on the middle frame and on the mean frame."""
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"one frame": [], "mean frame": []}
    for split in ("train", "validation", test):
        clips, labels, _ = open_synthetic(f"synthetic:{source}", DataConfig(), split, SIZES[split])
        frames = np.asarray(clips)
        parts["one frame"].append((frames[:, frames.shape[1] // 2] / np.float32(255), labels))
        parts["mean frame"].append((frames.mean(axis=1, dtype=np.float32) / 255, labels))
    for name, splits in parts.items():
        flat = [(torch.from_numpy(x.reshape(len(x), -1)), y) for x, y in splits]
        ridge = 100 * float(ridge_accuracy(flat[0], flat[1], flat[2], classes=8)[0].mean())
        train, validation, tested = (Split(x[:, None], torch.from_numpy(y)) for x, y in flat)
        nearest = probe(KNN, train, validation, tested, classes=8, seed=0).test
        sys.stdout.write(f"| {source} | pixels of {name} | {ridge:.1f} | {nearest:.1f} |\n")


def distances(place: np.ndarray, between: tuple[int, int]) -> np.ndarray:
    """Return the distances on the torus between two bodies at all pairs of times, ``[n F F]``.

    Args:
        place: positions, [n bodies F 2].
        between: numbers of the two bodies, which may be the same.
    """
    first, second = place[:, between[0], :, None], place[:, between[1], None]
    return np.hypot(*np.moveaxis((first - second + 0.5) % 1.0 - 0.5, -1, 0))


def geometry(split: str) -> tuple[dict[str, Tensor], Tensor]:
    """Return positions as features that do not depend on rotation and translation, and the kinds of the clips.

    Args:
        split: split of the benchmark.

    Returns:
        features by how much of the temporal order they keep, and the class of each clip.
    """
    scenes = physics.sample(split, SIZES[split] if split != "train" else 2 * TRAIN)
    frames = scenes.place.shape[2]
    single = [distances(scenes.place, (body, body))[:, *np.triu_indices(frames, 1)] for body in (0, 1)]
    pair = distances(scenes.place, (0, 1))
    same = pair[:, np.arange(frames), np.arange(frames)]
    features = {
        "one frame": same[:, frames // 2, None],
        "all frames, no order": np.concatenate([np.sort(x, axis=1) for x in (*single, same)], axis=1),
        "all frames in order": np.concatenate([*single, pair.reshape(len(pair), -1)], axis=1),
    }
    return {name: torch.from_numpy(x).float() for name, x in features.items()}, torch.from_numpy(scenes.kind)


def learned(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], epochs: int = 40) -> float:
    """Return the test accuracy in percent of a network with one hidden layer, after the last epoch."""
    torch.manual_seed(0)
    (x, y), (x_test, y_test) = train, test
    mean, spread = x.mean(dim=0), x.std(dim=0)
    net = nn.Sequential(nn.Linear(x.shape[1], 256), nn.GELU(), nn.Dropout(0.2), nn.Linear(256, 8))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
    for _ in range(epochs):
        for index in torch.randperm(len(y)).split(100):
            loss = F.cross_entropy(net((x[index] - mean) / spread), y[index])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    net.eval()
    with torch.no_grad():
        return 100 * float((net((x_test - mean) / spread).argmax(dim=1) == y_test).float().mean())


def main() -> None:
    pixels("directions", "test")
    pixels("physics", "known")
    (x, y), (x_test, y_test) = geometry("train"), geometry("known")
    for name in x:
        score = learned((x[name], y), (x_test[name], y_test))
        sys.stdout.write(f"| physics | true places in {name} | {score:.1f} | |\n")


if __name__ == "__main__":
    main()
