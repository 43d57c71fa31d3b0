"""Natural clips don't cross cuts, and the product reads their folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from docs.worlds import natural
from docs.worlds.clip_folder import write_clip
from docs.worlds.natural import pieces, write_natural

from auxjepa.config import DataConfig
from auxjepa.data.open import open_manifest


def test_the_product_reads_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(natural, "SCIKIT", ("carphone_distorted.mp4", "carphone_pristine.mp4"))
    write_natural(tmp_path / "natural", clips=3, seed=0, size=32, opencv=tmp_path / "missing")
    manifest = open_manifest(
        DataConfig(source=f"folder:{tmp_path / 'natural'}", root=tmp_path), workers=1, progress=False
    )
    assert len(manifest.entries) == 3
    assert set(manifest.classes["group"]) == {"carphone_distorted", "carphone_pristine"}
    assert all(entry.file.height == 32 and entry.file.frames >= 48 for entry in manifest.entries)


def test_a_piece_does_not_cross_a_cut(tmp_path: Path) -> None:
    shots = [np.full((frames, 32, 32, 3), grey, np.uint8) for frames, grey in ((25, 20), (9, 120), (45, 220))]
    write_clip(tmp_path / "film.mp4", np.concatenate(shots), 10)
    written = [(len(frames), int(frames.mean().round(-1))) for frames, rate in pieces(tmp_path / "film.mp4", 32)]
    assert written == [(25, 20), (20, 220), (25, 220)]
