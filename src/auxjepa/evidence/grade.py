"""A grade of evidence: a checklist with weights shown, each lost point with its reason, in place of an opaque score.

The grade says how far results can be relied on, never whether they are good. The same list grades a study folder and a
published table; what a source doesn't tell counts as not done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from auxjepa.evidence.folder import Study
from auxjepa.evidence.significance import holm, seeds_to_test, smallest_p
from auxjepa.rows import CONTROLS, Row

ALPHA = 0.05
WEIGHTS = {
    "paired seeds": 2,
    "enough seeds": 3,
    "controls": 2,
    "equal probes": 2,
    "tuned on validation": 2,
    "pre-registered": 2,
    "complete": 1,
    "test examples kept": 1,
    "collapse counted": 1,
    "terms audited": 2,
    "repeatable": 1,
}
MEANING = {
    "paired seeds": "every variant is compared with a reference of the same seed",
    "enough seeds": "an exact test over the seeds can reach 0.05 after Holm",
    "controls": "random-init encoder, raw pixels, majority class and chance are beside the scores",
    "equal probes": "every variant is read with the same protocol and budget",
    "tuned on validation": "hyperparameters were chosen on validation examples, and that score is given too",
    "pre-registered": "hypotheses and decision rule were written down before the first run, and kept",
    "complete": "every planned score is there",
    "test examples kept": "results on single test examples are kept, so that paired tests are possible",
    "collapse counted": "every run says whether its features collapsed, and stays in the table if they did",
    "terms audited": "every variant's gradients were audited, and each term trains what it is meant to train",
    "repeatable": "one command, with versions and seeds, repeats the numbers",
}


@dataclass(frozen=True)
class Criterion:
    """One line of the checklist. ``share``: of its weight that is earned; ``reason``: what was found."""

    name: str
    share: float
    reason: str

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]

    @property
    def earned(self) -> float:
        return self.weight * self.share


@dataclass(frozen=True)
class Grade:
    """A graded source: every criterion of ``WEIGHTS``, in order; ``left_out``: a line for each kind of scores and
    marks that are there and can't be relied on."""

    subject: str
    criteria: tuple[Criterion, ...]
    left_out: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        return sum(criterion.earned for criterion in self.criteria)

    @property
    def possible(self) -> int:
        return sum(criterion.weight for criterion in self.criteria)

    @property
    def percent(self) -> float:
        return 100 * self.earned / self.possible

    @property
    def sentence(self) -> str:
        """The grade in one sentence, with what costs most."""
        lost = sorted((c for c in self.criteria if c.share < 1), key=lambda c: c.earned - c.weight)
        why = f"; most is lost on {', '.join(c.name for c in lost[:3])}" if lost else ""
        return f"{self.earned:.1f} of {self.possible} points ({self.percent:.0f} %){why}."


def grade_study(study: Study) -> Grade:
    """Grade a study folder from what it holds."""
    scored = [row for row in study.rows if row.control is None]
    rules: dict[str, Callable[[Study, list[Row]], tuple[float, str]]] = {
        "paired seeds": _paired,
        "enough seeds": _seeds,
        "controls": _controls,
        "equal probes": _probes,
        "tuned on validation": _validation,
        "pre-registered": _registered,
        "complete": _complete,
        "test examples kept": _marks,
        "collapse counted": _collapse,
        "terms audited": _audited,
        "repeatable": _repeatable,
    }
    criteria = tuple(Criterion(name, *rules[name](study, scored)) for name in WEIGHTS)
    return Grade(study.name, criteria, tuple(study.left_out))


def _paired(study: Study, scored: list[Row]) -> tuple[float, str]:
    reference = {(r.seed, r.benchmark, r.regime) for r in scored if r.variant == study.reference}
    others = [(r.seed, r.benchmark, r.regime) for r in scored if r.variant != study.reference]
    if not others or not reference:
        return 0.0, "no variant stands beside a reference"
    paired = sum(key in reference for key in others)
    return paired / len(others), f"{paired} of {len(others)} scores have a score of {study.reference} with their seed"


def _seeds(study: Study, scored: list[Row]) -> tuple[float, str]:
    hypotheses = len(study.registered.registration.hypotheses) if study.registered else 0
    by_variant: dict[str, set[int]] = {}
    for row in scored:
        by_variant.setdefault(row.variant, set()).add(row.seed)
    reference = by_variant.pop(study.reference, set())
    paired = [len(seeds & reference) for seeds in by_variant.values()]
    return enough(min(paired, default=0), max(1, hypotheses, len(by_variant)))


