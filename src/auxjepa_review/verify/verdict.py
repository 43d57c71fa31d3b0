"""Every claim of a corpus against results and passages: a word, a probability, and the checks behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from auxjepa.evidence.ledger import ledger
from auxjepa.evidence.ledger import published as table_of_the_paper
from auxjepa.evidence.ledger.arithmetic import NumberCheck, PublishedTable
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check, Entry
from auxjepa.evidence.ledger.ledger import Facts
from auxjepa.evidence.ledger.published import PublishedScore
from auxjepa.evidence.ledger.study_claims import StudyScores
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa_review.claims.extract import LIMIT_NOTE
from auxjepa_review.records import Document, Finding, Passage, Statement, Word
from auxjepa_review.verify import calibrate, checks, passages, sentence, study, typed, units
from auxjepa_review.verify.passages import Origin, Searcher, Sources

Arithmetic = Literal["holds", "fails", ""]
Results = Literal["published"] | Sequence[PublishedScore] | StudyScores | None
MOST = 20  # passages that are looked for
SHOWN = 8  # passages a side that a finding keeps
MEASURED: dict[str, Word] = {"supported": "supported", "refuted": "contradicted"}


def verify(
    statements: Sequence[Statement],
    index: Searcher | None = None,
    *,
    results: Results = "published",
    held: Sequence[bool] | None = None,
    facts: Facts | None = None,
    documents: Sequence[Document] = (),
    model: calibrate.Model | None = None,
) -> list[Finding]:
    """One finding a statement, in the order given.

    Args:
        statements: everything that was extracted from the corpus: passages are judged by the claims that stand in
            them, and the ledger corrects over all comparisons that are made.
        index: finds passages; without one only sentences that make a claim are looked at.
        results: the published table, scores of another one, a measured study, or None: passages decide alone.
        held: which statements are held against the results; all when unset.
        facts: what was found by executing; those on record when unset, none when empty.
        documents: the corpus, which says whose word a document repeats; one that isn't here counts as no source.
        model: gives the probability; the package's when unset.
    """
    scores = table_of_the_paper.load() if results == "published" else results
    known = typed.recorded() if facts is None else facts
    claims = [sentence.widened(s) for s in statements]
    judged = [True] * len(claims) if held is None else held
    asked = _distinct([claim for claim, own in zip(claims, judged, strict=True) if own])
    of = {e.claim.id: e for e in (ledger.verify(asked, scores, known) if scores is not None and asked else [])}
    table = None if scores is None or isinstance(scores, StudyScores) else PublishedTable(scores)
    said = passages.Said(m for s in statements for m in s.mentions)
    origins = {d.id: passages.origin(d) for d in documents}
    fitted = model or calibrate.model()
    return [
        _finding(s, claim, of.get(claim.id) if own else None, table if own else None, said, index, origins, fitted)
        for s, claim, own in zip(statements, claims, judged, strict=True)
    ]


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    return list({claim.id: claim for claim in claims}.values())


def _finding(
    statement: Statement,
    claim: Claim,
    entry: Entry | None,
    table: PublishedTable | None,
    spoken: passages.Said,
    index: Searcher | None,
    origins: dict[str, Origin],
    fitted: calibrate.Model,
) -> Finding:
    found = passages.find(statement, spoken, index, MOST)
    pro, con = found.pro, found.con
    said = passages.sources([m.span.document for m in statement.mentions], origins)
    support = passages.sources([p.span.document for p in pro], origins)
    others = [p.span.document for p in con if p.span.document not in {m.span.document for m in statement.mentions}]
    against = passages.sources(others, origins)
    looked = [*sentence.checks(statement, table)]
    settled = checks.decided(claim, table) if table is not None else NumberCheck("not in table", "")
    if table is not None and claim.kind not in ("structural", "question"):
        looked += checks.checks(claim, settled, table)
    looked += [_sources(said, statement), *_opposed(con, statement), *_limits(statement, spoken.unread(claim))]
    looked += list(entry.checks) if entry is not None else []
    relative = units.relatives(statement, table)
    looked += units.relative_checks(relative)
    answer = _answer(entry) or ("fails" if settled.answer == "fails" else "")
    answer, told = _reread(statement, claim, table, relative, answer)
    if answer:
        word: Word = "supported" if answer == "holds" else "contradicted"
        p = calibrate.probability(calibrate.features(answer, looked), fitted)
        reason = told or _told(claim, entry, settled, word)
    else:
        word, p, reason = _by_passages(claim, entry, said, support, against, fitted)
    odd = [sentence.against_itself(m) for m in statement.mentions]
    if all(odd) and answer:
        reason = f"The sentence contradicts itself: {odd[0]}. {_told(claim, entry, settled, word)}"
        word, p = "contradicted", calibrate.probability(calibrate.features("fails", looked), fitted)
    elif all(odd) and word == "supported":  # by passages, which say one of the two
        word, p, reason = "not testable", 0.5, f"The sentence contradicts itself: {odd[0]}."
    line = study.command(claim)
    looked += _asks(line, claim)
    return Finding(
        statement=statement,
        word=word,
        probability=p,
        reason=reason,
        checks=tuple(looked),
        supporting=tuple(passages.whose(p, support, origins) for p in [*pro, *found.likewise][:SHOWN]),
        opposing=tuple(passages.whose(p, against, origins) for p in [*con, *found.otherwise][:SHOWN]),
        entry=entry,
        command=line,
    )


def _reread(
    statement: Statement,
    claim: Claim,
    table: PublishedTable | None,
    relative: Sequence[units.Relative],
    answer: Arithmetic,
) -> tuple[Arithmetic, str]:
    """The answer with units in mind, and why: a percentage may be a relative change, and a relative change false."""
    if answer == "holds" and len(relative) == len(statement.mentions) and not any(r.good for r in relative):
        return "fails", f"The published table says otherwise: {relative[0].told}."
    told = units.as_relative(statement, claim, table) if answer == "fails" else ""
    return ("holds", f"{units.TRUE_AS_RELATIVE}: {told}.") if told else (answer, "")


def _answer(entry: Entry | None) -> Arithmetic:
    """What results say; a study of ours answers by its verdict, since it asks in another setting."""
    if entry is None:
        return ""
    if entry.results == ledger.PUBLISHED or entry.claim.kind == "structural":
        return "" if entry.arithmetic == "not in table" else entry.arithmetic
    return "holds" if entry.word == "supported" else "fails" if entry.word == "refuted" else ""


def _told(claim: Claim, entry: Entry | None, settled: NumberCheck, word: Word) -> str:
    if settled.numbers:
        numbers = "The published table has " if word == "supported" else "The published table says otherwise: "
        judged = (
            f" Whether the objective did it: {entry.word}." if entry is not None and claim.about == "objective" else ""
        )
        return f"{numbers}{settled.numbers}.{judged}"
    assert entry is not None
    if entry.results != ledger.PUBLISHED and claim.kind != "structural":
        return entry.sentence
    _, _, rest = entry.sentence.partition(": ")
    return rest[:1].upper() + rest[1:] if rest else entry.sentence


def _by_passages(
    claim: Claim, entry: Entry | None, said: Sources, support: Sources, against: Sources, fitted: calibrate.Model
) -> tuple[Word, float, str]:
    """What passages say where results don't. No document supports itself, nor does one that repeats its source."""
    if claim.kind == "question":
        return "not testable", 0.5, "A question, which claims nothing."
    if entry is not None and (claim.kind == "structural" or _undecided(entry)):
        return "not testable", 0.5, entry.sentence if _undecided(entry) else _without_word(entry)
    own, con = max(support.independent, 1), against.independent  # whose source isn't known is one source too
    others = own - 1
    source = next((d for d in support.primaries if d not in said.second_hand), "")
    quoted = not others and bool(source) and bool(said.second_hand)
    missing = f"{entry.sentence.partition(': ')[2].rstrip('.')}; " if entry is not None else ""
    if con:
        told = f"{format_count(own, 'independent source')} so, {con} otherwise"
        if own == con:
            return "not testable", 0.5, _first(f"{missing}disputed: {told}.")
        word: Word = "supported" if own > con else "contradicted"
        half = 0.5 if own > con else -0.5  # one more than the other side is less than one more undisputed
        return word, calibrate.expit(fitted.passage * (own - con - half)), _first(f"{missing}disputed: {told}.")
    p = calibrate.expit(fitted.passage * others + fitted.secondary * quoted)
    if others:
        return "supported", p, _first(f"{missing}{support.independent} independent sources say so.")
    if quoted:
        return "supported", p, _first(f"{missing}its source {source} says so, and no other.")
    names = sorted({n for g in said.groups for n in g})
    whose = f" (resting on {', '.join(said.primary)})" if said.primary else ""
    return (
        "not found",
        0.5,
        _first(f"{missing}nothing in the evidence speaks of it outside {shorten_list(names)}{whose}."),
    )


