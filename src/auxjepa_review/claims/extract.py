"""Claims of a document: what its sentences say, typed, each with the place where it is said."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa_review.claims import lexicon as names
from auxjepa_review.claims import settings
from auxjepa_review.claims.clauses import Clause, split
from auxjepa_review.claims.form import UNSTATED, Form
from auxjepa_review.claims.lexicon import Lexicon
from auxjepa_review.claims.patterns import forms
from auxjepa_review.claims.sentences import Sentence, flat, sentences
from auxjepa_review.claims.structure import structural
from auxjepa_review.claims.tables import results
from auxjepa_review.claims.tokens import tokenise
from auxjepa_review.records import Document, Mention

MADE = (
    "kind", "regime", "variants", "reference", "among", "benchmarks", "expected", "low", "high", "direction",
    "threshold", "count", "of", "fact",
)  # fmt: skip
"""Fields that make a claim's id."""
MOST = 5000
"""Claims that are read of one document."""
LIMIT = "limit: "
"""How the note begins on the last claim of a document that makes more."""

_SILENT = re.compile(
    r"\?\.?\s*$|^(?:research\s+)?question\s*[:.]|^(?:refuted|rejected|contradicted|undecided|not\s+(?:decided|supported|found))\s*:",
    re.I,
)
"""Questions, and claims that are told as false or open."""


@cache
def standard() -> Lexicon:
    """The package's own lexicon, read once."""
    return names.load()


def extract(document: Document, lexicon: Lexicon | None = None) -> list[Mention]:
    """Claims of a document in the order of its text, a row of its table of claims like any other sentence.

    What no sentence says and a rule filled in is listed in a mention's ``inferred``.
    """
    lexicon = lexicon or standard()
    near = lexicon.covers(f"{document.work.title}\n{document.work.abstract}\n{document.text}")
    found: list[Mention] = []
    subjects: list = []
    for sentence in sentences(document):
        if _SILENT.search(sentence.text):
            subjects = []
            continue
        text = lexicon.completed(sentence.text, near) if sentence.cut else sentence.text
        clauses = split(tokenise(text, lexicon, near), text)
        if clauses and not clauses[0].subjects and clauses[0].tokens[0].kind == "pronoun" and sentence.row is None:
            clauses[0].subjects = subjects
            clauses[0].inferred.append("subject: of the sentence before")
        subjects = clauses[0].subjects if clauses else []
        read = _read(clauses, text, lexicon, near)
        found += [_mention(document, sentence, _inferred(form, near), lexicon) for form in read]
        if len(found) > MOST:
            break
    else:
        found += _tabled(document, lexicon, near)
    return _first(found, document.id)


def _first(found: list[Mention], name: str) -> list[Mention]:
    """At most so many claims; the last one says that there are more."""
    if len(found) <= MOST:
        return found
    last = found[MOST - 1]
    note = f"{LIMIT}only the first {MOST:,} claims of {name} were read"
    return [*found[: MOST - 1], last.model_copy(update={"inferred": (*last.inferred, note)})]


def _tabled(document: Document, lexicon: Lexicon, near: bool) -> Iterator[Mention]:
    """Differences that results tables make, the row as the sentence."""
    for number, page in enumerate(document.pages, 1):
        for start, end, form in results(page, lexicon, near):
            span = document.span(number, start, end)
            yield _mention(document, Sentence(span, flat(span.text), ""), _inferred(form, near), lexicon)


def _read(clauses: list[Clause], text: str, lexicon: Lexicon, near: bool) -> Iterator[Form]:
    regimes = dict.fromkeys(n for c in clauses for t in c.tokens if t.kind == "regime" for n in t.names)
    regime = next(iter(regimes)) if len(regimes) == 1 else ""
    seen: set[Form] = set()
    found: list[Form] = []
    setting: settings.Setting = ()
    for clause in clauses:
        setting = settings.inherited(settings.read(clause), setting)
        found += [replace(form, setting=setting) for form in forms(clause)]
    for form in [*found, *structural(clauses, text, lexicon.facts if near else (), bool(found))]:
        form = replace(form, regime=form.regime or regime)
        if form not in seen and (form.kind == "structural" or form.benchmarks):
            seen.add(form)
            yield form


