"""Criteria on the measurement: controls, probes, splits, health of the reference, clips."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.decisions.verdicts import DECIDED
from auxjepa.evidence.grade.claimed import RANDOM_INIT, Claimed, claims_of, effect_of, rows_of, sides_of
from auxjepa.evidence.grade.criteria import share_of
from auxjepa.evidence.statistics.hierarchical import crossed_interval, paired_marks
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.grid_edges import count_edges
from auxjepa.evidence.study_folder.split_facts import describe_overlap
from auxjepa.lists import shorten_list
from auxjepa.rows import CONTROLS, Row

ENOUGH_CLIPS = 385
"""Number of clips with which the interval of a share of 50 % has a half width of 5 points."""
SIGNIFICANT = (*DECIDED, "flagged")
"""Words of hypotheses whose test is significant."""


def grade_controls(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "controls".

    Random init needs every seed. The others have no seed and may be of another regime.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    benchmarks = {r.benchmark for r in scored}
    seeded = {(r.benchmark, r.regime, r.seed) for r in scored}
    present = {(r.control, r.benchmark) for r in study.rows if r.control}
    random_init = {(r.benchmark, r.regime, r.seed) for r in study.rows if r.control == "random_init"}
    possible = {b: study.benchmark_info.get(b, {}).get("controls", CONTROLS) for b in benchmarks}
    shares: dict[str, float] = {}
    for c in CONTROLS:
        having = [b for b in benchmarks if c in possible[b] or (c, b) in present]
        shares[c] = share_of(sum((c, b) in present for b in having), len(having)) if having or not benchmarks else 1.0
    shares["random_init"] = share_of(len(random_init & seeded), len(seeded))
    incomplete = [c for c, share in shares.items() if share < 1]
    reason = f"missing or partial: {', '.join(incomplete)}" if incomplete else "all four on every benchmark"
    return sum(shares.values()) / len(CONTROLS), reason


def grade_above_random(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "above random init": the interval over seeds must be above zero.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    sides = sides_of(claims_of(study))
    if not sides:
        return 0.0, "nothing is compared"
    failed = []
    for side in sides:
        effect = effect_of(study, side, replace(side, variant=RANDOM_INIT))
        if effect is None or effect.direction != "up":
            failed.append(f"{side.variant} on {side.benchmark}")
    above = len(sides) - len(failed)
    reason = f"{above} of {len(sides)} encoders of claims are above random init on their benchmark"
    return share_of(above, len(sides)), reason + (f"; not: {shorten_list(failed, 3)}" if failed else "")


def grade_probes(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "equal probes".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    by_benchmark: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in scored:
        by_benchmark.setdefault((row.regime, row.benchmark), set()).add((row.protocol_hash, row.benchmark_hash))
    if not by_benchmark:
        return 0.0, "no score yet"
    unequal = sorted(benchmark for (_, benchmark), hashes in by_benchmark.items() if len(hashes) > 1)
    reason = f"several protocols on {', '.join(unequal)}" if unequal else "one protocol hash per benchmark"
    return share_of(len(by_benchmark) - len(unequal), len(by_benchmark)), reason


def grade_validation(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "tuned on validation".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    n = sum(row.validation is not None for row in scored)
    return share_of(n, len(scored)), f"{n} of {len(scored)} scores have the validation score that selected their probe"


def grade_splits(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "validation is not test".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    benchmarks = list(dict.fromkeys(row.benchmark for row in scored))
    faults = {}
    for name in benchmarks:
        rows = [row for row in scored if row.benchmark == name]
        if why := describe_overlap(study.benchmark_info.get(name, {}), rows):
            faults[name] = why
    disjoint = len(benchmarks) - len(faults)
    reason = f"digests show it for {disjoint} of {len(benchmarks)} benchmarks"
    reasons = [f"{', '.join(n for n in faults if faults[n] == why)}: {why}" for why in dict.fromkeys(faults.values())]
    return share_of(disjoint, len(benchmarks)), reason + (f"; {shorten_list(reasons, 3, '; ')}" if faults else "")


def grade_grid(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "settings inside grid".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    edges = count_edges(scored, study.protocols)
    inside, unknown = edges.scores - edges.on_edge, len(scored) - edges.scores
    reason = f"the settings of {inside} of {len(scored)} scores are inside their grid"
    reason += f"; on the edge: {edges.counts}" if edges.on_edge else ""
    return share_of(inside, len(scored)), reason + (f"; {unknown} have no known grid" if unknown else "")


def grade_reference_health(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "reference healthy", over the runs of every reference.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    claims = claims_of(study)
    names = {claim.reference.variant for claim in claims} - {RANDOM_INIT} or {study.reference}
    verdicts = {run.hash: run.health for run in study.runs}
    runs = {row.run: row.variant for row in scored if row.variant in names}
    if not runs:
        return 0.0, "no run of a reference has a score"
    healthy = sum(verdicts.get(run, "") not in ("", *UNHEALTHY) for run in runs)
    reason = f"{healthy} of {len(runs)} runs of {shorten_list(sorted(names), 3)} are healthy"
    counts = Counter((runs[run], verdicts[run]) for run in runs if verdicts.get(run) in UNHEALTHY)
    listed = [f"{name}: {count} {verdict}" for (name, verdict), count in sorted(counts.items())]
    unknown = sum(not verdicts.get(run) for run in runs)
    listed += [f"{unknown} have no record"] if unknown else []
    return share_of(healthy, len(runs)), "; ".join([reason, *listed])


def grade_clips(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "enough clips", for the claimed benchmark with the fewest.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    claimed = {claim.side.benchmark for claim in claims_of(study)} or {row.benchmark for row in scored}
    clips = {
        name: min((row.parts.get("effective", row.n_test) for row in scored if row.benchmark == name), default=0)
        for name in sorted(claimed)
    }
    if not clips:
        return 0.0, "no benchmark has a score"
    least = min(clips, key=lambda name: clips[name])
    reason = f"the fewest independent test clips are {clips[least]:,.0f} ({least})"
    return min(1.0, clips[least] / ENOUGH_CLIPS), reason


def grade_crossed(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "crossed interval".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    decided = [claim for claim in claims_of(study) if _is_decided(claim)]
    if not scored:
        return 0.0, "no score yet"
    if not decided:
        return 1.0, "the seeds decide nothing"
    disagreeing = [claim.name for claim in decided if not _clips_agree(study, claim)]
    agreeing = len(decided) - len(disagreeing)
    reason = f"it agrees on {agreeing} of {len(decided)} comparisons that seeds decide"
    return share_of(agreeing, len(decided)), reason + (f"; not: {shorten_list(disagreeing, 3)}" if disagreeing else "")


def _is_decided(claim: Claimed) -> bool:
    """Check whether the seeds decide a comparison: a verdict, or without a hypothesis an interval without zero."""
    if claim.effect is None:
        return False
    return claim.word in SIGNIFICANT if claim.word else claim.effect.direction != "unclear"


def _clips_agree(study: Study, claim: Claimed) -> bool:
    sides = rows_of(study, claim.side), rows_of(study, claim.reference)
    confidence = 0.95 if claim.margin is None else 0.9
    try:
        low, high = crossed_interval(*paired_marks(*sides, study.correct), confidence)
    except ComparisonError:
        return False
    if claim.margin is not None:
        is_within = -claim.margin <= low and high <= claim.margin
        return is_within if claim.word == "supported" else high < -claim.margin or low > claim.margin
    return low > 0 or high < 0
