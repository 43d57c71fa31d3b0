"""Does it conclude on what it asked, no more and no less, and say what limits it?"""

from __future__ import annotations

import re

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.boosters import booster
from auxjepa_review.reviewers.reviewer import mark, own, part, says, section

QUESTION = re.compile(r"question\s*:\s*(?P<text>[^?]{1,1000})\?", re.IGNORECASE)
NAME = re.compile(r"\b(?:[A-Z][\w+]{0,60}-?\d[\w-]*|[A-Z]{2,}[\w-]*|[A-Z][a-z]+-[A-Z][\w-]*)\b")
SETTING = (
    "few-shot", "zero-shot", "out-of-distribution", "robustness", "frame dropout", "alignment", "language",
    "unseen", "contrastive", "reconstructive", "generali[sz]ation", "heterogeneous", "transfer", "single-dataset",
    "mixed-dataset",
)  # fmt: skip
SPECIFIC = (r"\bseeds?\b", r"\btest (?:set|clips)\b", r"\bone (?:dataset|regime|model)\b", r"\bsmall[- ]scale\b",
            r"\bcompute\b", r"\bdo(?:es)? not (?:generali[sz]e|cover)\b", r"\bonly (?:one|two|\d+)\b")  # fmt: skip


def review(dossier: Dossier) -> list[Mark]:
    """The question's own subjects among its statements, limitations, strong words, cut sentences."""
    marks = [*_answers(dossier), *_limits(dossier)]
    return [*marks, *_strong(dossier), *_whole(dossier)]


def subjects(question: str) -> list[str]:
    """What a question is about that a statement could name: names with digits or capitals, and settings."""
    names = [n for n in dict.fromkeys(NAME.findall(question)) if n.lower() not in ("jepa", "video-jepa")]
    return names + [s for s in SETTING if re.search(s, question, re.IGNORECASE)]


def _answers(dossier: Dossier) -> list[Mark]:
    match = QUESTION.search(dossier.document.text)
    if not match:
        return []
    asked = subjects(" ".join(match["text"].split()))
    if not asked:
        return []
    stated = " ".join(_statements(dossier))
    met = [s for s in asked if re.search(s if s in SETTING else re.escape(s), stated, re.IGNORECASE)]
    lacking = [s.replace("[sz]", "s") for s in asked if s not in met]
    reason = part(len(met), len(asked), "subjects of its question occur in what it states")
    return [
        mark(
            "answers its question",
            4,
            len(met) / len(asked),
            reason + (f"; not {shorten_list(lacking)}" if lacking else ""),
        )
    ]


def _limits(dossier: Dossier) -> list[Mark]:
    text = section(dossier.document, "limitation")
    if not text.strip():
        return [mark("limitations are named", 3, 0, "no limitations are named")]
    found = says(text, *SPECIFIC)
    reason = f"“{found}”" if found else "a section of limitations, but none that is particular to its numbers"
    return [mark("limitations are named", 3, 1 if found else 1 / 3, reason)]


def _strong(dossier: Dossier) -> list[Mark]:
    stated = _statements(dossier)
    if not stated:
        return []
    strong = [booster(text) for text in stated]
    words = [word for word in dict.fromkeys(strong) if word]
    mild = sum(not word for word in strong)
    reason = part(mild, len(stated), "statements claim no more than they measure") + (
        f"; {shorten_list(words)}" if words else ""
    )
    return [mark("no overstatement", 2, mild / len(stated), reason)]


def _whole(dossier: Dossier) -> list[Mark]:
    rows = dossier.document.rows
    abstract = section(dossier.document, "abstract").strip()
    pieces = [not row.cut for row in rows] + ([abstract.endswith((".", "!", "?"))] if abstract else [])
    if not pieces:
        return []
    cut = [f"row {row.number}" for row in rows if row.cut]
    cut += ["the abstract"] if abstract and not pieces[-1] else []
    reason = f"cut off in mid-sentence: {shorten_list(cut)}" if cut else "no sentence is cut off"
    return [mark("sentences are whole", 1, sum(pieces) / len(pieces), reason)]


def _statements(dossier: Dossier) -> list[str]:
    """Its rows; its other statements where it has no table."""
    if dossier.document.rows:
        return [row.text for row in dossier.document.rows]
    here = dossier.document.id
    spans = dict.fromkeys(m.span.text for f in own(dossier) for m in f.statement.mentions if m.span.document == here)
    return list(spans)
