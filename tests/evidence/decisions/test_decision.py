"""Decisions on registered hypotheses, from rows with planted effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa.evidence.decisions.decision import decide_hypotheses
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, Rule, run_name
from auxjepa.evidence.statistics.effects import compare
from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.significance import holm, smallest_p
from auxjepa.rows import Row

SEEDS = range(10)
MEANS = {"baseline": 20.0, "ld": 30.0, "equal": 20.0, "worse": 15.0}


def rows(seeds: range = SEEDS, regime: str = "world", lift: float = 0.0) -> list[Row]:
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 5, len(seeds))
    written = []
    for name, mean in MEANS.items():
        for seed in seeds:
            row = {
                "run": f"{name}{seed}{regime}", "variant": name, "regime": regime, "seed": seed, "benchmark": "order",
                "benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p", "n_test": 100, "n_classes": 8,
                "score": mean + lift + luck[seed - seeds[0]] + float(rng.normal(0, 0.5)),
            }  # fmt: skip
            written.append(Row.model_validate(row))
    return written


def register(*hypotheses: Hypothesis, planned: list[Row] | None = None, **fields: Any) -> Registration:
    planned = rows() if planned is None else planned
    measures = {r.regime: {"order": Measure(benchmark_hash="b", protocol_hash="p")} for r in planned}
    return Registration(
        name="s",
        hypotheses=hypotheses,
        seeds=tuple(SEEDS),
        measures=measures,
        runs={run_name(r.variant, r.seed, r.regime): r.run for r in planned},
        design={},
        created="2026-01-01T00:00:00+00:00",
        **fields,
    )


def h(variant: str, claim: str, reference: str = "baseline", **fields: Any) -> Hypothesis:
    usual = {"id": f"{variant}-{claim}-{reference}", "variant": variant, "claim": claim, "reference": reference}
    return Hypothesis.model_validate(usual | {"benchmark": "order"} | fields)


def test_verdicts_follow_the_planted_effects() -> None:
    registration = register(
        h("ld", "above"), h("ld", "below"), h("worse", "below"), h("equal", "above"),
        h("equal", "equivalent", margin=2), h("ld", "equivalent", margin=2),
    )  # fmt: skip
    words = [o.verdict.word for o in decide_hypotheses(registration, rows())]
    assert words == ["supported", "refuted", "supported", "inconclusive", "supported", "refuted"]


def test_the_family_is_every_hypothesis() -> None:
    registration = register(h("ld", "above"), h("worse", "below"), h("equal", "equivalent", margin=2))
    result = decide_hypotheses(registration, rows())
    scores = {name: [r for r in rows() if r.variant == name] for name in MEANS}
    p = [compare(scores[name], scores["baseline"]).p for name in ("ld", "worse")]
    equal = compare(scores["equal"], scores["baseline"])
    p.append(equivalence(equal.differences, 2.0).p)
    assert [o.effect.p_adjusted for o in result if o.effect] == pytest.approx(holm(p))
    assert all(o.effect and o.effect.comparisons == 3 for o in result)


def test_the_smallest_p_is_not_above_the_p_of_an_equivalence() -> None:
    """The smallest p of two one-sided t tests is 0; the smallest p of sign flips is above their p here."""
    registration = register(h("ld", "above"), h("equal", "equivalent", margin=2))
    above, same = decide_hypotheses(registration, rows())
    assert same.verdict.word == "supported" and same.effect and above.effect
    assert same.effect.p_adjusted < 2 * smallest_p(10), "the planted difference is smaller than sign flips can show"
    assert same.effect.smallest_p_adjusted == 0
    assert above.effect.smallest_p_adjusted == pytest.approx(2 / 2**10), "Holm can put the equivalence first"


def test_an_equivalence_makes_its_family_no_harder() -> None:
    few = rows(range(6))
    registration = register(h("ld", "above"), h("equal", "equivalent", margin=2), planned=few)
    above, _ = decide_hypotheses(registration.model_copy(update={"seeds": tuple(range(6))}), few)
    assert above.effect and above.effect.p_adjusted == pytest.approx(2 / 2**6)
    assert above.verdict.word == "supported"


def test_a_hypothesis_without_scores_makes_the_others_no_easier() -> None:
    alone = decide_hypotheses(register(h("ld", "above")), rows())[0]
    both = decide_hypotheses(register(h("ld", "above"), h("fwm", "above")), rows())
    assert alone.effect and both[0].effect and both[0].effect.p_adjusted == 2 * alone.effect.p_adjusted
    assert (both[1].effect, both[1].verdict.word) == (None, "not testable")
    assert "no score of fwm" in both[1].verdict.sentence


def test_nothing_is_decided_before_every_registered_seed_has_scores() -> None:
    early = [row for row in rows() if row.seed != 3]
    (result,) = decide_hypotheses(register(h("ld", "above")), early)
    assert result.verdict.word == "not testable" and "9 of 10 registered seeds have scores" in result.verdict.sentence


def test_rows_that_were_measured_differently_do_not_count() -> None:
    changed = [row.model_copy(update={"protocol_hash": "q"}) for row in rows()]
    assert decide_hypotheses(register(h("ld", "above")), changed)[0].effect is None
    extra = [row.model_copy(update={"protocol_hash": "q", "score": 0.0}) for row in rows() if row.seed == 3]
    assert decide_hypotheses(register(h("ld", "above")), [*rows(), *extra]) == decide_hypotheses(
        register(h("ld", "above")), rows()
    )


def test_a_void_registration_decides_nothing() -> None:
    (result,) = decide_hypotheses(register(h("ld", "above")), rows(), void="it was edited")
    assert result.verdict.word == "not testable" and result.verdict.sentence.endswith("it was edited.")


def test_too_few_seeds_test_nothing() -> None:
    few = rows(range(4))
    registration = register(h("ld", "above"), h("equal", "equivalent", margin=2), planned=few)
    result = decide_hypotheses(registration.model_copy(update={"seeds": (0, 1, 2, 3)}), few)
    assert [o.verdict.word for o in result] == ["not testable", "not testable"]


def test_runs_that_were_not_registered_do_not_count() -> None:
    planned = rows()
    extra = [r.model_copy(update={"run": "other", "score": 99.0, "seed": 50}) for r in planned if r.variant == "equal"]
    expected = decide_hypotheses(register(h("equal", "above")), planned)
    assert decide_hypotheses(register(h("equal", "above")), [*planned, *extra[:1]]) == expected


def test_a_hypothesis_across_regimes() -> None:
    both = rows() + rows(regime="mixed", lift=8.0)
    across = h("ld", "above", "ld", regime="mixed", reference_regime="world")
    (result,) = decide_hypotheses(register(across, planned=both), both)
    assert result.verdict.word == "supported" and result.effect and result.effect.mean == pytest.approx(8.0, abs=1)


def test_the_registered_rule_decides() -> None:
    registration = register(h("ld", "above"), h("equal", "above"), rule=Rule(alpha=0.001))
    assert decide_hypotheses(registration, rows())[0].verdict.word == "not testable"
    loose = register(h("ld", "above"), h("equal", "above"), rule=Rule(correction="benjamini_hochberg"))
    assert decide_hypotheses(loose, rows())[0].verdict.word == "supported"


def test_scores_under_another_hash_are_not_called_missing() -> None:
    """All ten scores of v exist: under another benchmark, protocol, metric or run."""
    changes = {
        "benchmark hash b9 and not the registered b": {"benchmark_hash": "b9"},
        "protocol hash q and not the registered p": {"protocol_hash": "q"},
        "metric mse and not the registered top1": {"metric": "mse"},
        "run hash r9 and not the registered ld0world (ld seed 0 on world)": {"run": "r9"},
    }
    for text, change in changes.items():
        changed = [row.model_copy(update=change) if row.variant == "ld" else row for row in rows()]
        (outcome,) = decide_hypotheses(register(h("ld", "above")), changed)
        assert outcome.verdict.word == "not testable"
        assert f"no score of ld: 10 scores of ld on order have the {text}" in outcome.verdict.sentence
    none = [row for row in rows() if row.variant != "ld"]
    (missing,) = decide_hypotheses(register(h("ld", "above")), none)
    assert missing.verdict.sentence == "There is no score of ld."


def test_few_seeds_are_counted_with_the_registered_correction() -> None:
    """Five unanimous seeds decide nothing. Of 8 hypotheses, Holm needs 9 seeds, Benjamini and Hochberg 6."""
    few = rows(range(5))
    planned = tuple(h(v, c) for v in ("ld", "worse", "equal") for c in ("above", "below"))
    pair = (h("ld", "above", "worse"), h("ld", "equivalent", "worse", margin=2))
    for correction, words, seeds in (("holm", "Holm", 9), ("benjamini_hochberg", "Benjamini and Hochberg", 6)):
        registration = register(*planned, *pair, planned=few, rule=Rule(correction=correction))  # type: ignore[arg-type]
        first, *_, same = decide_hypotheses(registration.model_copy(update={"seeds": tuple(range(5))}), few)
        assert f"{seeds} seeds can reach 0.05 after {words} over 8 comparisons" in first.verdict.sentence
        assert ("cannot show equivalence, 8 seeds can" in same.verdict.sentence) == (correction == "holm")
