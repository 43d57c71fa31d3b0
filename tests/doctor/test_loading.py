"""What is measured against each other has to be the same thing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.loading.mixture import Draw
from auxjepa.data.loading.reader import ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import scan
from auxjepa.doctor.loading import Way, _cpu, _prepare, decode_bare, measure


@pytest.mark.parametrize("cut", [Cut(4, 16), Cut(4, 16, stride=3)], ids=["stride 1", "stride 3"])
def test_the_bare_decoder_reads_the_same_pixels(tmp_path: Path, videos: dict[str, Path], cut: Cut) -> None:
    for name in ("bframes", "open_gop", "vp9", "avi", "hevc", "variable", "ffv1"):
        shutil.copy(videos[name], tmp_path / f"{name}{videos[name].suffix}")
    manifest = scan(tmp_path, workers=1, progress=False)
    reader = ClipReader([(manifest, cut)])
    for index in range(len(manifest)):
        for offset in (0.0, 0.4, 0.99):
            wanted = reader.read(Draw(np.zeros(1, int), np.array([index]), np.zeros(1, int), np.array([offset])))[0][0]
            bare = decode_bare(_prepare(manifest, cut, index, offset), cut.size)
            assert (bare == wanted).all(), manifest.entries[index].name


def test_medians_and_ratios(tmp_path: Path, videos: dict[str, Path]) -> None:
    way = Way("x", 10, [1.0, 2.0, 90.0], [0.1, 0.2, 0.5])
    assert way.rate == 5 and way.cpu_ms == pytest.approx(20)
    shutil.copy(videos["bframes"], tmp_path / "a.mp4")
    shutil.copy(videos["avi"], tmp_path / "b.avi")
    manifest = scan(tmp_path, workers=1, progress=False)
    speed = measure(manifest, Cut(4, 16), workers=1, clips=8, rounds=3, place=tmp_path / "caches")
    assert all(len(way.seconds) == len(way.cpu) == 3 for way in speed.ways.values())
    loader, decoder = speed.ways["loader"], speed.ways["decoder"]
    assert loader.clips == 24 and decoder.clips == 8
    assert speed.of_limit == loader.rate / decoder.rate
    # What one worker computes is what one process computes, give or take; and it was all counted.
    assert 0.2 < speed.ways["reader"].cpu_ms / loader.cpu_ms < 5


def test_processor_time_of_others_is_counted() -> None:
    busy = subprocess.Popen(
        [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass\ntime.sleep(60)"]
    )
    begin = _cpu([busy.pid])
    end = time.monotonic() + 60
    while _cpu([busy.pid]) - begin < 0.45 and time.monotonic() < end:
        time.sleep(0.1)
    assert _cpu([busy.pid]) - begin >= 0.4
    busy.kill()
    busy.wait()
    assert _cpu([]) - begin >= 0.4  # and afterwards, as that of a child that has ended
