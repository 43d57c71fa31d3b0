from __future__ import annotations

import json
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.data.cache.build import build_cache
from auxjepa.data.errors import CacheError, ManifestError, VideoError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.frame_lists import index_files
from auxjepa.data.loading.reader import ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, scan
from auxjepa.data.media.video import Video
from auxjepa.data.shards import index_shards, local_file, open_shards, write_shards
from auxjepa.data.shards import scan as module

Make = Callable[..., Path]
Samples = list[tuple[str, bytes]]


@pytest.fixture
def shard(tmp_path: Path, make_tar: Make, samples: Samples) -> Path:
    return make_tar(tmp_path / "shards" / "s.tar", samples)


def _open(shard: Path, root: Path) -> Manifest:
    return open_shards(str(shard), root, workers=1, progress=False)


def test_a_manifest_of_shards_equals_one_of_the_files(shard: Path, samples: Samples, tmp_path: Path) -> None:
    manifest = _open(shard, tmp_path / "root")
    plain = tmp_path / "plain"
    for name, data in samples:
        if name.endswith(("mp4", "webm")):
            (plain / name).parent.mkdir(parents=True, exist_ok=True)
            (plain / name).write_bytes(data)
    reference = {e.file.path: e.file for e in scan(plain, workers=1, progress=False).entries}
    assert [e.name for e in manifest.entries] == ["s.tar/a/one.mp4", "s.tar/a/two.webm", "s.tar/b/three.png"]
    for entry in manifest.entries[:2]:
        same = reference[entry.file.path.removeprefix("s.tar/")]
        for each in ("bytes", "hash", "frames", "fps", "duration", "height", "width", "codec", "checked"):
            assert getattr(entry.file, each) == getattr(same, each)
    assert manifest.entries[2].frames == 1
    assert {c: v.tolist() for c, v in manifest.labels.items()} == {"action": [-1, 0, -1], "class": [3, -1, 7]}
    assert manifest.classes == {"action": ("fall",), "class": ("3", "7")}
    assert manifest.texts == (("a wave",), ("it falls", "down"), ())
    assert manifest.defects == () and manifest.coverage == 1
    assert _open(shard, tmp_path / "root").entries == manifest.entries
    moved = shutil.copytree(shard.parent, tmp_path / "elsewhere") / "s.tar"
    assert _open(moved, tmp_path / "root").digest == manifest.digest


def test_defects_are_listed_by_shard_and_member_and_left_out(
    tmp_path: Path, make_tar: Make, samples: Samples, capsys: pytest.CaptureFixture[str]
) -> None:
    first = make_tar(tmp_path / "1.tar", [*samples, ("c.mp4", samples[0][1][:900]), ("d.mp4", b""), ("../e.mp4", b"x")])
    second = make_tar(tmp_path / "2.tar", [*samples, ("f.cls", b"1")])
    second.write_bytes(second.read_bytes().rstrip(b"\0")[:-2000])
    manifest = open_shards([str(first), str(second)], tmp_path / "root", workers=1)
    defects = {one.path: one.defect for one in manifest.defects}
    assert sorted(defects) == ["1.tar/../e.mp4", "1.tar/c.mp4", "1.tar/d.mp4", "2.tar"]
    assert "cut short" in str(defects["1.tar/c.mp4"]) and defects["1.tar/d.mp4"] == "the file is empty (0 bytes)"
    assert "cut short" in str(defects["2.tar"]) and len(manifest) < 6 and manifest.coverage < 1
    output = capsys.readouterr().err
    assert "left out" in output and "1.tar/../e.mp4" in output


def test_shards_without_a_sound_sample_are_an_error(tmp_path: Path, make_tar: Make) -> None:
    path = make_tar(tmp_path / "s.tar", [("a.mp4", b"no video")])
    with pytest.raises(ManifestError, match="no sound sample in these shards"):
        _open(path, tmp_path / "root")


def test_nothing_is_written_outside_the_root_for_any_archive(tmp_path: Path, make_tar: Make) -> None:
    names = ["../../up.mp4", "/tmp/auxjepa-absolute.mp4", "ok.mp4", "a/./../../b.mp4"]
    path = make_tar(tmp_path / "in" / "s.tar", [(name, b"x") for name in names])
    with pytest.raises(ManifestError):
        _open(path, tmp_path / "data" / "root")
    outside = {p for p in tmp_path.rglob("*") if p.is_file()} - set((tmp_path / "data" / "root").rglob("*"))
    assert outside == {path} and not Path("/tmp/auxjepa-absolute.mp4").exists()


