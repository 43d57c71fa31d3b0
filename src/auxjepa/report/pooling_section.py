"""The section on partial pooling: raw and pooled effects, next to the outcomes of registered hypotheses."""

from __future__ import annotations

from typing import Any

from auxjepa.evidence.analyses.pooled_effects import PooledEffects
from auxjepa.evidence.statistics.pooling_records import PooledEffect
from auxjepa.evidence.wording import (
    DASH,
    format_count,
    format_number,
    format_percent,
    format_signed,
    format_signed_interval,
)
from auxjepa.lists import shorten_list

HYPOTHESES = ("hypothesis", "claim", "outcome of the test", "raw mean", "pooled mean", "pooled by raw", "P(above 0)")
EFFECTS = ("variant", "benchmark", "seeds", "raw mean", "pooled mean", "pooled by raw", "P(above 0)")
Table = tuple[tuple[str, ...], list[list[str]]]
UNCONVERGED = 1.1
"""Potential scale reduction from which the page warns that the sampler's chains disagree."""


def hypotheses(pooled: PooledEffects) -> Table:
    """Return heading and rows of the table of hypotheses.

    Args:
        pooled: pooled effects of the study.
    """
    table = []
    for outcome in pooled.outcomes:
        raw = DASH
        if outcome.raw is not None:
            raw = _with_interval(outcome.raw, outcome.raw_interval, outcome.decimals)
        cells = [DASH] * 3 if outcome.effect is None else _cells(outcome.effect, outcome.decimals)
        table.append([outcome.id, outcome.statement, outcome.word, raw, *cells])
    return HYPOTHESES, table


def effects(pooled: PooledEffects) -> Table:
    """Return heading and rows of the table of all effects.

    Args:
        pooled: pooled effects of the study.
    """
    return EFFECTS, [
        [
            line.variant,
            line.title,
            str(line.n),
            _with_interval(line.effect.raw, line.raw_interval, line.decimals),
            *_cells(line.effect, line.decimals),
        ]
        for line in pooled.lines
    ]


def sentences(pooled: PooledEffects) -> list[str]:
    """Return what the tables show, and what they do not show, in sentences.

    Args:
        pooled: pooled effects of the study.
    """
    count = format_count(len(pooled.lines), "effect")
    out = [
        f"Effects that pass a test are on average too large, because chance helps them to pass. This model estimates "
        f"{count} against {pooled.reference} together and draws each mean toward the others, more where it is noisy.",
        "Quote the pooled mean as the size of an effect. The pooled means are estimates: they decide nothing, and no "
        "verdict depends on them.",
    ]
    if pooled.mean_share is not None:
        out.append(
            f"The decided hypotheses keep {format_percent(pooled.mean_share)} of their raw mean difference (median)."
        )
    if pooled.without_clip_noise:
        where = "" if not pooled.has_clip_noise else f" on {shorten_list(pooled.without_clip_noise, 6)}"
        out.append(f"The intervals{where} hold for other seeds only, because there is not one mark for each test clip.")
    elif pooled.has_clip_noise:
        out.append("The intervals hold for other seeds and other test clips.")
    reasons: dict[str, list[str]] = {}
    for outcome in pooled.outcomes:
        if outcome.effect is None:
            reasons.setdefault(outcome.reason, []).append(outcome.id)
    out += [f"Not pooled, because {reason}: {shorten_list(ids, 6)}." for reason, ids in reasons.items()]
    if pooled.omitted:
        out.append(f"Left out: {'; '.join(pooled.omitted)}.")
    if pooled.largest_r_hat > UNCONVERGED:
        out.append(
            f"The chains of the sampler do not agree fully (R-hat {format_number(pooled.largest_r_hat, 2)}), so the "
            "last digits are uncertain."
        )
    return out


def section(pooled: PooledEffects | None) -> dict[str, Any] | None:
    """Return the content of the section; None without pooled effects.

    Args:
        pooled: pooled effects of the study.
    """
    if pooled is None:
        return None
    return {"sentences": sentences(pooled), "hypotheses": hypotheses(pooled), "effects": effects(pooled)}


def _cells(effect: PooledEffect, decimals: int) -> list[str]:
    share = DASH if effect.share is None else format_number(effect.share, 2)
    return [_with_interval(effect.mean, effect.interval, decimals), share, _probability(effect.above_zero)]


def _probability(value: float) -> str:
    """Return a probability with two decimals; the draws cannot show that it is 0 or 1."""
    if value < 0.005:
        return "< 0.01"
    return "> 0.99" if value > 0.995 else format_number(value, 2)


def _with_interval(value: float, interval: tuple[float, float] | None, decimals: int) -> str:
    text = format_signed(value, decimals)
    return text if interval is None else f"{text} {format_signed_interval(interval, decimals)}"
