"""`auxjepa masks`: pictures with the right tokens shaded."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.cli import main
from auxjepa.cli.masks import _clips, _rows, _shaded
from auxjepa.config import DataConfig, MaskConfig, OptimConfig, RunConfig
from natural import natural_clips

SMALL = ["--data.frames", "8", "--data.size", "32", "--optim.batch", "4"]


def bikes() -> Path:
    return natural_clips() / "carphone_pristine.mp4"


def pixels(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_a_picture_over_a_natural_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "masks.png"
    argv = ["--variant", "future_predictive", "--clip", str(bikes()), "--out", str(out), "--steps", "2", *SMALL]
    assert main(["masks", *argv]) == 0 and capsys.readouterr().out.strip() == str(out)
    picture = pixels(out)
    height, width, _ = picture.shape
    assert [p.name for p in out.parent.iterdir()] == ["masks.png"]
    # Three rows (the clip, two steps) of four time steps: the second half of the steps' rows is hidden, so dark.
    rows = [picture[int(height * (k + 0.35) / 3) : int(height * (k + 0.8) / 3)] for k in range(3)]
    past, future = rows[1][:, : width // 2 - 8], rows[1][:, width // 2 + 8 :]
    assert future.mean() < 0.75 * past.mean()
    assert abs(float(rows[0][:, : width // 2].mean()) - float(rows[0][:, width // 2 :].mean())) < 30


def test_a_picture_over_the_pool(tmp_path: Path) -> None:
    out, root = tmp_path / "m.png", ["--data.root", str(tmp_path / "data")]
    assert main(["masks", "--variant", "mgm", "--out", str(out), "--steps", "1", *SMALL, *root]) == 0
    assert pixels(out).std() > 10


def test_rows_are_the_masks_of_training() -> None:
    masks = (MaskConfig(blocks=2), MaskConfig(kind="causal"))
    config = RunConfig(masks=masks, data=DataConfig(frames=8, size=32), optim=OptimConfig(batch=3))
    clips = _clips(config, bikes())
    assert clips.shape == (3, 8, 32, 32, 3) and clips[0].std() > 10
    rows = list(_rows(config, clips, 2))
    assert [title.split(":")[0] for title, *_ in rows] == [
        f"step {step}, {kind}" for step in (0, 1) for kind in ("multiblock", "causal")
    ]
    for _, visible, hidden in rows:
        assert visible.shape == hidden.shape == (4, 4, 4) and not (visible & hidden).any()
    assert (rows[1][1] | rows[1][2]).all()


def test_shading() -> None:
    frame = np.full((16, 16, 3), 100, np.uint8)
    visible, hidden = np.array([[True, False], [False, False]]), np.array([[False, True], [False, False]])
    shaded = _shaded(frame, visible, hidden, 8)
    assert (shaded[:8, :8] == 100).all() and (shaded[8:] > 200).all()
    assert shaded[:8, 8:].mean() < 80 and len(np.unique(shaded[:8, 8:])) == 2


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--out", "masks.jpg"], "out must end in .png"),
        (["--variant", "mgn"], "did you mean"),
        (["--masks.0.kind", "tubes", "--clip", "CLIP"], "no mask is called 'tubes'"),
        (["--clip", "nowhere.mp4"], "nowhere.mp4"),
        (["--step", "3"], "unknown field 'step'"),
    ],
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    argv = [str(bikes()) if word == "CLIP" else word for word in argv]
    assert main(["masks", *argv, *SMALL]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
