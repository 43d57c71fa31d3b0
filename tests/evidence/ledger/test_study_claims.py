"""Claims against a study: directions on the benchmarks of the synthetic world, and missing scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, run_name
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import tally
from auxjepa.evidence.ledger.ledger import verify, verify_study
from auxjepa.evidence.ledger.study_claims import StudyScores, missing_for, study_scores
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.evidence.study_folder.folder import Registered, Study
from auxjepa.rows import Row

MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MEANS = {"baseline": 40.0, "ld": 45.0, "fwm": 38.0, "kinematic_released": 30.0}


@pytest.fixture
def rows(make_row: MakeRow) -> list[Row]:
    """Eight seeds of four variants and the random-init control on appearance; a seed has the same offset for all."""
    written = []
    for seed in range(8):
        for i, (name, mean) in enumerate(MEANS.items()):
            score = mean + 3 * (seed % 3) + 0.1 * ((seed * (i + 1)) % 5)
            written.append(make_row(name, seed, score, benchmark="world_appearance", n_test=1000))
        control = {"run": f"r{seed}", "control": "random_init", "benchmark": "world_appearance", "n_test": 1000}
        written.append(make_row("random_init", seed, 20.0 + 3 * (seed % 3), **control))
    return written


@pytest.fixture
def study(rows: list[Row]) -> Callable[..., StudyScores]:
    """``study(phase, seeds, hypotheses)``: the scores of a study; its hypotheses are registered on eight seeds."""

    def make(
        phase: Literal["screen", "confirm"] = "confirm",
        seeds: int = 8,
        hypotheses: tuple[tuple[str, str, str], ...] = ALL,
        void: str = "",
    ) -> StudyScores:
        selected = [row for row in rows if row.seed < seeds]
        registered = Registered(_register(rows, hypotheses), "h", [], void) if phase == "confirm" else None
        info = {"variants": list(MEANS), "benchmarks": ["world_appearance"], "registered": registered}
        runs = [Run(row.run, row.variant, row.seed, {"verdict": "healthy"}, {}) for row in rows]
        return study_scores(Study("small", reference="baseline", phase=phase, rows=selected, runs=runs, **info))

    return make


ALL = (
    ("ld", "above", "baseline"),
    ("fwm", "above", "baseline"),
    ("ld", "above", "fwm"),
    ("random_init", "below", "baseline"),
    ("kinematic_released", "below", "baseline"),
)


def _register(rows: list[Row], hypotheses: tuple[tuple[str, str, str], ...]) -> Registration:
    records = [
        Hypothesis.model_validate(
            {"id": f"h{i}", "variant": v, "claim": c, "reference": r, "benchmark": "world_appearance"}
            | ({"margin": 2.0} if c == "equivalent" else {})
        )
        for i, (v, c, r) in enumerate(hypotheses)
    ]
    return Registration(
        name="small",
        hypotheses=tuple(records),
        seeds=tuple(range(8)),
        measures={"world": {"world_appearance": Measure(benchmark_hash="b1", protocol_hash="p1")}},
        runs={run_name(r.variant, r.seed, r.regime): r.run for r in rows},
        design={},
        created="2026-01-01T00:00:00+00:00",
    )


def test_only_the_direction_counts(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    up, down = verify([make_claim(id="a", expected=0.14), make_claim(id="b", expected=-99.0)], study())
    assert (up.word, up.arithmetic, up.results) == ("supported", "holds", "small")
    assert (down.word, down.arithmetic) == ("refuted", "fails")
    assert "in the world study, not the published setting" in up.sentence and "world_appearance" in up.sentence
    assert "over 5 comparisons" in up.sentence, "the family is that of the registration"
    assert up.sentence.endswith("; registered as h0.")
    assert "registered as h0 (ld is above baseline on world_appearance)." in down.sentence


def test_only_a_registered_hypothesis_is_decided(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    """The difference of fwm is as clear as that of ld, but its comparison is not registered."""
    claims = [
        make_claim("direction", id="ld", direction="up"),
        make_claim("direction", id="fwm", direction="down", variants=["fwm"]),
        make_claim("direction", id="both", direction="up", variants=["ld", "fwm"]),
    ]
    registered, other, both = verify(claims, study(hypotheses=ALL[:1]))
    assert (registered.word, other.word, other.arithmetic) == ("supported", "not testable", "holds")
    assert "−2.0 points" in other.sentence and "this comparison is not a registered hypothesis" in other.sentence
    assert both.word == "not testable" and "ld +5.0, fwm −2.0" in both.sentence
    assert "fwm: −2.0 points" in both.sentence, "the reason is that of the comparison that is not registered"
    for wrong in (("ld", "above", "fwm"), ("ld", "equivalent", "baseline")):
        (entry,) = verify(claims[:1], study(hypotheses=(wrong,)))
        assert entry.word == "not testable" and "not a registered hypothesis" in entry.sentence


@pytest.mark.parametrize(
    ("hypothesis", "word"),
    [
        (("ld", "above", "baseline"), "supported"),
        (("ld", "below", "baseline"), "supported"),
        (("baseline", "below", "ld"), "supported"),
        (("baseline", "above", "ld"), "supported"),
    ],
)
def test_the_claimed_direction_counts_and_not_the_registered_one(
    study: Callable[..., StudyScores], make_claim: MakeClaim, hypothesis: tuple[str, str, str], word: str
) -> None:
    up, down = (make_claim("direction", id=direction, direction=direction) for direction in ("up", "down"))
    first, second = verify([up, down], study(hypotheses=(hypothesis,)))
    assert (first.word, second.word) == (word, "refuted")


def test_the_ledger_decides_nothing_that_the_hypotheses_leave_open(
    study: Callable[..., StudyScores], make_claim: MakeClaim
) -> None:
    claim = make_claim("direction", direction="up")
    (short,) = verify([claim], study(seeds=6))
    assert (short.word, short.arithmetic) == ("not testable", "holds")
    assert "6 of 8 registered seeds have scores" in short.sentence
    (void,) = verify([claim], study(void="the registration was edited, so it does not bind"))
    assert void.word == "not testable" and "the registration was edited" in void.sentence


def test_screens_decide_nothing(study: Callable[..., StudyScores], make_claim: MakeClaim) -> None:
    (entry,) = verify([make_claim("direction", direction="up")], study("screen"))
    assert (entry.word, entry.arithmetic) == ("not testable", "holds")
    assert "+5.0 points" in entry.sentence and "(8 paired seeds here)" in entry.sentence
    assert "nothing is registered here" in entry.sentence and "Holm" not in entry.sentence


def test_clear_differences_without_a_registered_hypothesis_decide_no_claim_of_the_package(
    rows: list[Row],
) -> None:
    """Every variant is clearly above or below the reference, and one comparison is registered."""
    registered = Registered(_register(rows, ALL[:1]), "h", [])
    fields = {"variants": list(MEANS), "benchmarks": ["world_appearance"], "registered": registered}
    entries = verify_study(Study("small", reference="baseline", phase="confirm", rows=rows, **fields))
    decided = [e.claim.id for e in entries if e.word in ("supported", "refuted", "inconclusive")]
    assert tally(entries)["not testable"] == 39 - len(decided) and decided == []
    assert sum(e.is_compared for e in entries) > 0


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


def test_scores_under_another_hash_are_not_called_missing(rows: list[Row], make_claim: MakeClaim) -> None:
    """All scores of ld exist under another hash than the present one, or than the registered one."""
    claim = make_claim(expected=1.0)
    fields = {"variants": list(MEANS), "protocols": {"attentive": {"hash": "p1"}}}
    old = [row.model_copy(update={"protocol_hash": "p0"}) if row.variant == "ld" else row for row in rows]
    scores = study_scores(Study("small", rows=old, **fields))
    text = "8 scores of ld on world_appearance have the protocol hash p0 and not the present p1"
    assert missing_for(claim, scores) == f"the study lacks ld; {text}"
    assert len(scores.notes) == 1 and text in scores.notes[0]
    changed = [row.model_copy(update={"benchmark_hash": "b9"}) if row.variant == "ld" else row for row in rows]
    registered = Registered(_register(rows, ALL), "h", [])
    fields |= {"phase": "confirm", "registered": registered, "benchmark_info": {"world_appearance": {"hash": "b1"}}}
    (entry,) = verify([claim], study_scores(Study("small", rows=changed, **fields)))
    assert "have the benchmark hash b9 and not the registered b1" in entry.sentence


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
    control = make_claim("direction", id="random", regime="ucf101", direction="down", variants=["random_init"])
    released = make_claim("direction", id="kinematic", regime="ucf101", direction="up", variants=["kinematic_1.0"])
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
