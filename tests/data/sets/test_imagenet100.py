from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.sets.imagenet100 import read, read_default_classes
from miniatures import image, imagenet100, text

IDS = tuple(imagenet100.CLASSES)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imagenet100.build(tmp_path_factory.mktemp("imagenet"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "image net ü"))


def test_class_folders_are_read_in_the_order_of_the_list(root: Path) -> None:
    image(root / "train/n99999999/n99999999_1.JPEG")
    (root / "train" / IDS[0] / ".hidden.JPEG").touch()
    (root / "train" / IDS[0] / "notes.txt").touch()
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == {"train": 16, "val": 8}
    assert listing.classes == {"object": IDS} and listing.problems == ()
    first = listing.splits["train"][0]
    assert (first.path, first.labels, first.texts) == (
        f"train/{IDS[0]}/{IDS[0]}_10.JPEG", {"object": IDS[0]}, (),
    )  # fmt: skip
    assert listing.annotations == (root / "imagenet100.txt",)


def test_pictures_are_videos_of_one_frame(root: Path, tmp_path: Path) -> None:
    odd = root / "train" / IDS[1] / f"{IDS[1]}_10.JPEG"
    image(tmp_path / "a.png").replace(odd)  # as n02105855_2933.JPEG, a PNG
    names = [example.path for examples in read(root).splits.values() for example in examples]
    files = scan_files(root, names, tmp_path / "files.jsonl", workers=1, progress=False)
    assert len(files) == 24 and all(one.defect is None and one.frames == 1 for one in files.values())
    assert files[odd.relative_to(root).as_posix()].codec == "png"


def test_the_layout_of_kaggle_in_parts_with_its_own_classes(root: Path) -> None:
    (root / "imagenet100.txt").unlink()
    (root / "Labels.json").write_text(json.dumps(imagenet100.CLASSES), encoding="utf-8-sig")
    for place, name in enumerate(IDS, start=1):
        (root / f"train.X{place}").mkdir()
        (root / "train" / name).rename(root / f"train.X{place}" / name)
    (root / "train").rmdir()
    (root / "val").rename(root / "val.X")
    listing = read(root)
    assert [e.path for e in listing.splits["train"]][::4] == [
        f"train.X{place}/{name}/{name}_10.JPEG" for place, name in enumerate(IDS, start=1)
    ]
    assert listing.splits["val"][0].texts == ("bonnet, poke bonnet",) and len(listing.splits["val"]) == 8


def test_pictures_without_class_folders_need_their_table(root: Path) -> None:
    imagenet100.flat(root)
    table = root / "LOC_val_solution.csv"
    rows = table.read_text().splitlines()
    text(table, *rows, rows[1], "ILSVRC2012_val_00000099,", "ILSVRC2012_val_00000098,n77777777 1 2 3 4")
    text(root / "LOC_synset_mapping.txt", *(f"{key} {name}" for key, name in imagenet100.CLASSES.items()))
    listing = read(root)
    assert sorted(e.path for e in listing.splits["val"]) == [f"val/ILSVRC2012_val_{n:08d}.JPEG" for n in range(1, 9)]
    assert listing.splits["val"][0].texts == (imagenet100.CLASSES[listing.splits["val"][0].labels["object"]],)
    assert [(p.where, p.what) for p in listing.problems] == [
        ("LOC_val_solution.csv:10", f"{rows[1][:23]} is listed twice"),
        ("LOC_val_solution.csv:11", "the line isn't IMAGE,CLASS with boxes"),
    ]
    table.unlink()
    with pytest.raises(MissingFilesError, match=r"no class folders.*LOC_val_solution\.csv.*kaggle"):
        read(root)


def test_the_default_list_is_that_of_contrastive_multiview_coding(tmp_path: Path) -> None:
    ids = read_default_classes().split()
    assert len(set(ids)) == 100 and ids[:2] == ["n02869837", "n01749939"] and ids[-1] == "n02090622"
    root = tmp_path / "full"
    for name in [*ids, "n01440764"]:
        image(root / "ILSVRC/Data/CLS-LOC/train" / name / f"{name}_1.JPEG", height=8, width=8)
        image(root / "ILSVRC/Data/CLS-LOC/val" / name / "ILSVRC2012_val_00000001.JPEG", height=8, width=8)
    listing = read(root)
    assert [e.labels["object"] for e in listing.splits["train"]] == ids == list(listing.classes["object"])
    assert listing.annotations == ()


def test_classes_without_a_folder_are_named(root: Path) -> None:
    shutil.rmtree(root / "val" / IDS[2])
    with pytest.raises(MissingFilesError, match=rf"1 of the 4 classes of imagenet100\.txt .* in val: {IDS[2]}"):
        read(root)
    (root / "imagenet100.txt").unlink()
    with pytest.raises(MissingFilesError, match=r"96 of the 100 classes of the default list .*classes\.txt.* 86 more"):
        read(root)


def test_an_empty_class_folder_is_a_problem(root: Path) -> None:
    for picture in (root / "train" / IDS[0]).iterdir():
        picture.unlink()
    assert [(p.where, p.what) for p in read(root).problems] == [(f"train/{IDS[0]}", "no picture in this folder")]


def test_one_error_names_all_missing_files(root: Path) -> None:
    shutil.rmtree(root / "train")
    shutil.rmtree(root / "val")
    with pytest.raises(MissingFilesError, match=r"Missing: train .*img_train\.tar.*val \(.*image-net\.org"):
        read(root)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("imagenet100.txt", "tench"),
        ("imagenet100.txt", "<!DOCTYPE html>"),
        ("Labels.json", '{"0": "tench"}'),
        ("Labels.json", '{"n01440764": "ten'),
        ("LOC_val_solution.csv", "ILSVRC2012_val_00000001 n01440764"),
    ],
)
def test_files_of_another_format_are_refused(root: Path, file: str, content: str) -> None:
    if file.startswith("LOC"):
        imagenet100.flat(root)
    else:
        (root / "imagenet100.txt").unlink()
    text(root / file, content)
    with pytest.raises(AnnotationError, match=file):
        read(root)
