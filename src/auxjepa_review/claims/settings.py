"""Read the conditions and metrics of a clause as opaque words. Only clauses with equal ones can be compared.

Examples: ``With linear probing``, ``using 10 % of the labels``, ``top-5``, ``with a ResNet-50 backbone``.
"""

from __future__ import annotations

import re

from auxjepa_review.claims import cues
from auxjepa_review.claims.clauses import Clause
from auxjepa_review.claims.tokens import Kind, Token

Setting = tuple[str, ...]
METRIC = "metric: "
"""Start of an entry that is a metric. All other entries are conditions."""
MAX_TOKENS = 8
"""Largest number of tokens of a condition."""
_OPENS = frozenset({"with", "under", "using", "at", "when", "via"})
_OPENS_NAMED = frozenset({"in", "on", "for", "after"})
_NAMED = re.compile(
    r"prob(?:e|ing)\b|evaluation|fine-?tun|\bsettings?\b|\bregime|\bprotocol|[\s-]shot\b|\blabel|\bannotations?\b|\bdata\b|"
    r"\bresolution|\bbackbone|\barchitecture",
    re.I,
)
_IDLE = re.compile(
    r"\b(?:significan\w+|confidence|respect|seeds?|runs?|margin|ease|help|average|mean|same|that|which)\b"
)
_JOINED = frozenset({"together", "combined", "along", "associated", "consistent", "compared", "replaced", "coupled"})
_ARTICLES = frozenset({"a", "an", "the", "our", "their", "its", "only", "just"})
_ENDS: frozenset[Kind] = frozenset(
    {"than", "break", "open", "close", "and", "respectively", "pronoun", "reference", "benchmark", "variant", "others"}
)
_DIRECTION_KINDS: frozenset[Kind] = frozenset({"up", "down", "top", "bottom", "neutral"})
_NEXT = _OPENS | _OPENS_NAMED | {"by", "over", "from", "to", "we"}


def read_setting(clause: Clause) -> Setting:
    """Return the sorted conditions and metrics of a clause. A known pretraining regime is not one of them."""
    conditions = {text for i, token in enumerate(clause.tokens) if (text := _condition(clause, i, token))}
    return (*sorted(conditions), *sorted(METRIC + name for name in _metrics(clause)))


def inherit(setting: Setting, before: Setting) -> Setting:
    """Return the setting of a clause, with the conditions or metrics of the clause before if it names none.

    Args:
        setting: setting of the clause.
        before: setting of the clause before.
    """
    conditions, metrics = _parts(setting)
    old = _parts(before)
    return (*(conditions or old[0]), *(metrics or old[1]))


def are_comparable(a: Setting, b: Setting) -> bool:
    """Check whether numbers of two clauses can exclude each other: equal conditions, and no two different metrics."""
    (here, metrics), (there, others) = _parts(a), _parts(b)
    return here == there and (not metrics or not others or metrics == others)


def differ(a: Setting, b: Setting) -> bool:
    """Check whether two clauses have different conditions or metrics. Both must name them."""
    return any(x and y and x != y for x, y in zip(_parts(a), _parts(b), strict=True))


def _parts(setting: Setting) -> tuple[Setting, Setting]:
    metrics = tuple(s for s in setting if s.startswith(METRIC))
    return tuple(s for s in setting if s not in metrics), metrics


def _condition(clause: Clause, i: int, token: Token) -> str:
    word, tokens = token.text.lower(), clause.tokens
    occupied = {t.start for t in (*clause.subjects, *clause.references, *clause.benchmarks)}
    is_bracket = token.kind == "open"
    if not (is_bracket or (token.kind == "word" and word in _OPENS | _OPENS_NAMED)) or token.start in occupied:
        return ""
    if i and tokens[i - 1].text.lower() in _JOINED:
        return ""
    words: list[str] = []
    for after in tokens[i + 1 : i + 1 + MAX_TOKENS]:
        q = after.quantity
        if after.kind in _DIRECTION_KINDS or after.kind == "regime" or (q and (q.signed or q.unit == "points")):
            return ""  # "with large gains", "with 3 points": not a condition
        is_end = after.kind in _ENDS or not re.search(r"\w", after.text) or (words and after.text.lower() in _NEXT)
        if after.start in occupied or is_end:
            break
        words.append(re.sub(r"\s+", "", after.text) if q else after.text.lower())
    text = " ".join(w for w in words if w not in _ARTICLES)
    if not text or _IDLE.search(text) or ((is_bracket or word in _OPENS_NAMED) and not _NAMED.search(f" {text}")):
        return ""
    return text


def _metrics(clause: Clause) -> set[str]:
    words = [t.text.lower() for t in clause.tokens if t.kind == "metric"]
    if not words:  # next to another metric, "at the same latency" is a condition
        name_starts = {
            t.start - clause.tokens[0].start for t in clause.tokens if t.kind in ("name", "variant", "reference")
        }
        words = [m[0].lower() for m in cues.falling().finditer(clause.text) if m.start() not in name_starts]
    metrics = {_metric(w) for w in words} - {""}
    return metrics - {"accuracy"} if "top-5" in metrics and "top-1" not in words else metrics


def _metric(word: str) -> str:
    if word.startswith("score"):
        return ""
    if word.startswith(("accurac", "top-1")):
        return "accuracy"
    return re.sub(r"^(error|perplexit).*", r"\1", " ".join(word.split()))
