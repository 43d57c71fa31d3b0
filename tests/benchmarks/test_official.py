"""Prepared data sets as benchmarks: official splits, coverage, and a probe on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, official
from auxjepa.benchmarks.alternative_heads import ALTERNATIVE_HEADS
from auxjepa.benchmarks.official import Splits, official_split, open_official, open_splits
from auxjepa.benchmarks.score import Scorer, score_majority
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.world import write_videos
from auxjepa.models.jepa import build_encoder
from auxjepa.probes.kept import Features
from miniatures import diving48, ssv2, ucf101

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("official")
    videos = ucf101.build(root / "UCF")
    (videos / "UCF-101/YoYo/v_YoYo_g01_c02.avi").unlink()
    prepare_set("ucf101", videos, root / "data", progress=False)
    prepare_set("diving48", diving48.build(root / "diving"), root / "data", progress=False)
    prepare_set("ssv2", ssv2.build(root / "ssv2"), root / "data", progress=False)
    return DataConfig(source="ucf101", root=root / "data", frames=4, size=16)


@pytest.fixture
def scorer(data: DataConfig, tmp_path: Path) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path)


def test_training_and_validation_share_no_group_and_test_is_the_official_one(data: DataConfig) -> None:
    opened = {split: open_official(data, "", split, progress=False) for split in ("train", "validation", "test")}
    assert {name: len(one.labels) for name, one in opened.items()} == {"train": 12, "validation": 6, "test": 5}
    assert opened["test"].coverage == pytest.approx(5 / 6) and opened["train"].coverage == 1
    groups = {split: set(official_split(data, "", split)[0].labels["group"].tolist()) for split in opened}
    assert not groups["train"] & groups["validation"] and not groups["train"] & groups["test"]
    assert all(np.unique(one.labels).tolist() == [0, 1, 2] for one in opened.values())
    assert opened["test"].clips.shape == (5, 4, 16, 16, 3)
    second = data.model_copy(update={"source": "ucf101/train2"})
    assert {e.file.path.rpartition("_g")[2][:2] for e in official_split(second, "", "test")[0].entries} == {"02"}


def test_participants_of_many_rare_classes_are_not_all_held_out() -> None:
    rng = np.random.default_rng(0)
    frequency = 1 / np.arange(1, 301)
    verbs = rng.choice(300, 3000, p=frequency / frequency.sum())
    people = rng.integers(0, 30, 3000)
    file = Scanned("x.mp4", 1, 1, "", None, frames=9)
    entries = tuple(Entry(file, 0, 9) for _ in verbs)
    manifest = Manifest(Path(), entries, {"verb": verbs, "participant": people}, {}, ())
    held = official._is_held_out(manifest, "verb", own=False)
    assert 0.08 < held.mean() < 0.16
    assert set(verbs[~held]) == set(verbs), "every class is trained on"
    lonely = held | np.isin(verbs, [v for v in range(300) if len(set(people[verbs == v]) - set(people[held])) == 0])
    assert not set(people[held]) & set(people[~lonely])


@pytest.fixture
def listed(tmp_path: Path, videos: Path):
    """Lists of one's own videos, prepared: ``listed({"train": [("a/0.mp4", 0), …], "test": …})``."""

    def build(lists: dict[str, list[tuple[str, int]]], label: str = "") -> Splits:
        for name, lines in lists.items():
            (videos / f"{name}.csv").write_text("".join(f"{path} {number}\n" for path, number in lines))
        prepare_set("path_label_csv", videos, tmp_path / "data", name="mine", progress=False)
        return open_splits(DataConfig(source="mine", root=tmp_path / "data", frames=4, size=16), label)

    return build


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Three folders of six small videos."""
    source, root = tmp_path / "source", tmp_path / "mine"
    write_videos(source, "train", 18, 0, 8, 16, 1, "motion", False)
    for number, path in enumerate(sorted(source.glob("**/*.mp4"))):
        target = root / "abc"[number % 3] / f"{number // 3}.mp4"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return root


def lines(numbers: tuple[int, ...], places: range, classes: str = "abc") -> list[tuple[str, int]]:
    return [
        (f"{name}/{n}.mp4", number)
        for name, number in zip("abc", numbers, strict=True)
        for n in places
        if name in classes
    ]


@pytest.mark.parametrize("numbers", [(1, 2, 3), (0, 50, 99), (7, 8, 100_000), (0, 1, 2)])
def test_classes_are_those_that_are_there(listed, numbers: tuple[int, ...]) -> None:
    splits = listed({"train": lines(numbers, range(4)), "test": lines(numbers, range(4, 6))})
    assert splits.numbers == list(numbers) and splits.version == 1 and not splits.notes
    assert [len(one) for one in splits.manifests.values()] == [9, 3, 6]


def test_a_list_of_other_classes_beside_the_splits_counts_none_of_them(listed) -> None:
    more = [("a/0.mp4", number) for number in range(70, 71)] + [("b/1.mp4", 80)]
    splits = listed({"train": lines((0, 1, 2), range(4)), "test": lines((0, 1, 2), range(4, 6)), "pretrain": more})
    assert splits.numbers == [0, 1, 2]


def test_classes_that_a_split_lacks_are_told(listed) -> None:
    splits = listed({"train": lines((5, 6, 7), range(4), "ab"), "test": lines((5, 6, 7), range(4, 6), "bc")})
    assert splits.numbers == [5, 6, 7]
    assert any("no training example of 1 class of 3 (7): 2 test examples can only" in note for note in splits.notes)
    assert any("no test example of 1 class of 3 (5)" in note for note in splits.notes)


def test_the_same_list_as_train_and_test_is_refused(listed) -> None:
    same = lines((0, 1, 2), range(4))
    with pytest.raises(ConfigError, match=r"mine: all 12 examples to train on \(train\) are test examples too"):
        listed({"train": same, "test": same})


def test_copies_of_all_test_videos_under_other_names_are_refused(listed, videos: Path) -> None:
    for path in videos.glob("?/[012].mp4"):
        path.with_name(f"{int(path.stem) + 3}.mp4").write_bytes(path.read_bytes())
    with pytest.raises(ConfigError, match="all 9 examples to train on"):
        listed({"train": lines((0, 1, 2), range(3)), "test": lines((0, 1, 2), range(3, 6))})


def test_examples_in_both_lists_are_left_out_of_training_and_counted(listed, videos: Path) -> None:
    (videos / "a/5.mp4").write_bytes((videos / "a/0.mp4").read_bytes())
    train, test = lines((0, 1, 2), range(5)), lines((0, 1, 2), range(4, 6))
    splits = listed({"train": train, "test": test})
    assert any(
        "4 of 15 training examples are test examples too (3 the same file, 1 another file of equal content): left out"
        in n
        for n in splits.notes
    )
    paths = {name: {entry.file.path for entry in one.entries} for name, one in splits.manifests.items()}
    assert len(paths["train"] | paths["validation"]) == 11 and len(paths["test"]) == 6 and splits.version == 2
    assert not (paths["train"] | paths["validation"]) & {*paths["test"], "a/0.mp4"}


def test_copies_train_or_validate_together(listed, videos: Path) -> None:
    for name in "abc":
        for n in (1, 2, 3):
            (videos / name / f"{n}.mp4").write_bytes((videos / name / "0.mp4").read_bytes())
    splits = listed({"train": lines((0, 1, 2), range(5)), "test": lines((0, 1, 2), range(5, 6))})
    hashes = {name: {entry.file.hash for entry in one.entries} for name, one in splits.manifests.items()}
    assert not hashes["train"] & hashes["validation"] and splits.version == 2
    assert any("9 files of equal content with others: they share a split" in note for note in splits.notes)


@pytest.mark.parametrize(
    "names", [("Training", "Testing"), ("train", "eval"), ("train_256", "val_256"), ("train", "valid")]
)
def test_splits_of_ones_own_are_found_by_what_they_are_called(listed, names: tuple[str, str]) -> None:
    splits = listed({names[1]: lines((0, 1, 2), range(4, 6)), names[0]: lines((0, 1, 2), range(4))})
    assert [len(one) for one in splits.manifests.values()] == [9, 3, 6]


def test_one_class_or_nothing_to_validate_on_is_said(listed) -> None:
    with pytest.raises(ConfigError, match=r"mine: only one class \(4\)"):
        listed({"train": lines((4, 4, 4), range(3)), "test": lines((4, 4, 4), range(4, 6))})
    with pytest.raises(ConfigError, match="none can be held out for validation"):
        listed({"train": lines((0, 1, 2), range(1)), "test": lines((0, 1, 2), range(4, 6))})


def test_a_published_split_with_shared_videos_stays_as_it_is(tmp_path: Path) -> None:
    root = ucf101.build(tmp_path / "UCF")
    data = DataConfig(source="ucf101", root=tmp_path / "data", frames=4, size=16)
    prepare_set("ucf101", root, data.root, progress=False)
    before = open_splits(data, "")
    train, test = (before.manifests[name].entries[0].file.path for name in ("train", "test"))
    (root / train).write_bytes((root / test).read_bytes())
    prepare_set("ucf101", root, data.root, progress=False)
    after = open_splits(data, "")
    assert [len(one) for one in after.manifests.values()] == [len(one) for one in before.manifests.values()]
    assert after.public and after.version == 1 and not before.notes
    assert any("another file of equal content): the published split is kept as it is" in note for note in after.notes)


@pytest.mark.parametrize("head", ["linear", "knn", "tap", "attentive"])
def test_a_class_without_training_examples_breaks_no_head(listed, tmp_path: Path, head: str) -> None:
    splits = listed({"train": lines((3, 5, 9), range(4), "ab"), "test": lines((3, 5, 9), range(4, 6))})
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 2, "head": head})
    args = {"numbers": splits.numbers}
    update = {"source": "mine", "label": "label", "classes": 3, "protocol": quick, "args": args}
    data = DataConfig(source="mine", root=tmp_path / "data", frames=4, size=16)
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    one = Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path / "features")
    benchmark = BENCHMARKS["ucf101"].model_copy(update=update)
    score = one.score(benchmark)
    assert score.correct is not None and len(score.correct) == 6 and "top5" not in score.parts
    assert score.units is not None and len(set(score.units.tolist())) == 6
    assert benchmark.open(data, "test", progress=False).labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert score_majority(benchmark, data).test == pytest.approx(100 / 3)


def test_marks_of_one_group_are_one_unit(scorer: Scorer) -> None:
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 1})
    score = scorer.score(BENCHMARKS["ucf101"].model_copy(update={"protocol": quick, "args": {"views": 3}}))
    assert score.units is not None and score.correct is not None and score.clips == 3 * len(score.correct)
    manifest, _ = official_split(scorer.data, "", "test")
    assert len(set(score.units.tolist())) == len(set(manifest.labels["group"].tolist())) < len(score.correct)
    assert score.parts["effective"] <= len(score.correct)


def test_several_views_are_clips_of_one_example(data: DataConfig) -> None:
    opened = open_official(data, "action", "test", views=3, progress=False)
    assert len(opened.clips) == 15 and opened.example.tolist() == [n for n in range(5) for _ in range(3)]
    assert len(np.unique(opened.clips.reshape(15, -1), axis=0)) > 10


def test_what_is_not_there_is_told(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match="no label column 'acton'; did you mean 'action'"):
        open_official(data, "acton", "test")
    with pytest.raises(ConfigError, match="no labelled split to test on"):
        official_split(data.model_copy(update={"source": "ucf101/test"}), "", "test")


def test_recognition_gives_all_its_numbers(scorer: Scorer) -> None:
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 3})
    benchmark = BENCHMARKS["ucf101"].model_copy(update={"protocol": quick})
    score = scorer.score(benchmark)
    assert score.correct is not None and len(score.correct) == 5
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.parts["coverage"] == pytest.approx(100 * 5 / 6) and 0 <= score.parts["mean_class"] <= 100
    assert score.parts["top5"] >= score.test and score.parts["majority"] == pytest.approx(40)
    several = scorer.score(benchmark.model_copy(update={"args": {"views": 2}}))
    assert several.correct is not None and len(several.correct) == 5


def test_dives_are_scored_by_attribute_too(scorer: Scorer) -> None:
    quick = BENCHMARKS["diving48"].protocol.model_copy(update={"epochs": 2})
    score = scorer.score(BENCHMARKS["diving48"].model_copy(update={"protocol": quick}))
    for attribute in ("takeoff", "somersault", "twist", "position"):
        assert score.test <= score.parts[attribute] <= 100


def test_clips_above_128_pixels_come_as_jpeg_and_are_scored_alike(scorer: Scorer, data: DataConfig) -> None:
    scorer.data = data.model_copy(update={"size": 136, "frames": 2})
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 1})
    score = scorer.score(BENCHMARKS["ucf101"].model_copy(update={"protocol": quick}))
    assert score.correct is not None and len(score.correct) == 5


def test_features_larger_than_memory_give_the_same_score(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 2})
    benchmark = BENCHMARKS["ucf101"].model_copy(update={"protocol": quick})
    whole = scorer.score(benchmark)
    monkeypatch.setattr("auxjepa.benchmarks.score.IN_MEMORY", 0)
    monkeypatch.setattr("auxjepa.probes.kept.READ", 1)
    apart = Scorer(scorer.encoder, "w", MODEL, scorer.data, seed=0, features=scorer.features)
    assert isinstance(apart.split(benchmark, "test").tokens, Features)
    score = apart.score(benchmark)
    assert score.correct is not None and whole.correct is not None and (score.correct == whole.correct).all()
    assert score.selected == whole.selected and score.validation == whole.validation


@pytest.mark.parametrize("name", [one.name for one in ALTERNATIVE_HEADS])
def test_the_papers_other_heads_are_scored_on_official_folders(scorer: Scorer, name: str) -> None:
    benchmark = BENCHMARKS[name]
    quick = benchmark.protocol.model_copy(update={"epochs": 2})
    score = scorer.score(benchmark.model_copy(update={"protocol": quick}))
    test = {"diving48": 4, "ssv2": 6}[benchmark.source]
    assert score.correct is not None and len(score.correct) == test
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.parts["coverage"] == 100 and score.parts["top5"] >= score.test
    assert {"takeoff", "twist"} <= set(score.parts) if benchmark.source == "diving48" else "takeoff" not in score.parts
