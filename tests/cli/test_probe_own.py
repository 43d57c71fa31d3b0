"""``auxjepa probe`` on videos as people have them: copies, official splits, segments, too few clips, padding."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.sets.prepare import prepare_set
from auxjepa.evidence.statistics.intervals import wilson

CLASSES = ("bigbuckbunny", "bikes", "carphone_pristine")
WORDS = ("--head", "linear", "--no-controls", "--out", "scores.json")


@pytest.fixture
def score(auxjepa, trained: Path):
    """``score(folder, *words)``: what was said, and the score."""

    def run(source: object, *words: object) -> tuple[str, dict[str, Any]]:
        done = auxjepa("probe", trained, "--data", source, *WORDS, *words)
        assert done.code == 0, done.err
        (one,) = json.loads(Path("scores.json").read_text())
        assert one["top1"] == pytest.approx(100 * sum(one["correct"]) / len(one["correct"]))
        assert all(note in done.err for note in one["notes"])
        return done.out + done.err, one

    return run


@pytest.fixture
def refusal(auxjepa, trained: Path):
    def run(source: object, *words: object) -> str:
        done = auxjepa("probe", trained, "--data", source, *WORDS, *words)
        assert done.code == 2 and "Traceback" not in done.err, done.err
        return done.err.splitlines()[-1]

    return run


def place(labelled: Path, root: Path, layout: dict[str, range], classes: tuple[str, ...] = CLASSES) -> Path:
    """The labelled videos below other folders: ``{"train/{}": range(4)}`` puts four of each class into train/CLASS."""
    for folder, numbers in layout.items():
        for name in classes:
            for number in numbers:
                target = root / folder.format(name) / f"{number}.mp4"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(labelled / name / f"{number}.mp4", target)
    return root


@pytest.mark.parametrize("clips", [36, 90, 180])
def test_more_clips_of_three_videos_are_three_videos(score, labelled: Path, clips: int) -> None:
    said, one = score(f"folder:{labelled}", "--clips", clips)
    assert one["n"] == {"independent": 3, "marks": 3, "clips": clips // 6}
    assert f"(n = 3 videos, {clips // 6} clips)" in said
    low, high = wilson(one["top1"] / 100, 3)
    assert one["interval"] == pytest.approx([100 * low, 100 * high])


def test_copies_under_random_labels_score_at_chance(score, labelled: Path, tmp_path: Path) -> None:
    """Eight contents, each five times; recognising the copy of a training video is all that could be learnt."""
    for number in range(8):
        for copy in range(5):
            target = tmp_path / "leak" / "ab"[number % 2] / f"{number}-{copy}.mp4"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(labelled / CLASSES[number % 3] / f"{number // 2}.mp4", target)
    said, one = score(f"folder:{tmp_path}/leak")
    assert one["n"]["independent"] == 2 and one["n"]["clips"] == 10
    assert one["interval"][1] - one["interval"][0] > 60, "two videos tell next to nothing"
    assert one["division"]["copies"] == {"groups": 8, "files": 40, "contradictory": 0}
    assert "40 files hold 8 contents" in said


def test_a_class_of_copies_of_two_videos_is_refused(refusal, labelled: Path, tmp_path: Path) -> None:
    root = place(labelled, tmp_path / "x", {"{}": range(5)}, CLASSES[:2])
    for number in (2, 3, 4):
        shutil.copy(root / CLASSES[0] / "0.mp4", root / CLASSES[0] / f"{number}.mp4")
    line = refusal(f"folder:{root}")
    assert "class bigbuckbunny has 2 independent videos (its 5 files hold equal content" in line


@pytest.mark.parametrize(
    ("layout", "sizes"),
    [
        ({"train/{}": range(4), "val/{}": range(4, 6)}, (9, 3, 6)),
        ({"Train/{}": range(4), "Testing/{}": range(4, 6)}, (9, 3, 6)),
        ({"train_256/{}": range(3), "val_256/{}": range(3, 5), "test_256/{}": range(5, 6)}, (9, 6, 3)),
        ({"{}/train": range(4), "{}/eval": range(4, 6)}, (9, 3, 6)),
        ({"all/train/{}/deep": range(4), "all/test/{}": range(4, 6)}, (9, 3, 6)),
    ],
    ids=str,
)
def test_official_splits_of_folders_are_kept(
    score, labelled: Path, tmp_path: Path, layout: dict[str, range], sizes: tuple[int, ...]
) -> None:
    said, one = score(f"folder:{place(labelled, tmp_path / 'x', layout)}")
    assert one["classes"] == 3 and one["controls"]["chance"] == pytest.approx(100 / 3)
    assert one["division"]["official"] and "official split by folders" in said
    assert tuple(one["division"]["clips"].values()) == sizes and one["n"]["independent"] == sizes[2]


def test_a_class_called_test_is_a_class(score, labelled: Path, tmp_path: Path) -> None:
    root = place(labelled, tmp_path / "x", {"{}": range(6)})
    (root / "bikes").rename(root / "test")
    _, one = score(f"folder:{root}")
    assert not one["division"]["official"] and one["classes"] == 3 and one["division"]["test"]["videos"] == 3


def test_the_same_videos_as_train_and_test_are_refused(refusal, labelled: Path, tmp_path: Path) -> None:
    root = place(labelled, tmp_path / "x", {"train/{}": range(4), "test/{}": range(4)})
    assert "all 12 videos of train/ have the content of test videos" in refusal(f"folder:{root}")


def test_splits_without_classes_are_no_classes(refusal, labelled: Path, tmp_path: Path) -> None:
    root = place(labelled, tmp_path / "x", {"train": range(4), "test": range(4, 6)}, CLASSES[:1])
    assert "are splits by their names, and hold no class folders" in refusal(f"folder:{root}")


def test_a_table_keeps_the_split_of_folders(score, labelled: Path, tmp_path: Path) -> None:
    root = tmp_path / "x"
    lines = ["path,kind"]
    for number, split in enumerate(["train"] * 4 + ["test"] * 2):
        for name in CLASSES:
            target = root / split / f"{name}{number}.mp4"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(labelled / name / f"{number}.mp4", target)
            lines.append(f"{split}/{target.name},{name}")
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    _, one = score(f"folder:{root}", "--label", "kind")
    assert one["division"]["official"] and one["n"]["independent"] == 6 and one["classes"] == 3


def test_videos_of_several_classes_are_divided(score, labelled: Path, tmp_path: Path) -> None:
    root = place(labelled, tmp_path / "x", {".": range(0)})
    root.mkdir(exist_ok=True)
    lines = ["path,start,stop,kind"]
    for number in range(8):
        shutil.copy(labelled / CLASSES[number % 3] / f"{number // 3}.mp4", root / f"{number}.mp4")
        lines += [f"{number}.mp4,0,5,walk", f"{number}.mp4,5,10,run"]
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    said, one = score(f"folder:{root}", "--label", "kind")
    assert one["division"]["train"] == {"groups": 5, "videos": 5, "examples": 10}
    assert one["n"] == {"independent": 2, "marks": 4, "clips": 4} and "(n = 2 videos, 4 clips)" in said


@pytest.mark.parametrize("clips", [1, 5, 8])
def test_too_few_clips_say_how_many_are_needed(refusal, labelled: Path, clips: int) -> None:
    line = refusal(f"folder:{labelled}", "--clips", clips)
    assert f"{clips} clips are too few: 3 classes in training, validation and test need 9 clips or more" in line


def test_few_clips_stand_for_all_classes(score, labelled: Path) -> None:
    hashes = set()
    for clips in (9, 12, 18, None):
        _, one = score(f"folder:{labelled}", *(() if clips is None else ("--clips", clips)))
        hashes.add(one["benchmark_hash"])
        assert one["classes"] == 3 and len(one["correct"]) == 3
        assert sum(one["division"]["clips"].values()) == (clips or 18)
    assert len(hashes) == 3, "18 clips of 18 videos are one each"


def test_videos_far_shorter_than_a_clip_are_refused(auxjepa, trained: Path, labelled: Path) -> None:
    pretrain = [
        "pretrain",
        "--config",
        trained / "config.yaml",
        "--data.stride",
        10,
        "--optim.steps",
        1,
        "--out",
        "run",
    ]
    done = auxjepa(*pretrain)
    assert done.code == 2 and "36 of 36 clips are padded with repeated frames, 36 of them" in done.err
    assert "a smaller data.stride or fewer data.frames" in done.err and "--data.allow-padding" in done.err
    assert auxjepa(*pretrain, "--data.allow-padding").code == 0
    told = json.loads(Path("run/data.jsonl").read_text().splitlines()[0])["event"]
    assert "36 of 36 clips are padded" in told
    assert auxjepa(*pretrain, "--data.allow-padding", "--data.no-allow-padding").code == 2
    config = Path("run/config.yaml")
    config.write_text(config.read_text().replace("allow_padding: true", "allow_padding: false"))
    words = ["probe", "run", "--data", f"folder:{labelled}", *WORDS, "--allow-padding"]
    assert auxjepa(*words).code == 0
    (one,) = json.loads(Path("scores.json").read_text())
    assert one["padding"]["mostly_padded"] == 18 and any("18 of 18 clips are padded" in note for note in one["notes"])


def test_labels_with_gaps_count_the_classes_that_are_there(
    score, labelled: Path, trained: Path, tmp_path: Path
) -> None:
    root = place(labelled, tmp_path / "x", {"{}": range(6)})
    for name, numbers in (("train", range(4)), ("test", range(4, 6))):
        lines = [
            f"{folder}/{n}.mp4 {label}" for folder, label in zip(CLASSES, (0, 50, 99), strict=True) for n in numbers
        ]
        (root / f"{name}.csv").write_text("\n".join(lines) + "\n")
    store = trained.parent / "data"
    prepare_set("path_label_csv", root, store, name="sparse", progress=False)
    _, one = score("sparse")
    assert one["classes"] == 3 and one["controls"]["chance"] == pytest.approx(100 / 3) and "top5" not in one["parts"]
    assert one["n"]["independent"] == 6
