"""Clips of Atari games: the labels agree with the pixels of the screen, and the product reads the folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from docs.worlds.atari import DIRECTIONS, GAMES, action_of, direction_of, places_of, windows, write_atari

from auxjepa.config import DataConfig
from auxjepa.data.open import open_manifest

pytest.importorskip("ale_py", reason="ale-py is not installed: pip install -e '.[worlds]'")


def test_the_product_reads_the_folder_and_a_replay_gives_its_labels(tmp_path: Path) -> None:
    write_atari(tmp_path / "atari", clips=12, seed=3, size=32)
    manifest = open_manifest(
        DataConfig(source=f"folder:{tmp_path / 'atari'}", root=tmp_path), workers=1, progress=False
    )
    assert len(manifest.entries) == 12 and manifest.classes["game"] == tuple(sorted(GAMES))
    assert all((entry.file.width, entry.file.frames) == (32, 16) for entry in manifest.entries)
    labels = {
        entry.name: {
            column: "" if manifest.labels[column][n] < 0 else manifest.classes[column][manifest.labels[column][n]]
            for column in ("direction", "action")
        }
        for n, entry in enumerate(manifest.entries)
    }
    for game in ("pong", "hero"):
        window, _ = next(windows(f"{game}_000", 1, seed=3))
        row = labels[f"{game}_000_0.mp4"]
        assert row["direction"] == direction_of(places_of(GAMES[game], window.memory)) != ""
        assert row["action"] == action_of(window.actions)


@pytest.mark.parametrize("name", ["pong", "freeway", "hero"])
def test_the_object_is_where_the_pixels_change(name: str) -> None:
    """If both signs of the object's place are right, the changed pixels have a constant offset from it."""
    shares = {}
    clips = [window for episode in range(2) for window, _ in windows(f"{name}_{episode:03}", 3, seed=1)]
    for signs in ((1, 1), (1, -1), (-1, 1)):
        hits, steps = np.zeros((900, 900)), 0
        for window in clips:
            places = places_of(GAMES[name], window.memory)
            if places is None:
                continue
            changed = np.abs(np.diff(window.frames.astype(np.int16), axis=0)).sum(axis=3) > 30
            for time in np.flatnonzero(np.linalg.norm(np.diff(places, axis=0), axis=1) >= 1):
                right, up = (places[time] * signs).astype(int)
                rows, columns = np.nonzero(changed[time])
                hits[rows + up + 400, columns - right + 400] += 1
                steps += 1
        shares[signs] = hits.max() / steps
        assert steps > 20
    axes = [signs for signs, axis in (((1, -1), GAMES[name].y), ((-1, 1), GAMES[name].x)) if axis is not None]
    assert all(shares[1, 1] > 1.5 * shares[signs] for signs in axes), shares


def test_directions_are_those_of_the_screen() -> None:
    time = np.arange(16.0)
    for number, name in enumerate(DIRECTIONS):
        angle = number * np.pi / 4
        assert direction_of(2 * np.stack([time * np.cos(angle), time * np.sin(angle)], axis=1)) == name
    still, turning = np.zeros((16, 2)), np.stack([np.minimum(time, 18 - time), 0 * time], axis=1)
    placed = np.stack([60.0 * (time > 8), 0 * time], axis=1)
    assert [direction_of(places) for places in (None, still, turning, placed)] == [""] * 4
