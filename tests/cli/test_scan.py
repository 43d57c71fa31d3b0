"""``auxjepa data scan``: what is there, what is broken, what isn't read, and where that is kept."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from auxjepa.data.manifest import scan as scanned


@pytest.fixture
def folder(labelled: Path, tmp_path: Path) -> Path:
    root = tmp_path / "videos"
    shutil.copytree(labelled / "bikes", root / "bikes")
    shutil.copytree(labelled / "carphone_pristine", tmp_path / "elsewhere")
    (root / "phone").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to("bikes")
    (root / "notes.txt").touch()
    return root


def test_everything_is_counted(auxjepa, folder: Path) -> None:
    done = auxjepa("data", "scan", folder, "--json", "scan.json")
    assert done.code == 0 and "12 examples, " in done.out, "a linked class folder is read"
    assert "4 files left out (2 defective, 2 not read)" in done.out
    assert "read already under another name" in done.err and "again -> bikes" in done.err and "notes.txt" in done.err
    told = json.loads(Path("scan.json").read_text())
    assert len(told["examples"]) == 12 and told["defects"].keys() == {"bikes/cut.mp4", "bikes/text.mp4"}
    assert told["unread"]["not a video by its name (.txt)"] == ["notes.txt"]
    again = auxjepa("data", "scan", folder)
    assert again.out == done.out


def test_a_table_that_is_wrong_is_said_before_anything_is_read(
    auxjepa, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "labels.csv").write_text('path,kind\n"bikes/0.mp4,x\nbikes/1.mp4,y\n')
    read: list[str] = []
    monkeypatch.setattr(scanned, "_scan_file", lambda *args: read.append(args[3]))
    done = auxjepa("data", "scan", folder)
    assert done.code == 1 and "labels.csv: line 2: a quote is opened and never closed" in done.err and read == []


def test_odd_labels_are_said(auxjepa, folder: Path) -> None:
    rows = ["bikes/0.mp4,1", "bikes/0.mp4,1", "bikes/1.mp4,1", "./bikes/1.mp4,2", "bikes/2.mp4,-1", "bikes/3.mp4,3"]
    (folder / "labels.csv").write_text("path, n\n" + "\n".join(rows) + "\n")
    done = auxjepa("data", "scan", folder)
    assert done.code == 0 and "11 examples" in done.out
    assert "1 of its rows repeat others and count once (the first: bikes/0.mp4 on lines 2 and 3)" in done.err
    assert "bikes/1.mp4: 2 values of n: 1 (line 4) and 2 (line 5)" in done.err
    assert "n: 9 of 11 examples have no label" in done.err


@pytest.fixture
def sealed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, in which nothing can be written: as the system says it, also to root."""
    access, write_open = os.access, os.open

    def may(path, mode, **kwargs):
        inside = Path(path).resolve().is_relative_to(folder.resolve())
        return False if inside and mode & os.W_OK else access(path, mode, **kwargs)

    def opened(path, flags, *args, **kwargs):
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and isinstance(path, str | os.PathLike) and Path(path).resolve().is_relative_to(folder.resolve()):
            raise OSError(30, "Read-only file system", str(path))
        return write_open(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "access", may)
    monkeypatch.setattr(os, "open", opened)
    return folder


def test_a_folder_that_can_not_be_written_is_scanned_all_the_same(auxjepa, sealed: Path) -> None:
    done = auxjepa("data", "scan", sealed)
    assert done.code == 0 and "12 examples" in done.out
    (kept,) = Path("data/manifests").glob("videos-*.jsonl")
    assert f"its manifest is kept in {kept}" in done.err and not (sealed / "manifest.jsonl").exists()
    words = "--optim.steps 1 --optim.batch 2 --data.clips 4 --data.frames 4 --out run"
    done = auxjepa("pretrain", "--data", f"folder:{sealed}", *words.split())
    assert done.code == 0 and "scanning" not in done.err, "the same manifest serves"
