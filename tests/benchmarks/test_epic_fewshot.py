"""Few-shot on EPIC-Kitchens-100: who is unseen, which segments are drawn, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.epic_fewshot import THIRDS, Division, divide, refuse_pretrained, spread, thirds
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, MixedConfig, ModelConfig
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.models.jepa import build_encoder
from miniatures import epic100, text, video

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})
VERBS = tuple(f"verb-{n}" for n in range(12))
VIDEOS = {"train": ("P01_01", "P02_101", "P03_01", "P04_01"), "validation": ("P01_11", "P18_01")}
RARE = int(np.flatnonzero(divide(VERBS, 0) == THIRDS.index("unseen"))[0])
SMALL = Division(each=6, base_each=3, shots=1)


def kitchen(root: Path) -> Path:
    """12 verbs with 2 segments in each of 6 videos, but one of the unseen ones: it has one segment in all. One noun."""
    for split, names in VIDEOS.items():
        rows = []
        for name in names:
            for number in range(2 * len(VERBS)):
                verb = number % len(VERBS)
                if verb == RARE and (name, number) != ("P01_01", verb):
                    continue
                start = 0.02 * number
                told = f"{name}_{number},{name[:3]},{name},,00:00:0{start:.2f},00:00:0{start + 0.3:.2f},0,9"
                rows.append(f"{told},do it,{VERBS[verb]},{verb},tap,0,['tap'],[0]")
            video(root / "EPIC-KITCHENS" / name[:3] / "videos" / f"{name}.MP4", 50, seed=len(rows), fps=50)
        text(root / f"EPIC_100_{split}.csv", epic100._HEADER + epic100._LABELS, *rows)
    text(root / "EPIC_100_verb_classes.csv", "id,key", *(f"{n},{name}" for n, name in enumerate(VERBS)))
    text(root / "EPIC_100_noun_classes.csv", "id,key", "0,tap")
    return root


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("epic")
    prepare_set("epic100", kitchen(root / "EPIC"), root / "data", workers=1, progress=False)
    return DataConfig(root=root / "data", frames=4, size=16)


def scorer(data: DataConfig, features: Path) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=features, progress=True)


def small(ways: int | None) -> Benchmark:
    one = BENCHMARKS["epic100_fewshot_verb_5way_1shot"]
    asked = {"ways": ways, "queries": 2, "episodes": 8, "division": SMALL.model_dump(mode="json")}
    return one.model_copy(update={"args": {**one.args, **asked}})


def test_thirds_are_equal_repeat_themselves_and_follow_the_seed() -> None:
    third = divide(VERBS, 0)
    assert np.bincount(third).tolist() == [4, 4, 4]
    assert (third == divide(VERBS, 0)).all() and (third != divide(VERBS, 1)).any()
    again = dict(zip(VERBS[::-1], divide(VERBS[::-1], 0), strict=True))
    assert all(again[name] == third[n] for n, name in enumerate(VERBS)), "names decide, not their order"


def test_segments_are_spread_over_videos() -> None:
    rng = np.random.default_rng(0)
    videos, labels = rng.integers(0, 5, 400), rng.integers(0, 3, 400)
    entries = tuple(
        Entry(Scanned(f"v{v}.mp4", 1, 1, "", None, frames=999), n, n + 5) for n, v in enumerate(videos.tolist())
    )
    chosen = spread(Manifest(Path(), entries, {}, {}, ()), videos, labels, 12)
    for number in range(3):
        counts = np.bincount(videos[chosen & (labels == number)], minlength=5)
        assert counts.sum() == 12 and counts.max() - counts.min() <= 1
    assert spread(Manifest(Path(), entries, {}, {}, ()), videos, labels, 999).all()


def test_thirds_share_no_class_and_rare_classes_are_left_out(data: DataConfig) -> None:
    divided = thirds(data, "epic100", "verb", SMALL, queries=2)
    classes = {name: set(third.labels.tolist()) for name, third in divided.items()}
    assert not classes["base"] & classes["choice"] and not (classes["base"] | classes["choice"]) & classes["unseen"]
    assert divided["unseen"].left_out == (VERBS[RARE],) and len(classes["unseen"]) == 3
    assert divided["choice"].left_out == () and len(classes["choice"]) == len(classes["base"]) == 4
    assert len(divided["unseen"].labels) == 6 * len(classes["unseen"]), "one of each of six videos"
    assert max(np.bincount(divided["base"].labels)) == 3
    many = Division(each=12, base_each=1, shots=6)
    assert len(thirds(data, "epic100", "verb", many, queries=2)["unseen"].labels) == 0, "six videos may all be support"


def test_the_suite_gives_episodes_of_unseen_verbs(
    data: DataConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = scorer(data, tmp_path)
    everything = one.score(small(None))
    assert everything.parts["classes"] == 3 and everything.parts["left_out"] == 1
    assert everything.parts["chance"] == pytest.approx(100 / 3)
    assert everything.correct is not None and len(everything.correct) == 8 * 3 * 2
    assert everything.test == pytest.approx(100 * everything.correct.mean())
    assert {"prototype", "transductive", "ridge", "logistic", "half_width"} <= set(everything.parts)
    assert one.score(small(None)).parts == everything.parts
    two = one.score(small(2))
    assert two.parts["chance"] == 50 and two.correct is not None and len(two.correct) == 8 * 2 * 2
    told = f"1 unseen classes have too few segments and are left out: {VERBS[RARE]}"
    assert told in " ".join(capsys.readouterr().err.split())
    with pytest.raises(ConfigError, match=r"4 choice verb classes have enough segments in enough videos, 5 are needed"):
        one.score(small(5))


def test_pretraining_on_the_kitchens_is_refused(data: DataConfig) -> None:
    benchmark = small(5)
    refuse_pretrained(data, benchmark)
    for elsewhere in ("folder:/kitchens", "ssv2", "mine/train"):
        refuse_pretrained(data.model_copy(update={"source": elsewhere}), benchmark)
    for one in (
        data.model_copy(update={"source": "epic100/validation"}),
        data.model_copy(update={"mixture": {"world": MixedConfig(), "home": MixedConfig(source="epic100")}}),
    ):
        with pytest.raises(ConfigError, match=r"pretrained on epic100.* no class is unseen; epic100_verb scores it"):
            refuse_pretrained(one, benchmark)


def test_the_division_is_part_of_the_hash() -> None:
    one = BENCHMARKS["epic100_fewshot_noun_5way_1shot"]
    other = one.model_copy(update={"args": {**one.args, "division": Division(seed=1).model_dump(mode="json")}})
    assert one.hash_on(DataConfig()) != other.hash_on(DataConfig())
    names = {name for name in BENCHMARKS if name.startswith("epic100_fewshot_")}
    assert len(names) == 18 and "epic100_fewshot_action_allway_10shot" in names
    assert "chance" not in BENCHMARKS["epic100_fewshot_action_allway_10shot"].controls
