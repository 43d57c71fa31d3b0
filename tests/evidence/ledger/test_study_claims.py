"""Claims against a study: directions on the benchmarks of the synthetic world, and missing scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.ledger import verify
from auxjepa.evidence.ledger.study_claims import StudyScores, missing_for, study_scores
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row

MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MEANS = {"baseline": 40.0, "ld": 45.0, "fwm": 38.0, "kinematic_released": 30.0}


@pytest.fixture
def rows(make_row: MakeRow) -> list[Row]:
    """Eight seeds of four variants and the random-init control on appearance; a seed has the same offset for all."""
    written = []
    for seed in range(8):
        for name, mean in MEANS.items():
            score = mean + 3 * (seed % 3) + 0.1 * ((seed * len(name)) % 5)
            written.append(make_row(name, seed, score, benchmark="world_appearance", n_test=1000))
        control = {"run": f"r{seed}", "control": "random_init", "benchmark": "world_appearance", "n_test": 1000}
        written.append(make_row("random_init", seed, 50.0 + 3 * (seed % 3), **control))
    return written


@pytest.fixture
def study(rows: list[Row]) -> Callable[..., StudyScores]:
    def make(phase: Literal["screen", "confirm"] = "confirm", seeds: int = 8) -> StudyScores:
        selected = tuple(row for row in rows if row.seed < seeds)
        return StudyScores("small", selected, tuple(MEANS), "baseline", phase)

    return make


def test_only_the_direction_counts(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    up, down = verify([make_claim(id="a", expected=0.14), make_claim(id="b", expected=-99.0)], study())
    assert (up.word, up.arithmetic, up.results) == ("supported", "holds", "small")
    assert (down.word, down.arithmetic) == ("refuted", "fails")
    assert "in the world study, not the published setting" in up.sentence and "world_appearance" in up.sentence


def test_screens_and_few_seeds_decide_nothing(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up")
    for scores in (study("screen"), study("confirm", seeds=3)):
        (entry,) = verify([claim], scores)
        assert (entry.word, entry.arithmetic) == ("not testable", "holds")


def test_missing_scores_are_named(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    scores = study()
    assert (
        missing_for(make_claim(expected=1.0, benchmarks=["ssv2"]), scores) == "the study lacks world_order (for ssv2)"
    )
    assert (
        missing_for(make_claim(expected=1.0, benchmarks=["ucf101"]), scores) == "the study lacks a benchmark for ucf101"
    )
    assert missing_for(make_claim(expected=1.0, variants=["hw", "ld"]), scores) == "the study lacks hw"
    assert missing_for(make_claim(expected=1.0, reference="ltc"), scores) == "the study lacks the reference ltc"
    assert "published table" in missing_for(make_claim("count", about="table", count=1, direction="up"), scores)
    assert missing_for(make_claim("ordering", direction="up"), scores).startswith(
        "the study lacks hw, delta, fwm_ld, hw_ld"
    )
    (entry,) = verify([make_claim(expected=1.0, variants=["hw"])], scores)
    assert (entry.word, entry.arithmetic) == ("not testable", "not in table") and "lacks hw" in entry.sentence


def test_orderings_counts_and_closeness(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    claims = [
        make_claim("ordering", id="first", direction="up", among=["ld", "fwm"]),
        make_claim("ordering", id="last", direction="down", among=["ld", "fwm"]),
        make_claim("ordering", id="worst", direction="up", among=["fwm"], benchmarks=["imagenet100"] * 2),
        make_claim("count", id="both", variants=["ld", "fwm"], direction="up", low=2, of=2),
        make_claim("count", id="one", variants=["ld", "fwm"], direction="up", low=1, of=2),
        make_claim("range", id="close", low=-1, high=1),
    ]
    words = [entry.word for entry in verify(claims, study())]
    assert words == ["supported", "refuted", "not testable", "refuted", "supported", "not testable"]


def test_the_control_and_a_released_variant_are_used_for_published_names(
    study: Callable[..., StudyScores], make_claim: MakeClaim
) -> None:
    fields = {"regime": "ucf101", "direction": "up"}
    control = make_claim("direction", id="random", variants=["random_init"], **fields)
    released = make_claim("direction", id="kinematic", variants=["kinematic_1.0"], **fields)
    first, second = verify([control, released], study())
    assert (first.word, second.word) == ("supported", "refuted")
    assert any("kinematic_released is used for kinematic_1.0" in check.message for check in second.checks)


def test_rows_of_older_protocols_and_other_regimes_are_left_out(rows: list[Row], make_row: MakeRow) -> None:
    old = make_row("ld", 0, 99.0, benchmark="world_appearance", protocol_hash="old")
    images = make_row("ld", 0, 99.0, benchmark="world_appearance", regime="images")
    info = {"protocols": {"attentive": {"hash": "p1"}}, "benchmark_info": {"world_appearance": {"hash": "b1"}}}
    selected = study_scores(
        Study("s", reference="baseline", variants=list(MEANS), rows=[*rows, old, images], **info), "world"
    )
    assert len(selected.rows) == len(rows) and selected.phase == "screen"
    with pytest.raises(ConfigError, match="several pretraining regimes, choose one: world, images"):
        study_scores(Study("s", rows=[*rows, images]))
    with pytest.raises(ConfigError, match="did you mean 'world'"):
        study_scores(Study("s", rows=rows), "word")
    with pytest.raises(ConfigError, match="no score yet"):
        study_scores(Study("s"))
