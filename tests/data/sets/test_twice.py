"""Check entries that are listed twice: equal entries count once, conflicting entries are left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError
from auxjepa.data.sets import Listing, diving48, hmdb51, kinetics, msrvtt, ssv2, ucf101
from miniatures import diving48 as dives
from miniatures import hmdb51 as clips
from miniatures import kinetics as actions
from miniatures import msrvtt as captions
from miniatures import ssv2 as hands
from miniatures import text
from miniatures import ucf101 as sports


def contradictions(listing: Listing) -> list[str]:
    return [problem.where for problem in listing.problems if "with different content" in problem.what]


def test_a_dive_of_two_classes(tmp_path: Path) -> None:
    root = dives.build(tmp_path, frames=1)
    table = root / "Diving48_V2_test.json"
    entries = json.loads(table.read_text())
    other = {**entries[0], "label": (entries[0]["label"] + 1) % 3}
    text(table, json.dumps([*entries, other, entries[1]]))
    listing = diving48.read(root)
    assert len(listing.splits["test"]) == len(entries) - 1
    count = len(entries)
    assert contradictions(listing) == [f"{table.name}, entry {n}" for n in (1, count + 1)]
    assert listing.problems[-1].where == f"{table.name}, entry {count + 2}" and len(listing.problems) == 3


def test_a_clip_of_two_actions_or_sides(tmp_path: Path) -> None:
    root = actions.build(tmp_path / "k", frames=1)
    table = root / "annotations/val.csv"
    lines = table.read_text().splitlines()
    labels = sorted({line.split(",")[0] for line in lines[1:]})
    first = lines[1].split(",")
    other = next(label for label in labels if label != first[0])
    text(table, *lines, ",".join([other, *first[1:]]))
    listing = kinetics.read_edition("400", root)
    assert contradictions(listing) == ["val.csv:2", f"val.csv:{len(lines) + 1}"]

    root = clips.build(tmp_path / "h", frames=1)
    table = root / "testTrainMulti_7030_splits/wave_test_split1.txt"
    lines = table.read_text().splitlines()
    name, side = lines[0].rsplit(maxsplit=1)
    text(table, *lines, f"{name} {3 - int(side)}")
    listing = hmdb51.read(root)
    assert contradictions(listing) == ["wave_test_split1.txt:1", f"wave_test_split1.txt:{len(lines) + 1}"]
    assert not any(name in e.path for split in ("train", "test") for e in listing.splits[split])


def test_a_class_number_that_contradicts_the_folder(tmp_path: Path) -> None:
    root = sports.build(tmp_path, frames=1)
    table = root / "ucfTrainTestlist/trainlist01.txt"
    lines = table.read_text().splitlines()
    text(table, lines[0].rsplit(maxsplit=1)[0] + " 3", *lines[1:])
    listing = ucf101.read(root)
    assert [(p.where, p.what.split(" ", 1)[1]) for p in listing.problems] == [
        ("trainlist01.txt:1", "isn't of class 3 in classInd.txt")
    ]
    index = root / "ucfTrainTestlist/classInd.txt"
    for wrong in ("2 YoYo", "4 YoYo"):
        text(index, "1 ApplyEyeMakeup", "2 Archery", "3 YoYo", wrong)
        with pytest.raises(AnnotationError, match=r"classInd.txt:4: the number . or the class 'YoYo' comes twice"):
            ucf101.read(root)


def test_a_video_of_two_categories(tmp_path: Path) -> None:
    root = captions.build(tmp_path, frames=1)
    table = root / "train_val_videodatainfo.json"
    content = json.loads(table.read_text())
    first = content["videos"][0]
    content["videos"].append({**first, "category": (first["category"] + 1) % 20})
    text(table, json.dumps(content))
    listing = msrvtt.read(root)
    assert len(contradictions(listing)) == 2
    assert all(Path(e.path).stem != first["video_id"] for examples in listing.splits.values() for e in examples)


def test_a_repeated_answer(tmp_path: Path) -> None:
    root = hands.build(tmp_path, frames=1)
    index = json.loads((root / "something-something-v2-labels.json").read_text())
    test = json.loads((root / "something-something-v2-test.json").read_text())
    one, other = list(index)[:2]
    name = test[0]["id"]
    answers = root / "labels/test-answers.csv"
    answers.parent.mkdir(exist_ok=True)
    text(answers, f"{name};{one}", f"{name};{other}", f"{test[1]['id']};{one}")
    listing = ssv2.read(root)
    by_name = {Path(e.path).stem: e.labels for e in listing.splits["test"]}
    assert by_name[name] == {} and by_name[test[1]["id"]] == {"action": one}
    assert contradictions(listing) == ["test-answers.csv:2"]
    text(answers, f'"{name};{one}', f"{name};{other}")
    with pytest.raises(AnnotationError, match=r"test-answers.csv: line 1: a quote is opened and never closed"):
        ssv2.read(root)
    twice = dict.fromkeys(index, "0")
    text(root / "something-something-v2-labels.json", json.dumps(twice))
    with pytest.raises(AnnotationError, match="each once"):
        ssv2.read(root)
