"""Scenarios on plans, intervals and sentences, for rates.py: power, coverage, screens, exaggerated effects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from rates_decisions import AT_MOST_ALPHA, DECIDED, words
from rates_scores import HEALTHY, SD, UNTRAINED, normal
from rates_studies import make_study
from rates_table import PERCENT, Rate, absent, average, share, streams
from scipy import special, stats

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.statistics.aggregate import NormalisedScores, paired_iqm
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.hierarchical import crossed_interval
from auxjepa.evidence.statistics.power import minimum_detectable_effect
from auxjepa.evidence.statistics.records import ComparisonError, Effect
from auxjepa.evidence.statistics.shift_statistics import effective_robustness, rank_stability
from auxjepa.report import sentences

DIFFERENCE_SD = math.sqrt(2) * SD
"""Standard deviation of a difference of two scores."""
CLAIM = re.compile(r"\bscores? (higher|lower)\b")
NO_CLAIM = re.compile(r"\b(no|none|not)\b", re.IGNORECASE)
LEAN = re.compile(r"\bleans? ")
BY_CHANCE = re.compile(r"\bby chance\b")
FEWEST_PRINTED = 5
POWER = 80.0
SMALLEST = 0.01
"""Scale from which large designs are simulated."""


def power(scale: float) -> Iterator[Rate]:
    """Yield the power at the stated detectable effect, and that of the number of seeds which a pilot suggests.

    Args:
        scale: share of the full number of studies.
    """
    for seeds, hypotheses, studies in ((6, 1, 1200), (8, 4, 400), (10, 12, 150)):
        detectable = minimum_detectable_effect(1.0, seeds, hypotheses)
        hits = []
        for rng in streams(f"power {seeds} {hypotheses}", scale * studies):
            scores = {f"v{i}": normal(rng, seeds) for i in range(hypotheses)}
            # The reference is exact, so that a difference has the standard deviation of a score.
            scores |= {"baseline": np.full((seeds, 1), HEALTHY), "random_init": normal(rng, seeds, mean=UNTRAINED)}
            scores["v0"] = scores["v0"] + detectable * SD
            claims = [(f"v{i}", "above", "baseline", 0) for i in range(hypotheses)]
            hits.append(words(make_study(scores, claims, rng, with_marks=False))[0] == "supported")
        text = f"true effect of the detectable size (known sd), {seeds} seeds, {hypotheses} hypotheses: supported"
        yield share(f"Power/{seeds} seeds {hypotheses}", text, "80 %", hits, f"stated: {detectable:.2f} sd")
    powers = []
    for rng in streams("power estimated sd", scale * 1000):
        detectable = _effect(0.5 + rng.standard_normal(6)).detectable
        # With 6 pairs only equal signs are significant.
        powers.append(100 * float(special.ndtr(detectable)) ** 6 if detectable else 0.0)
    text = "true effect of the size that the report of a study of 6 seeds states, sd from that study"
    yield average("Power/estimated sd", f"{text}: mean power", "at least 80 %", powers, PERCENT)
    low = [value < POWER for value in powers]
    yield share("Power/estimated sd, low", f"{text}: power below 80 %", "few studies", low)
    repeats = max(50, round(1500 * scale))
    for effect in (1.0, 2.0):
        for lean, leans in (("3 of 3 seeds higher", _has_3_wins), ("an interval above 0", _is_up)):
            pilots = (_effect(effect + rng.standard_normal(3)) for rng in streams(f"pilot {effect}", scale * 3000))
            plans = [pilot.seeds_needed for pilot in pilots if leans(pilot)]
            powers = [100 * _sign_flip_power(min(plan, 60), effect, repeats) for plan in plans if plan]
            note = f"median plan: {np.median([plan or 1000 for plan in plans]):.0f} seeds" if plans else ""
            if missing := sum(plan is None for plan in plans):
                note += f"; none for {100 * missing / len(plans):.0f} %"
            text = f"pilot of 3 seeds with {lean}, true effect {effect:g} sd: power of the planned study"
            yield average(f"Power/pilot {effect:g} {lean}", text, "at least 80 %", powers, PERCENT, note)


def coverage(scale: float) -> Iterator[Rate]:
    """Yield the coverage of printed 95 % intervals with 3, 5 and 10 seeds, and how often one is printed.

    Args:
        scale: share of the full number of studies.
    """
    intervals: tuple[tuple[str, Callable, int], ...] = (
        ("t interval of a mean difference, normal", _t_normal, 1000),
        ("t interval of a mean difference, skewed", _t_skewed, 1000),
        ("crossed interval for other seeds and clips", _crossed, 400),
        ("rank stability, 8 variants", _rank_stability, 250),
        ("effective robustness, 8 variants", _effective_robustness, 100),
        ("paired interquartile mean, 4 benchmarks", _paired_iqm, 250),
    )
    for name, draw, studies in intervals:
        for seeds in (3, 5, 10):
            hits = [hit for rng in streams(f"coverage {name} {seeds}", scale * studies) for hit in draw(rng, seeds)]
            printed = [hit for hit in hits if hit is not None]
            note = "" if len(printed) == len(hits) else f"printed in {100 * len(printed) / len(hits):.0f} %"
            target = "95 %, or no interval" if seeds < FEWEST_PRINTED else "95 %"
            text = f"{name}, {seeds} seeds"
            rate = share(f"Coverage/{name}/{seeds}", text, target, printed, note)
            yield rate if printed else replace(rate, note="no interval")


def screens(scale: float) -> Iterator[Rate]:
    """Yield how often the answer of a screen says higher or lower although no variant has an effect.

    Args:
        scale: share of the full number of studies; below 0.01 only the two smallest designs are simulated.
    """
    designs = ((5, 3, 3, 250), (5, 3, 5, 120), (5, 3, 10, 80), (17, 4, 3, 50), (17, 4, 10, 12))
    for variants, benchmarks, seeds, studies in designs if scale >= SMALLEST else designs[:2]:
        numbers, unexplained = [], []
        for rng in streams(f"screen {variants} {benchmarks} {seeds}", scale * studies):
            scores = {
                name: normal(rng, seeds, benchmarks) for name in ("baseline", *(f"v{i}" for i in range(variants)))
            }
            scores["random_init"] = normal(rng, seeds, benchmarks, mean=UNTRAINED)
            study = make_study(scores, [], rng, phase="screen", with_marks=False)
            text = sentences.plain_text(sentences.answer(study, collect_results(study)))
            numbers.append(count_claims(text))
            unexplained.append(bool(numbers[-1] or LEAN.search(text)) and not BY_CHANCE.search(text))
        text = f"no effect, {variants} variants, {benchmarks} benchmarks, {seeds} seeds"
        name = f"Screens/{variants} x {benchmarks}, {seeds} seeds"
        yield share(name, f"{text}: the answer says higher or lower", AT_MOST_ALPHA, [n > 0 for n in numbers])
        yield average(f"{name}: number", f"{text}: such sentences a page", "0.05", numbers, "")
        words_ = "says higher, lower or leans, without the number by chance"
        yield share(f"{name}: unexplained", f"{text}: the answer {words_}", "0 %", unexplained)


def exaggeration(scale: float) -> Iterator[Rate]:
    """Yield how much larger than the truth supported effects are, and their pooled estimates.

    Args:
        scale: share of the full number of studies.
    """
    try:
        from auxjepa.evidence.analyses.pooled_effects import study_pooled_effects as pool
    except ImportError:
        pool = None
    designs: tuple[tuple[str, Callable[[np.random.Generator], np.ndarray]], ...] = (
        ("10 hypotheses with effects of 0.7 sd", lambda _: np.full(10, 0.7)),
        ("10 hypotheses with normal effects, mean 0 and sd 0.7", lambda rng: 0.7 * rng.standard_normal(10)),
    )
    for name, draw in designs:
        decided = []  # raw, pooled and true effect of each decided hypothesis
        for rng in streams(f"exaggeration {name}", scale * 100):
            effects = DIFFERENCE_SD * draw(rng)
            scores = {f"v{i}": normal(rng, 10, mean=HEALTHY + effects[i]) for i in range(10)}
            scores |= {"baseline": normal(rng, 10), "random_init": normal(rng, 10, mean=UNTRAINED)}
            claims = [(f"v{i}", "above", "baseline", 0) for i in range(10)]
            study = make_study(scores, claims, rng, with_marks=False)
            passed = [i for i, outcome in enumerate(study.outcomes) if outcome.verdict.word in DECIDED]
            pooled = pool(study, collect_results(study)) if pool and passed else None
            for i in passed:
                effect, estimate = study.outcomes[i].effect, pooled.outcomes[i].effect if pooled else None
                decided.append(
                    (effect.mean if effect else math.nan, estimate.mean if estimate else math.nan, effects[i])
                )
        text = f"{name}, 10 seeds: mean size of decided effects over the mean true size"
        yield _ratio(f"Exaggeration/{name}", f"{text}, raw", "reported, above 1", decided, 0)
        pooled_name, text = f"Exaggeration/{name}, pooled", f"{text}, pooled"
        if pool is None:
            yield absent(pooled_name, text, "1", "no pooled estimate", "")
        else:
            yield _ratio(pooled_name, text, "1", decided, 1)


def count_claims(text: str) -> int:
    """Return the number of sentences of an answer that call a variant higher or lower.

    Args:
        text: the answer.
    """
    parts = re.split(r"(?<=[.;:])\s", text)
    return sum(bool(CLAIM.search(part)) and not NO_CLAIM.search(part) for part in parts)


def _ratio(name: str, text: str, target: str, decided: Sequence[tuple[float, float, float]], k: int) -> Rate:
    """Return the summed size of estimates over that of the true effects, with its delta-method error."""
    values = np.array([(abs(row[k]), abs(row[2])) for row in decided if not math.isnan(row[k])]).reshape(-1, 2)
    if not len(values):
        return absent(name, text, target, "nothing was decided", "")
    ratio = float(values[:, 0].sum() / values[:, 1].sum())
    residuals = (values[:, 0] - ratio * values[:, 1]) / values[:, 1].mean()
    error = float(residuals.std() / math.sqrt(len(values)))
    return Rate(name, text, target, ratio, error, len(values), "", "decided effects as studies")


def _has_3_wins(pilot: Effect) -> bool:
    return pilot.wins == 3


def _is_up(pilot: Effect) -> bool:
    return pilot.direction == "up"


def _effect(differences: np.ndarray, base: float = 50.0) -> Effect:
    reference = dict.fromkeys(range(len(differences)), base)
    scores = {s: base + float(d) for s, d in enumerate(differences)}
    return paired_effect(scores, reference, variant="v0", reference="baseline", benchmark="bench_0")


@cache
def _sign_flip_power(seeds: int, effect: float, studies: int) -> float:
    """Return the power of the two-sided sign-flip test at 0.05; from 15 seeds on that of Student's test."""
    rng = np.random.default_rng([seeds, round(100 * effect)])
    drawn = effect + rng.standard_normal((studies, seeds))
    if seeds >= 15:
        return float(np.mean(stats.ttest_1samp(drawn, 0, axis=1).pvalue <= 0.05))
    signs = 1 - 2 * ((np.arange(2 ** (seeds - 1))[:, None] >> np.arange(seeds)) & 1)  # the last sign is always +
    hits = 0
    for part in np.array_split(drawn, max(1, studies * len(signs) // 2**22)):
        sums = np.abs(part @ signs.T)
        hits += int((np.mean(sums >= np.abs(part.sum(axis=1, keepdims=True)) - 1e-9, axis=1) <= 0.05).sum())
    return hits / studies


def _t_normal(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    yield _contains(_effect(rng.standard_normal(seeds)).interval, 0.0)


def _t_skewed(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    yield _contains(_effect(rng.exponential(size=seeds)).interval, 1.0)


def _crossed(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    difficulty = 0.8 * rng.standard_normal(200)
    sides = []
    for _ in range(2):  # an encoder has strong and weak clips on all seeds, and each seed has an ability
        logits = 0.4 + difficulty + 0.6 * rng.standard_normal(200) + 0.2 * rng.standard_normal((seeds, 1))
        sides.append(rng.random((seeds, 200)) < 1 / (1 + np.exp(-logits)))
    try:
        yield _contains(crossed_interval(*sides), 0.0)
    except ComparisonError:
        yield None


def _rank_stability(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    clean = HEALTHY + SD * rng.standard_normal(8)
    shifted = 0.7 * clean + 0.7 * SD * rng.standard_normal(8)
    truth = _tau(clean, shifted)
    drawn = [_by_seed(means, rng, seeds) for means in (clean, shifted)]
    yield _contains(rank_stability(*drawn).interval, truth)


def _effective_robustness(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    clean = HEALTHY + 6 * rng.standard_normal(8)
    shifted = 0.7 * clean + 2 * rng.standard_normal(8)
    many = [means[:, None] + SD * rng.standard_normal((8, 4000)) for means in (clean, shifted)]
    x, y = (np.log(v / (100 - v)) for v in many)
    slope, intercept = np.polyfit(x.ravel(), y.ravel(), 1)
    truths = (many[1] - 100 / (1 + np.exp(-(intercept + slope * x)))).mean(axis=1)
    drawn = [_by_seed(means, rng, seeds) for means in (clean, shifted)]
    estimates = effective_robustness(*drawn)[1]
    for i, truth in enumerate(truths):
        yield _contains(estimates[f"v{i}"].interval, float(truth))


def _paired_iqm(rng: np.random.Generator, seeds: int) -> Iterator[bool | None]:
    names = tuple("abcd")
    sides = []
    for _ in range(2):
        values = 0.5 + 0.02 * (rng.standard_normal((seeds, 1)) + rng.standard_normal((seeds, 4)))
        sides.append(NormalisedScores(tuple(range(seeds)), names, values, ()))
    yield _contains(paired_iqm(*sides).interval, 0.0)


def _by_seed(means: np.ndarray, rng: np.random.Generator, seeds: int) -> dict[str, dict[int, float]]:
    drawn = means[:, None] + SD * rng.standard_normal((len(means), seeds))
    return {f"v{i}": dict(enumerate(map(float, row))) for i, row in enumerate(drawn)}


def _tau(a: np.ndarray, b: np.ndarray) -> float:
    """Return Kendall's tau of two lists without ties."""
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    return float(np.mean([np.sign((a[i] - a[j]) * (b[i] - b[j])) for i, j in pairs]))


def _contains(interval: tuple[float, float] | None, truth: float) -> bool | None:
    return None if interval is None else interval[0] - 1e-9 <= truth <= interval[1] + 1e-9
