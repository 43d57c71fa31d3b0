"""Return the answer of a review in sentences. That no document addresses the question is an answer too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auxjepa.evidence.wording import format_count
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Finding
from auxjepa_review.search.concepts import Concept, content_stems, find_concept, parse_question

MAX_LISTED = 3
SHARED = 0.6
"""Smallest share of the question's content words that a statement on the question has."""


def answer(outcome: Outcome) -> str:
    """Return the counts, the statements on the question, and the study that would decide it."""
    if outcome.answer:
        return outcome.answer
    text = _counts(outcome) if outcome.documents else _no_document(outcome)
    if not outcome.findings:
        text += " The question stays open."
    else:
        text += f" {on_the_question(outcome)}"
    if outcome.decides:
        text += f" `{outcome.decides}` answers it with measurements."
    return text


def _counts(outcome: Outcome) -> str:
    words = [f"{n} {word}" for word, n in outcome.tally.items() if n]
    documents = format_count(len(outcome.documents), "document")
    if not words:
        return f"The rules can read no claim in {documents}. The documents may still contain claims."
    of = format_count(len(outcome.findings), "statement")
    return f"Of {of} in {documents}, compared with {outcome.evidence}: {', '.join(words)}."


def _no_document(outcome: Outcome) -> str:
    """Return how many works were screened and the most frequent reason for which they were left out."""
    decisions = outcome.protocol.decisions if outcome.protocol else ()
    if not decisions:
        return "No document was found."
    rule, n = Counter(d.rule for d in decisions).most_common(1)[0]
    return f"None of {format_count(len(decisions), 'work')} belongs to the question ({rule}: {n})."


def on_the_question(outcome: Outcome) -> str:
    """Return the statements on the question: those that name its benchmarks and settings, or all its concepts."""
    concepts = parse_question(outcome.question).concepts
    if not concepts:
        return _by_words(outcome)
    by_concept = {c.name: [f for f in outcome.findings if is_about(f, c)] for c in concepts}
    lacking = [c.spellings[0] for c in concepts if not by_concept[c.name]]
    required = [c for c in concepts if c.kind in ("benchmark", "setting")] or list(concepts)
    matching = [f for f in outcome.findings if all(is_about(f, c) for c in required)]
    if matching:
        return f"{format_count(len(matching), 'statement')} on the question: {list_statements(matching)}."
    if lacking:
        return f"None of them mentions {', '.join(lacking)}: this corpus does not answer the question."
    return "None of them covers everything in the question: this corpus does not answer it."


def _by_words(outcome: Outcome) -> str:
    """Return the statements with most words of the question, which has no known concept."""
    words = set(content_stems(" ".join(parse_question(outcome.question).words)))
    matching = [
        f for f in outcome.findings if len(words & set(content_stems(_text_of(f)))) >= max(1, SHARED * len(words))
    ]
    if matching:
        count = format_count(len(matching), "statement")
        return f"{count} with most of the question's words: {list_statements(matching)}."
    return "No statement has most of the question's words, and none of its methods, benchmarks or settings is known."


def is_about(finding: Finding, concept: Concept) -> bool:
    """Check whether a statement is about a concept: by its names, or by a sentence that makes it."""
    return find_concept(concept, _text_of(finding)) is not None


def _text_of(finding: Finding) -> str:
    claim, mentions = finding.statement.claim, finding.statement.mentions
    return " ".join([claim.statement, claim.regime, *claim.benchmarks, *(m.span.text for m in mentions)])


def list_statements(findings: Sequence[Finding]) -> str:
    """Return the first few statements with their verdicts, and the number of the others."""
    items = [f"{f.statement.claim.statement} ({f.word})" for f in findings[:MAX_LISTED]]
    more = len(findings) - MAX_LISTED
    return "; ".join(items) + (f"; and {more} more" if more > 0 else "")


def subjects(question: str) -> list[str]:
    """Return the concepts of a question in its own words."""
    return [c.spellings[0] for c in parse_question(question).concepts]
