"""Draw the pictures of docs/probes/physics.md and motion_discrimination.md: ``python -m docs.build_physics``."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from auxjepa.data.synthetic import directions, physics
from auxjepa.data.synthetic.paths import KINDS

OUT = Path(__file__).parent / "probes" / "pictures"
SIDE, FRAMES = 48, 8


def sheet(name: str, clips: np.ndarray, labels: list[str], trails: np.ndarray | None = None) -> None:
    """Draw one clip per row with its label.

    Args:
        name: file name without suffix.
        clips: pixels, uint8 [n F X Y 3].
        labels: text of every row.
        trails: positions of the bodies in time, [n bodies F 2], drawn in the first column; None for no such column.
    """
    extra = trails is not None
    columns = clips.shape[1] + extra
    figure, axes = plt.subplots(len(clips), columns, figsize=(columns, 1.02 * len(clips)), dpi=64)
    for row, (line, clip, text) in enumerate(zip(axes, clips, labels, strict=True)):
        if trails is not None:
            for body in range(trails.shape[1]):
                place = trails[row, body]
                line[0].plot(place[:, 1], place[:, 0], "-", color="0.7", linewidth=1)
                line[0].scatter(place[:, 1], place[:, 0], c=np.arange(len(place)), s=9, cmap="viridis", zorder=2)
            middle = trails[row].reshape(-1, 2).mean(axis=0)
            line[0].set(xlim=(middle[1] - 0.5, middle[1] + 0.5), ylim=(middle[0] + 0.5, middle[0] - 0.5))
            line[0].set_aspect("equal")
        for axis, frame in zip(line[extra:], clip, strict=True):
            axis.imshow(frame, interpolation="nearest")
        for axis in line:
            axis.set(xticks=[], yticks=[])
        line[0].set_ylabel(text.replace("_", " "), rotation=0, ha="right", va="center", fontsize=9)
    figure.tight_layout(pad=0.3)
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{name}.png", pil_kwargs={"optimize": True}, metadata={"Software": None})
    plt.close(figure)
    sys.stdout.write(f"{OUT / name}.png\n")


def main() -> None:
    scenes = physics.sample("validation", 16, seed=3, frames=FRAMES)
    shown = np.arange(8) + 8 * (np.arange(8) % 2)  # one of each kind
    unwrapped = np.unwrap(scenes.place[shown], axis=2, period=1.0)
    # Each trail is moved as close to the other as the torus allows.
    unwrapped[:, 1] += np.rint(unwrapped[:, :1].mean(axis=2) - unwrapped[:, 1:].mean(axis=2))
    sheet("physics", scenes.draw(shown, SIDE), list(KINDS), unwrapped)
    ours, label = directions.sample("validation", 16, seed=0)
    released, _ = directions.sample_released(0, 8)
    sheet("directions", ours.draw(np.arange(8), SIDE), [directions.NAMES[k] for k in label[:8]])
    sheet("directions_released", released.draw(np.arange(8), SIDE), list(directions.NAMES))


if __name__ == "__main__":
    main()
