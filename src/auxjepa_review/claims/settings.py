"""Under which conditions and in which metric a clause speaks, as opaque words: only equal ones can be compared.

``With linear probing``, ``using 10 % of the labels``, ``top-5``, ``with a ResNet-50 backbone``.
"""

from __future__ import annotations

import re

from auxjepa_review.claims import cues
from auxjepa_review.claims.clauses import Clause
from auxjepa_review.claims.tokens import Kind, Token

Setting = tuple[str, ...]
METRIC = "metric: "
"""How an entry begins that is a metric; the others are conditions."""
LONGEST = 8
"""Tokens of a condition."""
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
_TURNS: frozenset[Kind] = frozenset({"up", "down", "top", "bottom", "neutral"})
_NEXT = _OPENS | _OPENS_NAMED | {"by", "over", "from", "to", "we"}


def read(clause: Clause) -> Setting:
    """Conditions and metrics of a clause, sorted; a known pretraining regime is none of them."""
    found = {text for i, token in enumerate(clause.tokens) if (text := _condition(clause, i, token))}
    return (*sorted(found), *sorted(METRIC + name for name in _metrics(clause)))


def inherited(own: Setting, before: Setting) -> Setting:
    """A clause's setting, with the conditions or metrics of the clause before where it names none."""
    conditions, metrics = _parts(own)
    old = _parts(before)
    return (*(conditions or old[0]), *(metrics or old[1]))


def equal(a: Setting, b: Setting) -> bool:
    """Whether numbers of two clauses can exclude each other: equal conditions, and no two metrics."""
    (here, metrics), (there, others) = _parts(a), _parts(b)
    return here == there and (not metrics or not others or metrics == others)


def apart(a: Setting, b: Setting) -> bool:
    """Whether two clauses speak of different conditions or metrics, each naming its own."""
    return any(x and y and x != y for x, y in zip(_parts(a), _parts(b), strict=True))


def _parts(setting: Setting) -> tuple[Setting, Setting]:
    metrics = tuple(s for s in setting if s.startswith(METRIC))
    return tuple(s for s in setting if s not in metrics), metrics


def _condition(clause: Clause, i: int, token: Token) -> str:
    word, tokens = token.text.lower(), clause.tokens
    taken = {t.start for t in (*clause.subjects, *clause.references, *clause.benchmarks)}
    bracket = token.kind == "open"
    if not (bracket or (token.kind == "word" and word in _OPENS | _OPENS_NAMED)) or token.start in taken:
        return ""
    if i and tokens[i - 1].text.lower() in _JOINED:
        return ""
    words: list[str] = []
    for after in tokens[i + 1 : i + 1 + LONGEST]:
        q = after.quantity
        if after.kind in _TURNS or after.kind == "regime" or (q and (q.signed or q.unit == "points")):
            return ""  # "with large gains", "with 3 points": not a condition
        ends = after.kind in _ENDS or not re.search(r"\w", after.text) or (words and after.text.lower() in _NEXT)
        if after.start in taken or ends:
            break
        words.append(re.sub(r"\s+", "", after.text) if q else after.text.lower())
    text = " ".join(w for w in words if w not in _ARTICLES)
    if not text or _IDLE.search(text) or ((bracket or word in _OPENS_NAMED) and not _NAMED.search(f" {text}")):
        return ""
    return text


def _metrics(clause: Clause) -> set[str]:
    words = [t.text.lower() for t in clause.tokens if t.kind == "metric"]
    if not words:  # beside another metric, "at the same latency" is a condition
        named = {t.start - clause.tokens[0].start for t in clause.tokens if t.kind in ("name", "variant", "reference")}
        words = [m[0].lower() for m in cues.falling().finditer(clause.text) if m.start() not in named]
    found = {_metric(w) for w in words} - {""}
    return found - {"accuracy"} if "top-5" in found and "top-1" not in words else found


def _metric(word: str) -> str:
    if word.startswith("score"):
        return ""
    if word.startswith(("accurac", "top-1")):
        return "accuracy"
    return re.sub(r"^(error|perplexit).*", r"\1", " ".join(word.split()))
