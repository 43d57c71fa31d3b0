"""Hypotheses at registered looks: which seeds count, when a hypothesis is decided, and what its sentence says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa.evidence.decisions.decision import Outcome, decide_hypotheses
from auxjepa.evidence.decisions.deviations import list_departures
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, Rule, run_name
from auxjepa.evidence.decisions.sequential import begun_seeds, describe_looks
from auxjepa.evidence.statistics.significance import holm
from auxjepa.rows import Row

SEEDS = (12, 3, 8, 5, 20, 1, 9, 2, 30, 4)
"""Registered order, which is not the order of the numbers."""
STEADY = (3.0, 3.1, 2.9, 3.2, 2.8, 3.3, 3.4, 2.7, 3.5, 3.6)
LATE = (3.0, 3.1, -0.1, 3.2, 2.8, 3.3, 3.4, 2.7, 3.5, 3.6)
NONE = (1.0, -1.1, 0.9, -1.2, 0.8, -1.3, 1.4, -0.7, 0.5, -0.6)
EQUAL = (0.1, -0.2, 0.15, -0.1, 0.05, 0.0, 0.1, -0.05, 0.02, -0.08)


def rows(*differences: tuple[float, ...], seeds: int = 10) -> list[Row]:
    """Return rows of ``baseline`` and of one variant a tuple of differences, for the first registered seeds."""
    written = []
    luck = np.random.default_rng(0).normal(0, 5, len(SEEDS))
    for name, values in [("baseline", (0.0,) * 10), *((f"v{i}", values) for i, values in enumerate(differences))]:
        for seed, value, offset in list(zip(SEEDS, values, luck, strict=True))[:seeds]:
            fields: dict[str, Any] = {
                "run": f"{name}{seed}", "variant": name, "regime": "world", "seed": seed, "benchmark": "order",
                "benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p", "n_test": 100, "n_classes": 8,
                "score": 50 + offset + value, "created": "2026-01-02T00:00:00+00:00",
            }  # fmt: skip
            written.append(Row.model_validate(fields))
    return written


def register(*hypotheses: Hypothesis, looks: tuple[int, ...] = (6, 8, 10), **rule: Any) -> Registration:
    names = ["baseline", *(f"v{i}" for i in range(len(hypotheses)))]
    return Registration(
        name="s",
        hypotheses=hypotheses,
        rule=Rule(looks=looks, **rule),
        seeds=SEEDS,
        measures={"world": {"order": Measure(benchmark_hash="b", protocol_hash="p")}},
        runs={run_name(name, seed, "world"): f"{name}{seed}" for name in names for seed in SEEDS},
        design={},
        created="2026-01-01T00:00:00+00:00",
    )


def h(number: int, claim: str = "above", **fields: Any) -> Hypothesis:
    usual = {"id": f"h{number}", "variant": f"v{number}", "claim": claim, "reference": "baseline"}
    return Hypothesis.model_validate(usual | {"benchmark": "order"} | fields)


def decide(registration: Registration, scores: list[Row]) -> list[Outcome]:
    return decide_hypotheses(registration, scores)


def test_a_hypothesis_is_decided_at_the_first_look_that_can() -> None:
    (outcome,) = decide(register(h(0)), rows(STEADY, seeds=6))
    assert outcome.verdict.word == "supported"
    assert outcome.verdict.sentence.endswith("; decided at look 1 of 3, 6 of 10 seeds.")
    (outcome,) = decide(register(h(0, "below")), rows(STEADY, seeds=6))
    assert outcome.verdict.word == "refuted"
    (outcome,) = decide(register(h(0)), rows(LATE, seeds=8))
    assert outcome.verdict.word == "supported" and "decided at look 2 of 3, 8 of 10 seeds" in outcome.verdict.sentence


def test_a_decision_stays_whatever_comes_later() -> None:
    turned = (*STEADY[:6], -20.0, -20.0, -20.0, -20.0)
    for seeds in (6, 8, 10):
        (outcome,) = decide(register(h(0)), rows(turned, seeds=seeds))
        assert outcome.verdict.word == "supported" and outcome.effect and outcome.effect.n == 6
        assert "decided at look 1" in outcome.verdict.sentence


def test_before_the_last_look_nothing_is_refused_for_good() -> None:
    (outcome,) = decide(register(h(0)), rows(NONE, seeds=6))
    assert outcome.verdict.word == "inconclusive"
    assert outcome.verdict.sentence.endswith("look 1 of 3, 6 of 10 seeds: continue, the next look is at 8 seeds.")
    (outcome,) = decide(register(h(0)), rows(NONE))
    assert outcome.verdict.sentence.endswith("look 3 of 3, 10 of 10 seeds, the last one.")


def test_seeds_beyond_a_complete_look_are_not_looked_at() -> None:
    present = decide(register(h(0), h(1)), rows(LATE, NONE, seeds=6))
    wild = (*LATE[:6], -30.0, -30.0, -30.0, -30.0)
    assert decide(register(h(0), h(1)), rows(wild, NONE, seeds=7)) == [
        Outcome(o.hypothesis, o.effect, o.verdict) for o in present
    ]


def test_a_look_needs_its_own_seeds_on_both_sides() -> None:
    for variant in ("v0", "baseline"):
        scores = [row for row in rows(STEADY) if (row.variant, row.seed) != (variant, 8)]
        (outcome,) = decide(register(h(0)), scores)
        assert outcome.verdict.word == "not testable"
        assert outcome.verdict.sentence == "Look 1 of 3 is not complete: 5 of its 6 seeds have scores."


def test_deleted_rows_make_no_hypothesis_easier() -> None:
    registration = register(h(0), h(1))
    complete = decide(registration, rows(LATE, NONE))
    for cut in range(10):
        scores = [row for row in rows(LATE, NONE) if row.variant != "v1" or row.seed not in SEEDS[cut:]]
        before, after = (o[0].effect for o in (complete, decide(registration, scores)))
        assert before and after and after.p_adjusted >= before.p_adjusted


def test_all_hypotheses_are_one_family_at_every_look() -> None:
    outcomes = decide(register(h(0), h(1)), rows(STEADY, NONE, seeds=6))
    assert [o.verdict.word for o in outcomes] == ["inconclusive", "inconclusive"], "6 seeds cannot reach alpha / 2"
    outcomes = decide(register(h(0), h(1)), rows(STEADY, STEADY, seeds=8))
    assert [o.verdict.word for o in outcomes] == ["supported", "supported"]
    assert all(o.effect and o.effect.p_adjusted <= 0.05 and o.effect.comparisons == 2 for o in outcomes)
    by_rate = decide(register(h(0), h(1), correction="benjamini_hochberg"), rows(STEADY, STEADY, seeds=6))
    assert [o.verdict.word for o in by_rate] == ["supported", "supported"]
    assert holm([0.025, 0.05]) == [0.05, 0.05]


def test_equivalence_pays_for_every_look() -> None:
    equal = h(0, "equivalent", margin=1.0)
    (outcome,) = decide(register(equal), rows(EQUAL, seeds=8))
    assert outcome.verdict.word == "supported" and "over 3 comparisons" in outcome.verdict.sentence
    (fixed,) = decide(register(equal).model_copy(update={"rule": Rule()}), rows(EQUAL))
    (last,) = decide(register(equal, looks=(9, 10)), rows(EQUAL))
    assert fixed.effect and last.effect and last.effect.p_adjusted >= fixed.effect.p_adjusted
    (apart,) = decide(register(equal), rows(STEADY, seeds=8))
    assert apart.verdict.word == "refuted" and "decided at look 1 of 3" in apart.verdict.sentence


def test_scores_of_later_looks_are_not_missing() -> None:
    registration = register(h(0))
    assert begun_seeds(registration, []) == SEEDS[:6] == begun_seeds(registration, rows(STEADY, seeds=2))
    assert begun_seeds(registration, rows(STEADY, seeds=7)) == SEEDS[:8]
    assert list_departures(registration, rows(STEADY, seeds=6)) == []
    (line,) = list_departures(registration, rows(STEADY, seeds=7))
    assert line.startswith("2 of 16 registered scores are missing")


@pytest.mark.parametrize(("hypotheses", "warned"), [(1, []), (2, [1]), (8, [1, 2])])
def test_looks_that_decide_nothing_are_named(hypotheses: int, warned: list[int]) -> None:
    family = tuple(h(i) for i in range(hypotheses))
    first, *warnings = describe_looks(Rule(looks=(6, 8, 10)), family)
    assert first == "3 looks; of alpha 0.05, the tests may use 0.0354 by 6 seeds, 0.0432 by 8 seeds, 0.05 by 10 seeds"
    assert [int(line.partition("look ")[2][0]) for line in warnings] == warned
    assert describe_looks(Rule(), family) == []


def test_looks_that_cannot_show_equivalence_are_named() -> None:
    same = h(1).model_copy(update={"id": "same", "claim": "equivalent", "margin": 3.0})
    _, *warnings = describe_looks(Rule(looks=(3, 4, 6)), (h(0), same))
    assert len(warnings) == 6 and warnings[5].startswith("warning: look 3 (6 seeds) cannot decide a hypothesis 'equi")
    assert warnings[5].endswith("at least 7 seeds can, for 2 x 3 tests (hypotheses x looks) at 0.05")
    _, *warnings = describe_looks(Rule(looks=(6, 7)), (h(0), same))
    numbers = [line.partition("look ")[2][0] for line in warnings]
    assert numbers == ["1", "1"], "at look 2 the equivalence can be decided first"


def test_rules_without_looks_keep_their_content() -> None:
    assert set(Rule().model_dump(mode="json")) == {"alpha", "correction", "test", "metric"}
    assert Rule(looks=(6, 8)).model_dump(mode="json")["looks"] == [6, 8]
