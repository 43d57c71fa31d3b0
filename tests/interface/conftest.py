"""A folder with what the pages' examples name: videos, labelled ones, and a quick study."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from natural import write_classes

PIECES, FRAMES = 5, 8


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``clips/`` (three classes of natural video), ``walk.mp4`` and ``run.mp4``."""
    root = tmp_path_factory.mktemp("videos")
    write_classes(root / "clips", PIECES, FRAMES)
    shutil.copy(root / "clips" / "bikes" / "0.mp4", root / "walk.mp4")
    shutil.copy(root / "clips" / "carphone_pristine" / "0.mp4", root / "run.mp4")
    return root