def _inferred(form: Form, near: bool) -> Form:
    """A group narrowed to the members that are scored on the benchmark, and a regime where only one is possible."""
    if not near or form.kind == "structural":
        return form
    notes = list(form.inferred)
    regime = form.regime
    if any(b != UNSTATED and not names.regimes_with(b) for b in form.benchmarks):
        return form  # a benchmark that the published table doesn't have
    if not regime and form.variants:
        possible = names.regimes_of(form.variants)
        if len(possible) == 1:
            regime = next(iter(possible))
            notes.append(f"regime: {', '.join(form.groups) or form.variants[0]} has rows in {regime} alone")
    if not regime and form.kind == "count" and form.of and not form.variants:
        possible = names.crowded(form.benchmarks[0], form.of)
        if len(possible) == 1:
            regime = next(iter(possible))
            notes.append(f"regime: only {regime} scores {form.of} variants on {form.benchmarks[0]}")
    if not regime and form.benchmarks:
        possible = set.intersection(*(names.regimes_with(b) for b in form.benchmarks))
        if len(possible) == 1:
            regime = next(iter(possible))
            notes.append(f"regime: {', '.join(form.benchmarks)} is scored in {regime} alone")
    variants = form.variants
    if form.groups and form.kind != "count" and regime:
        kept = tuple(v for v in variants if all(names.scored(v, regime, b) for b in form.benchmarks if b != UNSTATED))
        if kept and kept != variants:
            variants = kept
            notes.append(f"variants: those of {', '.join(form.groups)} that are scored on {', '.join(form.benchmarks)}")
    return replace(form, variants=variants, regime=regime, inferred=tuple(notes))


def _mention(document: Document, sentence: Sentence, form: Form, lexicon: Lexicon) -> Mention:
    row = sentence.row
    source = Source(
        document=document.id,
        row=row.number if row else None,
        verdict=row.verified if row else None,
        confidence=row.confidence if row else None,
    )
    spelt = lexicon.regimes.get(form.regime)
    seed = spelt.reference_seed if spelt and form.kind != "structural" and form.reference in ("", "baseline") else None
    record = {
        "kind": form.kind,
        "about": "table" if form.kind in ("count", "cluster") and not form.variants else "objective",
        "regime": form.regime,
        "variants": form.variants,
        "reference": form.reference or "baseline",
        "reference_seed": seed,
        "among": form.among,
        "benchmarks": form.benchmarks,
        "expected": form.expected,
        "low": form.low,
        "high": form.high,
        "direction": form.direction,
        "threshold": form.threshold,
        "count": form.count,
        "of": form.of,
        "tolerance": max(form.tolerance, 1e-9),
        "fact": form.fact,
    }
    said = _said(record, sentence.text)
    claim = Claim.model_validate(
        {**record, "id": identity(record, form.topic, sentence.text), "statement": said, "sources": (source,)}
    )
    return Mention(
        claim=claim, span=sentence.span, row=row, section=sentence.section, inferred=form.inferred, setting=form.setting
    )


def identity(record: dict, topic: str = "", text: str = "") -> str:
    """An id made of what a claim says, so that equal claims have equal ids whoever says them."""
    if record["kind"] == "structural" and not record["fact"] and topic:
        return f"structural-{topic.replace(' ', '_')}" + (f"-{record['expected']:g}" if record["expected"] else "")
    made = {key: sorted(v) if isinstance(v := record[key], tuple | list) else v for key in MADE}
    if record["kind"] == "structural" and not record["fact"]:
        made["said"] = " ".join(re.findall(r"\w+", text.lower()))
    elif record["kind"] == "structural":
        made["topic"] = topic
    digest = hashlib.sha256(json.dumps(made, sort_keys=True, default=str).encode()).hexdigest()[:10]
    return f"{record['kind']}-{digest}"


def _said(record: dict, text: str) -> str:
    """The claim in plain words, made of its parts."""
    who = ", ".join(record["variants"]) or "variants"
    where = " and ".join(record["benchmarks"])
    if record["kind"] == "structural":
        return text
    against = "" if record["reference"] == "baseline" else f" against {record['reference']}"
    tail = f" on {where}{against}" + (f" ({record['regime']})" if record["regime"] else "")
    way = "gain" if record["direction"] == "up" else "lose"
    more = f" more than {record['threshold']:g} points" if record["threshold"] else ""
    match record["kind"]:
        case "difference":
            return f"{who}: {record['expected']:+.4g} points{tail}"
        case "range":
            return f"{who}: {record['low']:+.4g} to {record['high']:+.4g} points{tail}"
        case "count":
            n = record["count"] if record["count"] is not None else f"at least {record['low']:g}"
            return f"{n} of {record['of']} {'of ' + who if record['variants'] else who} {way}{more}{tail}"
        case "cluster":
            return f"{who}: within {record['expected']:g} points of each other{tail}"
        case "ordering":
            return f"{who}: {'best' if record['direction'] == 'up' else 'worst'}{tail}"
        case _:
            return f"{who} {way}{more}{tail}"
