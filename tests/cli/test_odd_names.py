"""Files and folders whose names are no plain words, through every command that reads them."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from pathlib import Path

import pytest
from safetensors import safe_open

from auxjepa.data.cache.clip_cache import read_header

NAMES = [
    os.fsdecode(b"caf\xe9.mp4"),
    "日本 動画.mp4",
    "🎬👩‍🔬.mp4",
    "line\nbreak.mp4",
    "tab\tname.mp4",
    "quote'\".mp4",
    "a[1:2].mp4",
    "-dash.mp4",
    "--out",
    "x" * 200 + ".mp4",
    unicodedata.normalize("NFD", "é.mp4"),
    unicodedata.normalize("NFC", "é.mp4"),
    "\x1b[31mred.mp4",
    "%s %d {x} $HOME.mp4",
    "[bold]rich.mp4",
    "#1 <b>&amp;.mp4",
    " lead.mp4",
]


@pytest.fixture
def odd(labelled: Path, tmp_path: Path) -> Path:
    """Two classes of videos with odd names, below a folder whose path closes a tag of the terminal's markup."""
    root = tmp_path / "odd[" / "b]"
    for name in ("bikes", "bigbuckbunny"):
        folder = root / name
        folder.mkdir(parents=True)
        for number, own in enumerate(one for one in NAMES if one != "--out"):
            shutil.copy(labelled / name / f"{number % 6}.mp4", folder / own)
    return root


def test_a_scan_lists_them(auxjepa, odd: Path) -> None:
    (odd / os.fsdecode(b"th\xe9\n.mp4")).write_text("no video")
    (odd / os.fsdecode(b"th\xe9.txt")).write_text("no video")
    done = auxjepa("data", "scan", odd, "--json", "scan.json")
    assert done.code == 0 and "32 examples" in done.out and "2 files left out (1 defective, 1 not read)" in done.out
    assert "th\\xe9\\n.mp4" in done.err and "th\\xe9.txt" in done.err and "\x1b[31m" not in done.err
    told = json.loads(Path("scan.json").read_text())
    assert {f"bikes/{name}" for name in NAMES if name != "--out"} <= set(told["examples"])
    assert list(told["defects"]) == [os.fsdecode(b"th\xe9\n.mp4")]
    assert told["unread"] == {"not a video by its name (.txt)": [os.fsdecode(b"th\xe9.txt")]}


@pytest.mark.parametrize("cache", ["raw", "jpeg", "none"])
def test_a_run_is_trained_on_them(auxjepa, odd: Path, cache: str) -> None:
    words = "--optim.steps 2 --optim.batch 4 --data.clips 32 --data.frames 4 --data.size 32 --model.size nano --out run"
    done = auxjepa("pretrain", "--data", f"folder:{odd}", "--data.cache", cache, *words.split())
    assert done.code == 0, done.err
    for header in Path("data/clips").glob("*/header.json"):
        names = read_header(header.parent)["names"]
        assert set(names) == {
            f"{kind}/{name}" for kind in ("bikes", "bigbuckbunny") for name in NAMES if name != "--out"
        }


def test_a_probe_reads_them(auxjepa, trained: Path, odd: Path) -> None:
    name = odd.relative_to(Path.cwd())
    done = auxjepa("probe", trained, "--data", f"folder:{name}", "--head", "knn", "--out", "scores.json")
    assert done.code == 0 and "folder:odd[/b]" in done.out, done.err
    (score,) = json.loads(Path("scores.json").read_text())
    assert score["controls"]["chance"] == 50


def test_features_say_which_video_they_are_of(auxjepa, trained: Path, odd: Path) -> None:
    videos = [odd / "bikes" / name for name in NAMES if name != "--out"]
    assert auxjepa("embed", trained, *videos, "--out", os.fsdecode(b"f\xe9.safetensors")).code == 0
    with safe_open(Path(os.fsdecode(b"f\xe9.safetensors")), "numpy") as file:
        assert json.loads(file.metadata()["videos"]) == list(map(str, videos))


def test_words_behind_two_dashes_are_names(auxjepa, trained: Path, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd / "bikes")
    shutil.copy("-dash.mp4", "--out")
    done = auxjepa("embed", trained, "--out", "f.npy", "--", "-dash.mp4", "--out")
    assert done.code == 0 and "f.npy: 2 x 64" in done.out, done.err


def test_a_class_folder_may_have_any_name(auxjepa, trained: Path, odd: Path) -> None:
    (odd / "bikes").rename(odd / os.fsdecode(b"bik\xe9s"))
    done = auxjepa("probe", trained, "--data", f"folder:{odd}", "--head", "knn")
    assert done.code == 0, done.err
    assert auxjepa("data", "prepare", "video_folder", "--root", odd, "--name", "odd").code == 0
    done = auxjepa("data", "list")
    assert done.code == 0 and "all 32 of 32" in done.out


@pytest.mark.parametrize("flag", ["--data", "--data.root", "--out"])
def test_what_a_run_could_not_write_down_is_refused_first(auxjepa, odd: Path, flag: str) -> None:
    name = os.fsdecode(b"caf\xe9")
    shutil.copytree(odd / "bikes", Path(name) / "bikes")
    words = {"--data": f"folder:{name}"}.get(flag, name)
    done = auxjepa("pretrain", flag, words, "--optim.steps", "1")
    assert done.code in (1, 2) and "isn't UTF-8" in done.err and done.err.count("\n") == 1
    assert "ln -s" in done.err and not Path("out").exists()
    Path("link").symlink_to(name)
    words = "--optim.steps 1 --optim.batch 2 --data.clips 4 --data.frames 4 --out run --data folder:link"
    assert auxjepa("pretrain", *words.split()).code == 0


def test_a_terminal_without_the_letters_is_no_trouble(labelled: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = tmp_path / "some"
    folder.mkdir()
    shutil.copy(labelled / "bikes" / "0.mp4", folder / "日本.mp4")
    (folder / "日本 🎬.txt").touch()
    words = [sys.executable, "-m", "auxjepa.cli", "data", "scan", str(folder)]
    done = subprocess.run(words, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert done.returncode == 0 and rb"\u65e5\u672c \U0001f3ac.txt" in done.stderr
