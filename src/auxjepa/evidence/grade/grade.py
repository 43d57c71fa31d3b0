"""A grade of evidence: a checklist with visible weights, where each lost point has a reason.

The grade says how reliable results are, and not whether they are good. The same checklist grades a study folder and a
published table. What a source does not report counts as not done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.statistics.significance import holm, seeds_to_test, smallest_p
from auxjepa.evidence.study_folder.folder import Study
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
    "controls": "random-init encoder, raw pixels, majority class and chance were scored too",
    "equal probes": "every variant is read with the same protocol and budget",
    "tuned on validation": "hyperparameters were chosen on validation examples, and that score is reported too",
    "pre-registered": "hypotheses and decision rule were written before the first run and were not changed",
    "complete": "every planned score is present",
    "test examples kept": "results on single test examples are kept, so that paired tests are possible",
    "collapse counted": "every run reports whether its features collapsed, and stays in the table if they did",
    "terms audited": "the gradients of every variant were audited, and each term trains what it should train",
    "repeatable": "one command, with versions and seeds, repeats the numbers",
}


@dataclass(frozen=True)
class Criterion:
    """One line of the checklist.

    Args:
        name: a key of :data:`WEIGHTS`.
        share: share of the weight that is earned, 0 to 1.
        reason: why this share is earned.
    """

    name: str
    share: float
    reason: str

    @property
    def weight(self) -> int:
        """Weight of the criterion."""
        return WEIGHTS[self.name]

    @property
    def earned(self) -> float:
        """Points that are earned."""
        return self.weight * self.share


@dataclass(frozen=True)
class Grade:
    """The grade of one source.

    Args:
        subject: name of the study, or 'published'.
        criteria: every criterion of :data:`WEIGHTS`, in order.
        left_out: a line for each kind of scores and marks that are left out because they are damaged.
    """

    subject: str
    criteria: tuple[Criterion, ...]
    left_out: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        """Points that are earned."""
        return sum(criterion.earned for criterion in self.criteria)

    @property
    def possible(self) -> int:
        """Points that can be earned."""
        return sum(criterion.weight for criterion in self.criteria)

    @property
    def percent(self) -> float:
        """Points that are earned, in percent."""
        return 100 * self.earned / self.possible

    @property
    def sentence(self) -> str:
        """The grade in one sentence, with the criteria that cost most."""
        incomplete = sorted((c for c in self.criteria if c.share < 1), key=lambda c: c.earned - c.weight)
        why = f"; most points are lost on {', '.join(c.name for c in incomplete[:3])}" if incomplete else ""
        return f"{self.earned:.1f} of {self.possible} points ({self.percent:.0f} %){why}."


def grade_study(study: Study) -> Grade:
    """Return the grade of a study folder.

    Args:
        study: the study.
    """
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


def grade_seeds(seeds: int, comparisons: int) -> tuple[float, str]:
    """Return share and reason of "enough seeds": full where even the first step of Holm can pass.

    Args:
        seeds: number of paired seeds.
        comparisons: number of comparisons in the family.
    """
    needed = seeds_to_test(comparisons, ALPHA)
    best = holm([smallest_p(seeds)] * comparisons)[0]
    over = f"over {comparisons} comparisons {needed} seeds can reach {ALPHA:g}"
    return min(1.0, seeds / needed), f"{seeds} seeds: the best possible corrected p is {best:.2g}; {over}"


def _paired(study: Study, scored: list[Row]) -> tuple[float, str]:
    reference = {(r.seed, r.benchmark, r.regime) for r in scored if r.variant == study.reference}
    variants = [(r.seed, r.benchmark, r.regime) for r in scored if r.variant != study.reference]
    if not variants or not reference:
        return 0.0, "no variant can be compared with a reference"
    paired = sum(key in reference for key in variants)
    reason = f"{paired} of {len(variants)} scores have a score of {study.reference} with their seed"
    return paired / len(variants), reason


def _seeds(study: Study, scored: list[Row]) -> tuple[float, str]:
    hypotheses = len(study.registered.registration.hypotheses) if study.registered else 0
    by_variant: dict[str, set[int]] = {}
    for row in scored:
        by_variant.setdefault(row.variant, set()).add(row.seed)
    reference = by_variant.pop(study.reference, set())
    paired = [len(seeds & reference) for seeds in by_variant.values()]
    return grade_seeds(min(paired, default=0), max(1, hypotheses, len(by_variant)))


def _controls(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Grade the controls: random init needs every seed; the others have no seed and may be of another regime."""
    benchmarks = {r.benchmark for r in scored}
    seeded = {(r.benchmark, r.regime, r.seed) for r in scored}
    present = {(r.control, r.benchmark) for r in study.rows if r.control}
    random_init = {(r.benchmark, r.regime, r.seed) for r in study.rows if r.control == "random_init"}
    possible = {b: study.benchmark_info.get(b, {}).get("controls", CONTROLS) for b in benchmarks}
    shares: dict[str, float] = {}
    for c in CONTROLS:
        having = [b for b in benchmarks if c in possible[b] or (c, b) in present]
        shares[c] = _share(sum((c, b) in present for b in having), len(having)) if having or not benchmarks else 1.0
    shares["random_init"] = _share(len(random_init & seeded), len(seeded))
    incomplete = [c for c, share in shares.items() if share < 1]
    reason = f"missing or partial: {', '.join(incomplete)}" if incomplete else "all four on every benchmark"
    return sum(shares.values()) / len(CONTROLS), reason


