"""The audit's numbers against gradients taken directly, and against a real run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa import variants
from auxjepa.audit import Audit, Base, audit
from auxjepa.audit.measure import appearance_by_level, block, network
from auxjepa.config import CheckpointConfig, ObjectiveConfig, RunConfig, TeacherConfig
from auxjepa.objectives import build
from auxjepa.train.checkpoint import CheckpointError
from auxjepa.train.loop import Run

Get = Callable[[str], Audit]
Small = Callable[[Base], RunConfig]


def term(audit: Audit, name: str):
    return next(t for t in audit.terms if t.name == name)


def test_values_and_gradients_are_those_of_training(
    audited: Get, small: Small, clips: np.ndarray, tmp_path: Path
) -> None:
    run = Run(variants.apply("fwm_hw_ld", small("described")), clips, tmp_path)
    pixels = run.batch_at(0)
    step = run.model(pixels, run.masks_at(0, pixels), 0.0, True)
    value = 0.05 * run.objectives["static_appearance"](step)
    student = list(run.model.student.parameters())
    gradients = torch.autograd.grad(value, student, retain_graph=True, allow_unused=True)
    norm = sum(float(g.square().sum()) for g in gradients if g is not None) ** 0.5
    got = term(audited("fwm_hw_ld"), "static_appearance")
    assert got.value * 0.05 == pytest.approx(value.item(), rel=1e-5)
    assert got.student == pytest.approx(norm, rel=1e-4) and got.predictor == 0 and got.heads is None
    other = torch.autograd.grad(run.objectives["prediction"](step), student, allow_unused=True)
    a, b = (torch.cat([torch.zeros(1) if g is None else g.flatten() for g in gs]) for gs in (gradients, other))
    a, b = a[: min(len(a), len(b))], b[: min(len(a), len(b))]
    assert got.cosine["prediction"] == pytest.approx(float(a @ b / a.norm() / b.norm()), abs=2e-3)


def test_parts_add_up(audited: Get) -> None:
    audit = audited("fwm_hw_ld")
    assert sum(t.share for t in audit.terms) == pytest.approx(1)
    for t in audit.terms:
        assert sum(x**2 for x in t.blocks.values()) ** 0.5 == pytest.approx(t.student, rel=1e-6)
        assert list(t.blocks)[:3] == ["embed", "block 0", "block 1"] and len(t.blocks) == 14 and len(t.levels) == 4
        for other, cosine in t.cosine.items():
            assert cosine == pytest.approx(term(audit, other).cosine[t.name]) and abs(cosine or 0) <= 1
    assert term(audit, "hard_region").cosine["prediction"] == pytest.approx(1, abs=0.01)
    assert term(audit, "prediction").weight == 1 and term(audit, "context").mean_weight == 0.5


def test_where_terms_are_defined(audited: Get) -> None:
    audit = audited("fwm_hw_ld")
    assert (term(audit, "prediction").visible, term(audit, "prediction").hidden) == (0, 1)
    assert (term(audit, "cross_covariance").visible, term(audit, "cross_covariance").hidden) == (1, 0)
    assert term(audit, "context").visible == 1
    # Masks hide whole tubes here, so a token has a successor unless it is the last: 3 of 4.
    assert term(audit, "latent_dynamics").visible == pytest.approx(0.75)
    first = audit.views[0]
    assert first.pairs == pytest.approx(first.full_time_sites) == pytest.approx(np.mean(first.visible_by_time))
    assert term(audited("kinematic_released"), "kinematic").targets == 1


def test_the_ramp_as_released(audited: Get) -> None:
    context = term(audited("fwm_hw_ld_released"), "context")
    assert context.off == pytest.approx(0.5, abs=0.001) and context.mean_weight == pytest.approx(0.125, abs=0.001)
    assert context.weight == 0.5
    late = audited("fwm_hw_ld_released").views[0].visible_by_time
    assert late[0] > late[-1]  # raster truncation drops the last frames


def test_the_dead_term_is_measured_dead(audited: Get) -> None:
    dead = term(audited("fwm_hw_ld_released"), "latent_dynamics")
    assert dead.student == dead.predictor == dead.heads == dead.parameters == 0
    assert dead.value > 0 and dead.share > 0 and dead.cosine["prediction"] is None
    assert dead.spread is not None and dead.spread.max_over_mean > 1
    assert audited("fwm_hw_ld_released").unreached == ["objectives.latent_dynamics"]


def test_parts_that_no_term_reaches(small: Small, clips: np.ndarray) -> None:
    config = small("described").model_copy(update={"objectives": {"delta": ObjectiveConfig()}, "variant": "alone"})
    result = audit(config, clips, batches=1)
    assert "predictor.trunk" in result.unreached and result.updated["predictor"] is False
    assert result.findings == [] and term(result, "delta").cosine == {}


def test_a_frozen_teacher_is_found_by_measurement(small: Small, clips: np.ndarray) -> None:
    config = small("described").model_copy(update={"teacher": TeacherConfig(momentum=(1.0, 1.0))})
    result = audit(config, clips, batches=1, evaluates="teacher")
    assert [f.number for f in result.findings] == [2] and result.updated["teacher"] is False


def test_a_checkpoint_is_audited_with_its_weights(small: Small, clips: np.ndarray, tmp_path: Path) -> None:
    base = variants.apply("ld", small("described"))
    config = base.model_copy(
        update={
            "optim": base.optim.model_copy(update={"steps": 3}),
            "checkpoint": CheckpointConfig(every=3),
        }
    )
    Run(config, clips, tmp_path / "run").train()
    before = audit(config, clips, batches=1)
    after = audit(config, clips, batches=1, checkpoint=tmp_path / "run")
    assert after.step == 3 and after.checkpoint and not before.checkpoint
    assert term(after, "prediction").value < term(before, "prediction").value
    # Another variant on the same weights: heads that the checkpoint lacks start anew.
    other = audit(variants.apply("ac", config), clips, batches=1, checkpoint=tmp_path / "run")
    assert term(other, "action").heads and term(other, "prediction").value == term(after, "prediction").value
    wide = config.model_copy(update={"model": config.model.model_copy(update={"levels": 2})})
    with pytest.raises(CheckpointError, match="student doesn't fit this run"):
        audit(wide, clips, batches=1, checkpoint=tmp_path / "run")


def test_the_same_audit_twice_is_the_same_but_for_time(audited: Get, small: Small, clips: np.ndarray) -> None:
    again = audit(variants.apply("mgm", small("described")), clips, batches=1)
    clock = {"forward_ms": 0.0, "backward_ms": 0.0}
    one, two = ([t.model_copy(update=clock) for t in a.terms] for a in (again, audited("mgm")))
    assert one == two and Audit.model_validate_json(again.model_dump_json()) == again


def test_names_of_parts() -> None:
    assert block("student.trunk.blocks.11.mlp.0.weight") == "block 11" and block("student.norms.3.bias") == "norms"
    assert network("objectives.ld.head.0.weight") == "objectives.ld" and network("predictor.norm.bias") == "predictor"


def test_division_by_level() -> None:
    by_depth = build("static_appearance", levels=4, dim=8, subspaces={"split": "concatenated", "ratio": 0.375})
    assert appearance_by_level(by_depth) == [1, 0.5, 0, 0]
    assert appearance_by_level(build("latent_dynamics", levels=2, dim=4)) is None
    assert appearance_by_level(build("prediction", levels=2, dim=4)) is None
