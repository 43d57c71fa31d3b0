"""Claims against a measured study: directions on the world's benchmarks, and what a study lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.claims import Claim
from auxjepa.evidence.folder import Study
from auxjepa.evidence.ledger import verify
from auxjepa.evidence.measured import Measured, lacking, measured
from auxjepa.rows import Row

MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MEANS = {"baseline": 40.0, "ld": 45.0, "fwm": 38.0, "kinematic_released": 30.0}


@pytest.fixture
def rows(make_row: MakeRow) -> list[Row]:
    """Eight seeds of four variants and the random-init control on appearance; luck of a seed is shared."""
    made = []
    for seed in range(8):
        for name, mean in MEANS.items():
            score = mean + 3 * (seed % 3) + 0.1 * ((seed * len(name)) % 5)
            made.append(make_row(name, seed, score, benchmark="world_appearance", n_test=1000))
        control = {"run": f"r{seed}", "control": "random_init", "benchmark": "world_appearance", "n_test": 1000}
        made.append(make_row("random_init", seed, 50.0 + 3 * (seed % 3), **control))
    return made


@pytest.fixture
def study(rows: list[Row]) -> Callable[..., Measured]:
    def make(phase: Literal["screen", "confirm"] = "confirm", seeds: int = 8) -> Measured:
        kept = tuple(row for row in rows if row.seed < seeds)
        return Measured("mine", kept, tuple(MEANS), "baseline", phase)

    return make


def test_only_the_direction_is_asked_for(study: Callable[..., Measured], make_claim: MakeClaim) -> None:
    up, down = verify([make_claim(id="a", expected=0.14), make_claim(id="b", expected=-99.0)], study())
    assert (up.word, up.arithmetic, up.results) == ("supported", "holds", "mine")
    assert (down.word, down.arithmetic) == ("refuted", "fails")
    assert "in the world study, not the published setting" in up.sentence and "world_appearance" in up.sentence


def test_screens_and_few_seeds_claim_nothing(study: Callable[..., Measured], make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up")
    for some in (study("screen"), study("confirm", seeds=3)):
        (entry,) = verify([claim], some)
        assert (entry.word, entry.arithmetic) == ("not testable", "holds")


def test_what_a_study_lacks_is_named(study: Callable[..., Measured], make_claim: MakeClaim) -> None:
    some = study()
    assert lacking(make_claim(expected=1.0, benchmarks=["ssv2"]), some) == "the study lacks world_order (for ssv2)"
    assert lacking(make_claim(expected=1.0, benchmarks=["ucf101"]), some) == "the study lacks a benchmark for ucf101"
    assert lacking(make_claim(expected=1.0, variants=["hw", "ld"]), some) == "the study lacks hw"
    assert lacking(make_claim(expected=1.0, reference="ltc"), some) == "the study lacks the reference ltc"
    assert "published table" in lacking(make_claim("count", about="table", count=1, direction="up"), some)
    assert lacking(make_claim("ordering", direction="up"), some).startswith("the study lacks hw, delta, fwm_ld, hw_ld")
    (entry,) = verify([make_claim(expected=1.0, variants=["hw"])], some)
    assert (entry.word, entry.arithmetic) == ("not testable", "not in table") and "lacks hw" in entry.sentence


def test_orderings_counts_and_closeness(study: Callable[..., Measured], make_claim: MakeClaim) -> None:
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


def test_the_control_and_a_released_variant_stand_for_published_names(
    study: Callable[..., Measured], make_claim: MakeClaim
) -> None:
    fields = {"regime": "ucf101", "direction": "up"}
    control = make_claim("direction", id="random", variants=["random_init"], **fields)
    released = make_claim("direction", id="kinematic", variants=["kinematic_1.0"], **fields)
    first, second = verify([control, released], study())
    assert (first.word, second.word) == ("supported", "refuted")
    assert any("kinematic_released stands for kinematic_1.0" in check.message for check in second.checks)


def test_rows_of_older_protocols_and_other_regimes_are_left_out(rows: list[Row], make_row: MakeRow) -> None:
    old = make_row("ld", 0, 99.0, benchmark="world_appearance", protocol_hash="old")
    other = make_row("ld", 0, 99.0, benchmark="world_appearance", regime="images")
    info = {"protocols": {"attentive": {"hash": "p1"}}, "benchmark_info": {"world_appearance": {"hash": "b1"}}}
    found = measured(Study("s", reference="baseline", variants=list(MEANS), rows=[*rows, old, other], **info), "world")
    assert len(found.rows) == len(rows) and found.phase == "screen"
    with pytest.raises(ConfigError, match="several pretraining regimes, choose one: world, images"):
        measured(Study("s", rows=[*rows, other]))
    with pytest.raises(ConfigError, match="did you mean 'world'"):
        measured(Study("s", rows=rows), "word")
    with pytest.raises(ConfigError, match="no score yet"):
        measured(Study("s"))
