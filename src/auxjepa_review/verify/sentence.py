"""Check the sentence of a claim: its numbers and units, setting, reference, and how exact its words are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auxjepa.evidence.ledger.arithmetic import PublishedTable
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check
from auxjepa.evidence.wording import format_signed
from auxjepa_review.claims.sign_conflicts import NOTE
from auxjepa_review.records import Mention, Statement
from auxjepa_review.verify import units
from auxjepa_review.verify.units import claimed_numbers

VALUE = re.compile(
    r"(?P<sign>[+\-\u2212])?(?<![\d.])(?P<n>\d+(?:\.\d+)?)(?P<unit>\s*(?:%|pp\b|p\.p\.|percent\b|percentage\b|points?\b|pts?\b))?"
)
LOOSE = re.compile(
    r"close to|balanced|often|usually|generally|typically|particularly|especially|strong(?:ly)?|comparable|similar|"
    r"roughly|about|around|nearly|substantial(?:ly)?|significant(?:ly)?",
    re.IGNORECASE,
)
CAUSAL = re.compile(
    r"\b(?:confirms?|proves?|shows? that|demonstrates?|because|due to|thanks to|causes?|encodes?)\b", re.IGNORECASE
)
SETTING = {
    "ucf101": re.compile(
        r"UCF-?101\s+(?:pre-?training\s+)?(?:setting|regime|setup|pre-?training)|single-dataset", re.IGNORECASE
    ),
    "mixed": re.compile(r"\bmixed\b|\bmixture\b", re.IGNORECASE),
}
REFERENCE = re.compile(
    r"\bbaseline|reference|relative to|compared (?:to|with)|\bthan\b|\bover the\b|\bvs\b|versus", re.IGNORECASE
)


@dataclass(frozen=True)
class Value:
    """A number as printed."""

    number: float
    decimals: int
    signed: bool


def values(text: str) -> list[Value]:
    """Return the numbers that are not part of a name. A dash between digits is no sign."""
    bare = units.blank_names(text.replace("\N{EN DASH}", "\N{MINUS SIGN}"))
    numbers = []
    for m in VALUE.finditer(bare):
        before = bare[m.start() - 1 : m.start()]
        between = bool(m["sign"]) and before.isdigit()
        minus = bool(m["sign"]) and m["sign"] != "+" and not between
        number = float(m["n"])
        numbers.append(
            Value(-number if minus else number, len(m["n"].partition(".")[2]), bool(m["sign"]) and not between)
        )
    return numbers


def printed_rounding(claim: Claim, text: str) -> float:
    """Return half a unit of the last place in which a sentence prints a claim's numbers; 0 without such a number."""
    places = [v.decimals for n in claimed_numbers(claim) for v in values(text) if abs(abs(v.number) - abs(n)) < 1e-9]
    return 0.5 * 10.0 ** -min(places) if places else 0.0


def widen_tolerance(statement: Statement) -> Claim:
    """Return the claim with its tolerance widened to the rounding of the sentence with the fewest places."""
    claim = statement.claim
    if claim.kind not in ("difference", "range"):
        return claim
    widest = max(printed_rounding(claim, m.span.text) for m in statement.mentions)
    return claim if widest <= claim.tolerance else claim.model_copy(update={"tolerance": widest})


def loose_words(statement: Statement) -> list[str]:
    """Return the words that make a claim inexact; none if the claim has an exact number."""
    claim = statement.claim
    exact = {"difference": True, "range": _has_ends(statement), "count": claim.count is not None}
    if exact.get(claim.kind):
        return []
    return sorted({m[0].casefold() for mention in statement.mentions for m in LOOSE.finditer(mention.span.text)})


def _has_ends(statement: Statement) -> bool:
    printed_here = {abs(v.number) for m in statement.mentions for v in values(m.span.text)}
    return all(abs(n) in printed_here for n in claimed_numbers(statement.claim))


def check_sentences(statement: Statement, table: PublishedTable | None = None) -> list[Check]:
    """Check the sentences that make a claim: numbers, unit, setting, reference, completeness and wording.

    Args:
        statement: the statement.
        table: table of results, which gives the relative change of a percentage.
    """
    claim, texts = statement.claim, [m.span.text for m in statement.mentions]
    results = [_quoted(claim, texts), units.check_unit(statement, table), _direction(statement)]
    results += [_setting(claim, texts), _reference(claim, texts)]
    results += [_complete(statement.mentions), _wording(statement), _causal(statement)]
    return [c for c in results if c is not None]


def _quoted(claim: Claim, texts: Sequence[str]) -> Check | None:
    expected = claimed_numbers(claim)
    if not expected:
        return None
    there = [{abs(v.number) for v in values(text)} for text in texts]
    missing = [n for n in expected if not any(abs(n) in numbers for numbers in there)]
    numbers_in_words = ", ".join(_number(claim, n) for n in (missing or expected))
    if missing:
        return Check(
            name="quoted", state="unknown", message=f"the sentence doesn't print {numbers_in_words}: an interpretation"
        )
    return Check(name="quoted", state="ok", message=f"the sentence prints {numbers_in_words}")


def _number(claim: Claim, n: float) -> str:
    return format_signed(n, 2).rstrip("0").rstrip(".") if claim.kind in ("difference", "range") else f"{n:g}"


def self_contradiction(mention: Mention) -> str:
    """Return how a sentence's verb and number exclude each other; '' if they do not."""
    note = mention.noted(NOTE)
    return f"{note}: one of the two is false" if note else ""


def _direction(statement: Statement) -> Check | None:
    notes = dict.fromkeys((m.span.document, self_contradiction(m)) for m in statement.mentions)
    conflicts = [f"in {document}: {note}" for document, note in notes if note]
    return Check(name="direction", state="problem", message="; ".join(conflicts)) if conflicts else None


def _setting(claim: Claim, texts: Sequence[str]) -> Check | None:
    pattern = SETTING.get(claim.regime)
    if pattern is None:
        return None
    naming = sum(bool(pattern.search(text)) for text in texts)
    if naming == len(texts):
        return Check(name="setting_named", state="ok", message=f"the pretraining setting ({claim.regime}) is named")
    message = f"{len(texts) - naming} of {len(texts)} sentences name no pretraining setting: read as {claim.regime}"
    return Check(name="setting_named", state="unknown", message=message)


def _reference(claim: Claim, texts: Sequence[str]) -> Check | None:
    if not claim.variants and claim.kind != "count":
        return None
    seed = f" of seed {claim.reference_seed}" if claim.reference_seed is not None else ""
    if any(REFERENCE.search(text) for text in texts):
        return Check(name="reference", state="ok", message=f"compared with {claim.reference}{seed}")
    return Check(name="reference", state="unknown", message=f"no reference is named: read as {claim.reference}{seed}")


def _complete(mentions: Sequence[Mention]) -> Check | None:
    cut = [m for m in mentions if m.row is not None and m.row.cut]
    if not cut:
        return None
    message = f"{len(cut)} of {len(mentions)} sentences are cut: only the complete part is judged"
    return Check(name="complete", state="unknown", message=message)


def _wording(statement: Statement) -> Check | None:
    words = loose_words(statement)
    return Check(name="wording", state="unknown", message=f"“{', '.join(words)}”: an interpretation") if words else None


def _causal(statement: Statement) -> Check | None:
    words = sorted({m[0].casefold() for mention in statement.mentions for m in CAUSAL.finditer(mention.span.text)})
    message = f"“{', '.join(words)}” claims more than a difference: the ledger judges that"
    return Check(name="causal", state="unknown", message=message) if words else None
