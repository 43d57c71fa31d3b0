"""A file that crashes its decoder never ends the calling process: it is named, counted and left out, everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.cache.build import build_cache
from auxjepa.data.errors import CacheError, VideoError
from auxjepa.data.loading.frame_lists import files_of, index_files
from auxjepa.data.manifest.manifest import Manifest, scan
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.media.read_clips import FileClips, read_clips
from auxjepa.data.media.video import read_frames
from auxjepa.data.sets.check import check_set
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.shards import open_shards, write_shards
from deadly import Deadly


@pytest.fixture
def folder(tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]) -> Path:
    """Six videos in two classes. Each test chooses the deadly one."""
    root = tmp_path / "videos"
    for number in range(6):
        make_video(root / "ab"[number % 2] / f"{number}.mp4", make_pattern(8, seed=number))
    return root


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    return scan(folder, check=False, progress=False)


WHY = "the process that reads it dies (SIGKILL, out of memory?)"


@pytest.mark.parametrize("victim", ["a/0.mp4", "b/5.mp4"])
@pytest.mark.parametrize("workers", [1, 2])
def test_scans(victim: str, workers: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Deadly("auxjepa.data.manifest.scan._scan_file", repr(victim)).install(monkeypatch)
    found = scan(folder, workers=workers, progress=False)
    assert [(one.path, one.defect) for one in found.defects] == [(victim, WHY)] and len(found) == 5
    assert found.coverage == pytest.approx(5 / 6)


def test_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (tmp_path / f"{number}.ppm").write_bytes(b"P6\n2 1\n255\nabcdef")
    Deadly("auxjepa.data.manifest.scan._scan_file", "'1.ppm'").install(monkeypatch)
    names = [f"{number}.ppm" for number in range(3)]
    found = scan_files(tmp_path, names, tmp_path / "own.jsonl", workers=1, progress=False)
    assert [one.defect for one in found.values()] == [None, WHY, None]


def test_lists_of_frames(manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = index_files(manifest, tmp_path / "sound.npz", workers=1, progress=False)
    Deadly("auxjepa.data.loading.frame_lists._list_job", "'b/1.mp4'").install(monkeypatch)
    lists = index_files(manifest, tmp_path / "frames.npz", workers=1, progress=False)
    sizes, whole = np.diff(lists.ends, prepend=0), np.diff(sound.ends, prepend=0)
    for number, one in enumerate(files_of(manifest)):
        assert sizes[number] == (0 if one.path == "b/1.mp4" else whole[number])


def test_caches_name_the_file(manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Deadly("auxjepa.data.cache.build._render", "path='b/3.mp4'").install(monkeypatch)
    with pytest.raises(CacheError, match=r"decodes it dies \(SIGKILL.*scan the folder again") as raised:
        build_cache(manifest, root=tmp_path, frames=4, size=16, workers=1, progress=False)
    assert raised.value.path == manifest.folder / "b" / "3.mp4" and "\n" not in str(raised.value)


def test_caches_of_files_that_are_intact_alone(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Deadly("auxjepa.data.cache.store._render_job", "Job(first=").install(monkeypatch)
    with pytest.raises(CacheError, match=r"decodes a/0.mp4, a/2.mp4, a/4.mp4, … together dies .*none dies alone"):
        build_cache(manifest, root=tmp_path, frames=4, size=16, workers=1, progress=False)


def test_shards(manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shard,) = write_shards(manifest, tmp_path / "shards")
    Deadly("auxjepa.data.shards.scan._scan_job", "000002.mp4").install(monkeypatch)
    found = open_shards(str(shard), tmp_path / "root", workers=1, progress=False)
    assert len(found) == 5 and [one.defect for one in found.defects] == [WHY]


def test_samples_of_prepared_sets(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_set("video_folder", folder, tmp_path / "data", name="mine", progress=False)
    Deadly("auxjepa.data.sets.check._decode", "'b/3.mp4'").install(monkeypatch)
    report = check_set("mine", tmp_path / "data", sample=6, workers=1, progress=False)
    assert report.defects == {"b/3.mp4": WHY} and report.decoded == 6


def _middle(times: np.ndarray, duration: float) -> list[np.ndarray]:
    return [np.array([0, len(times) // 2]), np.array([1, 1])]


def test_single_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cut.mp4").write_bytes((folder / "a" / "0.mp4").read_bytes()[:-300])
    shutil.copy(folder / "a" / "2.mp4", folder / "b" / "again.mp4")
    paths = [folder / name for name in ("a/0.mp4", "b/1.mp4", "cut.mp4", "a/2.mp4", "none.mp4", "a/2.mp4")]
    Deadly("auxjepa.data.media.read_clips._read", "b/1.mp4").install(monkeypatch)
    read = list(read_clips(paths, _middle, size=16))
    assert [isinstance(one, VideoError) for one in read] == [False, True, True, False, True, False]
    assert [one.path for one in read] == paths
    for one in read:
        if isinstance(one, FileClips):
            assert np.array_equal(one.clips[0], read_frames(one.path, [0, 4], size=16))
            assert np.array_equal(one.clips[1], read_frames(one.path, [1, 1], size=16))
    assert isinstance(read[1], VideoError) and read[1].reason == WHY
