"""Records of older versions, and of files that are replaced, written to or removed while they are read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from auxjepa.data.manifest import scan as module
from auxjepa.data.manifest.manifest import Entry, Manifest, scan
from auxjepa.data.manifest.scan import READING, Scanned, is_current, read_scanned, scan_files
from written_fields import h264, pictures_of, store


@pytest.fixture
def folder(tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]) -> Path:
    root = tmp_path / "videos"
    store(h264(pictures_of(6)), root / "fields.mts", "h264")
    make_video(root / "plain.mp4", make_pattern(8))
    make_video(root / "old.wmv", make_pattern(8), codec="wmv2")
    return root


def _age(file: Path, **changes: dict[str, Any]) -> None:
    """Write a manifest's records as version 1 did."""
    head, *lines = file.read_text().splitlines()
    for number, line in enumerate(lines):
        one = json.loads(line)
        del one["version"], one["reading"]
        lines[number] = json.dumps(one | changes.get(Path(one["path"]).stem, {}))
    file.write_text("\n".join([head, *lines]) + "\n")


def _read(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Record the names of all files that later scans read, and whether an older record is compared."""
    read, original = dict[str, bool](), module.run_jobs

    def record(work: Any, jobs: list[tuple[str, Scanned | None]], *args: Any, **how: Any) -> Any:
        read.update({name: old is not None for name, old in jobs})
        return original(work, jobs, *args, **how)

    monkeypatch.setattr(module, "run_jobs", record)
    return read


def test_uncertain_records_of_version_1_are_checked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = scan(folder, progress=False)
    assert [entry.frames for entry in fresh.entries] == [6, 8, 8]
    file = folder / "manifest.jsonl"
    _age(file, fields={"frames": 12, "fps": 50.0, "hash": "0" * 32}, plain={"hash": "1" * 32})
    read = _read(monkeypatch)
    again = scan(folder, progress=False)
    assert read == {"fields.mts": True, "plain.mp4": True}  # the codec of the third was never listed by packets
    assert [entry.frames for entry in again.entries] == [6, 8, 8]
    hashes = {entry.name: entry.file.hash for entry in again.entries}
    assert hashes["fields.mts"] == fresh.entries[0].file.hash  # read again, because its frames differ
    assert hashes["plain.mp4"] == "1" * 32  # a look at its packets agreed
    read.clear()
    assert scan(folder, progress=False) == again and read == {}


def test_files_that_version_1_left_out_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = scan(folder, progress=False)
    wrong = {"defect": "12 frames are listed, 6 can be decoded", "frames": 0, "hash": ""}
    _age(folder / "manifest.jsonl", fields=wrong, old=wrong)
    read = _read(monkeypatch)
    assert scan(folder, progress=False).digest == fresh.digest
    assert read == {"fields.mts": False, "plain.mp4": True, "old.wmv": False}


def test_a_manifest_without_unsure_records_is_not_written_again(folder: Path) -> None:
    (folder / "fields.mts").unlink()
    (folder / "plain.mp4").unlink()
    scan(folder, progress=False)
    _age(folder / "manifest.jsonl")
    before = (folder / "manifest.jsonl").read_text()
    assert len(scan(folder, progress=False)) == 1 and (folder / "manifest.jsonl").read_text() == before


def test_only_pixels_that_are_read_differently_change_the_digest(tmp_path: Path) -> None:
    grey = np.linspace(0, 1, 64).reshape(8, 8)
    Image.fromarray((255 * grey).astype(np.uint8)).save(tmp_path / "a.tif")
    Image.fromarray(grey.astype(np.float32)).save(tmp_path / "b.tif")
    digests = {}
    for name in ("a.tif", "b.tif"):
        (one,) = scan_files(tmp_path, [name], tmp_path / f"{name}.jsonl", progress=False).values()
        assert one.version == READING and bool(one.reading) == (name == "b.tif")
        entries = [[one.path, one.hash, 0, 1]]  # what version 1 hashed
        content = json.dumps({"entries": entries, "labels": {}, "classes": {}}, sort_keys=True)
        before = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        digests[name] = Manifest(tmp_path, (Entry(one, 0, 1),), {}, {}, ()).digest == before
    assert digests == {"a.tif": True, "b.tif": False}


def test_which_records_are_current() -> None:
    old = {"path": "a", "bytes": 1, "modified": 1, "hash": "", "defect": None}
    assert not is_current(Scanned(**old, codec="h264", frames=9)) and is_current(Scanned(**old, codec="vp8", frames=9))
    assert not is_current(Scanned(**old, codec="mjpeg", frames=1)) and is_current(
        Scanned(**old, codec="jpeg", frames=1)
    )
    assert not is_current(Scanned(**old | {"defect": "broken"})) and is_current(
        Scanned(**old, codec="h264", version=READING)
    )


def _hash(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object], int], None]:
    """Change a file each time after it is decoded and before its content is hashed."""

    def install(act: Callable[[], object], times: int) -> None:
        original, left = module.probe_media, [times]

        def probed(path: Path, *, check: bool) -> object:
            info = original(path, check=check)
            if left[0]:
                left[0] -= 1
                act()
            return info

        monkeypatch.setattr(module, "probe_media", probed)

    return install


def _look(folder: Path, name: str) -> Scanned:
    return module._scan_file(folder, True, True, (name, None))


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(folder: Path, meanwhile: Callable) -> None:
    other = folder.parent / "other.mp4"
    shutil.copy(folder / "plain.mp4", other)
    with other.open("ab") as file:
        file.write(b"\0\0\0\x08free")
    meanwhile(lambda: other.replace(folder / "plain.mp4"), 1)
    one = _look(folder, "plain.mp4")
    stat = (folder / "plain.mp4").stat()
    assert not one.defect and (one.bytes, one.modified) == (stat.st_size, stat.st_mtime_ns)
    assert one.frames == 8 and one.hash == _hash(folder / "plain.mp4")


def test_a_file_of_the_same_size_and_time_is_detected_too(folder: Path, meanwhile: Callable) -> None:
    path = folder / "plain.mp4"
    stat, data = path.stat(), bytearray(path.read_bytes())
    data[data.index(b"mvhd") + 8] ^= 1  # the time of creation

    def swap() -> None:
        path.write_bytes(data)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    meanwhile(swap, 1)
    assert _look(folder, "plain.mp4").hash == hashlib.blake2b(data, digest_size=16).hexdigest()


def test_a_file_that_is_cut_while_it_is_read_is_a_defect(folder: Path, meanwhile: Callable) -> None:
    path = folder / "plain.mp4"
    meanwhile(lambda: os.truncate(path, path.stat().st_size // 2), 1)
    one = _look(folder, "plain.mp4")
    assert one.defect is not None and "cut short" in one.defect and one.bytes == path.stat().st_size and not one.frames


def test_a_file_that_is_removed_while_it_is_read_is_a_defect(folder: Path, meanwhile: Callable) -> None:
    meanwhile((folder / "plain.mp4").unlink, 1)
    assert _look(folder, "plain.mp4") == Scanned("plain.mp4", 0, 0, "", "no such file", version=READING)


def test_a_file_that_never_stays_the_same_is_a_defect_until_it_does(folder: Path, meanwhile: Callable) -> None:
    path = folder / "plain.mp4"

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"\0\0\0\x08free")

    meanwhile(grow, 99)
    one = _look(folder, "plain.mp4")
    assert one.defect == "changes while it is read: scan again once it is complete" and one.frames == 0
    module._write(folder / "own.jsonl", [module._HEADER, vars_of(one)])
    (now,) = scan_files(folder, ["plain.mp4"], folder / "own.jsonl", progress=False).values()
    assert not now.defect and now.frames == 8  # another process reads it without a disturbance


def vars_of(one: Scanned) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def test_folders_that_change_while_they_are_scanned(
    tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    """Files are removed, cut and replaced after the listing and before they are read. All other records are correct."""
    for number in range(8):
        make_video(tmp_path / f"{number}.mp4", make_pattern(4, seed=number))
    names = [f"{number}.mp4" for number in range(8)]
    (tmp_path / "2.mp4").unlink()
    os.truncate(tmp_path / "5.mp4", 300)
    shutil.copy(tmp_path / "0.mp4", tmp_path / "6.mp4")
    result = scan_files(tmp_path, names, tmp_path / "own.jsonl", progress=False)
    assert [name for name, one in result.items() if one.defect] == ["2.mp4", "5.mp4"]
    assert result["6.mp4"].hash == result["0.mp4"].hash == _hash(tmp_path / "6.mp4")
    assert read_scanned(tmp_path / "own.jsonl") == list(result.values())
