"""Compare every claim of a corpus with results and passages: a word, a probability, and the checks that support
them."""

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
from auxjepa_review.verify import calibrate, checks, ledger_documents, passages, sentence, sources, study, units
from auxjepa_review.verify.passages import Searcher
from auxjepa_review.verify.sources import Origin, Sources

Arithmetic = Literal["holds", "fails", ""]
Results = Literal["published"] | Sequence[PublishedScore] | StudyScores | None
MAX_SEARCHED = 20
"""Largest number of passages that a search returns."""
MAX_SHOWN = 8
"""Largest number of passages on each side of a finding."""
WORD_OF_STUDY: dict[str, Word] = {"supported": "supported", "refuted": "contradicted"}


def verify(
    statements: Sequence[Statement],
    index: Searcher | None = None,
    *,
    results: Results = "published",
    use_results: Sequence[bool] | None = None,
    facts: Facts | None = None,
    documents: Sequence[Document] = (),
    model: calibrate.Model | None = None,
) -> list[Finding]:
    """Return one finding for each statement, in the given order.

    Args:
        statements: all statements of the corpus. Their claims judge passages, and the ledger corrects for all
            comparisons.
        index: index of passages; only sentences that make a claim are compared if None.
        results: the published table, scores of another table, a measured study, or None: then passages alone decide.
        use_results: whether each statement is compared with the results; all are if None.
        facts: facts from executing the package; the recorded ones if None, none if empty.
        documents: the corpus, which shows the sources of each document. A document that is missing here is no source.
        model: model of the probability; the package's if None.
    """
    scores = table_of_the_paper.load() if results == "published" else results
    facts_by_name = ledger_documents.load_facts() if facts is None else facts
    claims = [sentence.widen_tolerance(s) for s in statements]
    with_results = [True] * len(claims) if use_results is None else use_results
    compared = _distinct_claims([claim for claim, has_results in zip(claims, with_results, strict=True) if has_results])
    entry_by_claim = {
        e.claim.id: e
        for e in (ledger.verify(compared, scores, facts_by_name) if scores is not None and compared else [])
    }
    table = None if scores is None or isinstance(scores, StudyScores) else PublishedTable(scores)
    claim_index = passages.ClaimIndex(m for s in statements for m in s.mentions)
    origins = {d.id: sources.find_origin(d) for d in documents}
    fitted = model or calibrate.model()
    return [
        _finding(
            s,
            claim,
            entry_by_claim.get(claim.id) if has_results else None,
            table if has_results else None,
            claim_index,
            index,
            origins,
            fitted,
        )
        for s, claim, has_results in zip(statements, claims, with_results, strict=True)
    ]


def _distinct_claims(claims: Sequence[Claim]) -> list[Claim]:
    return list({claim.id: claim for claim in claims}.values())


def _finding(
    statement: Statement,
    claim: Claim,
    entry: Entry | None,
    table: PublishedTable | None,
    claim_index: passages.ClaimIndex,
    index: Searcher | None,
    origins: dict[str, Origin],
    fitted: calibrate.Model,
) -> Finding:
    evidence = passages.find_passages(statement, claim_index, index, MAX_SEARCHED)
    pro, con = evidence.pro, evidence.con
    claim_sources = sources.group_sources([m.span.document for m in statement.mentions], origins)
    support = sources.group_sources([p.span.document for p in pro], origins)
    others = [p.span.document for p in con if p.span.document not in {m.span.document for m in statement.mentions}]
    against = sources.group_sources(others, origins)
    checks_made = [*sentence.check_sentences(statement, table)]
    numbers = checks.decide_numbers(claim, table) if table is not None else NumberCheck("not in table", "")
    if table is not None and claim.kind not in ("structural", "question"):
        checks_made += checks.check_against_table(claim, numbers, table)
    checks_made += [
        _check_sources(claim_sources, statement),
        *_check_opposition(con, statement),
        *_check_limits(statement, claim_index.count_uncompared(claim)),
    ]
    checks_made += list(entry.checks) if entry is not None else []
    relative = units.relative_changes(statement, table)
    checks_made += units.check_relative_changes(relative)
    answer = _answer(entry) or ("fails" if numbers.answer == "fails" else "")
    answer, relative_reason = _consider_units(statement, claim, table, relative, answer)
    if answer:
        word: Word = "supported" if answer == "holds" else "contradicted"
        p = calibrate.probability(calibrate.features(answer, checks_made), fitted)
        reason = relative_reason or _reason(claim, entry, numbers, word)
    else:
        word, p, reason = _by_passages(claim, entry, claim_sources, support, against, fitted)
    contradictions = [sentence.self_contradiction(m) for m in statement.mentions]
    if all(contradictions) and answer:
        reason = f"The sentence contradicts itself: {contradictions[0]}. {_reason(claim, entry, numbers, word)}"
        word, p = "contradicted", calibrate.probability(calibrate.features("fails", checks_made), fitted)
    elif all(contradictions) and word == "supported":  # the passages support only one of the two
        word, p, reason = "not testable", 0.5, f"The sentence contradicts itself: {contradictions[0]}."
    line = study.command(claim)
    checks_made += _check_study(line, claim)
    return Finding(
        statement=statement,
        word=word,
        probability=p,
        reason=reason,
        checks=tuple(checks_made),
        supporting=tuple(sources.with_source(p, support, origins) for p in [*pro, *evidence.likewise][:MAX_SHOWN]),
        opposing=tuple(sources.with_source(p, against, origins) for p in [*con, *evidence.otherwise][:MAX_SHOWN]),
        entry=entry,
        command=line,
    )


