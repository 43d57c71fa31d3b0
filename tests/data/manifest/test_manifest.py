from __future__ import annotations

import json
import os
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

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest import scan as module
from auxjepa.data.manifest.manifest import Manifest, defect_table, load, open_source, scan


@pytest.fixture
def folder(tmp_path: Path, videos: dict[str, Path]) -> Path:
    root = tmp_path / "videos"
    (root / "deep" / "er").mkdir(parents=True)
    shutil.copy(videos["bframes"], root / "b.mp4")
    shutil.copy(videos["vp9"], root / "deep" / "v.WEBM")
    shutil.copy(videos["one_frame"], root / "deep" / "er" / "ö 1.mp4")
    (root / "notes.txt").write_text("no video")
    (root / ".hidden.mp4").write_text("no video")
    return root


def _names(result: Manifest) -> list[str]:
    return [entry.name for entry in result.entries]


def _note_jobs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the names of all files that later scans read."""
    read, original = list[str](), module.run_jobs

    def record(work: Any, jobs: list[tuple[str, object]], *args: Any, **how: Any) -> Any:
        read.extend(name for name, _ in jobs)
        return original(work, jobs, *args, **how)

    monkeypatch.setattr(module, "run_jobs", record)
    return read


def test_a_folder_is_scanned_recursively_in_a_stable_order(folder: Path) -> None:
    result = scan(folder, progress=False)
    assert _names(result) == ["b.mp4", "deep/er/ö 1.mp4", "deep/v.WEBM"]
    first = result.entries[0].file
    assert (first.frames, first.height, first.width, first.codec) == (50, 48, 64, "h264")
    assert first.fps == pytest.approx(25) and first.bytes == (folder / "b.mp4").stat().st_size and len(first.hash) == 32
    assert result.labels == {} and result.defects == ()
    assert scan(folder, workers=1, progress=False) == result == load(folder)


def test_only_changed_files_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scan(folder, progress=False)
    read = _note_jobs(monkeypatch)
    assert scan(folder, progress=False).digest == before.digest and read == []
    shutil.copy(folder / "deep" / "v.WEBM", folder / "new.webm")
    os.utime(folder / "b.mp4", ns=(1, 1))
    (folder / "deep" / "er" / "ö 1.mp4").unlink()
    after = scan(folder, progress=False)
    assert sorted(read) == ["b.mp4", "new.webm"]
    assert _names(after) == ["b.mp4", "deep/v.WEBM", "new.webm"] and after.digest != before.digest


def test_a_later_check_completes_a_quick_scan(folder: Path) -> None:
    assert not scan(folder, check=False, progress=False).entries[0].file.checked
    assert scan(folder, progress=False).entries[0].file.checked
    assert scan(folder, check=False, progress=False).entries[0].file.checked


def test_defects_are_listed_and_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (folder / "b.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(data[:-200])
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("hello" * 100)
    assert module._scan_file(folder, True, True, ("gone.mp4", None)).defect == "no such file"
    result = scan(folder, progress=True)
    assert _names(result) == ["b.mp4", "deep/er/ö 1.mp4", "deep/v.WEBM"]
    assert {one.path: one.defect for one in result.defects}.keys() == {"cut.mp4", "empty.mp4", "text.mp4"}
    printed = capsys.readouterr().err
    assert "3 left out" in printed and "cut short" in printed and "0 bytes" in printed
    assert defect_table(result).row_count == 3


def test_odd_names_are_read(folder: Path, videos: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(videos["bframes"], folder / "line\u2028 [red]\nbreak.mp4")
    (folder / "[bold]x.mp4").touch()
    latin = os.fsdecode(b"caf\xe9.mp4")
    shutil.copy(videos["bframes"], folder / latin)
    result = scan(folder)
    assert "line\u2028 [red]\nbreak.mp4" in _names(result) and result == load(folder)
    assert "[bold]x.mp4" in capsys.readouterr().err
    assert latin in _names(result) + [one.path for one in result.defects]


def test_labels_come_from_a_table(folder: Path) -> None:
    (folder / "labels.csv").write_text("path,kind,speed\nb.mp4,walk,10\ndeep/v.WEBM,jump,2\ngone.mp4,run,3\n")
    result = scan(folder, progress=False)
    assert result.classes == {"kind": ("jump", "walk"), "speed": ("2", "10")}
    assert result.labels["kind"].tolist() == [1, -1, 0] and result.labels["speed"].tolist() == [10, -1, 2]
    assert [one.path for one in result.defects] == ["gone.mp4"]
    before = result.digest
    (folder / "labels.csv").write_text("path,kind\nb.mp4,jump\n")
    assert load(folder).digest != before and load(folder).labels["kind"].tolist() == [0, -1, -1]


def test_files_that_are_not_read_are_counted_but_not_in_the_coverage(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "again").symlink_to("deep")
    result = scan(folder)
    assert {one.reason: one.paths for one in result.unread} == {
        "not a video by its name (.txt)": ("notes.txt",),
        "hidden (the name begins with a dot)": (".hidden.mp4",),
        "read already under another name": ("again -> deep",),
    }
    assert result.coverage == 1 and len(result) == 3
    assert "3 files not read: 1 hidden" in capsys.readouterr().err
    assert scan(folder, quiet=True) == result and capsys.readouterr().err == ""


def test_odd_rows_and_missing_labels_are_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["b.mp4,2,walk", "./b.mp4,2,walk", "deep\\v.WEBM,-1,run", "deep/er/ö 1.mp4,3.0,run", "deep/er/ö 1.mp4,1,run"]
    (folder / "labels.csv").write_text("path, n, kind\n" + "\n".join(rows) + "\n")
    result = scan(folder)
    assert _names(result) == ["b.mp4", "deep/v.WEBM"] and result.labels["n"].tolist() == [2, -1]
    assert result.classes == {"n": ("2",), "kind": ("run", "walk")}
    assert [(one.path, one.defect) for one in result.defects] == [
        ("deep/er/ö 1.mp4", "labels.csv gives it 2 values of n: 3 (line 5) and 1 (line 6)")
    ]
    assert result.left_out == 1 and result.coverage == pytest.approx(2 / 3)
    assert len(result.notes) == 4 and result.notes[-1].startswith("n: 1 of 2 examples have no label")
    printed = capsys.readouterr().err
    assert all(note in printed for note in result.notes)


def test_a_scan_begins_with_the_manifest_in_the_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scan(folder, progress=False)
    read = _note_jobs(monkeypatch)
    result = open_source(f"folder:{folder}", tmp_path / "root", progress=False)
    assert result.digest == before.digest and read == []
    (folder / "manifest.jsonl").write_text("damaged")
    assert open_source(f"folder:{folder}", tmp_path / "other", progress=False).digest == before.digest
    assert len(read) == 3


def test_a_folder_of_any_length_of_name_has_a_manifest(videos: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / ("ä" * 125)
    folder.mkdir()
    shutil.copy(videos["one_frame"], folder / "a.mp4")
    assert len(open_source(f"folder:{folder}", tmp_path / "root", progress=False)) == 1


def test_a_subset_keeps_labels_and_texts(folder: Path) -> None:
    (folder / "labels.csv").write_text("path,n\nb.mp4,2\ndeep/v.WEBM,3\n")
    result = scan(folder, progress=False)
    some = result.subset([2, 0])
    assert _names(some) == ["deep/v.WEBM", "b.mp4"] and some.labels["n"].tolist() == [3, 2]
    assert some.folder_paths == some.video_names == ("deep/v.WEBM", "b.mp4")


def test_segments_of_a_long_file(folder: Path) -> None:
    (folder / "labels.csv").write_text("path,start,stop,kind\nb.mp4,0,20,a\nb.mp4,20,,b\n")
    result = scan(folder, progress=False)
    assert _names(result)[:2] == ["b.mp4[0:20]", "b.mp4[20:50]"]
    assert [entry.frames for entry in result.entries] == [20, 30, 1, 50]
    assert result.labels["kind"].tolist() == [0, 1, -1, -1]
    for bad, why in (
        ("b.mp4,30,60,a", "isn't within"),
        ("b.mp4,x,9,a", "frame numbers"),
        ("b.mp4,1", "has 2 values instead of 4"),
    ):
        (folder / "labels.csv").write_text(f"path,start,stop,kind\n{bad}\n")
        with pytest.raises(ManifestError, match=why):
            load(folder)
    (folder / "labels.csv").write_text("file,kind\nb.mp4,a\n")
    with pytest.raises(ManifestError, match="'path'"):
        load(folder)


def test_the_digest_depends_on_contents_and_not_on_paths(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    assert scan(folder, progress=False).digest == scan(moved, progress=False).digest


def test_a_source_keeps_its_manifest_under_the_root(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    result = open_source(f"folder:{folder}", root, progress=False)
    assert len(result) == 3 and not (folder / "manifest.jsonl").exists()
    assert len(list((root / "manifests").glob("videos-*.jsonl"))) == 1
    with pytest.raises(ValueError, match="folder:PATH"):
        open_source("videos", root)


def test_unusable_folders_are_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such folder"):
        scan(tmp_path / "none")
    (tmp_path / "bare").mkdir()
    with pytest.raises(ManifestError, match="no readable video"):
        scan(tmp_path / "bare", progress=False)
    with pytest.raises(ManifestError, match="scan the folder first"):
        load(folder)
    scan(folder, progress=False)
    file = folder / "manifest.jsonl"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], lines[2][:40]]))
    with pytest.raises(ManifestError, match="line 3 is damaged"):
        load(folder)
    file.write_text("{}\n")
    with pytest.raises(ManifestError, match="line 1 is damaged"):
        load(folder)


KILLED_SCAN = """
import sys, time
from pathlib import Path
from auxjepa.data.manifest import manifest, scan
original = scan.run_jobs
def slowly(*args, **how):
    for done in original(*args, **how):
        time.sleep(0.05)
        yield done
