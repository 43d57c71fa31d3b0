"""Plans: order, hashes, and runs of one seed that differ in nothing but their terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from auxjepa.config import RunConfig, read_yaml
from auxjepa.data.open import open_pool
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.study_yaml import read_study
from auxjepa.train.loop import Run
from auxjepa.variants import VARIANTS

HYPOTHESIS = {"id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_direction"}
QUICK = Path(__file__).parents[2] / "src" / "auxjepa" / "study" / "presets" / "quick.yaml"


def changed(content: dict[str, Any], path: str, value: Any) -> StudyConfig:
    keys = path.split(".")
    place = content
    for key in keys[:-1]:
        place[key] = dict(place.get(key, {}))
        place = place[key]
    place[keys[-1]] = value
    return StudyConfig.model_validate(content)


def test_seeds_come_outside_and_the_control_first(tiny: StudyConfig) -> None:
    names = [(run.config.seed, run.config.variant, run.control) for run in plan(tiny)]
    one = [("random_init", "random_init"), ("baseline", None), ("ld", None)]
    assert names == [(seed, *rest) for seed in (0, 1) for rest in one]


def test_the_same_study_plans_the_same_runs_wherever_it_lies(tiny: StudyConfig, tmp_path: Path) -> None:
    keys = [run.key for run in plan(tiny)]
    assert keys == [run.key for run in plan(tiny, tmp_path)] and len(set(keys)) == len(keys)
    assert keys[0] == f"random-{keys[1]}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("base.optim.lr", 0.1),
        ("base.model.size", "tiny"),
        ("base.masks", [{"scale": 0.3}]),
        ("base.teacher.enabled", False),
        ("regimes.world.clips", 33),
        ("regimes.world.seed", 1),
        ("base.checkpoint.keep", "best"),
    ],
)
def test_what_can_change_a_number_changes_every_key_and_is_told(
    content: dict[str, Any], tiny: StudyConfig, path: str, value: Any
) -> None:
    other = changed(content, path, value)
    assert not {run.key for run in plan(tiny)} & {run.key for run in plan(other)}
    (difference, *_) = tiny.differences(other)
    assert path.split(".")[-1] in difference and tiny.differences(tiny) == []


@pytest.mark.parametrize("path", ["sizes.train", "sizes.validation", "sizes.test", "sizes.epochs"])
def test_sizes_change_hashes_of_benchmarks(content: dict[str, Any], tiny: StudyConfig, path: str) -> None:
    other = changed(content, path, 5)
    data = tiny.regimes["world"]
    (a,), (b,) = tiny.chosen_benchmarks(), other.chosen_benchmarks()
    assert (a.hash_on(data), a.protocol.digest()) != (b.hash_on(data), b.protocol.digest())
    assert tiny.differences(other) == [f"{path} is {getattr(tiny.sizes, path[6:])} here and 5 there"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "other"),
        ("question", "why?"),
        ("answer_template", "so"),
        ("scale_notes", ["small"]),
        ("regimes.world.root", "/elsewhere"),
        ("base.log.monitor_every", 1),
        ("base.checkpoint.every", 1),
    ],
)
def test_words_places_and_logging_change_nothing(
    content: dict[str, Any], tiny: StudyConfig, path: str, value: Any
) -> None:
    other = changed(content, path, value)
    assert [run.key for run in plan(tiny)] == [run.key for run in plan(other)] and tiny.differences(other) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("seeds", [0, 0], "seeds lists something twice"),
        ("variants", ["ld"], "the reference 'baseline' is not among the variants"),
        ("variants", ["baseline", "lt"], "did you mean"),
        ("benchmarks", ["world_ordre"], "did you mean 'world_order'?"),
        ("base.data", {"clips": 3}, "base.data isn't used"),
        ("base.seed", 3, "base.seed isn't used"),
        ("base.objectives", {"delta": {}}, "base.objectives.delta isn't used"),
        ("regimes", {}, "at least 1"),
    ],
)
def test_what_would_be_set_in_vain_or_makes_no_sense_is_refused(
    content: dict[str, Any], path: str, value: Any, words: str
) -> None:
    with pytest.raises(ValidationError, match=words.replace("?", r"\?")):
        changed(content, path, value)


def test_a_context_term_is_shared_by_all_variants(content: dict[str, Any]) -> None:
    study = changed(content, "base.objectives", {"context": {"weight": 0.5}})
    trained = [run.config for run in plan(study) if run.control is None]
    assert all(config.objectives["context"].weight == 0.5 for config in trained)
    assert all("prediction" in config.objectives for config in trained)


def test_a_study_is_read_from_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no study here"):
        read_study(tmp_path)
    (tmp_path / "study.yaml").write_text("name: x\n")
    with pytest.raises(ValueError, match=r"not a study of this version \(variants: Field required\)"):
        read_study(tmp_path)


def test_quick_asks_what_it_should() -> None:
    quick = StudyConfig.model_validate(read_yaml(QUICK))
    assert set(quick.variants) == {"baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"} and len(quick.seeds) == 3
    assert len(quick.benchmarks) == 4 and quick.phase == "screen" and len(quick.controls) == 4


def test_runs_of_a_seed_share_start_clips_and_masks(content: dict[str, Any], root: Path, tmp_path: Path) -> None:
    """One seed fixes initial weights, data order, augmentation and masks, whatever the variant's terms are."""
    same_masks = [name for name in VARIANTS if VARIANTS[name]().masks is None]
    content["variants"] = [
        name for name in ("baseline", "ld", "fwm_hw_ld", "sigreg_no_ema", "action") if name in same_masks
    ]
    content["variants"] += ["mgm"]
    study = changed(content, "base.optim.steps", 20)
    study = changed(study.model_dump(mode="json"), "regimes.world.crop_area", [0.5, 1.0])
    planned = [run.config for run in plan(study, root) if run.control is None]
    clips = open_pool(planned[0].data, workers=1, progress=False).clips
    runs = {(c.seed, c.variant): Run(c, clips, tmp_path / str(i)) for i, c in enumerate(planned)}
    for (seed, variant), run in runs.items():
        base = runs[seed, "baseline"]
        assert run.initial["student"] == base.initial["student"]
        assert run.initial["predictor"] == base.initial["predictor"]
        for step in (0, 7, 19):
            pixels = run.batch_at(step)
            assert torch.equal(pixels, base.batch_at(step))
            if variant != "mgm":  # motion-guided masks are the point of that variant
                for mine, theirs in zip(run.masks_at(step, pixels), base.masks_at(step, pixels), strict=True):
                    assert torch.equal(mine.target_index, theirs.target_index)
                    assert torch.equal(mine.context_index, theirs.context_index)
    one, other = runs[0, "baseline"], runs[1, "baseline"]
    assert one.initial["student"] != other.initial["student"]
    assert not torch.equal(one.batch_at(0), other.batch_at(0))


