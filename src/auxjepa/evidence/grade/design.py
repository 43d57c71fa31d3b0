"""Criteria on the design of a study: seeds, power, registration, completeness."""

from __future__ import annotations

import math
import re
from itertools import product

from scipy import special

from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.grade.criteria import share_of
from auxjepa.evidence.statistics.sign_flip_power import sign_flip_power
from auxjepa.evidence.statistics.significance import CORRECTIONS, seeds_to_test, smallest_p
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.shared_networks import start_of
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

ALPHA = 0.05
TARGET_POWER = 0.8
PUBLISHED = "published.txt"
FEWEST_DIGITS = 12
"""Number of digits of a registration's hash that identify it."""
_ADDRESS = re.compile(r"https?://\S+")
_COMMIT = re.compile(r"\b[0-9a-f]{7,40}\b")


def grade_paired(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "paired seeds".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    reference = {(r.seed, r.benchmark, r.regime) for r in scored if r.variant == study.reference}
    variants = [(r.seed, r.benchmark, r.regime) for r in scored if r.variant != study.reference]
    if not variants or not reference:
        return 0.0, "no variant can be compared with a reference"
    paired = sum(key in reference for key in variants)
    reason = f"{paired} of {len(variants)} scores have a score of {study.reference} with their seed"
    return paired / len(variants), reason


def grade_seeds(seeds: int, comparisons: int, correction: str = "holm") -> tuple[float, str]:
    """Return share and reason of "enough seeds": full where even the first step of the correction can pass.

    Args:
        seeds: number of paired seeds.
        comparisons: number of comparisons in the family.
        correction: name of the registered correction.
    """
    needed = seeds_to_test(comparisons, ALPHA, correction)
    best = CORRECTIONS[correction]([smallest_p(seeds)] * comparisons)[0]
    over = f"over {format_count(comparisons, 'comparison')} {needed} seeds can reach {ALPHA:g}"
    reason = f"{format_count(seeds, 'seed')}: the best possible corrected p is {best:.2g}; {over}"
    return min(1.0, seeds / needed), reason


def grade_study_seeds(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "enough seeds", for the variant with the fewest paired seeds.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    hypotheses = len(study.registered.registration.hypotheses) if study.registered else 0
    by_variant: dict[str, set[int]] = {}
    for row in scored:
        by_variant.setdefault(row.variant, set()).add(row.seed)
    reference = by_variant.pop(study.reference, set())
    paired = [len(seeds & reference) for seeds in by_variant.values()]
    correction = study.registered.registration.rule.correction if study.registered else "holm"
    return grade_seeds(min(paired, default=0), max(1, hypotheses, len(by_variant)), correction)


def grade_power(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "power": the share of hypotheses whose stated effect is found often enough.

    The spread is that of the study's own differences. For equivalence, the stated effect is the margin.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    if not study.outcomes:
        return 0.0, "no registered hypothesis states an effect"
    powers = {outcome.hypothesis.id: _power(study, outcome) for outcome in study.outcomes}
    stated = {name: value for name, value in powers.items() if value is not None}
    if not stated:
        return 0.0, "no hypothesis states the effect that it should find (effect: in points)"
    enough = sum(value >= TARGET_POWER for value in stated.values())
    low = [f"{name} {100 * value:.0f} %" for name, value in stated.items() if value < TARGET_POWER]
    reason = f"{enough} of {len(powers)} hypotheses have a power of 80 % at their stated effect"
    reason += f"; {len(powers) - len(stated)} state no effect" if len(stated) < len(powers) else ""
    return share_of(enough, len(powers)), reason + (f"; below: {shorten_list(low, 3)}" if low else "")


def grade_registered(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "pre-registered".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    if study.registered is None:
        return 0.0, "no registration: a screen" if study.phase == "screen" else "no registration"
    deviations, hash_ = study.registered.deviations, study.registered.hash[:12]
    if study.registered.void:
        return 0.0, study.registered.void
    if deviations:
        return 0.5, f"registered ({hash_}) with {len(deviations)} deviations: {deviations[0]}"
    return 1.0, f"registered at {study.registered.registration.created} ({hash_}), no deviation"


def grade_published_hash(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "published hash". The named place is not checked.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    if study.registered is None:
        return 0.0, "no registration"
    if not study.published:
        return 0.0, f"no {PUBLISHED} names a place where the hash of the registration was published"
    text, hash_ = study.published, study.registered.hash
    if hash_[:FEWEST_DIGITS] not in text:
        return 0.0, f"{PUBLISHED} does not contain the hash of the registration ({hash_[:FEWEST_DIGITS]})"
    commits = [commit for commit in _COMMIT.findall(text) if not hash_.startswith(commit)]
    address = _ADDRESS.search(text)
    if address is None and not commits:
        return 0.0, f"{PUBLISHED} names no address and no commit"
    return 1.0, f"stated, not checked: {address[0] if address else f'commit {commits[0]}'}"


def grade_fresh_networks(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "fresh networks".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    if study.registered is None:
        return 0.0, "no registration that networks could be younger than"
    names = {row.run for row in scored}
    dated = {run.hash for run in study.runs if start_of(run) is not None} & names
    earlier = set(study.shared.earlier)
    shared = f"; {'; '.join(study.shared.lines)}" if study.shared.lines else ""
    reason = f"{len(dated - earlier)} of {len(names)} networks are shown to be younger than the registration"
    undated = len(names - dated - earlier)
    reason += f"; {undated} runs do not record when they were trained" if undated else ""
    return share_of(len(dated - earlier), len(names)), reason + shared


def grade_complete(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "complete".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    regimes = {r.regime for r in scored}
    planned = set(product(study.variants, study.seeds, study.benchmarks, regimes))
    present = {(r.variant, r.seed, r.benchmark, r.regime) for r in scored} & planned
    return share_of(len(present), len(planned)), f"{len(present)} of {len(planned)} planned scores"


def _power(study: Study, outcome: Outcome) -> float | None:
    """Return the probability of finding the stated effect of a hypothesis; None where it states none."""
    hypothesis, effect = outcome.hypothesis, outcome.effect
    size = hypothesis.margin if hypothesis.claim == "equivalent" else hypothesis.effect
    if size is None:
        return None
    registered = study.registered
    if effect is None or not effect.sd or registered is None:
        return 0.0
    rule, comparisons = registered.registration.rule, len(registered.registration.hypotheses)
    if hypothesis.claim == "equivalent":
        critical = float(special.stdtrit(effect.n - 1, 1 - rule.alpha / comparisons))
        reach = size * math.sqrt(effect.n) / effect.sd - critical
        return max(0.0, 2 * float(special.stdtr(effect.n - 1, reach)) - 1)
    return sign_flip_power(size / effect.sd, effect.n, rule.alpha, comparisons)
