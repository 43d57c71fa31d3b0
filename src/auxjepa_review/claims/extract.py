"""Extract the typed claims of a document, each with its place in the text."""

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
from auxjepa_review.claims.clauses import Clause, split_clauses
from auxjepa_review.claims.form import UNSTATED, Form
from auxjepa_review.claims.lexicon import Lexicon
from auxjepa_review.claims.patterns import forms
from auxjepa_review.claims.sentences import Sentence, flatten, sentences
from auxjepa_review.claims.structure import read_structural
from auxjepa_review.claims.tables import read_results
from auxjepa_review.claims.tokens import tokenise
from auxjepa_review.records import Document, Mention

ID_FIELDS = (
    "kind", "regime", "variants", "reference", "among", "benchmarks", "expected", "low", "high", "direction",
    "threshold", "count", "of", "fact",
)  # fmt: skip
"""Fields of a claim that determine its id."""
MAX_CLAIMS = 5000
"""Largest number of claims that are read from one document."""
LIMIT_NOTE = "limit: "
"""Start of the note on the last claim of a document that has more claims."""

_NO_CLAIM = re.compile(
    r"\?\.?\s*$|^(?:research\s+)?question\s*[:.]|^(?:refuted|rejected|contradicted|undecided|not\s+(?:decided|supported|found))\s*:",
    re.I,
)
"""Matches questions, and claims that the sentence marks as false or open."""


@cache
def standard_lexicon() -> Lexicon:
    """Return the package's lexicon. It is read once."""
    return names.load_lexicon()


def extract(document: Document, lexicon: Lexicon | None = None) -> list[Mention]:
    """Return the claims of a document in the order of its text. A row of its table of claims is read like a sentence.

    The field ``inferred`` of a mention lists everything that a rule added to the sentence.

    Args:
        document: the document.
        lexicon: names of methods and benchmarks; the package's lexicon if None.
    """
    lexicon = lexicon or standard_lexicon()
    near = lexicon.covers(f"{document.work.title}\n{document.work.abstract}\n{document.text}")
    mentions: list[Mention] = []
    subjects: list = []
    for sentence in sentences(document):
        if _NO_CLAIM.search(sentence.text):
            subjects = []
            continue
        text = lexicon.complete_name(sentence.text, near) if sentence.cut else sentence.text
        clauses = split_clauses(tokenise(text, lexicon, near), text)
        if clauses and not clauses[0].subjects and clauses[0].tokens[0].kind == "pronoun" and sentence.row is None:
            clauses[0].subjects = subjects
            clauses[0].inferred.append("subject: of the sentence before")
        subjects = clauses[0].subjects if clauses else []
        read = _read_forms(clauses, text, lexicon, near)
        mentions += [_make_mention(document, sentence, _infer(form, near), lexicon) for form in read]
        if len(mentions) > MAX_CLAIMS:
            break
    else:
        mentions += _read_tables(document, lexicon, near)
    return _limit(mentions, document.id)


def _limit(mentions: list[Mention], document: str) -> list[Mention]:
    """Return at most `MAX_CLAIMS` claims. The last one has a note if there are more."""
    if len(mentions) <= MAX_CLAIMS:
        return mentions
    last = mentions[MAX_CLAIMS - 1]
    note = f"{LIMIT_NOTE}only the first {MAX_CLAIMS:,} claims of {document} were read"
    return [*mentions[: MAX_CLAIMS - 1], last.model_copy(update={"inferred": (*last.inferred, note)})]


def _read_tables(document: Document, lexicon: Lexicon, near: bool) -> Iterator[Mention]:
    """Yield the differences that results tables state; the row is the sentence."""
    for number, page in enumerate(document.pages, 1):
        for start, end, form in read_results(page, lexicon, near):
            span = document.span(number, start, end)
            yield _make_mention(document, Sentence(span, flatten(span.text), ""), _infer(form, near), lexicon)


def _read_forms(clauses: list[Clause], text: str, lexicon: Lexicon, near: bool) -> Iterator[Form]:
    regimes = dict.fromkeys(n for c in clauses for t in c.tokens if t.kind == "regime" for n in t.names)
    regime = next(iter(regimes)) if len(regimes) == 1 else ""
    forms_so_far: set[Form] = set()
    measured: list[Form] = []
    setting: settings.Setting = ()
    for clause in clauses:
        setting = settings.inherit(settings.read_setting(clause), setting)
        measured += [replace(form, setting=setting) for form in forms(clause)]
    for form in [*measured, *read_structural(clauses, text, lexicon.facts if near else (), bool(measured))]:
        form = replace(form, regime=form.regime or regime)
        if form not in forms_so_far and (form.kind == "structural" or form.benchmarks):
            forms_so_far.add(form)
            yield form


def _infer(form: Form, near: bool) -> Form:
    """Narrow a group to the members that are scored on the benchmark, and add the regime if only one is possible."""
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
        possible = names.regimes_with_count(form.benchmarks[0], form.of)
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
        scored = tuple(
            v for v in variants if all(names.regimes_that_score(v, regime, b) for b in form.benchmarks if b != UNSTATED)
        )
        if scored and scored != variants:
            variants = scored
            notes.append(f"variants: those of {', '.join(form.groups)} that are scored on {', '.join(form.benchmarks)}")
    return replace(form, variants=variants, regime=regime, inferred=tuple(notes))


def _make_mention(document: Document, sentence: Sentence, form: Form, lexicon: Lexicon) -> Mention:
    row = sentence.row
    source = Source(
        document=document.id,
        row=row.number if row else None,
        verdict=row.verified if row else None,
        confidence=row.confidence if row else None,
    )
    spelling = lexicon.regimes.get(form.regime)
    seed = (
        spelling.reference_seed
        if spelling and form.kind != "structural" and form.reference in ("", "baseline")
        else None
    )
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
    wording = _in_words(record, sentence.text)
    claim = Claim.model_validate(
        {**record, "id": claim_id(record, form.topic, sentence.text), "statement": wording, "sources": (source,)}
    )
    return Mention(
        claim=claim, span=sentence.span, row=row, section=sentence.section, inferred=form.inferred, setting=form.setting
    )


def claim_id(record: dict, topic: str = "", text: str = "") -> str:
    """Return the id of a claim, made of its content, so that equal claims of different documents have one id.

    Args:
        record: fields of the claim.
        topic: topic of a structural claim.
        text: the sentence, which identifies a structural claim without a fact.
    """
    if record["kind"] == "structural" and not record["fact"] and topic:
        return f"structural-{topic.replace(' ', '_')}" + (f"-{record['expected']:g}" if record["expected"] else "")
    content = {key: sorted(v) if isinstance(v := record[key], tuple | list) else v for key in ID_FIELDS}
    if record["kind"] == "structural" and not record["fact"]:
        content["said"] = " ".join(re.findall(r"\w+", text.lower()))
    elif record["kind"] == "structural":
        content["topic"] = topic
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:10]
    return f"{record['kind']}-{digest}"


def _in_words(record: dict, text: str) -> str:
    """Return the claim in plain words."""
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
