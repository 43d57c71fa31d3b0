"""The same claims against a measured study: directions only, on benchmarks that play the published ones' parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa.config import ConfigError, hint
from auxjepa.evidence.arithmetic import MOST_SHOWN, Answer, some
from auxjepa.evidence.claims import WORLD, Claim, known_as, published_variants
from auxjepa.evidence.effects import Correct, Effect
from auxjepa.evidence.entry import Check, Entry
from auxjepa.evidence.folder import Study, current
from auxjepa.evidence.judge import Comparisons, compared, pairs_of
from auxjepa.evidence.verdicts import Phase, count, signed
from auxjepa.rows import Row

SETTING = "in the world study, not the published setting"


@dataclass(frozen=True)
class Measured:
    """The scores of one pretraining regime of a study that may be compared with each other."""

    name: str
    rows: tuple[Row, ...]
    variants: tuple[str, ...]
    reference: str
    phase: Phase
    correct: Correct | None = None

    def named(self, regime: str, variant: str) -> str | None:
        """What the study calls a published variant, as described where it has both; None where it lacks it."""
        there = {row.variant for row in self.rows if row.control is None} | {"random_init"}
        return next((name for name in known_as(regime, variant) if name in there), None)

    def side(self, regime: str, variant: str, benchmark: str) -> list[Row]:
        """The rows that stand for a published variant on a published benchmark; a control by its own name."""
        name, role = self.named(regime, variant), WORLD.get(benchmark)
        control = "random_init" if name == "random_init" else None
        return [
            row
            for row in self.rows
            if (row.benchmark, row.control) == (role, control) and (control is not None or row.variant == name)
        ]


def measured(study: Study, regime: str = "") -> Measured:
    """A study's scores under its present protocols, of one pretraining regime.

    Raises:
        ConfigError: when there is no score, no such regime, or a choice of regimes and none was made.
    """
    regimes = list(dict.fromkeys(row.regime for row in study.rows if row.control is None))
    if not regimes:
        raise ConfigError("; ".join([f"{study.name}: no score yet", *study.left_out]))
    if regime and regime not in regimes:
        raise ConfigError(f"{study.name}: no pretraining regime is called {regime!r}{hint(regime, regimes)}")
    if not regime and len(regimes) > 1:
        raise ConfigError(f"{study.name} has several pretraining regimes, choose one: {', '.join(regimes)}")
    chosen = regime or regimes[0]
    rows = tuple(row for row in current(study, []) if row.regime == chosen)
    phase: Phase = "confirm" if study.decides else "screen"
    return Measured(study.name, rows, tuple(study.variants), study.reference, phase, study.correct)


def verify_measured(claims: Sequence[Claim], study: Measured) -> list[Entry]:
    """One entry a claim on objectives or on the published table; the family is every comparison made here."""
    asked = [pair for claim in claims if not lacking(claim, study) for pair in pairs_of(claim, _others(claim))]
    comparisons = Comparisons(asked, study.side, study.phase, study.correct)
    return [_entry(claim, study, comparisons) for claim in claims]


def lacking(claim: Claim, study: Measured) -> str:
    """What a study lacks for a claim, in words; empty where it can be judged."""
    if claim.about == "table":
        return "a statement about the rows of the published table"
    away = [b for b in claim.benchmarks if not any(row.benchmark == WORLD.get(b) for row in study.rows)]
    if away:
        roles = [f"{WORLD[b]} (for {b})" if b in WORLD else f"a benchmark for {b}" for b in away]
        return f"the study lacks {some(roles)}"
    listed = claim.among or (_others(claim) if claim.kind == "ordering" else ())
    needed = [v for v in dict.fromkeys((*claim.variants, *listed)) if v != claim.reference]
    absent = [v for v in needed if not _there(claim, v, study)]
    names = [known_as(claim.regime, v)[0] for v in absent]
    if not _there(claim, claim.reference, study):
        names.insert(0, f"the reference {claim.reference}")
    return f"the study lacks {some(names)}" if names else ""


def _there(claim: Claim, variant: str, study: Measured) -> bool:
    return all(study.side(claim.regime, variant, benchmark) for benchmark in claim.benchmarks)


def _others(claim: Claim) -> list[str]:
    """Every variant of the claim's regime that has a row in the published table, for orderings that list none."""
    return [v for v in published_variants(claim.regime) if v != claim.reference]


def _entry(claim: Claim, study: Measured, comparisons: Comparisons) -> Entry:
    missing = lacking(claim, study)
    if missing:
        check = Check(name="measured", state="unknown", message=missing)
        sentence = f"Not testable {SETTING}: {missing}."
        return _made(claim, study, "not testable", "not in table", (check,), sentence)
    ruling = comparisons.rule(claim, _others(claim))
    names = dict.fromkeys(known_as(claim.regime, e.variant)[0] for e in ruling.effects)
    used = {v: study.named(claim.regime, v) for v in claim.variants}
    released = [f"{name} stands for {v}" for v, name in used.items() if name and name.endswith("_released")]
    checks = [Check(name="setting", state="ok", message=f"{some(list(names))}, {study.phase} phase")]
    checks += [Check(name="as_released", state="problem", message=text) for text in released]
    seeds = min((e.n for e in ruling.effects), default=0)
    checks.append(Check(name="seeds", state="ok" if seeds > 1 else "problem", message=f"{count(seeds, 'paired seed')}"))
    roles = dict.fromkeys(WORLD[b] for b in claim.benchmarks)
    parts = (f"{ruling.word.capitalize()} {SETTING}: {some(list(roles))}", _means(claim, ruling.effects), ruling.reason)
    sentence = f"{'; '.join(part for part in parts if part)}."
    return _made(claim, study, ruling.word, _answer(claim, ruling.effects), tuple(checks), sentence)


def _answer(claim: Claim, effects: Sequence[Effect]) -> Answer:
    """Whether the means lie on the claimed side; no mean, or no side, is no answer."""
    if not effects or claim.sign is None:
        return "not in table"
    needed = len(effects)
    if claim.kind == "count":
        needed = claim.count if claim.count is not None else round(claim.low or 0)
    return "holds" if _right(claim, effects) >= needed else "fails"


def _right(claim: Claim, effects: Sequence[Effect]) -> int:
    return sum(e.mean > 0 if claim.sign == "up" else e.mean < 0 for e in effects)


def _means(claim: Claim, effects: Sequence[Effect]) -> str:
    """The means of several comparisons; of many, how many lie on the claimed side."""
    if len(effects) < 2:
        return ""
    if len(effects) > MOST_SHOWN and claim.sign is not None:
        return f"{_right(claim, effects)} of {len(effects)} comparisons on the claimed side"
    return some([f"{compared(e, effects)} {signed(e.mean)}" for e in effects])


def _made(
    claim: Claim, study: Measured, word: str, arithmetic: Answer, checks: tuple[Check, ...], sentence: str
) -> Entry:
    return Entry.model_validate(
        {
            "claim": claim,
            "results": study.name,
            "word": word,
            "arithmetic": arithmetic,
            "checks": checks,
            "sentence": sentence,
        }
    )
