from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auxjepa.data.cache import build as module
from auxjepa.data.cache.build import build_cache, clips_per_example
from auxjepa.data.cache.jpeg import JpegClips
from auxjepa.data.errors import CacheError
from auxjepa.data.manifest.manifest import Entry, Manifest, scan
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.media.still import Still
from auxjepa.data.media.video import Video, read_frames


@pytest.fixture
def manifest(tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]) -> Manifest:
    folder = tmp_path / "videos"
    for number, frames in enumerate((30, 12, 5, 40)):
        make_video(folder / f"{number}.mp4", make_pattern(frames, 32, 40, seed=number))
    (folder / "labels.csv").write_text("path,kind\n0.mp4,a\n1.mp4,b\n2.mp4,a\n3.mp4,c\n")
    return scan(folder, progress=False)


def _build(manifest: Manifest, root: Path, **changes):
    return build_cache(manifest, **{"root": root, "frames": 8, "size": 16, "workers": 1, "progress": False, **changes})


def test_clips_are_the_recorded_frames(manifest: Manifest, tmp_path: Path) -> None:
    cache = _build(manifest, tmp_path)
    assert cache.names == ("0.mp4", "1.mp4", "2.mp4", "3.mp4") and cache.clips.shape == (4, 8, 16, 16, 3)
    for clip, name, indices in zip(cache.clips, cache.names, cache.indices, strict=True):
        assert np.array_equal(clip, read_frames(manifest.folder / name, indices, size=16))
    assert cache.repeated.tolist() == [0, 0, 3, 0]
    assert cache.indices[2].tolist() == [0, 1, 2, 3, 4, 4, 4, 4]
    assert cache.labels["kind"].tolist() == [0, 1, 0, 2] and cache.classes["kind"] == ("a", "b", "c")


def test_more_clips_than_videos_are_spread_over_them(manifest: Manifest, tmp_path: Path) -> None:
    cache = _build(manifest, tmp_path, count=22)
    shares = [cache.names.count(f"{n}.mp4") for n in range(4)]
    assert sum(shares) == 22 and set(shares) == {5, 6}
    starts = cache.indices[[name == "3.mp4" for name in cache.names], 0]
    assert len(set(starts.tolist())) == len(starts) and starts.max() > 20 and starts.min() < 12
    for number in (0, 9, 21):
        path = manifest.folder / cache.names[number]
        assert np.array_equal(cache.clips[number], read_frames(path, cache.indices[number], size=16))
    assert cache.labels["kind"].tolist() == [{"0": 0, "1": 1, "2": 0, "3": 2}[name[0]] for name in cache.names]


def test_fewer_clips_than_videos_are_a_seeded_choice(manifest: Manifest, tmp_path: Path) -> None:
    chosen = {_build(manifest, tmp_path, count=2, seed=seed).names for seed in range(6)}
    assert all(len(set(names)) == 2 for names in chosen) and len(chosen) > 1
    assert clips_per_example(5, 13, 0).sum() == 13 and sorted(clips_per_example(5, 13, 0)) == [2, 2, 3, 3, 3]


def test_by_stride_by_time_and_uniformly(manifest: Manifest, tmp_path: Path) -> None:
    strided = _build(manifest, tmp_path, stride=3)
    assert (np.diff(strided.indices[3]) == 3).all()
    timed = _build(manifest, tmp_path, fps=12.5)
    assert (np.diff(timed.indices[3]) == 2).all() and timed.repeated[1] == 2
    spread = _build(manifest, tmp_path, where="uniform")
    assert spread.indices[3][[0, -1]].tolist() == [0, 39] and spread.indices[0][[0, -1]].tolist() == [0, 29]
    assert len({c.key for c in (strided, timed, spread, _build(manifest, tmp_path))}) == 4


def test_segments_stay_within_their_frames(manifest: Manifest, tmp_path: Path) -> None:
    (manifest.folder / "labels.csv").write_text("path,start,stop,kind\n3.mp4,10,20,a\n3.mp4,20,23,b\n")
    segments = scan(manifest.folder, progress=False)
    for settings in ({}, {"fps": 25.0}):
        cache = _build(segments, tmp_path, count=25, **settings)
        first = np.array([name == "3.mp4[10:20]" for name in cache.names])
        second = np.array([name == "3.mp4[20:23]" for name in cache.names])
        assert cache.indices[first].min() >= 10 and cache.indices[first].max() <= 19 and not cache.repeated[first].any()
        assert (cache.indices[second] == [20, 21, 22, 22, 22, 22, 22, 22]).all() and (cache.repeated[second] == 5).all()


