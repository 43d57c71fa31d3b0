"""Claims against a study: directions only, on the benchmarks that are substitutes for the published ones.

A comparison is decided only if it is a registered hypothesis, by the outcome of this hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa.config import ConfigError, hint
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.other_hashes import OtherHash, compare_with_registered, describe_other_hashes
from auxjepa.evidence.decisions.verdicts import Phase, Verdict
from auxjepa.evidence.ledger.arithmetic import MOST_SHOWN, Answer
from auxjepa.evidence.ledger.claim_comparisons import Comparisons, Direction, Pair, label_effect, needed_count, pairs_of
from auxjepa.evidence.ledger.claims import WORLD_BENCHMARKS, Claim, package_names, published_variants
from auxjepa.evidence.ledger.entry import SEEDS, Check, Entry
from auxjepa.evidence.ledger.registered_comparisons import decide_comparison
from auxjepa.evidence.statistics.records import CorrectnessReader, Effect
from auxjepa.evidence.study_folder.current_rows import current_rows, rows_under_other_hashes
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import format_count, format_signed
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

SETTING = "in the world study, not the published setting"


@dataclass(frozen=True)
class StudyScores:
    """The scores of one pretraining regime of a study that may be compared with each other.

    Args:
        name: name of the study.
        rows: the scores.
        variants: variants of the study.
        reference: reference of the study.
        phase: 'confirm' if the study decides, else 'screen'.
        correct: reads the marks of a row.
        outcomes: outcomes of its registered hypotheses; None where nothing was registered.
        others: scores under other hashes than the present or registered ones.
        notes: scores that are left out, one line for each kind.
    """

    name: str
    rows: tuple[Row, ...]
    variants: tuple[str, ...]
    reference: str
    phase: Phase
    correct: CorrectnessReader | None = None
    outcomes: tuple[Outcome, ...] | None = None
    others: tuple[OtherHash, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def regime(self) -> str:
        """The pretraining regime of the scores."""
        return next((row.regime for row in self.rows if row.control is None), "")

    def decide(self, pair: Pair, effect: Effect, claim: Direction) -> Verdict:
        """Return the verdict of a registered hypothesis on a comparison; 'not testable' where it is not registered.

        Args:
            pair: the comparison, by published names.
            effect: its paired effect.
            claim: 'up' for above the reference, 'down' for below.
        """
        sides = (self.study_name(pair.regime, pair.variant), self.study_name(pair.regime, pair.reference))
        benchmark = WORLD_BENCHMARKS[pair.benchmark]
        return decide_comparison(self.outcomes, sides, benchmark, self.regime, effect, claim)

    def study_name(self, regime: str, variant: str) -> str | None:
        """Return the study's name of a published variant; None where it lacks the variant.

        Where the study has the variant as described and as released, the name is that of the described variant.

        Args:
            regime: pretraining regime in the published table.
            variant: name in the published table.
        """
        names = {row.variant for row in self.rows if row.control is None} | {"random_init"}
        return next((name for name in package_names(regime, variant) if name in names), None)

    def side(self, regime: str, variant: str, benchmark: str) -> list[Row]:
        """Return the rows of a published variant on the substitute of a published benchmark.

        Args:
            regime: pretraining regime in the published table.
            variant: name in the published table, or the name of a control.
            benchmark: name in the published table.
        """
        name, substitute = self.study_name(regime, variant), WORLD_BENCHMARKS.get(benchmark)
        control = "random_init" if name == "random_init" else None
        return [
            row
            for row in self.rows
            if (row.benchmark, row.control) == (substitute, control) and (control is not None or row.variant == name)
        ]


def study_scores(study: Study, regime: str | None = None) -> StudyScores:
    """Return a study's scores under its present protocols, of one pretraining regime.

    Args:
        study: the study.
        regime: the pretraining regime; may be unset where the study has one. The empty name is a regime too.

    Raises:
        ConfigError: without a score, for an unknown regime, or when the study has several regimes and none is chosen.
    """
    regimes = list(dict.fromkeys(row.regime for row in study.rows if row.control is None))
    if not regimes:
        raise ConfigError("; ".join([f"{study.name}: no score yet", *study.left_out]))
    if regime is not None and regime not in regimes:
        raise ConfigError(f"{study.name}: no pretraining regime is called {regime!r}{hint(regime, regimes)}")
    if regime is None and len(regimes) > 1:
        raise ConfigError(f"{study.name} has several pretraining regimes, choose one: {', '.join(regimes)}")
    selected = regimes[0] if regime is None else regime
    notes: list[str] = []
    rows = tuple(row for row in current_rows(study, notes) if row.regime == selected)
    phase: Phase = "confirm" if study.decides else "screen"
    outcomes = tuple(study.outcomes) if study.registered is not None else None
    others = tuple(score for score in _other_hashes(study) if score.row.regime == selected)
    return StudyScores(
        study.name,
        rows,
        tuple(study.variants),
        study.reference,
        phase,
        study.correct,
        outcomes,
        others,
        tuple(notes),
    )


def _other_hashes(study: Study) -> list[OtherHash]:
    """Return the scores of encoders under other hashes than the present ones, or than the registered ones."""
    if study.registered is None:
        return rows_under_other_hashes(study)
    compared = (compare_with_registered(study.registered.registration, row) for row in study.rows)
    return [score for score in compared if score is not None and score.row.control in (None, "random_init")]


def verify_study_claims(claims: Sequence[Claim], study: StudyScores) -> list[Entry]:
    """Return one entry a claim.

    Args:
        claims: claims on objectives or on the published table.
        study: scores of a study.
    """
    testable = [claim for claim in claims if not missing_for(claim, study)]
    pairs = [pair for claim in testable for pair in pairs_of(claim, _rivals(claim))]
    comparisons = Comparisons(pairs, study.side, study.decide, study.correct)
    return [_entry(claim, study, comparisons) for claim in claims]


def missing_for(claim: Claim, study: StudyScores) -> str:
    """Return what a study lacks for a claim, in words; empty where the claim can be judged.

    Args:
        claim: the claim.
        study: scores of a study.
    """
    if claim.about == "table":
        return "a statement about the rows of the published table"
    benchmarks = {row.benchmark for row in study.rows}
    absent_benchmarks = [b for b in claim.benchmarks if WORLD_BENCHMARKS.get(b) not in benchmarks]
    if absent_benchmarks:
        substitutes = [
            f"{WORLD_BENCHMARKS[b]} (for {b})" if b in WORLD_BENCHMARKS else f"a benchmark for {b}"
            for b in absent_benchmarks
        ]
        lacking = [f"the study lacks {shorten_list(substitutes)}"]
        return "; ".join([*lacking, *_other_scores(claim, (*claim.variants, claim.reference), study)])
    listed = claim.among or (_rivals(claim) if claim.kind == "ordering" else ())
    needed = [v for v in dict.fromkeys((*claim.variants, *listed)) if v != claim.reference]
    absent = [v for v in (claim.reference, *needed) if not _has_scores(claim, v, study)]
    names = [package_names(claim.regime, v)[0] if v != claim.reference else f"the reference {v}" for v in absent]
    if not names:
        return ""
    return "; ".join([f"the study lacks {shorten_list(names)}", *_other_scores(claim, absent, study)])


def _other_scores(claim: Claim, absent: Sequence[str], study: StudyScores) -> list[str]:
    """Return the scores of absent variants that exist under other hashes, one line each."""
    names = {name for v in absent for name in package_names(claim.regime, v)}
    benchmarks = {WORLD_BENCHMARKS.get(b) for b in claim.benchmarks}
    others = [s for s in study.others if s.row.variant in names and s.row.benchmark in benchmarks]
    return describe_other_hashes(others, "registered" if study.outcomes is not None else "present")


def _has_scores(claim: Claim, variant: str, study: StudyScores) -> bool:
    return all(study.side(claim.regime, variant, benchmark) for benchmark in claim.benchmarks)


def _rivals(claim: Claim) -> list[str]:
    """Return every variant of the claim's regime in the published table, for orderings that list none."""
    return [v for v in published_variants(claim.regime) if v != claim.reference]


