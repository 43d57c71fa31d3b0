"""``auxjepa embed``: features of any video, pooled or per token, the same every time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from deadly import Deadly
from full_disk import no_file_above


@pytest.fixture
def videos(labelled: Path) -> list[Path]:
    return [labelled / "bikes" / "0.mp4", labelled / "carphone_pristine" / "3.mp4"]


@pytest.mark.parametrize("suffix", [".npy", ".safetensors"])
def test_pooled_and_token_features(auxjepa, trained: Path, videos: list[Path], suffix: str) -> None:
    def features(*words: object) -> np.ndarray:
        done = auxjepa("embed", trained, *videos, "--out", f"f{suffix}", *words)
        assert done.code == 0, done.err
        read = np.load("f.npy", allow_pickle=False) if suffix == ".npy" else load_file("f.safetensors")["features"]
        assert f"f{suffix}: {' x '.join(map(str, read.shape))}" in done.out
        return read

    pooled, tokens = features(), features("--tokens")
    assert pooled.shape == (2, 64) and tokens.shape == (2, 2 * 4 * 4, 64) and pooled.dtype == np.float32
    assert np.allclose(tokens.mean(axis=1), pooled, atol=1e-5)
    assert np.array_equal(features(), pooled)
    several = features("--clips", "3")
    assert several.shape == (6, 64) and not np.allclose(several[0], several[1])
    assert not np.allclose(features("--role", "teacher"), pooled)


def test_a_file_says_what_its_rows_are(auxjepa, trained: Path, videos: list[Path]) -> None:
    assert auxjepa("embed", trained, *videos, "--clips", "2").code == 0
    with safe_open("features.safetensors", "numpy") as file:
        about = file.metadata()
    assert json.loads(about["videos"]) == [str(video) for video in videos for _ in range(2)]
    assert [len(frames) for frames in json.loads(about["frames"])] == [4] * 4 and about["role"] == "student"


def test_a_broken_video_is_one_line_and_leaves_no_file(auxjepa, trained: Path, labelled: Path) -> None:
    for name in ("cut.mp4", "text.mp4", "none.mp4"):
        done = auxjepa("embed", trained, labelled / "bikes" / "0.mp4", labelled / "bikes" / name, "--out", "f.npy")
        assert done.code == 1 and name in done.err.splitlines()[-1] and "Traceback" not in done.err
    assert not list(Path.cwd().glob("*f.npy*"))


def test_videos_that_cannot_be_read_are_named_counted_and_left_out(
    auxjepa, trained: Path, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [labelled / "bikes" / name for name in ("0.mp4", "cut.mp4", "1.mp4", "2.mp4")]
    Deadly("auxjepa.data.media.read_clips._read", "bikes/1.mp4").install(monkeypatch)
    done = auxjepa("embed", trained, *names, "--clips", "2")
    assert done.code == 0 and "4 x 64, 2 of 4 videos left out" in done.out
    told = [line for line in done.err.splitlines() if line.startswith("left out: ")]
    assert len(told) == 2 and "cut.mp4: cut short" in told[0] and "1.mp4: the process that reads it dies" in told[1]
    with safe_open("features.safetensors", "numpy") as file:
        about = file.metadata()
    assert json.loads(about["videos"]) == [str(names[0])] * 2 + [str(names[3])] * 2
    assert list(json.loads(about["left_out"])) == [str(names[1]), str(names[2])]
    done = auxjepa("embed", trained, names[2])  # nothing at all
    assert done.code == 1 and "1.mp4: the process that reads it dies" in done.err.splitlines()[-1]
    done = auxjepa("embed", trained, names[0], names[1], "--out", "f.npy")  # rows without names
    assert done.code == 1 and "cut.mp4: cut short" in done.err.splitlines()[-1]
    done = auxjepa("embed", trained, names[1], labelled / "bikes" / "text.mp4")
    assert done.code == 1 and done.err.splitlines()[-1].endswith("none of 2 videos can be read")


@pytest.mark.parametrize("suffix", [".npy", ".safetensors"])
def test_a_full_disk_is_one_line_and_leaves_the_old_file(
    auxjepa, trained: Path, videos: list[Path], suffix: str
) -> None:
    out = Path(f"f{suffix}")
    out.write_text("old")
    with no_file_above(200):
        done = auxjepa("embed", trained, *videos, "--tokens", "--out", out)
    assert done.code == 1 and "Traceback" not in done.err
    assert done.err.splitlines()[-1].startswith(f"auxjepa embed: f{suffix}: cannot be written: ")
    assert out.read_text() == "old" and [path.name for path in Path.cwd().iterdir()] == [out.name]


def test_an_unfinished_run_says_which_step_is_read(auxjepa, trained: Path, videos: list[Path]) -> None:
    assert auxjepa("embed", trained, *videos).err == ""
    copy = Path("copy")
    shutil.copytree(trained, copy)
    (copy / "summary.json").write_bytes(b"")
    done = auxjepa("embed", copy, *videos)
    assert done.code == 0 and "copy is not finished: summary.json: no JSON" in done.err
    assert "step 6 of 6 is read" in done.err
    with safe_open("features.safetensors", "numpy") as file:
        assert (file.metadata()["step"], file.metadata()["steps"]) == ("6", "6")
    (last,) = (copy / "checkpoints").iterdir()
    (last / "weights.safetensors").unlink()
    done = auxjepa("embed", copy, *videos)
    assert done.code == 1 and "no checkpoint here can be read: checkpoints/step-000006/weights.safetensors" in done.err


def test_clips_that_repeat_frames_are_told(auxjepa, trained: Path, videos: list[Path], tmp_path: Path) -> None:
    with av.open(str(tmp_path / "short.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"tune": "zerolatency"})
        stream.codec_context.thread_count = 1
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 60 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    done = auxjepa("embed", trained, *videos, "short.mp4")
    assert done.code == 0 and "1 of 3 clips are padded with repeated frames (8.3 % of all frames" in done.err
    with safe_open("features.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["padding"])["padded"] == 1
    assert "padded" not in auxjepa("embed", trained, *videos).err