def test_one_seed_gives_one_cache_for_all_workers_and_jobs(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = _build(manifest, tmp_path / "a", count=40)
    monkeypatch.setattr("auxjepa.processes.jobs.ALONE_SECONDS", 0.0)
    monkeypatch.setattr(module, "_BYTES_PER_JOB", 3 * 8 * 16 * 16 * 3)
    monkeypatch.setattr(module, "_CLIPS_PER_JOB", 2)
    together = _build(manifest, tmp_path / "b", count=40, workers=2)
    assert alone.key == together.key and np.array_equal(alone.clips, together.clips)
    assert np.array_equal(alone.indices, together.indices)
    other = _build(manifest, tmp_path / "a", count=40, seed=1)
    assert other.key != alone.key and not np.array_equal(other.indices, alone.indices)


def test_large_frames_are_stored_as_jpeg(manifest: Manifest, tmp_path: Path) -> None:
    small, large = _build(manifest, tmp_path, size=128), _build(manifest, tmp_path, size=136)
    assert isinstance(small.clips, np.memmap) and isinstance(large.clips, JpegClips)
    assert large.clips.shape == (4, 8, 136, 136, 3)
    raw = _build(manifest, tmp_path, size=136, encoding="raw")
    assert isinstance(raw.clips, np.memmap) and raw.key != large.key
    error = np.asarray(large.clips).astype(float) - raw.clips
    assert 0 < np.sqrt(np.mean(error**2)) < 3 and np.array_equal(raw.indices, large.indices)
    assert _build(manifest, tmp_path, size=128, encoding="raw").key == small.key
    assert isinstance(_build(manifest, tmp_path, encoding="jpeg").clips, JpegClips)


def test_pictures_are_videos_of_one_frame(tmp_path: Path, make_pattern: Callable[..., np.ndarray]) -> None:
    """Pictures are turned upright, as by all readers."""
    sideways = Image.Exif()
    sideways[0x0112] = 6
    Image.fromarray(make_pattern(1, 40, 60)[0]).save(tmp_path / "a.png", exif=sideways)
    files = scan_files(tmp_path, ["a.png"], tmp_path / "m.jsonl", workers=1, progress=False)
    entries = tuple(Entry(file, 0, file.frames) for file in files.values())
    cache = _build(Manifest(tmp_path, entries, {}, {}, ()), tmp_path, frames=3)
    with Still(tmp_path / "a.png") as picture:
        assert np.array_equal(cache.clips[0], picture.read([0, 0, 0], size=16))
    assert cache.repeated.tolist() == [2]


def test_a_clip_depends_on_its_own_video_only(
    manifest: Manifest, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    before = _build(manifest, tmp_path)
    make_video(manifest.folder / "! new.mp4", make_pattern(20, seed=9))
    after = _build(scan(manifest.folder, progress=False), tmp_path)
    assert after.names[0] == "! new.mp4" and np.array_equal(after.clips[1:], before.clips)


def test_a_video_is_opened_once_for_all_its_clips(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    class Counted(Video):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path)

    fill = module.fill_cache
    monkeypatch.setattr(module, "fill_cache", lambda *args, **how: fill(*args, **how | {"here": True}))
    monkeypatch.setattr(module, "open_media", Counted)
    _build(manifest, tmp_path, count=200)
    assert len(opened) == 4


def test_a_video_that_changed_or_broke_since_the_scan_is_an_error(manifest: Manifest, tmp_path: Path) -> None:
    path = manifest.folder / "1.mp4"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(CacheError, match=r"1\.mp4: cut short.*scan the folder again"):
        _build(manifest, tmp_path)
    path.write_bytes((manifest.folder / "0.mp4").read_bytes())
    with pytest.raises(CacheError, match="changed since the scan"):
        _build(manifest, tmp_path)


def test_impossible_requests_are_refused(manifest: Manifest, tmp_path: Path) -> None:
    for bad in ({"frames": 0}, {"size": 0}, {"stride": 0}, {"fps": -1.0}):
        with pytest.raises(ValueError, match="must be positive"):
            _build(manifest, tmp_path, **bad)
    with pytest.raises(ValueError, match="one clip a video"):
        _build(manifest, tmp_path, where="uniform", count=5)


KILLED = """
import sys
from pathlib import Path
from auxjepa.processes import jobs
from auxjepa.processes import jobs as parallel
from auxjepa.data.cache.build import build_cache
from auxjepa.data.manifest.manifest import scan
jobs.ALONE_SECONDS = 0.0
if __name__ == "__main__":
    videos, root, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    found = scan(videos, root / "m.jsonl", workers=1, progress=False, check=False)
    build_cache(found, root=root, frames=8, size=64, count=300, encoding=how, workers=2, progress=False)
"""


@pytest.mark.parametrize("encoding", ["raw", "jpeg"])
def test_killed_with_worker_processes_on_natural_clips(natural: Path, tmp_path: Path, encoding: str) -> None:
    """A build whose parent was killed while its workers decode is completed to the same bytes."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(natural), str(tmp_path), encoding])
    deadline = time.monotonic() + 30
    started = False
    while not started and process.poll() is None and time.monotonic() < deadline:
        journals = list(tmp_path.glob("clips/*.partial/journal.bin"))
        started = bool(journals) and any(journals[0].read_bytes())
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert started and list(tmp_path.glob("clips/*.partial"))
    result = scan(natural, tmp_path / "m.jsonl", workers=1, progress=False, check=False)
    arguments = {"frames": 8, "size": 64, "count": 300, "encoding": encoding, "workers": 1, "progress": False}
    resumed = build_cache(result, root=tmp_path, **arguments)
    straight = build_cache(result, root=tmp_path / "straight", **arguments)
    assert np.array_equal(resumed.clips, straight.clips) and np.array_equal(resumed.indices, straight.indices)
    assert np.std(resumed.clips[:20]) > 20