def _undecided(entry: Entry) -> bool:
    """Whether a study of ours was asked, and didn't decide."""
    return entry.results != ledger.PUBLISHED and entry.arithmetic != "not in table"


def _without_word(entry: Entry) -> str:
    return _first(entry.sentence.partition(": ")[2] or entry.sentence)


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sources(said: Sources, statement: Statement) -> Check:
    names = sorted({m.span.document for m in statement.mentions})
    n = len(names)
    if n == 1:
        return Check(name="sources", state="unknown", message=f"only {names[0]} says it")
    if said.independent > 1:
        return Check(name="sources", state="ok", message=f"{said.independent} independent sources of {n} documents")
    if said.primary:
        message = f"{n} documents say it, all resting on {', '.join(said.primary)}: one source, repeated"
        return Check(name="sources", state="problem", message=message)
    return Check(name="sources", state="unknown", message=f"{n} documents say it; whose word it is isn't known")


def _opposed(con: Sequence[Passage], statement: Statement) -> list[Check]:
    found = [Check(name="disagreement", state="problem", message=text) for text in statement.disagreements]
    if con:
        where = ", ".join(sorted({p.span.document for p in con}))
        found.append(
            Check(name="opposed", state="problem", message=f"otherwise in {where}: “{con[0].span.text[:120]}”")
        )
    return found


def _limits(statement: Statement, unread: int) -> list[Check]:
    """What was left out of a document or comparison that is too large."""
    notes = {note for m in statement.mentions if (note := m.noted(LIMIT_NOTE))}
    if unread:
        notes.add(f"{unread} more claims on the same benchmark and method weren't compared")
    return [Check(name="limit", state="unknown", message=note) for note in sorted(notes)]


def _asks(line: str, claim: Claim) -> list[Check]:
    name = study.preset(line)
    if not name or claim.kind == "question":
        return []
    paper = "--scale paper" in line
    message = f"{name}: by direction, " + ("on the published benchmarks" if paper else "in the synthetic world")
    message += "; it screens, and only a confirming study on fresh seeds would decide" if study.screens(line) else ""
    message += (
        "; --scale paper asks it on the published benchmarks" if not paper and study.published(name, claim) else ""
    )
    return [Check(name="study", state="unknown", message=message)]