def _probes(study: Study, scored: list[Row]) -> tuple[float, str]:
    by_benchmark: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in scored:
        by_benchmark.setdefault((row.regime, row.benchmark), set()).add((row.protocol_hash, row.benchmark_hash))
    if not by_benchmark:
        return 0.0, "no score yet"
    unequal = sorted(benchmark for (_, benchmark), hashes in by_benchmark.items() if len(hashes) > 1)
    reason = f"several protocols on {', '.join(unequal)}" if unequal else "one protocol hash per benchmark"
    return _share(len(by_benchmark) - len(unequal), len(by_benchmark)), reason


def _validation(study: Study, scored: list[Row]) -> tuple[float, str]:
    n = sum(row.validation is not None for row in scored)
    return _share(n, len(scored)), f"{n} of {len(scored)} scores have the validation score that selected their probe"


def _registered(study: Study, scored: list[Row]) -> tuple[float, str]:
    if study.registered is None:
        return 0.0, "no registration: a screen" if study.phase == "screen" else "no registration"
    deviations, hash_ = study.registered.deviations, study.registered.hash[:12]
    if study.registered.void:
        return 0.0, study.registered.void
    if deviations:
        return 0.5, f"registered ({hash_}) with {len(deviations)} deviations: {deviations[0]}"
    return 1.0, f"registered at {study.registered.registration.created} ({hash_}), no deviation"


def _complete(study: Study, scored: list[Row]) -> tuple[float, str]:
    regimes = {r.regime for r in scored}
    planned = set(product(study.variants, study.seeds, study.benchmarks, regimes))
    present = {(r.variant, r.seed, r.benchmark, r.regime) for r in scored} & planned
    return _share(len(present), len(planned)), f"{len(present)} of {len(planned)} planned scores"


def _marks(study: Study, scored: list[Row]) -> tuple[float, str]:
    n = sum(study.correct(row) is not None for row in scored)
    return _share(n, len(scored)), f"kept for {n} of {len(scored)} scores"


def _collapse(study: Study, scored: list[Row]) -> tuple[float, str]:
    verdicts = {run.hash: str(run.summary.get("verdict", "")) for run in study.runs}
    names = {row.run for row in scored}
    monitored = [name for name in names if verdicts.get(name)]
    unhealthy = {name for name, verdict in verdicts.items() if verdict in UNHEALTHY}
    reason = f"{len(monitored)} of {len(names)} runs were monitored, {len(unhealthy)} shrinking or collapsed"
    unscored = unhealthy - names
    reason += f", {len(unscored)} of these without a score" if unscored else ", all of them counted"
    return _share(len(monitored), len(names | unhealthy)), reason


def _audited(study: Study, scored: list[Row]) -> tuple[float, str]:
    names = {row.variant for row in scored}
    findings: dict[str, int] = {}
    for audit in study.audits:
        if audit.variant in names:
            findings[audit.variant] = findings.get(audit.variant, 0) + len(audit.findings)
    clean = sum(n == 0 for n in findings.values())
    if not findings:
        return 0.0, "no variant was audited (auxjepa audit --study DIR)"
    with_findings = ", ".join(sorted(name for name, n in findings.items() if n))
    reason = f"{len(findings)} of {len(names)} variants audited, {clean} without a finding"
    return _share(clean, len(names)), reason + (f" (findings: {with_findings})" if with_findings else "")


def _repeatable(study: Study, scored: list[Row]) -> tuple[float, str]:
    versions = sum(bool(row.versions) for row in scored)
    share = 0.5 * bool(study.command) + 0.5 * _share(versions, len(scored))
    command = "the command is recorded" if study.command else "no command is recorded"
    return share, f"{command}; {versions} of {len(scored)} scores have their versions"


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0