def test_only_new_samples_are_scanned(
    shard: Path, tmp_path: Path, make_tar: Make, samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    original, run = module._scan_member, module.run_jobs
    monkeypatch.setattr(module, "run_jobs", lambda *args, **how: run(*args, **how, here=True))
    monkeypatch.setattr(module, "_scan_member", lambda *args: seen.append(args[4]) or original(*args))
    first = _open(shard, tmp_path / "root")
    assert seen == ["a/one.mp4", "a/two.webm", "b/three.png"]
    seen.clear()
    assert _open(shard, tmp_path / "root").entries == first.entries and seen == []
    more = make_tar(shard.with_name("t.tar"), samples[:1])
    open_shards([str(shard), str(more)], tmp_path / "root", workers=1, progress=False)
    assert seen == ["a/one.mp4"]
    seen.clear()
    journal = next((tmp_path / "root" / "shards" / "scans").glob(f"{index_id(shard)}.jsonl"))
    journal.write_bytes(journal.read_bytes()[:-30])  # killed while it wrote its last line
    assert _open(shard, tmp_path / "root").entries == first.entries and seen == ["b/three.png"]
    seen.clear()
    make_tar(shard, samples[3:5])
    assert len(_open(shard, tmp_path / "root")) == 1 and seen == ["a/two.webm"]


def index_id(shard: Path) -> str:
    from auxjepa.data.shards.storage import inspect_shard

    return inspect_shard(str(shard), "s").address_hash


def test_a_later_check_completes_a_quick_scan(shard: Path, tmp_path: Path) -> None:
    quick = open_shards(str(shard), tmp_path / "root", check=False, workers=1, progress=False)
    assert not any(e.file.checked for e in quick.entries)
    assert all(e.file.checked for e in _open(shard, tmp_path / "root").entries)
    again = open_shards(str(shard), tmp_path / "root", check=False, workers=1, progress=False)
    assert all(e.file.checked for e in again.entries)


def test_a_killed_scan_resumes(tmp_path: Path, make_tar: Make, samples: Samples) -> None:
    path = make_tar(tmp_path / "s.tar", [(f"{n:04d}.mp4", samples[0][1]) for n in range(200)])
    code = (
        "from pathlib import Path; from auxjepa.data.shards import open_shards\n"
        f"open_shards({str(path)!r}, Path({str(tmp_path / 'root')!r}), workers=1, progress=False)\n"
    )
    journal = tmp_path / "root" / "shards" / "scans" / f"{index_id(path)}.jsonl"
    with subprocess.Popen([sys.executable, "-c", code]) as killed:
        deadline = time.monotonic() + 60
        while not journal.exists() or journal.read_text().count("\n") < 64:
            assert time.monotonic() < deadline and killed.poll() is None
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    done = journal.read_text().count("\n")
    assert done < 200
    manifest = _open(path, tmp_path / "root")
    assert len(manifest) == 200 and manifest.defects == ()
    assert len({json.loads(line)["path"] for line in journal.read_text().split("\n")[1:]}) == 200


def test_clips_cut_from_shards_are_those_of_the_files(
    shard: Path, samples: Samples, tmp_path: Path, videos: dict[str, Path]
) -> None:
    manifest = _open(shard, tmp_path / "root")
    settings: dict[str, Any] = {"frames": 4, "size": 16, "count": 3, "workers": 1, "progress": False}
    cache = build_cache(manifest, root=tmp_path / "caches", **settings)
    for clip, source in ((0, "bframes"), (1, "vp9")):
        with Video(videos[source]) as video:
            np.testing.assert_array_equal(cache.clips[clip], video.read(cache.indices[clip], size=16))
    assert cache.names[0] == "s.tar/a/one.mp4"
    reader = ClipReader(
        [(manifest, Cut(4, 16))], [index_files(manifest, tmp_path / "lists.npz", workers=1, progress=False)]
    )
    draw = Draw(np.zeros(3, np.int64), np.arange(3), np.zeros(3, np.int64), np.full(3, 0.5))
    clips, failures = pickle.loads(pickle.dumps(reader)).read(draw)
    assert failures == [] and clips.shape == (3, 4, 16, 16, 3)
    assert (clips[2] == clips[2, 0]).all() and clips[2, 0, 8, 8, 0] > 190  # the picture, repeated
    shutil.rmtree(tmp_path / "root" / "shards" / "files")
    np.testing.assert_array_equal(reader.read(draw)[0], clips)


def test_a_removed_or_changed_shard_is_noticed(shard: Path, tmp_path: Path) -> None:
    manifest = _open(shard, tmp_path / "root")
    shutil.rmtree(tmp_path / "root" / "shards" / "files")
    data = bytearray(shard.read_bytes())
    data[600] ^= 1  # inside the first video
    shard.write_bytes(data)
    name = manifest.entries[0].file.path
    changed = r"s\.tar/a/one\.mp4: its bytes changed after the scan"
    with pytest.raises(VideoError, match=changed), local_file(manifest.folder, name):
        pass
    with pytest.raises(CacheError, match="bytes changed after the scan"):
        build_cache(manifest, root=tmp_path / "c", frames=2, size=8, workers=1, progress=False)
    reader = ClipReader([(manifest, Cut(2, 8))])
    zero = np.zeros(1, np.int64)
    assert "bytes changed after the scan" in str(reader.read(Draw(zero, zero, zero, np.zeros(1)))[1][0])
    shard.unlink()
    with pytest.raises(VideoError, match="there is no such shard"), local_file(manifest.folder, name):
        pass


def test_errors_of_a_fetched_copy_carry_the_name_of_the_sample(shard: Path, tmp_path: Path) -> None:
    manifest = _open(shard, tmp_path / "root")
    name = manifest.entries[0].file.path
    with pytest.raises(VideoError) as caught, local_file(manifest.folder, name) as path:
        raise VideoError(path, "frame 3 is damaged")
    assert caught.value.path == manifest.folder / name
    with pytest.raises(VideoError, match="no such sample"), local_file(manifest.folder, "s.tar/a/none.mp4"):
        pass


def test_a_file_of_a_folder_is_not_copied(tmp_path: Path) -> None:
    with local_file(tmp_path, "a/b.mp4") as path:
        assert path == tmp_path / "a" / "b.mp4"


def test_a_set_can_be_pickled_and_is_small(shard: Path, tmp_path: Path, samples: Samples) -> None:
    manifest = index_shards(str(shard), tmp_path / "root", progress=False)
    again = pickle.loads(pickle.dumps(manifest))
    assert len(again) == 3 and again.read_bytes(0) == samples[0][1] and again.name(2) == "s.tar/b/three.png"
    assert again.labels["class"].tolist() == [3, -1, 7]
    with again.open(1) as path:
        assert path.read_bytes() == samples[4][1] and path.suffix == ".webm"
    assert manifest.nbytes < 3 * 150


def test_a_column_of_different_texts_is_not_a_label(
    tmp_path: Path, make_tar: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auxjepa.data.shards import shardset

    monkeypatch.setattr(shardset, "CLASSES", 3)
    content = [{"id": f"x{n}", "number": n, "sort": "ab"[n % 2], "odd": n % 2 == 1, "deep": {"x": 1}} for n in range(5)]
    members = [m for n in range(5) for m in ((f"{n}.mp4", b"x"), (f"{n}.json", json.dumps(content[n]).encode()))]
    manifest = index_shards(str(make_tar(tmp_path / "s.tar", members)), tmp_path, progress=False)
    assert {c: v.tolist() for c, v in manifest.labels.items()} == {
        "number": [0, 1, 2, 3, 4],
        "odd": [0, 1, 0, 1, 0],
        "sort": [0, 1, 0, 1, 0],
    }


def test_a_folder_written_to_shards_and_read_again(tmp_path: Path, videos: dict[str, Path]) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("bframes", "vp9", "one_frame"):
        shutil.copy(videos[name], plain)
    (plain / "labels.csv").write_text("path,action,fold\nb.mp4,wave,3\nv.webm,fall,1\none.mp4,wave,\n")
    manifest = scan(plain, workers=1, progress=False)
    written = write_shards(manifest, tmp_path / "out", samples=2)
    assert [path.name for path in written] == ["shard-000000.tar", "shard-000001.tar"]
    again = open_shards(str(tmp_path / "out"), tmp_path / "root", workers=1, progress=False)
    assert [e.file.hash for e in again.entries] == [e.file.hash for e in manifest.entries]
    assert {c: v.tolist() for c, v in again.labels.items()} == {c: v.tolist() for c, v in manifest.labels.items()}
    assert again.classes == manifest.classes
    other = write_shards(manifest, tmp_path / "twice", samples=2)
    assert [p.read_bytes() for p in other] == [p.read_bytes() for p in written]
    assert len(write_shards(manifest, tmp_path / "small", size=1)) == 3
    with pytest.raises(FileExistsError, match="choose another name or folder"):
        write_shards(manifest, tmp_path / "out")
    (plain / "labels.csv").write_text("path,start,stop\nb.mp4,0,10\n")
    with pytest.raises(ValueError, match="segments can't be written"):
        write_shards(scan(plain, workers=1, progress=False), tmp_path / "seg")
    with pytest.raises(ValueError, match="must be positive"):
        write_shards(manifest, tmp_path / "zero", samples=0)
    assert not list((tmp_path / "seg").iterdir())


def test_over_http_a_set_is_scanned_in_few_requests_and_read_again_from_the_disk(
    server: Any, tmp_path: Path, make_tar: Make, samples: Samples
) -> None:
    for number in range(2):
        make_tar(server.folder / f"{number:03d}.tar", samples)
    manifest = open_shards(server.url + "/{000..001}.tar", tmp_path / "root", workers=1, progress=False)
    assert [e.name for e in manifest.entries][3] == "001.tar/a/one.mp4" and len(manifest) == 6
    assert len([1 for method, _ in server.requests if method == "GET"]) <= 6
    server.requests.clear()
    build_cache(manifest, root=tmp_path, frames=4, size=16, workers=1, progress=False)
    assert server.requests == []
    shutil.rmtree(tmp_path / "root" / "shards" / "files")
    server.fault = lambda method, start: 500 if method == "GET" else None
    with pytest.raises(VideoError, match="answers 500"), local_file(manifest.folder, manifest.entries[0].file.path):
        pass
