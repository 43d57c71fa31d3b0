"""Draw the pictures and compute a table of docs/data/world.md: ``python -m docs.build_world [pictures] [learn]``.

``pictures`` takes seconds. ``learn`` trains a small supervised network on 4,000 clips of each role and takes about ten
minutes on one core.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import nn

from auxjepa.benchmarks.supervised import convolution_body
from auxjepa.data.world import CLASSES, IMAGE_CLASSES, Factors, render, sample
from auxjepa.data.world.factors import Role

OUT = Path(__file__).parent / "data" / "world"
SIDE = 40
NAMES = CLASSES | IMAGE_CLASSES


def sheet(name: str, factors: Factors, label: str) -> None:
    """Draw one clip per row: its label and its eight frames."""
    clips, labels = render(factors, 8, SIDE), factors.labels()[label]
    figure, axes = plt.subplots(len(clips), 8, figsize=(11, 1.05 * len(clips)), dpi=56)
    for row, clip, number in zip(axes, clips, labels, strict=True):
        for axis, frame in zip(row, clip, strict=True):
            axis.imshow(frame)
            axis.set(xticks=[], yticks=[])
        text = NAMES[label][number].replace(", ", "\n")
        row[0].set_ylabel(text, rotation=0, ha="right", va="center", fontsize=9)
    save(figure, name)


def gallery(name: str, factors: Factors, label: str, count: int) -> None:
    """Draw one column per class with ``count`` examples each."""
    labels, classes = factors.labels()[label], len(NAMES[label])
    index = np.stack([np.flatnonzero(labels == c)[:count] for c in range(classes)], axis=1)
    pictures = render(factors[index.ravel()], 1, SIDE)[:, 0].reshape(count, classes, SIDE, SIDE, 3)
    figure, axes = plt.subplots(count, classes, figsize=(classes * 0.75, count * 0.75 + 0.6), dpi=56)
    for row, examples in zip(axes, pictures, strict=True):
        for axis, picture in zip(row, examples, strict=True):
            axis.imshow(picture)
            axis.set(xticks=[], yticks=[])
    for axis, text in zip(axes[0], NAMES[label], strict=True):
        axis.set_title(text.replace(" ", "\n"), fontsize=7)
    save(figure, name)


def save(figure: Figure, name: str) -> None:
    """Write the figure as NAME.png and close it."""
    figure.tight_layout(pad=0.3)
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{name}.png")
    plt.close(figure)
    sys.stdout.write(f"{OUT / name}.png\n")


def pictures() -> None:
    """Draw contact sheets of the three roles."""
    sheet("motion", sample("train", 6, seed=2, role="motion"), "fine_motion")
    sheet("order", sample("train", 6, seed=3, role="order"), "order")
    same = sample("train", 1, seed=8, role="order")[np.zeros(8, int)]
    sheet("orders", replace(same, order=np.arange(8), phase=np.ones((8, 2), int)), "order")
    gallery("appearance", sample("train", 400, seed=1, role="motion"), "appearance", 3)
    gallery("images", sample("train", 400, seed=1, role="images"), "image_class", 3)


class Small(nn.Module):
    """A 3-D convolutional network with 0.12 M parameters and one head per label."""

    def __init__(self, labels: list[str], frames: int) -> None:
        super().__init__()
        self.body, channels = convolution_body(frames)
        self.heads = nn.ModuleDict({name: nn.Linear(channels, len(NAMES[name])) for name in labels})

    def forward(self, clips: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.body((clips.permute(0, 4, 1, 2, 3).float() / 255 - 0.4) / 0.15)
        return {name: head(features) for name, head in self.heads.items()}


def learn(role: Role, names: list[str], clips: int = 4000, epochs: int = 10, seed: int = 0) -> dict[str, float]:
    """Return the test accuracy of a supervised network by label (percent, 1,000 clips, last epoch).

    Args:
        role: role of the clips.
        names: labels to learn together.
        clips: number of training clips.
        epochs: passes over the training clips.
        seed: fixes clips, initial weights and order.
    """
    torch.manual_seed(seed)
    frames = 1 if role == "images" else 8
    sets = [sample(split, count, seed, role=role) for split, count in (("train", clips), ("test", 1000))]
    x, x_test = (torch.from_numpy(render(factors, frames)) for factors in sets)
    y, y_test = ({name: torch.from_numpy(factors.labels()[name]) for name in names} for factors in sets)
    model, batch = Small(names, frames), 50
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, epochs * clips // batch)
    loss = torch.zeros(())
    for epoch in range(epochs):
        model.train()
        for index in torch.randperm(clips).split(batch):
            shift = tuple(torch.randint(0, 32, (2,)).tolist())
            logits = model(x[index].roll(shift, (2, 3)))
            loss = torch.stack([F.cross_entropy(logits[name], y[name][index]) for name in names]).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        sys.stderr.write(f"{role}: epoch {epoch + 1} of {epochs}, loss {loss.item():.2f}\n")
    model.eval()
    with torch.no_grad():
        logits = model(x_test)
    return {name: 100 * (logits[name].argmax(1) == y_test[name]).float().mean().item() for name in names}


def table() -> None:
    """Print what a small supervised network learns, as rows of a Markdown table."""
    jobs: tuple[tuple[Role, list[str]], ...] = (
        ("motion", ["appearance", "direction", "fine_motion"]),
        ("order", ["order", "appearance"]),
        ("images", ["image_class"]),
    )
    for role, names in jobs:
        for name, score in learn(role, names).items():
            sys.stdout.write(f"| {role} | {name} | {100 / len(NAMES[name]):.1f} | {score:.1f} |\n")


if __name__ == "__main__":
    jobs = {"pictures": pictures, "learn": table}
    for name in sys.argv[1:] or ["pictures"]:
        if name not in jobs:
            raise SystemExit(f"unknown job {name!r} (choose from: {', '.join(jobs)})")
        jobs[name]()
