"""Flags on passed tests, from rows with planted faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adversary import rewrite
from auxjepa.evidence.decisions.decision import decide_hypotheses
from auxjepa.evidence.decisions.registration import FILE, Hypothesis, Measure, Registration, run_name, to_json
from auxjepa.evidence.decisions.verdicts import Verdict
from auxjepa.evidence.statistics.records import FaultReader
from auxjepa.evidence.study_folder.folder import load
from auxjepa.files import read_json, write_json
from auxjepa.rows import Row, RowStore

SEEDS = tuple(range(10))
Scores = Mapping[str, Sequence[float]]


def around(mean: float, sd: float = 1.0, seed: int = 0) -> list[float]:
    """Return ten scores with exactly this mean and standard deviation."""
    x = np.random.default_rng(seed).normal(size=10)
    return (mean + sd * (x - x.mean()) / x.std(ddof=1)).tolist()


def make_rows(scores: Scores, **fields: Any) -> list[Row]:
    usual = {
        "regime": "world", "benchmark": "order", "benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p",
        "n_test": 1000, "n_classes": 8,
    } | fields  # fmt: skip
    return [
        Row.model_validate(
            usual
            | {"run": f"{name}{seed}", "variant": name, "seed": seed, "score": score}
            | {"control": name if name in ("random_init", "majority", "chance") else None}
        )
        for name, values in scores.items()
        for seed, score in zip(SEEDS, values, strict=False)
    ]


def decide(
    scores: Scores,
    claim: str = "above",
    health: Mapping[str, str] | None = None,
    correct: Callable[[Row], np.ndarray | None] | None = None,
    margin: float | None = None,
    names: tuple[str, str] = ("ld", "baseline"),
    registered: Sequence[str] = ("ld", "baseline", "random_init"),
    marks_fault: FaultReader | None = None,
    **fields: Any,
) -> Verdict:
    hypothesis = Hypothesis.model_validate(
        {"id": "h", "variant": names[0], "claim": claim, "reference": names[1], "benchmark": "order", "margin": margin}
    )
    registration = Registration(
        name="s",
        hypotheses=(hypothesis,),
        seeds=SEEDS,
        measures={
            "world": {"order": Measure(benchmark_hash="b", protocol_hash="p", metric=fields.get("metric", "top1"))}
        },
        runs={run_name(name, seed, "world"): f"{name}{seed}" for name in registered for seed in SEEDS},
        design={},
        created="2026-01-01T00:00:00+00:00",
    )
    rows = make_rows(scores, **fields)
    return decide_hypotheses(registration, rows, correct, health=health, marks_fault=marks_fault)[0].verdict


def names_of(verdict: Verdict) -> list[str]:
    return [flag.name for flag in verdict.flags]


def health_of(words: Mapping[str, str]) -> dict[str, str]:
    """Return the verdict on each run; a side is healthy where ``words`` has no word for the start of its run."""
    runs = [f"{name}{seed}" for name in ("ld", "baseline") for seed in SEEDS]
    return {run: words.get(run, words.get(run[:-1], "healthy")) for run in runs}


GOOD = {"ld": around(60), "baseline": around(50, seed=1), "random_init": around(30, seed=2)}


def test_a_healthy_study_has_no_flag() -> None:
    for claim, word in (("above", "supported"), ("below", "refuted")):
        verdict = decide(GOOD, claim, health_of({}))
        assert (verdict.word, verdict.flags) == (word, ())


COLLAPSED = {f"baseline{seed}": "collapsed" for seed in range(1)}
FEW, HALF = ({f"baseline{seed}": "shrinking" for seed in range(n)} for n in (4, 5))
FEW_LD, HALF_LD = ({f"ld{seed}": "shrinking" for seed in range(n)} for n in (4, 5))


@pytest.mark.parametrize(
    ("words", "claim", "low", "flags"),
    [
        ({"baseline": "collapsed"}, "above", False, ["reference unhealthy"]),
        ({"baseline": "collapsed"}, "below", False, ["reference unhealthy"]),
        (COLLAPSED, "above", False, ["reference unhealthy"]),
        (COLLAPSED, "below", True, ["reference unhealthy"]),
        (FEW, "above", False, []),
        (HALF, "above", False, ["reference unhealthy"]),
        ({"ld0": "collapsed"}, "above", False, ["variant unhealthy"]),
        ({"ld": "collapsed"}, "below", True, ["variant unhealthy"]),
        (HALF_LD, "above", False, []),
        (HALF_LD, "below", True, ["variant unhealthy"]),
        (FEW_LD, "below", True, []),
        ({"ld": "collapsed", "baseline": "shrinking"}, "below", True, ["variant unhealthy", "reference unhealthy"]),
        ({"ld3": "", "baseline4": "?"}, "above", False, ["health unknown"]),
    ],
)
def test_health(words: dict[str, str], claim: str, low: bool, flags: list[str]) -> None:
    verdict = decide(GOOD | ({"ld": around(40)} if low else {}), claim, health_of(words))
    assert names_of(verdict) == flags
    assert verdict.word == ("flagged" if flags else "supported" if (claim == "below") == low else "refuted")
    assert all(flag.message in verdict.sentence for flag in verdict.flags)


@pytest.mark.parametrize("names", [("ld",), ("baseline",), ("ld", "baseline")])
@pytest.mark.parametrize("claim", ["above", "below"])
def test_narrow_runs_are_known_and_no_fault(names: tuple[str, ...], claim: str) -> None:
    verdict = decide(GOOD, claim, health_of(dict.fromkeys(names, "narrow")))
    assert verdict.flags == () and verdict.word == ("supported" if claim == "above" else "refuted")


def test_a_narrow_reference_is_named_where_random_init_is_not_scored() -> None:
    scores = {k: v for k, v in GOOD.items() if k != "random_init"}
    words = health_of({f"baseline{seed}": "narrow" for seed in range(6)})
    verdict = decide(scores, "above", words, registered=("ld", "baseline"))
    assert verdict.word == "supported"
    assert "Not checked: whether the reference is above random init (6 of its 10 runs are narrow)" in verdict.sentence


def test_the_sentence_has_the_result_of_the_test_and_the_flag() -> None:
    verdict = decide(GOOD, "above", health_of({"baseline": "collapsed"}), correct=marks(5000), n_test=5000)
    assert verdict.sentence.startswith("+10.0 points [")
    assert verdict.sentence.endswith(
        ". The test supports the claim, but this does not decide it: 10 of 10 runs of the reference baseline collapsed."
    )
    assert "The test refutes the claim" in decide(GOOD, "below", health_of({"baseline": "collapsed"})).sentence


def test_a_deleted_summary_is_no_health() -> None:
    health = {run: word for run, word in health_of({"baseline2": "collapsed"}).items() if run != "baseline2"}
    verdict = decide(GOOD, "above", health)
    assert names_of(verdict) == ["health unknown"] and "1 of 20 runs" in verdict.sentence
    assert names_of(decide(GOOD, "above", {})) == ["health unknown"], "no record at all is no better than one less"
    assert decide(GOOD, names=("random_init", "ld"), health={}).word == "flagged"


def test_what_could_not_be_checked_is_in_the_sentence() -> None:
    scores = {k: v for k, v in GOOD.items() if k != "random_init"}
    verdict = decide(scores, "above", health_of({}), registered=("ld", "baseline"))
    assert verdict.word == "supported" and verdict.sentence.endswith(
        "Not checked: whether the reference is above random init and the doubt from the test clips."
    )


@pytest.mark.parametrize("claim", ["above", "below"])
def test_a_reference_not_above_random_init(claim: str) -> None:
    verdict = decide(GOOD | {"random_init": around(49.7, seed=2)}, claim)
    assert verdict.word == "flagged" and names_of(verdict) == ["reference not above random init"]
    assert "the reference baseline is not shown above random init (difference [" in verdict.sentence


@pytest.mark.parametrize("registered", [True, False])
def test_deleted_scores_of_random_init(registered: bool) -> None:
    names = ("ld", "baseline", "random_init") if registered else ("ld", "baseline")
    for n in (0, 1, 9):
        verdict = decide(GOOD | {"random_init": around(30)[:n]}, registered=names)
        expected = registered or n == 1  # one score shows nothing, and a control that nobody scored is not a flag
        assert names_of(verdict) == (["reference not above random init"] if expected else []), n


def test_random_init_as_a_side_needs_no_comparison_with_itself() -> None:
    assert decide(GOOD, names=("ld", "random_init")).word == "supported"
    assert decide(GOOD, "below", names=("random_init", "baseline")).word == "supported"
    near_zero = {"ld": around(20), "random_init": around(0.2, 0.1), "baseline": around(10)}
    assert decide(near_zero, names=("ld", "random_init"), n_classes=1000).word == "supported"


@pytest.mark.parametrize(
    ("scores", "margin", "fields", "name"),
    [
        ({"ld": around(12.5, 0.5), "baseline": around(12.4, 0.5, 1)}, 2.0, {}, "at floor"),
        ({"ld": around(14.0, 0.3), "baseline": around(14.0, 0.3, 1)}, 2.0, {}, "at floor"),
        (
            {"ld": around(30, 0.5), "baseline": around(30, 0.5, 1), "random_init": around(30, 0.5, 2)},
            2.0,
            {},
            "at floor",
        ),
        ({"ld": around(40, 0.5), "baseline": around(40, 0.5, 1), "majority": [40.0]}, 2.0, {}, "at floor"),
        (
            {"ld": around(0.3, 0.1), "baseline": around(0.3, 0.1, 1), "chance": [0.5]},
            2.0,
            {"metric": "map"},
            "at floor",
        ),
        ({"ld": around(99.5, 0.1), "baseline": around(99.4, 0.1, 1)}, 0.5, {}, "at ceiling"),
        ({"ld": around(98, 0.1), "baseline": around(98, 0.1, 1)}, 3.0, {}, "at ceiling"),
    ],
)
def test_both_sides_at_a_bound_are_not_equivalent(
    scores: Scores, margin: float, fields: dict[str, Any], name: str
) -> None:
    verdict = decide(scores, "equivalent", margin=margin, registered=("ld", "baseline"), **fields)
    assert verdict.word == "flagged" and name in names_of(verdict)


def test_equivalence_away_from_bounds_is_supported_and_collapse_flags_it() -> None:
    scores = {"ld": around(50, 0.5), "baseline": around(50, 0.5, 1), "random_init": around(30)}
    assert decide(scores, "equivalent", health_of({}), margin=2.0).word == "supported"
    for words in ({"ld": "collapsed"}, {"baseline": "collapsed"}, HALF, HALF_LD):
        assert decide(scores, "equivalent", health_of(words), margin=2.0).word == "flagged"
    far = scores | {"ld": around(60)}
    assert decide(far, "equivalent", health_of({}), margin=2.0).word == "refuted"
    assert decide(far, "equivalent", health_of({"baseline": "collapsed"}), margin=2.0).word == "flagged"


def test_a_directional_result_at_the_floor() -> None:
    verdict = decide({"ld": around(13.0, 0.1), "baseline": around(12.5, 0.1, 1), "majority": [13.2]})
    assert verdict.word == "flagged" and "at floor" in names_of(verdict)


def marks(n: int) -> Callable[[Row], np.ndarray]:
    """Return a reader of ``n`` marks with the share of the score; every seed of a variant has the same order."""

    def read(row: Row) -> np.ndarray:
        order = np.random.default_rng(sum(map(ord, row.variant))).permutation(n)
        return order < round(row.score * n / 100)

    return read


@pytest.mark.parametrize(("clips", "word"), [(18, "flagged"), (5000, "supported")])
def test_few_clips(clips: int, word: str) -> None:
    verdict = decide(GOOD, correct=marks(clips), n_test=clips)
    assert verdict.word == word and names_of(verdict) == (["few clips"] if word == "flagged" else [])
    same = {"ld": around(50, 0.5), "baseline": around(50, 0.5, 1), "random_init": around(30)}
    verdict = decide(same, "equivalent", correct=marks(clips), n_test=clips, margin=3.0)
    assert verdict.word == word and names_of(verdict) == (["few clips"] if word == "flagged" else [])
    far = same | {"ld": around(60)}
    assert decide(far, "equivalent", correct=marks(40), n_test=40, margin=3.0).word == "flagged"


def test_without_classes_or_controls_guessing_is_not_known() -> None:
    scores = {"ld": around(60), "baseline": around(50, seed=1)}
    for classes in (0, 1, 2):
        assert decide(scores, registered=("ld", "baseline"), n_classes=classes).word == "supported"
    near_half = {"ld": around(50.1, 0.1), "baseline": around(49.8, 0.1, 1)}
    assert names_of(decide(near_half, registered=("ld", "baseline"), n_classes=2)) == []
    guessing = {"ld": around(49.9, 0.1), "baseline": around(49.5, 0.1, 1)}
    assert names_of(decide(guessing, registered=("ld", "baseline"), n_classes=2)) == ["at floor"]


def test_marks_whose_mean_is_not_the_score_are_not_used() -> None:
    verdict = decide(GOOD, health=health_of({}), correct=marks(18), n_test=18, metric="map")
    assert verdict.word == "supported" and verdict.sentence.endswith("Not checked: the doubt from the test clips.")


def test_one_clip_and_missing_marks() -> None:
    assert names_of(decide(GOOD, correct=marks(1), n_test=1)) == ["few clips"]
    reader = marks(5000)
    some = lambda row: None if row.run == "ld3" else reader(row)  # noqa: E731
    verdict = decide(GOOD, correct=some, n_test=5000)
    assert names_of(verdict) == ["few clips"] and "1 of 20 scores have no usable marks" in verdict.sentence
    assert decide(GOOD, correct=lambda row: None).word == "supported"
    verdict = decide(GOOD, correct=lambda row: None, marks_fault=lambda row: "missing")
    assert names_of(verdict) == ["few clips"] and "20 of 20 scores have no usable marks" in verdict.sentence


@pytest.mark.parametrize("names", [("ld",), ("baseline",), ("ld", "baseline"), ("random_init",)])
def test_scores_that_contradict_their_marks(names: tuple[str, ...]) -> None:
    fault = lambda row: "contradicting" if row.variant in names else None  # noqa: E731
    verdict = decide(GOOD, health=health_of({}), marks_fault=fault)
    assert verdict.word == "flagged" and "scores contradict marks" in names_of(verdict)
    assert f"{10 * len(names)} of 30 scores are not the mean of their marks" in verdict.sentence


def test_median_and_mean_disagree() -> None:
    step = np.array([-0.1, -0.1, -0.1, -0.1, -0.1, -0.1, 30, 30, 30, 30])
    scores = GOOD | {"ld": (np.array(GOOD["baseline"]) + step).tolist()}
    registered = {"correction": "holm", "alpha": 0.2}
    hypothesis = Hypothesis(id="h", variant="ld", claim="above", reference="baseline", benchmark="order")
    registration = Registration.model_validate(
        {
            "name": "s", "hypotheses": [hypothesis.model_dump()], "seeds": SEEDS, "rule": registered, "design": {},
            "measures": {"world": {"order": {"benchmark_hash": "b", "protocol_hash": "p"}}},
            "runs": {run_name(n, s, "world"): f"{n}{s}" for n in GOOD for s in SEEDS}, "created": "2026-01-01",
        }
    )  # fmt: skip
    verdict = decide_hypotheses(registration, make_rows(scores))[0].verdict
    assert verdict.word == "flagged" and names_of(verdict) == ["median and mean disagree"]


def test_scores_close_to_a_bound() -> None:
    scores = {"ld": around(99.3, 0.4), "baseline": around(98, 0.3, 1), "random_init": around(30)}
    verdict = decide(scores)
    assert verdict.word == "flagged" and names_of(verdict) == ["near a bound"]
    assert "the scores of ld are close to the bound of 100" in verdict.sentence
    low = {name: [100 - s for s in values] for name, values in scores.items()}
    assert "near a bound" in names_of(decide(low, "below", n_classes=1000))
    assert decide(scores | {"ld": around(96, 0.4), "baseline": around(94, 0.4)}).word == "supported"
    without_range = {"ld": around(103), "baseline": around(99.5)}
    assert decide(without_range, registered=("ld", "baseline"), metric="points").word == "supported"


def test_undecided_tests_keep_their_word() -> None:
    unclear = GOOD | {"ld": around(50, 2.0, 3)}
    verdict = decide(unclear, health=health_of({"baseline": "collapsed"}))
    assert (verdict.word, verdict.flags) == ("inconclusive", ())


def test_false_positives_next_to_a_ceiling() -> None:
    """Equal true means, and the variant is clipped at 100: the test alone is wrong in 15 % of studies."""
    rng = np.random.default_rng(0)
    raw = wrong = 0
    for _ in range(40):
        ld = np.minimum(100, rng.normal(107.5, 10, 10))  # mean 98.7
        verdict = decide(
            {"ld": ld.tolist(), "baseline": rng.normal(98.7, 0.3, 10).tolist()}, registered=("ld", "baseline")
        )
        raw += verdict.word in ("supported", "refuted", "flagged")
        wrong += verdict.word in ("supported", "refuted")
    assert raw >= 4 and wrong <= 2


def test_a_study_folder_with_collapsed_runs(confirmed: Path, tmp_path: Path) -> None:
    words = [o.verdict.word for o in load(confirmed).outcomes]
    assert words == ["flagged", "refuted", "supported", "inconclusive"], "its baseline is below random init on order"
    folder = shutil.copytree(confirmed, tmp_path / "s")
    for path in (folder / "runs").glob("*/summary.json"):
        if read_json(path)["variant"] in ("baseline", "ld"):
            write_json(path, read_json(path) | {"verdict": "collapsed"})
    outcomes = load(folder).outcomes
    assert [o.verdict.word for o in outcomes] == ["flagged", "flagged", "flagged", "inconclusive"]
    assert names_of(outcomes[0].verdict)[:2] == ["variant unhealthy", "reference unhealthy"]


@pytest.mark.parametrize("name", ["runs", "correct", "runs and correct"])
def test_deleted_records_make_no_verdict_better(confirmed: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    for part in name.split(" and "):
        shutil.rmtree(folder / part)
    assert [o.verdict.word for o in load(folder).outcomes] == ["flagged", "flagged", "flagged", "inconclusive"]


def test_copies_that_are_changed_on_one_benchmark_decide_nothing(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    store = RowStore(folder)
    originals = {(row.variant, row.seed, row.benchmark): store.correct(row) for row in store}
    marks = {
        row.id: marks
        for row in store
        if row.variant == "fwm" and row.seed in (1, 2) and row.benchmark != "world_appearance"
        and (marks := originals["fwm", 0, row.benchmark]) is not None
    }  # fmt: skip
    rewrite(folder, marks=marks)
    study = load(folder)
    assert study.copies.suspects and not study.copies.copies
    assert [o.verdict.word for o in study.outcomes] == ["flagged", "flagged", "flagged", "inconclusive"]
    assert "suspected copies" not in names_of(study.outcomes[0].verdict), "ld has no suspect"
    assert "suspected copies" in names_of(study.outcomes[1].verdict)


def test_raised_scores_of_all_networks_decide_nothing(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    add = {"fwm": 20.0, "baseline": 5.0}
    rewrite(folder, lambda row: row | {"score": row["score"] + add.get(row["variant"], 0.0)})
    outcome = load(folder).outcomes[3]
    assert outcome.verdict.word == "flagged" and "scores contradict marks" in names_of(outcome.verdict)


def test_a_summary_that_hides_a_collapse_flags_the_hypotheses(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    for path in folder.glob("runs/3*/metrics.jsonl"):
        with path.open("a") as file:
            file.write('{"step": 5, "std/teacher": 0.001, "rank/teacher": 1.0}\n')
    outcomes = load(folder).outcomes
    assert [o.verdict.word for o in outcomes] == ["flagged", "flagged", "flagged", "inconclusive"]
    assert "variant unhealthy" in names_of(outcomes[1].verdict), "its variant is fwm, the fourth one"


def test_a_registration_binds_the_version_of_the_rule_on_health(confirmed: Path, tmp_path: Path) -> None:
    """Shrinking runs are flagged in a study of version 1, also if its study.yaml is edited, and not in one of 2."""
    folder = shutil.copytree(confirmed, tmp_path / "s")
    for path in (folder / "runs").glob("*/summary.json"):
        if read_json(path)["variant"] == "fwm":
            write_json(path, read_json(path) | {"verdict": "shrinking"})
    first = [names_of(outcome.verdict) for outcome in load(folder).outcomes]
    assert "variant unhealthy" in first[1]
    (folder / "study.yaml").write_text((folder / "study.yaml").read_text() + "health_version: 2\n")
    edited = load(folder)
    assert [names_of(outcome.verdict) for outcome in edited.outcomes] == first
    assert {run.health for run in edited.runs if run.variant == "fwm"} == {"shrinking"}
    record = Registration.model_validate({k: v for k, v in read_json(folder / FILE).items() if k != "hash"})
    second = record.model_copy(update={"design": record.design | {"health_version": 2}})
    write_json(folder / FILE, to_json(second))
    study = load(folder)
    assert {run.health for run in study.runs if run.variant == "fwm"} <= {"narrow", "healthy"}
    assert all("variant unhealthy" not in names_of(outcome.verdict) for outcome in study.outcomes)
