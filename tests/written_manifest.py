"""Manifests of videos that nobody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned


def make_manifest(
    names: Sequence[str],
    labels: Mapping[str, Sequence[int]] | None = None,
    classes: Mapping[str, tuple[str, ...]] | None = None,
    *,
    top: Path = Path("x"),
    places: Sequence[str] = (),
) -> Manifest:
    """A manifest of videos of 20 frames; ``name=content`` says what they hold."""
    parts = [name.partition("=")[::2] for name in names]
    files = [Scanned(path, 1, 1, content or f"of {path}", None, frames=20, fps=25.0) for path, content in parts]
    columns = {name: np.array(column, dtype=np.int64) for name, column in (labels or {}).items()}
    entries = tuple(Entry(one, 0, 20) for one in files)
    return Manifest(top, entries, columns, dict(classes or {}), (), places=tuple(places))
