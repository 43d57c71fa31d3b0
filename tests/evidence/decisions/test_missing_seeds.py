"""Missing scores never help: a hypothesis short of its registered seeds enters its family with p = 1."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.evidence.decisions.decision import Outcome, decide_hypotheses
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, Rule, run_name
from auxjepa.evidence.statistics.significance import CORRECTIONS, sign_flip_p
from auxjepa.evidence.study_folder.folder import load
from auxjepa.rows import Row

SEEDS = range(10)
# v1: p .0527 with 10 seeds, and p .0156 without its three worst seeds. v2: p .0273.
DIFFERENCES = {
    "v1": (4.4, 1.8, 2.6, 1.3, 6.0, 3.1, 4.4, -1.9, -1.0, -1.3),
    "v2": (5.3, 4.8, 2.6, 5.7, 5.3, 2.9, 4.0, 5.9, -4.3, -1.3),
}
WORST = (7, 8, 9)


def rows() -> list[Row]:
    written = []
    for name, values in {"baseline": (0.0,) * 10, **DIFFERENCES}.items():
        for seed, value in zip(SEEDS, values, strict=True):
            row = {
                "run": f"{name}{seed}", "variant": name, "regime": "world", "seed": seed, "benchmark": "order",
                "benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p", "n_test": 1000, "n_classes": 8,
                "score": 50.0 + value,
            }  # fmt: skip
            written.append(Row.model_validate(row))
    return written


def hypothesis(variant: str, claim: str = "above", reference: str = "baseline", **fields: Any) -> Hypothesis:
    usual = {"id": f"{variant}-{claim}", "variant": variant, "claim": claim, "reference": reference}
    return Hypothesis.model_validate(usual | {"benchmark": "order"} | fields)


def register(*hypotheses: Hypothesis, correction: str = "holm") -> Registration:
    return Registration(
        name="s",
        hypotheses=hypotheses,
        rule=Rule.model_validate({"correction": correction}),
        seeds=tuple(SEEDS),
        measures={"world": {"order": Measure(benchmark_hash="b", protocol_hash="p")}},
        runs={run_name(r.variant, r.seed, r.regime): r.run for r in rows()},
        design={},
        created="2026-01-01T00:00:00+00:00",
    )


def without(variant: str, seeds: tuple[int, ...]) -> list[Row]:
    return [row for row in rows() if row.variant != variant or row.seed not in seeds]


def summarise(outcomes: list[Outcome]) -> list[tuple[str, float, float]]:
    return [
        (o.verdict.word, o.effect.p_adjusted, o.effect.smallest_p_adjusted) for o in outcomes if o.effect is not None
    ]


def test_the_attack_needs_these_p_values() -> None:
    assert sign_flip_p(DIFFERENCES["v1"]) == pytest.approx(0.0527, abs=5e-5)
    assert sign_flip_p(DIFFERENCES["v2"]) == pytest.approx(0.0273, abs=5e-5)
    assert sign_flip_p(DIFFERENCES["v1"][:7]) == pytest.approx(0.0156, abs=5e-5)


def test_deleted_rows_of_one_hypothesis_do_not_help_another() -> None:
    registration = register(hypothesis("v1"), hypothesis("v2"))
    complete = decide_hypotheses(registration, rows())
    assert [o.verdict.word for o in complete] == ["inconclusive", "inconclusive"]
    first, second = decide_hypotheses(registration, without("v1", WORST))
    assert (first.verdict.word, second.verdict.word) == ("not testable", "inconclusive")
    assert second.effect and second.effect.p_adjusted == pytest.approx(0.0547, abs=5e-5)
    assert first.effect and (first.effect.p_adjusted, first.effect.smallest_p_adjusted) == (1.0, 1.0)
    assert first.effect.n == 7 and first.effect.p == pytest.approx(0.0156, abs=5e-5), "what was measured is shown"


@pytest.mark.parametrize("correction", ["holm", "benjamini_hochberg"])
@pytest.mark.parametrize("claim", ["above", "below", "equivalent"])
@pytest.mark.parametrize("where", ["variant", "reference", "all but one", "all"])
def test_no_deletion_lowers_a_p_of_the_family(correction: str, claim: str, where: str) -> None:
    margin = {"margin": 8.0} if claim == "equivalent" else {}
    registration = register(
        hypothesis("v1", claim, "baseline", **margin), hypothesis("v2", reference="v1"), correction=correction
    )
    if where == "reference":  # the reference of the first hypothesis only
        remaining = without("baseline", WORST)
    else:
        registration = registration.model_copy(update={"hypotheses": (registration.hypotheses[0], hypothesis("v2"))})
        seeds = {"variant": WORST, "all but one": tuple(SEEDS)[1:], "all": tuple(SEEDS)}[where]
        remaining = without("v1", seeds)
    before = decide_hypotheses(registration, rows())[1]
    first, second = decide_hypotheses(registration, remaining)
    assert first.verdict.word == "not testable" and before.effect and second.effect
    assert first.effect is None or (first.effect.p_adjusted, first.effect.smallest_p_adjusted) == (1.0, 1.0)
    assert second.effect.p_adjusted >= before.effect.p_adjusted
    assert second.effect.smallest_p_adjusted >= before.effect.smallest_p_adjusted
    expected = CORRECTIONS[correction]([1.0, second.effect.p])
    assert second.effect.p_adjusted == pytest.approx(expected[1])


@pytest.mark.parametrize(
    "changes", [{"protocol_hash": "q"}, {"run": "other"}, {"benchmark_hash": "c"}, {"metric": "f1"}]
)
def test_rows_that_do_not_count_are_missing_rows(changes: dict[str, str]) -> None:
    changed = [r.model_copy(update=changes) if r.variant == "v1" and r.seed in WORST else r for r in rows()]
    registration = register(hypothesis("v1"), hypothesis("v2"))
    assert summarise(decide_hypotheses(registration, changed)) == summarise(
        decide_hypotheses(registration, without("v1", WORST))
    )


def test_a_second_score_of_a_seed_is_no_help() -> None:
    registration = register(hypothesis("v1"), hypothesis("v2"))
    second = next(r for r in rows() if r.variant == "v1").model_copy(update={"score": 60.0})
    first, other = decide_hypotheses(registration, [*rows(), second])
    assert first.verdict.word == "not testable" and "two scores for seed 0" in first.verdict.sentence
    assert other.effect and other.effect.p_adjusted == pytest.approx(0.0547, abs=5e-5)


def test_a_void_registration_has_no_corrected_p() -> None:
    outcomes = decide_hypotheses(register(hypothesis("v1"), hypothesis("v2")), rows(), void="it was edited")
    assert summarise(outcomes) == [("not testable", 1.0, 1.0)] * 2


def test_a_damaged_row_of_a_folder_is_a_missing_row(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    before = load(folder).outcomes
    path = folder / "rows.jsonl"
    lines = path.read_text().splitlines()
    index = next(i for i, text in enumerate(lines) if '"fwm"' in text and '"world_fine_motion"' in text)
    lines[index] = lines[index][: len(lines[index]) // 2] + "#"
    path.write_text("\n".join(lines) + "\n")
    after = load(folder).outcomes
    assert after[3].verdict.word == "not testable" and after[3].effect and after[3].effect.p_adjusted == 1.0
    for old, new in zip(before[:3], after[:3], strict=True):
        assert old.effect and new.effect and new.effect.p_adjusted >= old.effect.p_adjusted


def test_deleted_rows_do_not_lower_family_errors() -> None:
    """Under the null, deleting the worst rows of a hypothesis changes no verdict on the others for the better."""
    rng = np.random.default_rng(0)
    registration = register(hypothesis("v1"), hypothesis("v2"))
    for _ in range(15):
        scores = {(r.variant, r.seed): 50 + float(rng.normal()) for r in rows()}
        drawn = [r.model_copy(update={"score": scores[r.variant, r.seed]}) for r in rows()]
        worst = sorted(SEEDS, key=lambda seed: scores["v1", seed] - scores["baseline", seed])[:3]
        less = [r for r in drawn if r.variant != "v1" or r.seed not in worst]
        full, attacked = (decide_hypotheses(registration, some)[1].effect for some in (drawn, less))
        assert full and attacked and attacked.p_adjusted >= full.p_adjusted
