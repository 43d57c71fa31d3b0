"""``auxjepa probe`` on shards, and on videos of which some have no label."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from auxjepa.data.manifest.manifest import scan
from auxjepa.data.shards.writer import write_shards


def probe(auxjepa, trained: Path, source: str, *words: object) -> dict:
    done = auxjepa("probe", trained, "--data", source, "--head", "knn", "--out", "scores.json", *words)
    assert done.code == 0, done.err
    (score,) = json.loads(Path("scores.json").read_text())
    return score | {"err": done.err}


@pytest.fixture
def dotted(labelled: Path, tmp_path: Path) -> str:
    """A shard whose clips are called v.0.mp4, v.1.mp4 …, each with its class."""
    with tarfile.open(tmp_path / "0.tar", "w") as tar:
        for number, video in enumerate(sorted(labelled.glob("*/?.mp4"))):
            (tmp_path / "label").write_text(video.parent.name)
            tar.add(tmp_path / "label", f"v.{number}.cls")
            tar.add(video, f"v.{number}.mp4")
    return "shards:0.tar"


def test_labels_of_their_own(auxjepa, trained: Path, dotted: str) -> None:
    score = probe(auxjepa, trained, dotted)
    assert score["controls"]["chance"] == pytest.approx(100 / 3) and len(score["correct"]) == 3
    assert probe(auxjepa, trained, dotted, "--label", "class")["top1"] == score["top1"]
    done = auxjepa("probe", trained, "--data", dotted, "--label", "kind")
    assert done.code == 2 and "no label column 'kind' in the shards (known: class, folder)" in done.err


@pytest.mark.parametrize("how", ["packed", "written"])
def test_a_folder_in_shards_has_its_classes(auxjepa, trained: Path, labelled: Path, tmp_path: Path, how: str) -> None:
    if how == "packed":
        for number in range(2):  # every second video of each class, so that no shard is a class
            with tarfile.open(tmp_path / f"{number}.tar", "w") as tar:
                for video in sorted(labelled.glob("*/?.mp4"))[number::2]:
                    tar.add(video, video.relative_to(labelled).as_posix())
        source = "shards:{0,1}.tar"
    else:
        manifest = scan(labelled, tmp_path / "m.jsonl", workers=1, progress=False)
        write_shards(manifest, tmp_path / "out", samples=5)
        source = "shards:out"
    score = probe(auxjepa, trained, source)
    assert score["controls"]["chance"] == pytest.approx(100 / 3) and len(score["correct"]) == 3


def test_videos_without_a_label_are_left_out_and_said(auxjepa, trained: Path, labelled: Path) -> None:
    names = [video.relative_to(labelled).as_posix() for video in sorted(labelled.glob("*/?.mp4"))]
    assert len(names) == 18
    rows = [
        f"{name},{number % 2 if number < 12 else ['-1', '', 'nan'][number % 3]}" for number, name in enumerate(names)
    ]
    (labelled / "labels.csv").write_text("path,side\n" + "\n".join(rows[:-1]) + "\n")
    try:
        score = probe(auxjepa, trained, f"folder:{labelled}", "--label", "side")
        assert score["controls"]["chance"] == 50 and "6 of 18 examples without a side label: left out" in score["err"]
        words = "--optim.steps 1 --optim.batch 2 --data.clips 18 --data.frames 4 --out run"
        assert auxjepa("pretrain", "--data", f"folder:{labelled}", *words.split()).code == 0
    finally:
        (labelled / "labels.csv").unlink()