def test_the_random_init_control_is_where_every_variant_starts(tiny: StudyConfig, root: Path, tmp_path: Path) -> None:
    from auxjepa.models.initial import build_initial_encoder
    from auxjepa.train.checkpoint import digest

    for number, planned in enumerate(plan(tiny, root)):
        if planned.control is None:
            run = Run(planned.config, np.zeros((8, 4, 16, 16, 3), np.uint8), tmp_path / str(number))
            encoder = build_initial_encoder(planned.config.model, planned.config.seed)
            assert digest(encoder.state_dict()) == run.initial["student"]


def test_planned_configs_are_plain_records(tiny: StudyConfig) -> None:
    for run in plan(tiny):
        assert RunConfig.model_validate(run.config.model_dump(mode="json")) == run.config


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phase": "confirm"}, "needs hypotheses"),
        ({"phase": "screen", "hypotheses": [HYPOTHESIS]}, "a screen decides no hypothesis"),
        ({"phase": "confirm", "hypotheses": [HYPOTHESIS], "screened_seeds": [1]}, "seed 1 was screened on"),
        ({"phase": "confirm", "hypotheses": [HYPOTHESIS | {"variant": "fwm"}]}, "names 'fwm'"),
    ],
)
def test_only_fresh_seeds_with_hypotheses_confirm(content: dict[str, Any], change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        StudyConfig.model_validate(content | change)