def _consider_units(
    statement: Statement,
    claim: Claim,
    table: PublishedTable | None,
    relative: Sequence[units.RelativeChange],
    answer: Arithmetic,
) -> tuple[Arithmetic, str]:
    """Return the answer with its units considered, and the reason.

    A percentage may be a relative change, and a relative change may be false.
    """
    if answer == "holds" and len(relative) == len(statement.mentions) and not any(r.is_correct for r in relative):
        return "fails", f"The published table says otherwise: {relative[0].message}."
    value = units.value_as_relative(statement, claim, table) if answer == "fails" else ""
    return ("holds", f"{units.TRUE_AS_RELATIVE}: {value}.") if value else (answer, "")


def _answer(entry: Entry | None) -> Arithmetic:
    """Return the answer of results. A study of this package answers by its verdict, because its setting differs."""
    if entry is None:
        return ""
    if entry.results == ledger.PUBLISHED or entry.claim.kind == "structural":
        return "" if entry.arithmetic == "not in table" else entry.arithmetic
    return "holds" if entry.word == "supported" else "fails" if entry.word == "refuted" else ""


def _reason(claim: Claim, entry: Entry | None, settled: NumberCheck, word: Word) -> str:
    if settled.numbers:
        numbers = "The published table has " if word == "supported" else "The published table says otherwise: "
        cause = (
            f" Whether the objective did it: {entry.word}." if entry is not None and claim.about == "objective" else ""
        )
        return f"{numbers}{settled.numbers}.{cause}"
    assert entry is not None
    if entry.results != ledger.PUBLISHED and claim.kind != "structural":
        return entry.sentence
    _, _, sentence = entry.sentence.partition(": ")
    return sentence[:1].upper() + sentence[1:] if sentence else entry.sentence


def _by_passages(
    claim: Claim,
    entry: Entry | None,
    claim_sources: Sources,
    support: Sources,
    against: Sources,
    fitted: calibrate.Model,
) -> tuple[Word, float, str]:
    """Return the word of passages if results do not decide. A document does not support itself or a repetition of
    its source."""
    if claim.kind == "question":
        return "not testable", 0.5, "A question makes no claim."
    if entry is not None and (claim.kind == "structural" or _is_undecided(entry)):
        return "not testable", 0.5, entry.sentence if _is_undecided(entry) else _sentence_only(entry)
    agreeing, con = max(support.independent, 1), against.independent  # documents with an unknown source are one source
    others = agreeing - 1
    source = next((d for d in support.primaries if d not in claim_sources.second_hand), "")
    quoted = not others and bool(source) and bool(claim_sources.second_hand)
    missing = f"{entry.sentence.partition(': ')[2].rstrip('.')}; " if entry is not None else ""
    if con:
        counts = f"{format_count(agreeing, 'independent source')} so, {con} otherwise"
        if agreeing == con:
            return "not testable", 0.5, _capitalise(f"{missing}disputed: {counts}.")
        word: Word = "supported" if agreeing > con else "contradicted"
        half = 0.5 if agreeing > con else -0.5  # a disputed lead of one source counts less than an undisputed source
        return (
            word,
            calibrate.expit(fitted.passage * (agreeing - con - half)),
            _capitalise(f"{missing}disputed: {counts}."),
        )
    p = calibrate.expit(fitted.passage * others + fitted.secondary * quoted)
    if others:
        return "supported", p, _capitalise(f"{missing}{support.independent} independent sources say so.")
    if quoted:
        return "supported", p, _capitalise(f"{missing}its source {source} says so, and no other.")
    names = sorted({n for g in claim_sources.groups for n in g})
    origin = f" (resting on {', '.join(claim_sources.primary)})" if claim_sources.primary else ""
    return (
        "not found",
        0.5,
        _capitalise(f"{missing}nothing in the evidence mentions it outside {shorten_list(names)}{origin}."),
    )


def _is_undecided(entry: Entry) -> bool:
    """Check whether a study of this package has the claim and did not decide it."""
    return entry.results != ledger.PUBLISHED and entry.arithmetic != "not in table"


def _sentence_only(entry: Entry) -> str:
    return _capitalise(entry.sentence.partition(": ")[2] or entry.sentence)


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _check_sources(claim_sources: Sources, statement: Statement) -> Check:
    names = sorted({m.span.document for m in statement.mentions})
    n = len(names)
    if n == 1:
        return Check(name="sources", state="unknown", message=f"only {names[0]} says it")
    if claim_sources.independent > 1:
        return Check(
            name="sources", state="ok", message=f"{claim_sources.independent} independent sources of {n} documents"
        )
    if claim_sources.primary:
        message = f"{n} documents say it, all resting on {', '.join(claim_sources.primary)}: one source, repeated"
        return Check(name="sources", state="problem", message=message)
    return Check(name="sources", state="unknown", message=f"{n} documents say it; their sources are unknown")


def _check_opposition(con: Sequence[Passage], statement: Statement) -> list[Check]:
    checks_made = [Check(name="disagreement", state="problem", message=text) for text in statement.disagreements]
    if con:
        where = ", ".join(sorted({p.span.document for p in con}))
        checks_made.append(
            Check(name="opposed", state="problem", message=f"otherwise in {where}: “{con[0].span.text[:120]}”")
        )
    return checks_made


def _check_limits(statement: Statement, unread: int) -> list[Check]:
    """Return checks on claims of a large document or comparison that were left out."""
    notes = {note for m in statement.mentions if (note := m.noted(LIMIT_NOTE))}
    if unread:
        notes.add(f"{unread} more claims on the same benchmark and method weren't compared")
    return [Check(name="limit", state="unknown", message=note) for note in sorted(notes)]


def _check_study(line: str, claim: Claim) -> list[Check]:
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
