"""Copies of a video are found whatever their bytes; other videos of the same scene aren't."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data import near_duplicates
from auxjepa.data.fingerprints import fingerprint
from auxjepa.data.manifest.manifest import Manifest, open_source
from auxjepa.data.near_duplicates import NearDuplicates, find_near_duplicates, join_groups
from natural import natural_clips

pytest.importorskip("imagehash", reason="ImageHash is not installed: pip install -e '.[duplicates]'")


def frames_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def write(path: Path, frames: np.ndarray, *, rate: int = 25, size: tuple[int, int] = (64, 48), crf: int = 23) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "ultrafast"})
        stream.codec_context.thread_count = 1
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(*size, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def names_of(manifest: Manifest, near: NearDuplicates) -> set[tuple[str, ...]]:
    return {tuple(manifest.entries[number].file.path for number in pair) for pair in near.pairs.tolist()}


def test_copies_of_natural_clips_are_found_and_other_pieces_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = tmp_path / "clips"
    film = frames_of(natural_clips() / "carphone_pristine.mp4")
    frames = film[:30]
    for number in range(3):
        write(clips / "carphone" / f"{number}.mp4", film[30 * number : 30 * number + 30])
    brighter = np.clip(frames.astype(int) * 5 // 4 + 10, 0, 255).astype(np.uint8)
    write(clips / "carphone" / "0_brighter.mp4", brighter)
    write(clips / "carphone" / "0_coarse.mp4", frames, crf=32)
    write(clips / "carphone" / "0_cropped.mp4", frames[:, 1:-1, 1:-1])
    write(clips / "carphone" / "0_large.mp4", frames, size=(128, 96))
    write(clips / "carphone" / "0_rate.mp4", frames[::2], rate=12)
    write(clips / "carphone" / "0_trimmed.mp4", frames[:-3])
    write(clips / "carphone" / "mirrored.mp4", frames[:, :, ::-1])
    write(clips / "carphone" / "reversed.mp4", frames[::-1])
    write(clips / "black.mp4", np.zeros_like(frames))
    write(clips / "grey.mp4", np.full_like(frames, 90))
    manifest = open_source(f"folder:{clips}", tmp_path, workers=1, progress=False)
    near = find_near_duplicates(manifest, tmp_path, workers=1, progress=False)
    pairs = names_of(manifest, near)
    copies = {name for pair in pairs for name in pair}
    assert copies == {
        f"carphone/0{end}.mp4" for end in ("", "_brighter", "_coarse", "_cropped", "_large", "_rate", "_trimmed")
    }
    assert near.uncompared == 2 and not near.obstacle
    groups = join_groups(np.arange(len(manifest)), near.pairs)
    assert len(np.unique(groups)) == len(manifest) - 6

    monkeypatch.setattr("auxjepa.data.fingerprints.run_jobs", None)  # the second call decodes nothing
    assert names_of(manifest, find_near_duplicates(manifest, tmp_path, workers=1, progress=False)) == pairs
    (place,) = tmp_path.glob("manifests/*.fingerprints.npz")
    place.write_bytes(b"damaged")
    with pytest.raises(TypeError):
        fingerprint(manifest, tmp_path, workers=1, progress=False)


def test_clips_of_a_fixed_camera_are_different_if_their_motion_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scene = np.kron(rng.integers(40, 200, (6, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    for name, rows, columns in (
        ("right", 20 + 0 * np.arange(18), 2 + 3 * np.arange(18)),
        ("down", 2 * np.arange(18), 30),
    ):
        frames = np.repeat(scene[None], 18, axis=0)
        for number, (row, column) in enumerate(np.broadcast(rows, columns)):
            frames[number, row : row + 8, column : column + 8] = 255
        write(tmp_path / "clips" / f"{name}.mp4", frames)
        write(tmp_path / "clips" / f"{name}_coarse.mp4", frames, crf=30)
    for name in ("still", "still_coarse"):
        write(tmp_path / "clips" / f"{name}.mp4", np.repeat(scene[None], 18, axis=0), crf=18 + len(name) // 8)
    manifest = open_source(f"folder:{tmp_path / 'clips'}", tmp_path, workers=1, progress=False)
    near = find_near_duplicates(manifest, tmp_path, workers=1, progress=False)
    assert names_of(manifest, near) == {(f"{name}.mp4", f"{name}_coarse.mp4") for name in ("right", "down", "still")}


def test_without_the_library_a_line_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "can_hash", lambda: False)
    near = find_near_duplicates(Manifest(tmp_path, (), {}, {}, ()), tmp_path)
    assert not len(near.pairs) and "pip install 'auxjepa[duplicates]'" in near.obstacle


def test_pairs_are_those_of_the_chosen_examples_in_different_groups() -> None:
    near = NearDuplicates(np.array([[0, 3], [1, 2], [2, 5]]))
    assert near.among(np.array([1, 2, 4, 5]), np.array([0, 1, 2, 1])).tolist() == [[0, 1]]
    assert near.among(np.array([4]), np.array([0])).shape == (0, 2)


def test_joined_groups_are_numbered_by_their_first_example() -> None:
    assert join_groups(np.array([0, 1, 2, 1, 3]), np.array([[4, 1], [0, 2]])).tolist() == [0, 1, 0, 1, 1]
    assert join_groups(np.array([0, 1]), np.empty((0, 2), dtype=np.int64)).tolist() == [0, 1]
