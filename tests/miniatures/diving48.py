"""Diving-48 V2 with 4 classes: 12 dives for training, 4 for testing."""

from __future__ import annotations

import json
from pathlib import Path

from miniatures import text, video

VOCABULARY = (
    ("Back", "15som", "05Twis", "FREE"),
    ("Back", "15som", "NoTwis", "PIKE"),
    ("Forward", "25som", "NoTwis", "PIKE"),
    ("Reverse", "Dive", "NoTwis", "TUCK"),
)
SIZES = {"train": 12, "test": 4}


def build(root: Path, frames: int = 20) -> Path:
    """The official layout below ``root``: 16 dives."""
    text(root / "Diving48_vocab.json", json.dumps(VOCABULARY))
    number = 0
    for split, size in SIZES.items():
        entries = []
        for _ in range(size):
            name = f"-mmq0PT-u8k_{number:05d}" if number % 2 else f"2x00lRzlTVQ_{number:05d}"
            entries.append({"vid_name": name, "label": number % 4, "start_frame": 0, "end_frame": frames})
            video(root / "rgb" / f"{name}.mp4", frames, seed=number)
            number += 1
        text(root / f"Diving48_V2_{split}.json", json.dumps(entries))
    return root
