"""Mark whether a document answers its question, no more and no less, and names its limitations."""

from __future__ import annotations

import re

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.boosters import find_booster
from auxjepa_review.reviewers.reviewer import first_match, make_mark, own_findings, section_text, share_in_words

QUESTION = re.compile(
    r"(?:\bresearch\s{1,9}|(?:^|[.!?]\s)\s{0,9}[#*_]{0,6}[ \t]{0,9})question\s*:\s*(?P<text>[^?]{1,1000})\?",
    re.IGNORECASE | re.MULTILINE,
)
"""The document's own question, as a label; "An open question: …" within a sentence is no label."""
NAME = re.compile(r"\b(?:[A-Z][\w+]{0,60}-?\d[\w-]*|[A-Z]{2,}[\w-]*|[A-Z][a-z]+-[A-Z][\w-]*)\b")
SETTING = (
    "few-shot", "zero-shot", "out-of-distribution", "robustness", "frame dropout", "alignment", "language",
    "unseen", "contrastive", "reconstructive", "generali[sz]ation", "heterogeneous", "transfer", "single-dataset",
    "mixed-dataset",
)  # fmt: skip
SPECIFIC = (r"\bseeds?\b", r"\btest (?:set|clips)\b", r"\bone (?:dataset|regime|model)\b", r"\bsmall[- ]scale\b",
            r"\bcompute\b", r"\bdo(?:es)? not (?:generali[sz]e|cover)\b", r"\bonly (?:one|two|\d+)\b")  # fmt: skip


def review(dossier: Dossier) -> list[Mark]:
    """Return marks for the question's subjects in the statements, limitations, strong words, and cut sentences."""
    marks = [*_answers(dossier), *_limits(dossier)]
    return [*marks, *_strong(dossier), *_complete_sentences(dossier)]


def subjects(question: str) -> list[str]:
    """Return the subjects of a question that a statement can name: names with digits or capitals, and settings."""
    names = [n for n in dict.fromkeys(NAME.findall(question)) if n.lower() not in ("jepa", "video-jepa")]
    return names + [s for s in SETTING if re.search(s, question, re.IGNORECASE)]


def _answers(dossier: Dossier) -> list[Mark]:
    match = QUESTION.search(dossier.document.text)
    if not match:
        return []
    question_subjects = subjects(" ".join(match["text"].split()))
    if not question_subjects:
        return []
    stated = " ".join(_statements(dossier))
    named = [s for s in question_subjects if re.search(s if s in SETTING else re.escape(s), stated, re.IGNORECASE)]
    missing = [s.replace("[sz]", "s") for s in question_subjects if s not in named]
    reason = share_in_words(len(named), len(question_subjects), "subjects of its question occur in what it states")
    return [
        make_mark(
            "answers its question",
            4,
            len(named) / len(question_subjects),
            reason + (f"; not {shorten_list(missing)}" if missing else ""),
        )
    ]


def _limits(dossier: Dossier) -> list[Mark]:
    text = section_text(dossier.document, "limitation")
    if not text.strip():
        return [make_mark("limitations are named", 3, 0, "no limitations are named")]
    passage = first_match(text, *SPECIFIC)
    reason = f"“{passage}”" if passage else "a section of limitations, but none that is particular to its numbers"
    return [make_mark("limitations are named", 3, 1 if passage else 1 / 3, reason)]


def _strong(dossier: Dossier) -> list[Mark]:
    stated = _statements(dossier)
    if not stated:
        return []
    strong = [find_booster(text) for text in stated]
    boosters = [word for word in dict.fromkeys(strong) if word]
    mild = sum(not word for word in strong)
    reason = share_in_words(mild, len(stated), "statements claim no more than they measure") + (
        f"; {shorten_list(boosters)}" if boosters else ""
    )
    return [make_mark("no overstatement", 2, mild / len(stated), reason)]


def _complete_sentences(dossier: Dossier) -> list[Mark]:
    rows = dossier.document.rows
    abstract = section_text(dossier.document, "abstract").strip()
    pieces = [not row.cut for row in rows] + ([abstract.endswith((".", "!", "?"))] if abstract else [])
    if not pieces:
        return []
    cut = [f"row {row.number}" for row in rows if row.cut]
    cut += ["the abstract"] if abstract and not pieces[-1] else []
    reason = f"cut off in mid-sentence: {shorten_list(cut)}" if cut else "no sentence is cut off"
    return [make_mark("sentences are whole", 1, sum(pieces) / len(pieces), reason)]


def _statements(dossier: Dossier) -> list[str]:
    """Return the rows of the document, or its other statements if it has no table."""
    if dossier.document.rows:
        return [row.text for row in dossier.document.rows]
    here = dossier.document.id
    spans = dict.fromkeys(
        m.span.text for f in own_findings(dossier) for m in f.statement.mentions if m.span.document == here
    )
    return list(spans)
