from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets import SETS, Listing
from auxjepa.data.sets.prepare import prepare_set
from miniatures import kinetics, text, video

LAST = 14  # of the training list, which is gone


def read(root: Path, edition: str = "400") -> Listing:
    return SETS[f"kinetics{edition}"].read(root)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinetics.build(tmp_path_factory.mktemp("kinetics"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "kinetics"))


def test_every_line_is_an_example_whether_its_video_is_there_or_not(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == kinetics.SIZES
    assert listing.classes == {"action": kinetics.CLASSES} and listing.problems == ()
    second = listing.splits["train"][1]
    assert second.path == "train/-B32lodo201_000001_000011.mp4"
    assert second.labels == {"action": "massaging person's head"}
    assert listing.splits["test"][0].labels == {"action": "abseiling"}
    missing = [e.path for examples in listing.splits.values() for e in examples if not (root / e.path).exists()]
    assert missing == [f"{'train' if n < 15 else 'val'}/{kinetics.stem(n)}.mp4" for n in (4, 9, 14, 19)]


def test_coverage_is_what_prepare_counts(root: Path, tmp_path: Path) -> None:
    prepared = prepare_set("kinetics400", root, tmp_path / "store", workers=1, progress=False)
    assert {name: (c.listed, c.usable) for name, c in prepared.splits.items()} == {
        "train": (15, 12), "val": (6, 5), "test": (3, 3),
    }  # fmt: skip


@pytest.mark.parametrize("underscores", [False, True])
def test_videos_in_class_folders(tmp_path: Path, underscores: bool) -> None:
    root = kinetics.build(tmp_path / "kinetics", frames=1, folders=True)
    if underscores:
        for folder in [path for path in root.glob("*/*") if path.is_dir()]:
            folder.rename(folder.with_name(folder.name.replace(" ", "_")))
    paths = [e.path for e in read(root).splits["train"]]
    name = kinetics.CLASSES[1].replace(" ", "_" if underscores else " ")
    assert paths[1] == f"train/{name}/{kinetics.stem(1)}.mp4" and (root / paths[1]).exists()
    assert paths[4] == f"train/{name}/{kinetics.stem(4)}.mp4" and not (root / paths[4]).exists()


@pytest.mark.parametrize("place", ["videos_{}", "videos/{}", "{}_256", "compress/{}_256"])
def test_other_places_of_videos(root: Path, place: str) -> None:
    for split in kinetics.SIZES:
        target = root / place.format(split)
        target.parent.mkdir(exist_ok=True)
        (root / split).rename(target)
    listing = read(root)
    assert listing.splits["val"][0].path == f"{place.format('val')}/{kinetics.stem(15)}.mp4"
    assert sum((root / e.path).exists() for examples in listing.splits.values() for e in examples) == 20


@pytest.mark.parametrize("place", ["kinetics400/{}.csv", "kinetics_{}.csv", "kinetics-400_{}.csv", "{}.csv"])
def test_other_places_of_lists(root: Path, place: str) -> None:
    for split in kinetics.SIZES:
        target = root / place.format("validate" if split == "val" else split)
        target.parent.mkdir(exist_ok=True)
        (root / "annotations" / f"{split}.csv").rename(target)
    assert list(read(root).splits) == ["train", "val", "test"]


def test_replacements_take_the_place_of_corrupted_videos(root: Path) -> None:
    new = root / "replacement/replacement_for_corrupted_k400"
    for number in (0, LAST):
        video(new / f"{kinetics.stem(number)}.mp4", 2, seed=number)
    paths = [e.path for e in read(root).splits["train"]]
    assert [Path(paths[n]).parent.name for n in (0, 1, LAST)] == [new.name, "train", new.name]


def test_files_named_by_their_id_alone(root: Path) -> None:
    (root / "train" / f"{kinetics.stem(0)}.mp4").rename(root / "train" / f"{kinetics.stem(0)[:11]}.webm")
    assert read(root).splits["train"][0].path == f"train/{kinetics.stem(0)[:11]}.webm"


def test_a_test_list_without_labels_or_none(tmp_path: Path) -> None:
    root = kinetics.build(tmp_path / "kinetics", frames=1, labelled=False)
    listing = read(root, "700_2020")
    assert [e.labels for e in listing.splits["test"]] == [{}, {}, {}] and listing.problems == ()
    (root / "annotations/test.csv").unlink()
    assert list(read(root, "700").splits) == ["train", "val"]


def test_the_validation_videos_alone_are_enough(root: Path) -> None:
    shutil.rmtree(root / "train")
    shutil.rmtree(root / "test")
    listing = read(root)
    assert listing.splits["train"][0].path == f"train/{kinetics.stem(0)}.mp4" and len(listing.splits["val"]) == 6


def test_one_error_names_all_missing_files(root: Path) -> None:
    for split in ("train", "val"):
        (root / "annotations" / f"{split}.csv").unlink()
    with pytest.raises(MissingFilesError, match=r"kinetics600 .*train\.csv.*cvdfoundation.*val\.csv.*kinetics600\.tar"):
        read(root, "600")


def test_without_any_video_the_folders_are_named(root: Path) -> None:
    for split in kinetics.SIZES:
        shutil.rmtree(root / split)
    with pytest.raises(MissingFilesError, match=r"no folder of videos \(train, videos/train, .*cvdfoundation"):
        read(root)


def test_lines_that_cannot_be_used_are_problems(root: Path) -> None:
    table = root / "annotations/val.csv"
    written = table.read_text().splitlines()
    odd = [
        written[1],
        "zumba,abcdefghijk,1,11,val",
        "abseiling,abcdefghijk,one,11,val",
        "abseiling,,1,11,val",
        "abseiling",
    ]
    fine = ["abseiling,../../../etc,1.0,11.0,val", "abseiling,abcdefghijk,1e400,2,val"]
    table.write_bytes("\r\n".join([*written, *odd, *fine, ""]).encode("utf-8-sig"))
    listing = read(root)
    assert [(p.where, p.what) for p in listing.problems] == [
        ("val.csv:8", f"{kinetics.stem(15)} is listed twice"),
        ("val.csv:9", "abcdefghijk_000001_000011: 'zumba' is no class of the training list"),
        ("val.csv:10", "'abcdefghijk,one,11,abseiling' isn't an ID with a start and a stop in seconds"),
        ("val.csv:11", "',1,11,abseiling' isn't an ID with a start and a stop in seconds"),
        ("val.csv:12", "too few values"),
        ("val.csv:14", "'abcdefghijk,1e400,2,abseiling' isn't an ID with a start and a stop in seconds"),
    ]
    assert listing.splits["val"][-1].path == "val/../../../etc_000001_000011.mp4", "for scanning to refuse"


@pytest.mark.parametrize(
    "lines",
    [
        ("label,youtube_id,time_start,time_end,split",),
        ("youtube_id,time_start,time_end,split", "abcdefghijk,1,11,train"),
        ("train/abseiling/a.mp4 0", "train/abseiling/b.mp4 0"),
        ('{"abcdefghijk": {"annotations": {"label": "abseiling"}}}',),
        ("<html>", "<body>not found</body>"),
    ],
)
def test_lists_of_another_format_are_refused(root: Path, lines: tuple[str, ...]) -> None:
    text(root / "annotations/train.csv", *lines)
    with pytest.raises(AnnotationError, match=r"annotations/train\.csv"):
        read(root)
