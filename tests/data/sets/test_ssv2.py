from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.sets.ssv2 import read
from miniatures import pixels, ssv2, text

VIDEOS = "20bn-something-something-v2"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ssv2.build(tmp_path_factory.mktemp("ssv2"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ssv2"))


def entries(root: Path, split: str) -> list[dict]:
    return json.loads((root / f"something-something-v2-{split}.json").read_text(encoding="utf-8"))


def test_templates_become_classes_and_labels_texts(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == ssv2.SIZES
    assert listing.classes == {"action": ssv2.CLASSES} and listing.problems == ()
    first, second = listing.splits["train"][:2]
    assert (first.path, first.labels) == (f"{VIDEOS}/1.webm", {"action": "Holding something next to something"})
    assert first.texts == ("holding a café au lait next to a green box",)
    assert second.texts == ("pushing a café au lait from left to right",)
    assert all(e.labels == {} and e.texts == () for e in listing.splits["test"]), "the older package has none"


def test_the_newer_package_has_labels_of_the_test_split(tmp_path: Path) -> None:
    listing = read(ssv2.build(tmp_path / "new", frames=1, new=True))
    assert [e.labels["action"] for e in listing.splits["test"]] == list(ssv2.CLASSES)
    assert [e.texts for e in listing.splits["train"][:1]] == [("holding a café au lait next to a green box",)]
    assert "labels/test-answers.csv" in {file.relative_to(tmp_path / "new").as_posix() for file in listing.annotations}


def test_other_places_and_a_missing_test_split(root: Path) -> None:
    (root / "videos").mkdir()
    (root / VIDEOS).rename(root / "videos" / VIDEOS)
    (root / "annotations").mkdir()
    for file in root.glob("*.json"):
        file.rename(root / "annotations" / file.name)
    (root / "annotations/something-something-v2-test.json").unlink()
    listing = read(root)
    assert list(listing.splits) == ["train", "validation"]
    assert listing.splits["train"][0].path == f"videos/{VIDEOS}/1.webm"


def test_a_description_combines_template_and_objects(root: Path) -> None:
    written = entries(root, "train")
    del written[0]["label"]
    del written[1]["label"], written[1]["placeholders"]
    written[3] = {"id": 70, "template": "Holding [something] next to [something]", "label": None, "placeholders": ["a"]}
    text(root / "something-something-v2-train.json", json.dumps(written))
    texts = [e.texts for e in read(root).splits["train"][:4]]
    assert texts[0] == ("Holding a café au lait next to a green box",)
    assert texts[1] == ("Pushing something from left to right",)
    assert texts[3] == ("Holding something next to something",), "a number that doesn't fit is left out"


def test_one_error_names_all_missing_files(root: Path) -> None:
    (root / "something-something-v2-labels.json").unlink()
    (root / "something-something-v2-validation.json").unlink()
    shutil.rmtree(root / VIDEOS)
    with pytest.raises(MissingFilesError, match=r"v2-labels.*v2-validation.*20bn-.*qualcomm\.com"):
        read(root)


def test_entries_that_cannot_be_used_are_problems(root: Path) -> None:
    written = entries(root, "validation")
    odd = [written[0], {"template": "Holding [something]"}, {"id": "90", "template": "Flying"}, {"id": "91"}, "92"]
    unsafe = {**written[0], "id": "../../etc/passwd"}
    text(root / "something-something-v2-validation.json", json.dumps([*written, *odd, unsafe]))
    listing = read(root)
    file = "something-something-v2-validation.json"
    assert [(p.where, p.what) for p in listing.problems] == [
        (f"{file}, entry 7", "16 is listed twice"),
        (f"{file}, entry 8", 'no "id"'),
        (f"{file}, entry 9", "90: 'Flying' is not a listed class"),
        (f"{file}, entry 10", "91: '' is not a listed class"),
        (f"{file}, entry 11", 'no "id"'),
    ]
    assert listing.splits["validation"][-1].path == f"{VIDEOS}/../../etc/passwd.webm", "for scanning to refuse"


def test_answers_that_cannot_be_used_are_problems(tmp_path: Path) -> None:
    root = ssv2.build(tmp_path / "new", frames=1, new=True)
    file = root / "labels/test-answers.csv"
    written = file.read_text(encoding="utf-8").splitlines()
    file.write_bytes("\r\n".join([*written[:2], "24;Flying", "", "24"]).encode())
    listing = read(root)
    assert [p.where for p in listing.problems] == ["test-answers.csv:3", "test-answers.csv:5"]
    assert [e.labels for e in listing.splits["test"]][2] == {}
    text(file, "id,label", "24,Flying")
    with pytest.raises(AnnotationError, match="no line is ID;CLASS"):
        read(root)


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("labels", '{"Holding something": "first"}'),
        ("labels", '{"Holding something": null}'),
        ("labels", '{"Holding something": "1"}'),
        ("labels", "{}"),
        ("labels", '["Holding something"]'),
        ("train", "[]"),
        ("train", '{"1": "Holding something"}'),
        ("train", '[{"id": "1", "label": "holding a cup", "templ'),
        ("validation", "<html><head><title>Sign in</title></head></html>"),
    ],
)
def test_files_of_another_format_are_refused(root: Path, what: str, content: str) -> None:
    text(root / f"something-something-v2-{what}.json", content)
    with pytest.raises(AnnotationError, match=f"v2-{what}"):
        read(root)


def test_a_scan_reads_or_refuses_unusual_files(root: Path, tmp_path: Path, make_video: Callable[..., Path]) -> None:
    videos = root / VIDEOS
    for number in range(1, 8):
        (videos / f"{number}.webm").unlink()
    make_video(videos / "1.mkv", pixels(20, 1), pts=np.cumsum([1, 3, 1, 7] * 5).tolist(), time_base=Fraction(1, 50))
    make_video(videos / "2.mp4", pixels(20, 2), rotation=90)
    make_video(videos / "3.webm", pixels(1, 3), codec="libvpx-vp9", options={"cpu-used": "8", "deadline": "realtime"})
    _sound(videos / "4.webm")
    (videos / "5.webm").write_bytes((videos / "8.webm").read_bytes()[:900])
    outside = make_video(tmp_path / "else where" / "ünï cödé.mp4", pixels(20, 6))
    (videos / "6.mp4").symlink_to(outside)
    names = [example.path for example in read(root).splits["train"]]
    assert names[:7] == [f"{VIDEOS}/{name}" for name in "1.mkv 2.mp4 3.webm 4.webm 5.webm 6.mp4 7.webm".split()]  # noqa: SIM905
    files = scan_files(root, names, tmp_path / "files.jsonl", workers=1, links=False, progress=False)
    states = [files[name] for name in names[:7]]
    assert [one.frames for one in states] == [20, 20, 1, 0, 0, 0, 0]
    assert (states[1].height, states[1].width) == (64, 48)
    for file, reason in zip(states[3:], ["", "", "leads out of", "no such file"], strict=True):
        assert file.defect and reason in file.defect
    prepared = prepare_set("ssv2", root, tmp_path / "store", links=True, workers=1, progress=False)
    assert (prepared.splits["train"].listed, prepared.splits["train"].usable) == (15, 12)


def _sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4_800), np.float32), format="flt", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
