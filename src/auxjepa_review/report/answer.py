"""What a review answers, in sentences; 'nothing in it speaks of that' is an answer too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auxjepa.evidence.wording import format_count
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Finding
from auxjepa_review.search.concepts import Concept, content, first, terms

MOST = 3
SHARED = 0.6  # of the question's content words


def answer(outcome: Outcome) -> str:
    """Counts, then whether any statement is about what was asked, then what would decide."""
    if outcome.answer:
        return outcome.answer
    told = _counts(outcome) if outcome.documents else _nothing(outcome)
    if not outcome.findings:
        told += " So the question stays open."
    else:
        told += f" {on_the_question(outcome)}"
    if outcome.decides:
        told += f" `{outcome.decides}` asks it with measurements."
    return told


def _counts(outcome: Outcome) -> str:
    words = [f"{n} {word}" for word, n in outcome.tally.items() if n]
    documents = format_count(len(outcome.documents), "document")
    if not words:
        return f"The rules found no claim that they can read in {documents}: that says nothing of what stands there."
    of = format_count(len(outcome.findings), "statement")
    return f"Of {of} in {documents}, held against {outcome.evidence}: {', '.join(words)}."


def _nothing(outcome: Outcome) -> str:
    """No document belongs to the question: how many were looked at, and what most of them failed."""
    decisions = outcome.protocol.decisions if outcome.protocol else ()
    if not decisions:
        return "No document was found."
    rule, n = Counter(d.rule for d in decisions).most_common(1)[0]
    return f"None of {format_count(len(decisions), 'work')} belongs to the question ({rule}: {n})."


def on_the_question(outcome: Outcome) -> str:
    """Statements about what the question asks, beyond what every statement of the corpus shares."""
    concepts = terms(outcome.question).concepts
    if not concepts:
        return _by_words(outcome)
    met = {c.name: [f for f in outcome.findings if speaks_of(f, c)] for c in concepts}
    lacking = [c.spellings[0] for c in concepts if not met[c.name]]
    asked = [c for c in concepts if c.kind in ("benchmark", "setting")] or list(concepts)
    found = [f for f in outcome.findings if all(speaks_of(f, c) for c in asked)]
    if found:
        return f"{format_count(len(found), 'statement')} on the question: {listed(found)}."
    if lacking:
        return f"None of them speaks of {', '.join(lacking)}: this corpus does not answer the question."
    return "None of them speaks of everything that the question asks: this corpus does not answer it."


def _by_words(outcome: Outcome) -> str:
    """The same where no concept of the question is known: statements with most of its words."""
    asked = set(content(" ".join(terms(outcome.question).words)))
    found = [f for f in outcome.findings if len(asked & set(content(_said(f)))) >= max(1, SHARED * len(asked))]
    if found:
        return f"{format_count(len(found), 'statement')} with most of the question's words: {listed(found)}."
    return "No statement has most of the question's words, and none of its methods, benchmarks or settings is known."


def speaks_of(finding: Finding, concept: Concept) -> bool:
    """Whether a statement, in a sentence that makes it or by its names, is about a concept."""
    return first(concept, _said(finding)) is not None


def _said(finding: Finding) -> str:
    claim, mentions = finding.statement.claim, finding.statement.mentions
    return " ".join([claim.statement, claim.regime, *claim.benchmarks, *(m.span.text for m in mentions)])


def listed(findings: Sequence[Finding]) -> str:
    """The first few with their words."""
    told = [f"{f.statement.claim.statement} ({f.word})" for f in findings[:MOST]]
    more = len(findings) - MOST
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def subjects(question: str) -> list[str]:
    """What a question is about, as it is called."""
    return [c.spellings[0] for c in terms(question).concepts]
