"""Registered hypotheses decided from rows whose effects are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa.evidence.decision import outcomes
from auxjepa.evidence.effects import compare
from auxjepa.evidence.equivalence import equivalence
from auxjepa.evidence.registration import Hypothesis, Measure, Registration, Rule, run_name
from auxjepa.evidence.significance import holm, smallest_p
from auxjepa.rows import Row

SEEDS = range(10)
MEANS = {"baseline": 20.0, "ld": 30.0, "twin": 20.0, "worse": 15.0}


def rows(seeds: range = SEEDS, regime: str = "world", lift: float = 0.0) -> list[Row]:
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 5, len(seeds))
    made = []
    for name, mean in MEANS.items():
        for seed in seeds:
            row = {
                "run": f"{name}{seed}{regime}", "variant": name, "regime": regime, "seed": seed, "benchmark": "order",
                "benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p", "n_test": 100, "n_classes": 8,
                "score": mean + lift + luck[seed - seeds[0]] + float(rng.normal(0, 0.5)),
            }  # fmt: skip
            made.append(Row.model_validate(row))
    return made


def registered(*hypotheses: Hypothesis, known: list[Row] | None = None, **other: Any) -> Registration:
    known = rows() if known is None else known
    measures = {r.regime: {"order": Measure(benchmark_hash="b", protocol_hash="p")} for r in known}
    return Registration(
        name="s",
        hypotheses=hypotheses,
        seeds=tuple(SEEDS),
        measures=measures,
        runs={run_name(r.variant, r.seed, r.regime): r.run for r in known},
        design={},
        created="2026-01-01T00:00:00+00:00",
        **other,
    )


def h(variant: str, claim: str, reference: str = "baseline", **other: Any) -> Hypothesis:
    made = {"id": f"{variant}-{claim}-{reference}", "variant": variant, "claim": claim, "reference": reference}
    return Hypothesis.model_validate(made | {"benchmark": "order"} | other)


def test_words_follow_the_planted_effects() -> None:
    made = registered(
        h("ld", "above"), h("ld", "below"), h("worse", "below"), h("twin", "above"), h("twin", "equivalent", margin=2),
        h("ld", "equivalent", margin=2),
    )  # fmt: skip
    words = [o.verdict.word for o in outcomes(made, rows())]
    assert words == ["supported", "refuted", "supported", "inconclusive", "supported", "refuted"]


def test_the_family_is_every_hypothesis() -> None:
    made = registered(h("ld", "above"), h("worse", "below"), h("twin", "equivalent", margin=2))
    got = outcomes(made, rows())
    scores = {name: [r for r in rows() if r.variant == name] for name in MEANS}
    p = [compare(scores[name], scores["baseline"]).p for name in ("ld", "worse")]
    twin = compare(scores["twin"], scores["baseline"])
    p.append(equivalence(twin.differences, 2.0).p)
    assert [o.effect.p_adjusted for o in got if o.effect] == pytest.approx(holm(p))
    assert all(o.effect and o.effect.comparisons == 3 for o in got)


def test_no_least_p_is_above_the_p_of_an_equivalence() -> None:
    """Two one-sided t tests have no least p but 0: that of sign flips is above what they found here."""
    made = registered(h("ld", "above"), h("twin", "equivalent", margin=2))
    above, same = outcomes(made, rows())
    assert same.verdict.word == "supported" and same.effect and above.effect
    assert same.effect.p_adjusted < 2 * smallest_p(10), "the planted twin is closer than sign flips can tell"
    assert same.effect.smallest_p_adjusted == 0
    assert above.effect.smallest_p_adjusted == pytest.approx(2 / 2**10), "Holm can put the equivalence first"


def test_an_equivalence_takes_no_test_from_its_family() -> None:
    few = rows(range(6))
    made = registered(h("ld", "above"), h("twin", "equivalent", margin=2), known=few)
    above, _ = outcomes(made.model_copy(update={"seeds": tuple(range(6))}), few)
    assert above.effect and above.effect.p_adjusted == pytest.approx(2 / 2**6)
    assert above.verdict.word == "supported"


def test_one_that_could_not_be_measured_makes_the_others_no_easier() -> None:
    alone = outcomes(registered(h("ld", "above")), rows())[0]
    both = outcomes(registered(h("ld", "above"), h("fwm", "above")), rows())
    assert alone.effect and both[0].effect and both[0].effect.p_adjusted == 2 * alone.effect.p_adjusted
    assert (both[1].effect, both[1].verdict.word) == (None, "not testable")
    assert "no score of fwm" in both[1].verdict.sentence


def test_nothing_is_decided_before_every_registered_seed_is_in() -> None:
    early = [row for row in rows() if row.seed != 3]
    (got,) = outcomes(registered(h("ld", "above")), early)
    assert got.verdict.word == "not testable" and "9 of 10 registered seeds are in" in got.verdict.sentence


def test_rows_measured_otherwise_do_not_count() -> None:
    other = [row.model_copy(update={"protocol_hash": "q"}) for row in rows()]
    assert outcomes(registered(h("ld", "above")), other)[0].effect is None
    extra = [row.model_copy(update={"protocol_hash": "q", "score": 0.0}) for row in rows() if row.seed == 3]
    assert outcomes(registered(h("ld", "above")), [*rows(), *extra]) == outcomes(registered(h("ld", "above")), rows())


def test_a_void_registration_decides_nothing() -> None:
    (got,) = outcomes(registered(h("ld", "above")), rows(), void="it was edited")
    assert got.verdict.word == "not testable" and got.verdict.sentence.endswith("it was edited.")


def test_too_few_seeds_test_nothing() -> None:
    few = rows(range(4))
    made = registered(h("ld", "above"), h("twin", "equivalent", margin=2), known=few)
    got = outcomes(made.model_copy(update={"seeds": (0, 1, 2, 3)}), few)
    assert [o.verdict.word for o in got] == ["not testable", "not testable"]


def test_runs_that_were_not_registered_do_not_count() -> None:
    planned = rows()
    extra = [r.model_copy(update={"run": "other", "score": 99.0, "seed": 50}) for r in planned if r.variant == "twin"]
    one = outcomes(registered(h("twin", "above")), planned)
    assert outcomes(registered(h("twin", "above")), [*planned, *extra[:1]]) == one


def test_a_hypothesis_across_regimes() -> None:
    both = rows() + rows(regime="mixed", lift=8.0)
    across = h("ld", "above", "ld", regime="mixed", reference_regime="world")
    (got,) = outcomes(registered(across, known=both), both)
    assert got.verdict.word == "supported" and got.effect and got.effect.mean == pytest.approx(8.0, abs=1)


def test_the_rule_is_heeded() -> None:
    made = registered(h("ld", "above"), h("twin", "above"), rule=Rule(alpha=0.001))
    assert outcomes(made, rows())[0].verdict.word == "not testable"
    loose = registered(h("ld", "above"), h("twin", "above"), rule=Rule(correction="benjamini_hochberg"))
    assert outcomes(loose, rows())[0].verdict.word == "supported"
