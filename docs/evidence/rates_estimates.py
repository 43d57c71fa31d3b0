"""Scenarios on plans, intervals and sentences, for rates.py: power, coverage, screens, exaggerated effects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from rates_decisions import AT_MOST_ALPHA, words
from rates_studies import HEALTHY, SD, UNTRAINED, make_study, normal
from rates_table import Rate, average, share, streams

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.statistics.aggregate import NormalisedScores, paired_iqm
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.hierarchical import crossed_interval
from auxjepa.evidence.statistics.records import ComparisonError, Effect
from auxjepa.evidence.statistics.shift_statistics import effective_robustness, rank_stability
from auxjepa.report import sentences

DIFFERENCE_SD = math.sqrt(2) * SD
"""Standard deviation of a difference of two scores."""
CLAIM = re.compile(r"\bscores? (higher|lower)\b")
NO_CLAIM = re.compile(r"\b(no|none|not)\b", re.IGNORECASE)
FEWEST_PRINTED = 5


def power(scale: float) -> Iterator[Rate]:
    """Yield the power at the stated detectable effect, and that of the number of seeds which a pilot suggests.

    Args:
        scale: share of the full number of studies.
    """
    for seeds, hypotheses, studies in ((6, 1, 1200), (8, 4, 500), (10, 12, 250)):
        detectable = replace(_effect_with_sd_1(seeds), comparisons=hypotheses).detectable
        hits = []
        for rng in streams(f"power {seeds} {hypotheses}", scale * studies):
            scores = {f"v{i}": normal(rng, seeds) for i in range(hypotheses)}
            # The reference is exact, so that a difference has the standard deviation of a score.
            scores |= {"baseline": np.full((seeds, 1), HEALTHY), "random_init": normal(rng, seeds, mean=UNTRAINED)}
            scores["v0"] = scores["v0"] + (detectable or 0.0) * SD
            claims = [(f"v{i}", "above", "baseline", 0) for i in range(hypotheses)]
            hits.append(words(make_study(scores, claims, rng, with_marks=False))[0] == "supported")
        stated = f"{detectable:.2f} sd" if detectable else "none"
        text = f"true effect of the stated detectable size, {seeds} seeds, {hypotheses} hypotheses: supported"
        yield share(f"Power/{seeds} seeds {hypotheses}", text, "at least 80 %", hits, note=stated)
    repeats = max(50, round(1500 * scale))
    for effect in (1.0, 2.0):
        powers, plans = [], []
        for rng in streams(f"pilot {effect}", scale * 4000):
            pilot = _effect(effect + rng.standard_normal(3))
            if pilot.wins == 3 and pilot.sd:
                planned = pilot.seeds_needed
                plans.append(planned or 1000)
                powers.append(100 * _sign_flip_power(min(planned, 60), effect, repeats) if planned else 100.0)
        text = f"pilot with 3 of 3 seeds higher, true effect {effect:g} sd"
        yield average(f"Power/pilot {effect:g}", f"{text}: power of the planned study", "at least 80 %", powers, "%")
        yield average(
            f"Power/plan {effect:g}",
            f"{text}: planned seeds, median",
            "none",
            [float(np.median(plans))] if plans else [],
            "seeds",
        )


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
        scale: share of the full number of studies.
    """
    for variants, benchmarks, seeds, studies in (
        (5, 3, 3, 300),
        (5, 3, 5, 150),
        (5, 3, 10, 100),
        (17, 4, 3, 60),
        (17, 4, 10, 15),
    ):
        claims_by_page = []
        for rng in streams(f"screen {variants} {benchmarks} {seeds}", scale * studies):
            scores = {
                name: normal(rng, seeds, benchmarks) for name in ("baseline", *(f"v{i}" for i in range(variants)))
            }
            scores["random_init"] = normal(rng, seeds, benchmarks, mean=UNTRAINED)
            study = make_study(scores, [], rng, phase="screen", with_marks=False)
            claims_by_page.append(count_claims(sentences.plain_text(sentences.answer(study, collect_results(study)))))
        text = f"no effect, {variants} variants, {benchmarks} benchmarks, {seeds} seeds"
        name = f"Screens/{variants} x {benchmarks}, {seeds} seeds"
        yield share(name, f"{text}: the answer says higher or lower", AT_MOST_ALPHA, [n > 0 for n in claims_by_page])
        yield average(f"{name}: number", f"{text}: such statements a page", "0.05", claims_by_page, "")


def exaggeration(scale: float) -> Iterator[Rate]:
    """Yield how much larger than the truth supported effects are.

    Args:
        scale: share of the full number of studies.
    """
    for seeds, studies in ((10, 500), (12, 300)):
        ratios = []
        for rng in streams(f"exaggeration {seeds}", scale * studies):
            scores = {f"v{i}": normal(rng, seeds, mean=HEALTHY + 0.7 * DIFFERENCE_SD) for i in range(10)}
            scores |= {"baseline": normal(rng, seeds), "random_init": normal(rng, seeds, mean=UNTRAINED)}
            claims = [(f"v{i}", "above", "baseline", 0) for i in range(10)]
            study = make_study(scores, claims, rng, with_marks=False)
            ratios += [
                o.effect.mean / (0.7 * DIFFERENCE_SD)
                for o in study.outcomes
                if o.effect and o.verdict.word == "supported"
            ]
        text = f"10 hypotheses with effects of 0.7 sd, {seeds} seeds: mean supported effect over the true effect"
        yield average(f"Exaggeration/{seeds} seeds", text, "1 for the pooled estimate", ratios, "")


def count_claims(text: str) -> int:
    """Return the number of sentences of an answer that call a variant higher or lower.

    Args:
        text: the answer.
    """
    parts = re.split(r"(?<=[.;:])\s", text)
    return sum(bool(CLAIM.search(part)) and not NO_CLAIM.search(part) for part in parts)


def _effect(differences: np.ndarray, base: float = 50.0) -> Effect:
    reference = dict.fromkeys(range(len(differences)), base)
    scores = {s: base + float(d) for s, d in enumerate(differences)}
    return paired_effect(scores, reference, variant="v0", reference="baseline", benchmark="bench_0")


def _effect_with_sd_1(seeds: int) -> Effect:
    values = np.linspace(-1, 1, seeds)
    return _effect(0.5 + values / values.std(ddof=1))


@cache
def _sign_flip_power(seeds: int, effect: float, studies: int) -> float:
    """Return the power of the two-sided sign-flip test at 0.05; from 15 seeds on that of Student's test."""
    rng = np.random.default_rng([seeds, round(100 * effect)])
    drawn = effect + rng.standard_normal((studies, seeds))
    if seeds >= 15:
        from scipy import stats

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