def enough(seeds: int, comparisons: int) -> tuple[float, str]:
    """Full where even the first step of Holm can pass; else the share of the seeds that this takes."""
    needed = seeds_to_test(comparisons, ALPHA)
    best = holm([smallest_p(seeds)] * comparisons)[0]
    over = f"over {comparisons} comparisons {needed} seeds can reach {ALPHA:g}"
    return min(1.0, seeds / needed), f"{seeds} seeds: the best possible corrected p is {best:.2g}; {over}"


def _controls(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Random init has to be there with every seed; the others know no seed, and may stand in for another regime."""
    benchmarks = {r.benchmark for r in scored}
    seeded = {(r.benchmark, r.regime, r.seed) for r in scored}
    have = {(r.control, r.benchmark) for r in study.rows if r.control}
    own = {(r.benchmark, r.regime, r.seed) for r in study.rows if r.control == "random_init"}
    shares: dict[str, float] = {c: _share(sum((c, b) in have for b in benchmarks), len(benchmarks)) for c in CONTROLS}
    shares["random_init"] = _share(len(own & seeded), len(seeded))
    lacking = [c for c, share in shares.items() if share < 1]
    told = f"missing or partial: {', '.join(lacking)}" if lacking else "all four on every benchmark"
    return sum(shares.values()) / len(CONTROLS), told


def _probes(study: Study, scored: list[Row]) -> tuple[float, str]:
    by_benchmark: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in scored:
        by_benchmark.setdefault((row.regime, row.benchmark), set()).add((row.protocol_hash, row.benchmark_hash))
    if not by_benchmark:
        return 0.0, "no score yet"
    unequal = sorted(benchmark for (_, benchmark), kinds in by_benchmark.items() if len(kinds) > 1)
    told = f"several protocols on {', '.join(unequal)}" if unequal else "one protocol hash a benchmark"
    return _share(len(by_benchmark) - len(unequal), len(by_benchmark)), told


def _validation(study: Study, scored: list[Row]) -> tuple[float, str]:
    told = sum(row.validation is not None for row in scored)
    return _share(told, len(scored)), f"{told} of {len(scored)} scores carry the validation score they were chosen by"


def _registered(study: Study, scored: list[Row]) -> tuple[float, str]:
    if study.registered is None:
        return 0.0, "no registration: a screen" if study.phase == "screen" else "no registration"
    found, hash_ = study.registered.deviations, study.registered.hash[:12]
    if study.registered.void:
        return 0.0, study.registered.void
    if found:
        return 0.5, f"registered ({hash_}) with {len(found)} deviations: {found[0]}"
    return 1.0, f"registered at {study.registered.registration.created} ({hash_}), no deviation"


def _complete(study: Study, scored: list[Row]) -> tuple[float, str]:
    regimes = {r.regime for r in scored}
    planned = set(product(study.variants, study.seeds, study.benchmarks, regimes))
    have = {(r.variant, r.seed, r.benchmark, r.regime) for r in scored} & planned
    return _share(len(have), len(planned)), f"{len(have)} of {len(planned)} planned scores"


def _marks(study: Study, scored: list[Row]) -> tuple[float, str]:
    kept = sum(study.correct(row) is not None for row in scored)
    return _share(kept, len(scored)), f"kept for {kept} of {len(scored)} scores"


def _collapse(study: Study, scored: list[Row]) -> tuple[float, str]:
    verdicts = {run.hash: str(run.summary.get("verdict", "")) for run in study.runs}
    names = {row.run for row in scored}
    known = [name for name in names if verdicts.get(name)]
    ill = {name for name, verdict in verdicts.items() if verdict in ("shrinking", "collapsed")}
    told = f"{len(known)} of {len(names)} runs were monitored, {len(ill)} shrinking or collapsed"
    told += f", {len(ill - names)} of these without a score" if ill - names else ", all of them counted"
    return _share(len(known), len(names | ill)), told


def _audited(study: Study, scored: list[Row]) -> tuple[float, str]:
    names = {row.variant for row in scored}
    findings: dict[str, int] = {}
    for audit in study.audits:
        if audit.variant in names:
            findings[audit.variant] = findings.get(audit.variant, 0) + len(audit.findings)
    clean = sum(n == 0 for n in findings.values())
    if not findings:
        return 0.0, "no variant was audited (auxjepa audit --study DIR)"
    marked = ", ".join(sorted(name for name, n in findings.items() if n))
    told = f"{len(findings)} of {len(names)} variants audited, {clean} without a finding"
    return _share(clean, len(names)), told + (f" (findings: {marked})" if marked else "")


def _repeatable(study: Study, scored: list[Row]) -> tuple[float, str]:
    versions = sum(bool(row.versions) for row in scored)
    share = 0.5 * bool(study.command) + 0.5 * _share(versions, len(scored))
    command = "the command is recorded" if study.command else "no command is recorded"
    return share, f"{command}; versions stand in {versions} of {len(scored)} scores"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
