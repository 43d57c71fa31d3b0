"""A start that is refused leaves its folder as it was, and paths are checked without making anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.start import Start, check_file, check_folder, existing_parent

NAMES = ("config.yaml", "board", "link")


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text("new")
    (folder / "board").mkdir(exist_ok=True)
    (folder / "board" / "events").write_text("x")
    (folder / "link").symlink_to(folder.parent)


def test_what_a_failed_start_wrote_is_taken_away_with_the_folders_it_made(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "deep" / "run"
    with pytest.raises(ValueError, match="no"), Start(folder, NAMES).withdrawn_on_error():
        write(folder)
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("old")
    (tmp_path / "mine").write_text("mine")
    start = Start(tmp_path, NAMES)
    with pytest.raises(ValueError, match="no"), start.withdrawn_on_error():
        (tmp_path / "board").mkdir()
        raise ValueError("no")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"config.yaml": "old", "mine": "mine"}


def test_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(ValueError, match="no"), Start(folder, NAMES).withdrawn_on_error():
        write(folder)
        (folder / "theirs").write_text("x")
        raise ValueError("no")
    assert [path.name for path in folder.iterdir()] == ["theirs"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_or_kept_start_stays(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop), Start(tmp_path / "a", NAMES).withdrawn_on_error():
        write(tmp_path / "a")
        raise stop
    start = Start(tmp_path / "b", NAMES)
    with pytest.raises(ValueError, match="later"), start.withdrawn_on_error():
        write(tmp_path / "b")
        start.keep()
        raise ValueError("later")
    assert (tmp_path / "a" / "config.yaml").exists() and (tmp_path / "b" / "config.yaml").exists()


def test_paths_are_checked_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    check_folder(tmp_path / "new" / "deep", "--out")
    check_file(tmp_path / "new" / "x.json", "--out")
    check_file(None, "--out")
    assert existing_parent(tmp_path / "new" / "deep") == tmp_path
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"--out .*file is a file: name a folder"):
            check_folder(path, "--out")
    with pytest.raises(ConfigError, match="is a folder: name a file"):
        check_file(tmp_path, "--out")
    with pytest.raises(ConfigError, match="is no usable path"):
        check_folder(Path("a\0b"), "--out")
    with pytest.raises(ConfigError, match="is no usable path"):
        check_folder(tmp_path / ("x" * 5000), "--out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_only_be_read_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="no permission to write"):
        check_folder(tmp_path / "run", "--out")
