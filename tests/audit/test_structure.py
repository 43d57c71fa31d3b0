"""Facts: each is measured, and measured differently where the thing itself is different."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auxjepa.audit import structure
from auxjepa.audit.structure import AUDIT_FACTS, channels, degree, facts
from auxjepa.config import ModelConfig
from auxjepa.evidence.ledger.claims import load
from auxjepa.evidence.ledger.ledger import verify


@pytest.fixture(scope="session")
def found() -> dict[str, float | bool]:
    return facts()


def test_channels_of_an_encoder() -> None:
    assert channels(ModelConfig(size="nano")) == 64
    assert channels(ModelConfig(size="tiny", levels=4)) == 4 * 192


def test_degrees_of_losses() -> None:
    def squared(guessed: Tensor, target: Tensor) -> Tensor:
        return (guessed - target).square().mean()

    assert degree(squared) == pytest.approx(2)
    assert degree(lambda guessed, target: (guessed - target).abs().mean()) == pytest.approx(1)


@pytest.mark.slow
def test_described_and_released_differ_where_findings_say_so(found: dict[str, float | bool]) -> None:
    assert found["base.embedding_dim"] == 768 and found["base.predicted_dim"] == 3072
    for variant in ("hw_ld", "fwm_hw_ld"):
        assert found[f"{variant}.latent_dynamics.gradient"] > 0
        assert found[f"{variant}_released.latent_dynamics.gradient"] == 0
    assert found["hw_ld_released.hard_region.gradient"] > 0
    assert (found["fwm.appearance_of_probed_level"], found["fwm_released.appearance_of_probed_level"]) == (0.5, 0)
    assert found["kinematic.probed_network_trained"] is True
    assert found["kinematic_released.probed_network_trained"] is False
    assert found["sigreg_no_ema_released.probed_network_trained"] is False
    assert (found["mgm.motion_across_clips"], found["mgm_released.motion_across_clips"]) == (False, True)
    assert 1 < found["hw.largest_weight_over_mean"] < 1.5
    assert found["baseline_released.context_off_share"] == pytest.approx(0.5, abs=0.01)
    assert found["action.degree"] == pytest.approx(1) and found["spectral.degree"] == pytest.approx(1)


@pytest.mark.slow
def test_facts_settle_every_structural_claim_that_names_one(found: dict[str, float | bool]) -> None:
    named = [claim for claim in load().claims if claim.kind == "structural" and claim.fact]
    words = {entry.claim.id: entry.word for entry in verify(named, [], found)}
    supported = {name for name, word in words.items() if word == "supported"}
    assert supported == {"embedding_dim", "predicted_dim", "hw_on_prediction", "hw_on_dynamics"}
    assert {word for name, word in words.items() if name not in supported} == {"refuted"}


@pytest.mark.slow
def test_threads_are_restored_and_progress_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "AUDIT_FACTS", AUDIT_FACTS[:1])
    reported: list[str] = []
    before = torch.get_num_threads()
    facts(reported.append)
    assert reported == ["encoders", "hw_ld"] and torch.get_num_threads() == before