scan.run_jobs = slowly
manifest.scan(Path(sys.argv[1]), workers=1, progress=False)
"""


def test_a_killed_scan_resumes(
    tmp_path: Path,
    make_video: Callable[..., Path],
    make_pattern: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "many"
    for number in range(12):
        make_video(folder / f"{number}.mp4", make_pattern(3, seed=number))
    journal = folder / "manifest.jsonl.partial"
    process = subprocess.Popen([sys.executable, "-c", KILLED_SCAN, str(folder)])
    deadline = time.monotonic() + 30
    while not (journal.exists() and journal.read_text().count("hash") >= 3) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    finished = [json.loads(line)["path"] for line in journal.read_text().splitlines() if line.endswith("}")]
    assert 3 <= len(finished) < 12 and not (folder / "manifest.jsonl").exists()
    with journal.open("a") as file:
        file.write('{"path": "cut')
    read = _note_jobs(monkeypatch)
    resumed = scan(folder, progress=False)
    assert sorted(read + finished) == sorted(f"{n}.mp4" for n in range(12)) and not journal.exists()
    assert resumed == scan(folder, tmp_path / "fresh.jsonl", progress=False)


def test_processes_that_scan_one_folder_at_once_agree(
    tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    folder = tmp_path / "many"
    for number in range(8):
        make_video(folder / f"{number}.mp4", make_pattern(3, seed=number))
    processes = [subprocess.Popen([sys.executable, "-c", KILLED_SCAN, str(folder)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(load(folder)) == 8 and not list(folder.glob("*.partial")) and not list(folder.glob("*.tmp"))


@pytest.mark.parametrize("begun", [False, True])
def test_a_scan_parses_a_manifest_once(
    folder: Path, tmp_path: Path, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(folder, workers=1, progress=False)
    parsed: list[Path] = []
    real = module.read_scanned

    def count(file: Path, strict: bool = True) -> list[module.Scanned]:
        parsed.append(file)
        return real(file, strict)

    monkeypatch.setattr(module, "read_scanned", count)
    own = tmp_path / "own.jsonl"
    before = scan(folder, own, workers=1, progress=False, begin=folder / "manifest.jsonl") if begun else None
    assert parsed == ([folder / "manifest.jsonl"] if begun else [])
    parsed.clear()
    file = own if begun else folder / "manifest.jsonl"
    assert len(scan(folder, file, workers=1, progress=False)) > 0 and parsed == [file]
    parsed.clear()
    (folder / "b.mp4").unlink()
    fewer = scan(folder, file, workers=1, progress=False)
    assert parsed == [file], "a manifest that is brought up to date is parsed once as well"
    assert before is None or len(fewer) < len(before)


def test_a_manifest_that_is_up_to_date_needs_no_write(folder: Path) -> None:
    before = scan(folder, progress=False)
    written = (folder / "manifest.jsonl").stat().st_mtime_ns
    assert scan(folder, progress=False) == before and (folder / "manifest.jsonl").stat().st_mtime_ns == written
    os.utime(folder / "b.mp4", ns=(1, 1))
    assert scan(folder, progress=False) != before and (folder / "manifest.jsonl").stat().st_mtime_ns > written


def test_a_file_with_the_suffix_of_a_video_is_always_listed(folder: Path) -> None:
    (folder / "dead.mp4").symlink_to(folder / "nowhere.mp4")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "frames.mp4").mkdir()
    reasons = {one.path: one.defect for one in scan(folder, progress=False).defects}
    assert reasons.keys() == {"dead.mp4", "pipe.mp4"} and reasons["dead.mp4"] == "no such file"
