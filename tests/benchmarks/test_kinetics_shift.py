"""The protocol from Kinetics-400 to Kinetics-700 on miniatures of both, and its suite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.benchmarks.kinetics_shift import Protocol, over_classes, protocol, similarity
from auxjepa.benchmarks.official import official_sizes
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.sets import SETS
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.models.jepa import build_encoder
from miniatures import kinetics, text, video

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})
NEW = ("abseiling", "passing american football (in game)", "passing american football (not in game)", "tasting wine")
OLD_VIDEO = kinetics.stem(1)
"""A training video of the old edition that comes back in the new one's validation list."""


def newer(root: Path) -> Path:
    """Four classes, two of them the old edition's; 20 training and 9 validation videos."""
    number = 30
    for split, size in {"train": 20, "val": 8}.items():
        lines = ["label,youtube_id,time_start,time_end,split"]
        for place in range(size):
            name = kinetics.stem(number)
            video(root / split / f"{name}.mp4", 12, seed=number)
            lines.append(f'"{NEW[place % 4]}",{name[:11]},{number},{number + 10},{split}')
            number += 1
        if split == "val":
            video(root / split / f"{OLD_VIDEO}.mp4", 12, seed=1)
            lines.append(f'"{NEW[0]}",{OLD_VIDEO[:11]},1,11,{split}')
        text(root / "annotations" / f"{split}.csv", *lines)
    return root


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("shift")
    for name, videos in (("kinetics400", kinetics.build(root / "k400")), ("kinetics700", newer(root / "k700"))):
        prepare_set(name, videos, root / "data", workers=1, progress=False)
    return DataConfig(source="kinetics400", root=root / "data", frames=4, size=16)


@pytest.fixture(scope="session")
def asked(data: DataConfig) -> Protocol:
    return protocol(data)


def test_near_and_far_go_by_words() -> None:
    assert similarity("playing oboe", ["playing flute", "tasting food"]) == pytest.approx(1 / 3)
    assert similarity("tasting wine", ["abseiling", "massaging person's head"]) == 0
    assert similarity("Passing_American football (in game)", ["passing american football (in game)"]) == 1
    assert similarity("getting in a car", ["in a"]) == 0 and similarity("x", []) == 0


def test_shared_classes_keep_their_old_numbers_and_only_later_videos(asked: Protocol) -> None:
    assert set(asked.classes.shared.values()) == set(NEW[:2]) and set(asked.classes.added) == set(NEW[2:])
    near = dict(zip(asked.classes.added, asked.near.tolist(), strict=True))
    assert near == {NEW[2]: True, NEW[3]: False}
    old = sorted(kinetics.CLASSES)
    told = {old[k] for k in asked.later.labels}
    assert told == {"abseiling", "passing American football (in game)"} and len(asked.later.labels) == 4
    assert asked.removed == 1
    files = {entry.file.path for entry in asked.later.manifest.entries}
    assert not any(OLD_VIDEO in path for path in files)
    assert {old[k] for k in asked.clean.labels} == told, "the same classes before and after"
    assert len(asked.train.labels) + len(asked.validation.labels) == 12  # three of 15 are gone
    assert {old[k] for k in asked.train.labels} == set(old)


def test_new_classes_have_splits_of_their_own(asked: Protocol) -> None:
    train, validation, test = asked.new
    assert len(train.labels) + len(validation.labels) == 10 and len(validation.labels) == 2 and len(test.labels) == 4
    assert all(np.unique(part.labels).tolist() == [0, 1] for part in asked.new)
    files = [{entry.file.path for entry in part.manifest.entries} for part in asked.new]
    assert not files[0] & files[1] and not (files[0] | files[1]) & files[2]


def test_the_suite_gives_all_its_numbers(data: DataConfig, tmp_path: Path) -> None:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    scorer = Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path)
    one = BENCHMARKS["kinetics_shift"]
    few = {**one.args, "linear": {**one.args["linear"], "epochs": 2}}
    protocol = one.protocol.model_copy(update={"epochs": 2})
    quick = one.model_copy(update={"classes": 3, "protocol": protocol, "args": few})
    score = scorer.score(quick)
    assert score.test == score.parts["later-1"] and score.correct is None, "classes weigh the same, clips don't"
    assert {"clean", "clean:top1", "later:top1", "new:all", "new:near", "new:far"} <= set(score.parts)
    assert score.parts["new:all"] == pytest.approx((score.parts["new:near"] + score.parts["new:far"]) / 2)
    assert score.parts["classes:near"] == score.parts["classes:far"] == 1
    assert score.parts["new:chance"] == 50 and score.parts["videos:removed"] == 1
    assert score.parts["videos:later"] == 4
    assert scorer.score(quick).parts == score.parts


def test_every_part_reads_the_level_that_its_protocol_says(
    data: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = MODEL.model_copy(update={"levels": 2})
    torch.manual_seed(0)
    scorer = Scorer(build_encoder(two).eval().requires_grad_(False), "w", two, data, seed=0, features=tmp_path)
    levels: list[int] = []
    real = scorer.tokens

    def tokens(clips: np.ndarray, name: str, level: int, **other: object) -> object:
        levels.append(level)
        return real(clips, name, level, **other)  # type: ignore[arg-type]

    monkeypatch.setattr(scorer, "tokens", tokens)
    one = BENCHMARKS["kinetics_shift"]
    linear = {**one.args["linear"], "epochs": 1, "reading": {"role": "student", "level": 0}}
    first = one.protocol.model_copy(update={"epochs": 1})
    scorer.score(one.model_copy(update={"classes": 3, "protocol": first, "args": {**one.args, "linear": linear}}))
    assert levels == [-1] * 4 + [0] * 3


def test_a_drop_is_none_of_class_weights() -> None:
    right = {0: True, 1: False, 2: True}
    before, after = np.array([0, 1, 2]), np.array([0, 0, 0, 1])
    clean, later = over_classes(*((np.array([right[c] for c in labels]), labels) for labels in (before, after)))
    assert clean == later == 50, "class 2 has no later video, and class 0 has three"
    with pytest.raises(ConfigError, match="no class has videos both before and after"):
        over_classes((before < 1, before), (after < 1, after + 3))


def test_editions_that_do_not_differ_are_refused(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match="kinetics400 and kinetics400 have the same classes"):
        protocol(data, "kinetics400", "kinetics400")
    with pytest.raises(ConfigError, match="kinetics600"):
        protocol(data, "kinetics400", "kinetics600")


def test_sizes_are_those_of_the_card_and_new_classes_are_read_linearly() -> None:
    one, sizes = BENCHMARKS["kinetics_shift"], SETS["kinetics400"].card.sizes
    assert (one.train, one.test) == (sizes["train"], sizes["val"]) == (246_534, 19_906)
    assert one.validation == 24_653 and one.args["linear"]["head"] == "linear" and one.protocol.head == "attentive"
    assert official_sizes("ucf101", "test2") == (9_537, 954, 3_734)
    with pytest.raises(ConfigError, match="the card of kinetics700 doesn't count the examples of train and val"):
        official_sizes("kinetics700", "val")