def _entry(claim: Claim, study: StudyScores, comparisons: Comparisons) -> Entry:
    missing = missing_for(claim, study)
    if missing:
        check = Check(name="measured", state="unknown", message=missing)
        sentence = f"Not testable {SETTING}: {missing}."
        return Entry(
            claim=claim,
            results=study.name,
            word="not testable",
            arithmetic="not in table",
            checks=(check,),
            sentence=sentence,
        )
    ruling = comparisons.decide_claim(claim, _rivals(claim))
    names = dict.fromkeys(package_names(claim.regime, e.variant)[0] for e in ruling.effects)
    study_names = {v: study.study_name(claim.regime, v) for v in claim.variants}
    released = [f"{name} is used for {v}" for v, name in study_names.items() if name and name.endswith("_released")]
    checks = [Check(name="setting", state="ok", message=f"{shorten_list(list(names))}, {study.phase} phase")]
    checks += [Check(name="as_released", state="problem", message=text) for text in released]
    seeds = min((e.n for e in ruling.effects), default=0)
    checks.append(Check(name=SEEDS, state="ok" if seeds > 1 else "problem", message=format_count(seeds, "paired seed")))
    benchmarks = dict.fromkeys(WORLD_BENCHMARKS[b] for b in claim.benchmarks)
    start = f"{ruling.word.capitalize()} {SETTING}: {shorten_list(list(benchmarks))}"
    parts = (start, _means(claim, ruling.effects), ruling.reason)
    return Entry(
        claim=claim,
        results=study.name,
        word=ruling.word,
        arithmetic=_answer(claim, ruling.effects),
        checks=tuple(checks),
        sentence=f"{'; '.join(part for part in parts if part)}.",
    )


def _answer(claim: Claim, effects: Sequence[Effect]) -> Answer:
    """Return whether the means are on the claimed side; without a mean or a side there is no answer."""
    if not effects or claim.sign is None:
        return "not in table"
    needed = needed_count(claim) if claim.kind == "count" else len(effects)
    return "holds" if _count_claimed_side(claim, effects) >= needed else "fails"


def _count_claimed_side(claim: Claim, effects: Sequence[Effect]) -> int:
    return sum(e.mean > 0 if claim.sign == "up" else e.mean < 0 for e in effects)


def _means(claim: Claim, effects: Sequence[Effect]) -> str:
    """Return the means of several comparisons; for many comparisons, how many are on the claimed side."""
    if len(effects) < 2:
        return ""
    if len(effects) > MOST_SHOWN and claim.sign is not None:
        return f"{_count_claimed_side(claim, effects)} of {len(effects)} comparisons on the claimed side"
    return shorten_list([f"{label_effect(e, effects)} {format_signed(e.mean)}" for e in effects])
