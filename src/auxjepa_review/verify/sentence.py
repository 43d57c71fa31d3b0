"""What a sentence says besides its claim: numbers and unit, its setting, its reference, how loosely it speaks."""

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
from auxjepa_review.verify.units import claimed

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
    """A number as it is printed."""

    number: float
    decimals: int
    signed: bool


def values(text: str) -> list[Value]:
    """Numbers that aren't part of a name; a dash between digits is no sign."""
    bare = units.nameless(text.replace("\N{EN DASH}", "\N{MINUS SIGN}"))
    found = []
    for m in VALUE.finditer(bare):
        before = bare[m.start() - 1 : m.start()]
        between = bool(m["sign"]) and before.isdigit()
        minus = bool(m["sign"]) and m["sign"] != "+" and not between
        number = float(m["n"])
        found.append(
            Value(-number if minus else number, len(m["n"].partition(".")[2]), bool(m["sign"]) and not between)
        )
    return found


def printed(claim: Claim, text: str) -> float:
    """Half a unit of the last place in which a sentence prints the numbers of a claim: what its rounding forgives."""
    places = [v.decimals for n in claimed(claim) for v in values(text) if abs(abs(v.number) - abs(n)) < 1e-9]
    return 0.5 * 10.0 ** -min(places) if places else 0.0


def widened(statement: Statement) -> Claim:
    """The claim with its tolerance widened to the rounding of the sentence that prints it most coarsely."""
    claim = statement.claim
    if claim.kind not in ("difference", "range"):
        return claim
    widest = max(printed(claim, m.span.text) for m in statement.mentions)
    return claim if widest <= claim.tolerance else claim.model_copy(update={"tolerance": widest})


def loose(statement: Statement) -> list[str]:
    """Words that leave open what exactly is claimed, where the claim has no number to hold on to."""
    claim = statement.claim
    exact = {"difference": True, "range": _has_ends(statement), "count": claim.count is not None}
    if exact.get(claim.kind):
        return []
    return sorted({m[0].casefold() for mention in statement.mentions for m in LOOSE.finditer(mention.span.text)})


def _has_ends(statement: Statement) -> bool:
    printed_here = {abs(v.number) for m in statement.mentions for v in values(m.span.text)}
    return all(abs(n) in printed_here for n in claimed(statement.claim))


def checks(statement: Statement, table: PublishedTable | None = None) -> list[Check]:
    """Quoted numbers, unit, setting, reference, completeness and wording of the sentences that make a claim.

    Args:
        table: tells what a percentage would be as a relative change.
    """
    claim, texts = statement.claim, [m.span.text for m in statement.mentions]
    found = [_quoted(claim, texts), units.check(statement, table), _direction(statement)]
    found += [_setting(claim, texts), _reference(claim, texts)]
    found += [_complete(statement.mentions), _wording(statement), _causal(statement)]
    return [c for c in found if c is not None]


def _quoted(claim: Claim, texts: Sequence[str]) -> Check | None:
    wanted = claimed(claim)
    if not wanted:
        return None
    there = [{abs(v.number) for v in values(text)} for text in texts]
    lost = [n for n in wanted if not any(abs(n) in numbers for numbers in there)]
    told = ", ".join(_number(claim, n) for n in (lost or wanted))
    if lost:
        return Check(name="quoted", state="unknown", message=f"{told} isn't printed in the sentence: our reading")
    return Check(name="quoted", state="ok", message=f"the sentence prints {told}")


def _number(claim: Claim, n: float) -> str:
    return format_signed(n, 2).rstrip("0").rstrip(".") if claim.kind in ("difference", "range") else f"{n:g}"


def against_itself(mention: Mention) -> str:
    """How a sentence's verb and number exclude each other; empty where they don't."""
    note = mention.noted(NOTE)
    return f"{note}: one of the two is false" if note else ""


def _direction(statement: Statement) -> Check | None:
    said = dict.fromkeys((m.span.document, against_itself(m)) for m in statement.mentions)
    odd = [f"in {document}: {note}" for document, note in said if note]
    return Check(name="direction", state="problem", message="; ".join(odd)) if odd else None


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
    message = f"{len(cut)} of {len(mentions)} sentences are cut: judged by what is there"
    return Check(name="complete", state="unknown", message=message)


def _wording(statement: Statement) -> Check | None:
    words = loose(statement)
    return Check(name="wording", state="unknown", message=f"“{', '.join(words)}”: our reading") if words else None


def _causal(statement: Statement) -> Check | None:
    words = sorted({m[0].casefold() for mention in statement.mentions for m in CAUSAL.finditer(mention.span.text)})
    message = f"“{', '.join(words)}” says more than a difference: the ledger judges that"
    return Check(name="causal", state="unknown", message=message) if words else None
