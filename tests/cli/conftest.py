"""The command line called in this process (types checked), and natural videos cut into several short ones a class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from auxjepa import cli
from natural import write_classes

NANO = "--data.frames 4 --data.size 32 --model.size nano --model.position sincos --optim.batch 8 --optim.warmup 0"
PIECES, FRAMES = 6, 10


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def auxjepa(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """``auxjepa(*words)`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Done:
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of natural video in subfolders, and beside them two files that are none."""
    root = tmp_path_factory.mktemp("labelled")
    write_classes(root, PIECES, FRAMES)
    whole = (root / "bikes" / "0.mp4").read_bytes()
    (root / "bikes" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (root / "bikes" / "text.mp4").write_text("this is no video\n")
    return root


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, labelled: Path) -> Path:
    """The folder of a short run on those videos, trained through the command line."""
    folder = tmp_path_factory.mktemp("trained")
    place = ["--data", f"folder:{labelled}", "--data.root", str(folder / "data"), "--out", str(folder / "run")]
    words = ["pretrain", *place, "--data.clips", "36", "--variant", "ld", *NANO.split(), "--optim.steps", "6"]
    assert cli.main(words) == 0
    return folder / "run"
