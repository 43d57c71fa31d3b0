"""Video files: the world survives H.264, the same arguments give the same bytes, and a killed writer goes on."""

from __future__ import annotations

import csv
import hashlib
import os
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest

from auxjepa.data.manifest.manifest import scan
from auxjepa.data.world import CLASSES, render, sample, write_videos


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def decode(path):
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv444p"
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_files_hold_the_clips_and_the_table_their_labels(tmp_path):
    path = write_videos(tmp_path / "w", "train", 5, seed=4, progress=False)
    assert path == tmp_path / "w" / "labels.csv"
    factors, rows = sample("train", 5, 4), table(path)
    assert list(rows[0]) == ["path", *CLASSES]
    clips = render(factors)
    for index, row in enumerate(rows):
        assert {name: int(row[name] or -1) for name in CLASSES} == {
            name: int(c[index]) for name, c in factors.labels().items()
        }
        error = decode(path.parent / row["path"]).astype(float) - clips[index]
        assert np.sqrt((error**2).mean()) < 2.5
        assert abs(error.mean()) < 0.5
    assert float(table(path.with_name("nuisances.csv"))[3]["size"]) == factors.size[3]


def test_a_label_that_a_clip_lacks_stays_missing_on_the_way_through_the_manifest(tmp_path):
    write_videos(tmp_path, "pretrain", 6, frames=2, size=16, progress=False)
    labels = scan(tmp_path, workers=1, progress=False).labels
    for name, column in sample("pretrain", 6).labels().items():
        assert labels[name].tolist() == column.tolist(), name
    assert (labels["order"] >= 0).tolist() == [False, True] * 3


def test_two_processes_write_the_same_bytes_as_one(tmp_path):
    write_videos(tmp_path / "one", "test", 70, frames=4, size=16, progress=False)
    write_videos(tmp_path / "two", "test", 70, frames=4, size=16, workers=2, progress=False)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_a_killed_writer_resumes(tmp_path):
    complete, cut = tmp_path / "complete", tmp_path / "cut"
    code = (
        "import sys, pathlib; from auxjepa.data.world import write_videos;"
        "write_videos(pathlib.Path(sys.argv[1]), 'validation', 300, 1, 8, 32, progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(cut)])
    deadline = time.monotonic() + 60
    while len(list(cut.glob("*.mp4"))) < 20:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cut / "labels.csv").exists()
    before = {path.name: path.stat().st_mtime_ns for path in cut.glob("*.mp4")}
    assert 20 <= len(before) < 300
    (cut / ".000299.mp4.1.partial").write_bytes(b"left by a crash")
    for folder in (cut, complete):
        write_videos(folder, "validation", 300, 1, 8, 32, progress=False)
    assert digests(cut) == digests(complete)
    assert all((cut / name).stat().st_mtime_ns == stamp for name, stamp in before.items())


def test_a_larger_count_adds_clips_and_a_smaller_one_removes_none(tmp_path):
    write_videos(tmp_path, "train", 3, frames=4, size=16, progress=False)
    first = digests(tmp_path)
    write_videos(tmp_path, "train", 6, frames=4, size=16, progress=False)
    second = digests(tmp_path)
    assert {name: second[name] for name in first if name.endswith(".mp4")}.items() <= first.items()
    assert len(table(tmp_path / "labels.csv")) == 6
    write_videos(tmp_path, "train", 2, frames=4, size=16, progress=False)
    assert digests(tmp_path) == second


def test_images_are_written_with_their_own_classes(tmp_path):
    path = write_videos(tmp_path, "train", 2, frames=4, size=16, role="images", progress=False)
    assert list(table(path)[0]) == ["path", "image_class"]
    assert [int(row["image_class"]) for row in table(path)] == sample("train", 2, role="images").labels()[
        "image_class"
    ].tolist()


def test_a_folder_that_holds_another_world_is_refused(tmp_path):
    write_videos(tmp_path, "train", 1, frames=4, size=16, progress=False)
    before = digests(tmp_path)
    with pytest.raises(ValueError, match=r"holds another world .* choose another folder"):
        write_videos(tmp_path, "train", 1, seed=1, frames=4, size=16, progress=False)
    assert digests(tmp_path) == before


@pytest.mark.parametrize("size", [15, 17, 8])
def test_sizes_that_h264_cannot_hold_are_refused_before_anything_is_written(tmp_path, size):
    with pytest.raises(ValueError, match=f"an even size of 16 to 8,192 pixels, got {size}"):
        write_videos(tmp_path / "w", "train", 1, size=size, progress=False)
    assert not (tmp_path / "w").exists()
