"""Videos that the package and its tests write have the same bytes in every run: splits by content depend on them."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from natural import write_video

ROOT = Path(__file__).parents[1]
SOUND = ("aac", "mp3", "libopus")
CALL = re.compile(r"\.add_stream\(([^)\n]*)")


def writers() -> list[tuple[str, str]]:
    """Return the place of every call that opens a video stream, and the ten lines from there."""
    calls = []
    for room in ("src", "tests", "docs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            lines = path.read_text().splitlines()
            for number, line in enumerate(lines):
                call = CALL.search(line)
                if call and not any(f'"{codec}"' in call[1] for codec in SOUND):
                    calls.append((f"{path.relative_to(ROOT)}:{number + 1}", "\n".join(lines[number : number + 10])))
    return calls


def test_every_encoder_has_one_thread() -> None:
    calls = writers()
    assert len(calls) > 10
    assert not [place for place, text in calls if "thread_count = 1" not in text]


@pytest.mark.parametrize("size", [(32, 32), (64, 48)])
def test_the_same_frames_give_the_same_bytes(size: tuple[int, int], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (18, size[1], size[0], 3), dtype=np.uint8)
    for name in ("a", "b"):
        frames = [av.VideoFrame.from_ndarray(one, format="rgb24").reformat(format="yuv420p") for one in pixels]
        write_video(tmp_path / f"{name}.mp4", frames)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
