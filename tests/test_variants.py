"""The named variants: complete, buildable, with the paper's weights, and telling described from released."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from auxjepa.config import ConfigError, MaskConfig, ModelConfig, ObjectiveConfig, RunConfig, TeacherConfig
from auxjepa.masks import sample
from auxjepa.objectives import ContractError, build, check
from auxjepa.tokens import Grid
from auxjepa.variants import VARIANTS, apply, find

MIXED = {"baseline", "mgm", "amg", "hw", "delta", "fwm", "ld", "fwm_ld", "hw_ld", "fwm_hw_ld", "combo", "spectral"}
MIXED |= {"ltc", "ac", "ac_hw", "fac"}
KINEMATIC = {f"kinematic{form}" for form in ("", "_0_1", "_huber", "_accel", "_split", "_anneal")}
UCF = KINEMATIC | {"sigreg", "sigreg_no_ema", "hamiltonian", "velgate", "future_predictive", "motion_future"}
BOTH_FORMS = KINEMATIC | {"hw_ld", "fwm_ld", "fwm_hw_ld", "fwm", "fac", "sigreg_no_ema", "mgm", "amg", "combo"}
BOTH_FORMS |= {"motion_future"}
RUN = RunConfig()


def test_every_variant_of_the_study_is_there() -> None:
    assert {*MIXED, *UCF, *(f"{name}_released" for name in BOTH_FORMS)} <= set(VARIANTS)
    assert all(find(name).name == name and find(name).summary for name in VARIANTS)
    assert len([name for name in VARIANTS if not find(name).paper]) >= 3


def test_every_published_row_has_a_variant(shared: Path) -> None:
    with (shared / "published" / "results.csv").open() as file:
        rows = {f"{row['regime']}/{row['variant']}" for row in csv.DictReader(file)}
    ours = {find(name).paper for name in VARIANTS} - {""}
    same = {"ucf101/baseline": "mixed/baseline", "ucf101/mgm": "mixed/mgm"}
    assert {same.get(row, row) for row in rows} == ours


@pytest.mark.parametrize("name", VARIANTS)
def test_every_term_and_mask_can_be_built(name: str) -> None:
    config = apply(name, RUN)
    for key, entry in config.objectives.items():
        build(entry.name or key, levels=2, dim=4, **entry.args)
    assert RunConfig.model_validate(config.model_dump()) == config
    grid = Grid(4, 4, 4, 2, 8)
    for place, mask in enumerate(config.masks):
        motion = torch.rand(8, 4, 4, 4)
        drawn = sample(mask, grid, batch=8, seed=0, step=0, generator=place, motion=motion)
        assert drawn.context_index.shape[1] and drawn.target_index.shape[1]


@pytest.mark.parametrize("name", VARIANTS)
def test_terms_keep_the_contract_and_released_ones_are_dead_where_the_findings_say(name: str) -> None:
    dead = {"hw_ld_released", "fwm_hw_ld_released"} | {n for n in VARIANTS if n[:4] == "kine" and n[-8:] == "released"}
    broken = []
    for key, entry in find(name).objectives.items():
        try:
            check(entry.name or key, **entry.args)
        except ContractError:
            broken.append(key)
    assert bool(broken) == (name in dead)


def test_weights_are_the_papers() -> None:
    def weights(name: str) -> dict[str, float]:
        return {key: entry.weight for key, entry in find(name).objectives.items() if key != "prediction"}

    assert weights("hw") == {"hard_region": 0.3}
    assert weights("ltc") == {"temporal_contrast": 0.5}
    factors = {"static_appearance": 0.05, "cross_covariance": 0.01}
    assert weights("fwm_hw_ld") == {**factors, "hard_region": 1.0, "latent_dynamics": 1.0}
    assert weights("fac") == {**factors, "action": 1.0}
    assert weights("combo") == {"delta": 0.5, "hard_region": 0.3}
    assert weights("kinematic_0_1") == {"kinematic": 0.1}
    assert find("ld_only").objectives.keys() == {"latent_dynamics"}


def test_the_anneal_follows_the_published_cosine() -> None:
    schedule = find("kinematic_anneal").objectives["kinematic"].schedule
    assert (schedule.kind, schedule.start, schedule.end, schedule.first, schedule.last) == ("cosine", 0, 1, 1, 0)


def test_apply_keeps_the_run_and_its_context_term() -> None:
    run = RUN.model_copy(
        update={
            "seed": 3,
            "objectives": {
                "prediction": ObjectiveConfig(weight=2),
                "dense": ObjectiveConfig(name="context", weight=0.5),
                "delta": ObjectiveConfig(),
            },
            "teacher": TeacherConfig(normalise="position"),
            "masks": (MaskConfig(blocks=8), MaskConfig(blocks=2, scale=0.7)),
            "model": ModelConfig(patch=16),
        }
    )
    ld = apply("ld", run)
    assert ld.variant == "ld" and ld.seed == 3 and ld.masks == run.masks and ld.teacher == run.teacher
    assert list(ld.objectives) == ["prediction", "latent_dynamics", "dense"]
    assert ld.objectives["prediction"].weight == 1 and ld.objectives["dense"].weight == 0.5
    future = apply("future_predictive", run)
    assert [(m.kind, m.blocks, m.scale) for m in future.masks] == [
        ("future_predictive", 4, 0.15),
        ("future_predictive", 1, 0.7),
    ]
    off = apply("kinematic_released", run).teacher
    assert not off.enabled and off.normalise == "position"
    assert apply("mae", run).objectives["pixel_reconstruction"].args == {"tubelet": 2, "patch": 16}


def test_variants_differ_in_what_is_trained() -> None:
    hashes = {name: apply(name, RUN).content_hash() for name in VARIANTS}
    twins = {"sigreg_no_ema_released"}
    assert len({value for name, value in hashes.items() if name not in twins}) == len(VARIANTS) - len(twins)
    # These two train the same; they differ in the network that is probed.
    assert hashes["sigreg_no_ema"] == hashes["sigreg_no_ema_released"]
    assert (find("sigreg_no_ema").evaluates, find("sigreg_no_ema_released").evaluates) == ("student", "teacher")


def test_unknown_names_get_a_hint() -> None:
    with pytest.raises(ConfigError, match="did you mean 'fwm_hw_ld'"):
        apply("fwm_hwld", RUN)


def test_variants_need_no_torch() -> None:
    code = "import sys, auxjepa.variants; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_variant_is_in_the_docs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "variants.md").read_text()
    assert [name for name in VARIANTS if f"| `{name}` |" not in page] == []
