"""Stored frame lists equal fresh ones, are never used for another file, and are stored completely or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.errors import ManifestError
from auxjepa.data.loading import frame_lists as indexed
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.frame_lists import index_files
from auxjepa.data.loading.reader import ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, scan
from auxjepa.data.media.listing import version_of
from auxjepa.data.media.video import Video


@pytest.fixture
def manifest(tmp_path: Path, videos: dict[str, Path]) -> Manifest:
    for name, path in videos.items():
        if path.parent.name != "fol der":
            shutil.copy(path, tmp_path / f"{name}{path.suffix}")
    (tmp_path / "labels.csv").write_text("path,start,stop\nbframes.mp4,0,20\nbframes.mp4,20,50\n")
    return scan(tmp_path, workers=1, progress=False)


def all_clips(reader: ClipReader, count: int) -> np.ndarray:
    return reader.read(Draw(np.zeros(count, int), np.arange(count), np.zeros(count, int), np.full(count, 0.8)))[0]


def test_stored_lists_equal_fresh_ones_and_give_the_same_clips(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept" / "frames.npz"
    lists = index_files(manifest, file, workers=2, progress=False)
    assert lists.nbytes < 600 * len(lists.ends) and len(lists.ends) == len(manifest) - 1
    for number, one in enumerate(indexed.files_of(manifest)):
        path = manifest.folder / one.path
        index = lists.get(number, version_of(path))
        with Video(path) as video:
            assert index is not None and index.to_bytes() == video.index.to_bytes()
        assert lists.get(number, (one.bytes, one.modified + 1)) is None
    fresh = all_clips(ClipReader([(manifest, Cut(4, 16))]), len(manifest))

    def never(*_: object) -> None:
        raise AssertionError("listed again")

    monkeypatch.setattr("auxjepa.data.media.video.list_frames", never)
    again = index_files(manifest, file, progress=False)
    assert (again.lists == lists.lists).all()
    assert (all_clips(ClipReader([(manifest, Cut(4, 16))], [again]), len(manifest)) == fresh).all()


def test_another_set_of_files_or_a_damaged_file_is_listed_again(manifest: Manifest, tmp_path: Path) -> None:
    file = tmp_path / "frames.npz"
    lists = index_files(manifest, file, workers=1, progress=False)
    for damage in (b"", file.read_bytes()[:200], b"noise" * 99):
        file.write_bytes(damage)
        assert (index_files(manifest, file, workers=1, progress=False).lists == lists.lists).all()
    fewer = Manifest(manifest.folder, manifest.entries[:4], {}, {}, ())
    assert len(index_files(fewer, file, workers=1, progress=False).ends) == 3  # two are of one file
    with pytest.raises(ValueError, match="lists of"):
        ClipReader([(fewer, Cut(4, 16))], [lists])


def test_a_changed_file_is_not_read_by_its_old_list(manifest: Manifest, tmp_path: Path) -> None:
    lists = index_files(manifest, tmp_path / "frames.npz", workers=1, progress=False)
    reader = ClipReader([(manifest, Cut(4, 16))], [lists])
    before = all_clips(reader, len(manifest))
    for entry in manifest.entries:
        os.utime(manifest.folder / entry.file.path, ns=(1, 1))
    assert (all_clips(reader, len(manifest)) == before).all()  # same content, listed again
    number = next(n for n, entry in enumerate(manifest.entries) if entry.file.path == "hevc.mp4")
    other = bytearray((manifest.folder / "hevc.mp4").read_bytes())
    other[:] = b"x" * len(other)
    (manifest.folder / "hevc.mp4").write_bytes(other)
    one = Draw(np.zeros(1, int), np.array([number]), np.zeros(1, int), np.zeros(1))
    assert [failure.name for failure in reader.read(one)[1]] == ["hevc.mp4"]


def test_unreadable_files_have_no_list(manifest: Manifest, tmp_path: Path) -> None:
    (manifest.folder / "avi.avi").unlink()
    lists = index_files(manifest, tmp_path / "frames.npz", workers=1, progress=False)
    empty = np.diff(lists.ends, prepend=0) == 0
    assert [one.path for one, no in zip(indexed.files_of(manifest), empty, strict=True) if no] == ["avi.avi"]


def test_a_folder_that_cannot_be_written_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ManifestError, match="lists of frames cannot be written"):
        index_files(manifest, tmp_path / "file" / "frames.npz", workers=1, progress=False)
