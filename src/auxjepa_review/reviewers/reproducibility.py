"""Mark whether others could repeat the work: code, data, seeds, versions, search and dates."""

from __future__ import annotations

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import first_match, make_mark, section_text

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
REPORTED: dict[str, tuple[int, tuple[str, ...]]] = {
    "code is named": (
        2,
        (
            r"(?:github|gitlab|huggingface)\.\w+/\S+",
            r"\bcode (?:is|will be|are)\b[^.]{0,300}\bavailable",
            r"^\s*(?:\$|>)\s*\w+ .+",
        ),
    ),
    "data is named": (
        1,
        (
            r"\bUCF-?101\b",
            r"\bKinetics\b",
            r"\bImageNet\b",
            r"\bdata(?:set|) (?:is|are) [^.]{0,300}available",
            r"\b[A-Z]\w+-\d{2,4}\b",
        ),
    ),
    "seeds are given": (2, (r"\bseeds?\s*+(?:[:=]\s*+)?\d+", r"\brandom seed")),
    "versions are given": (1, (r"\b(?:python|pytorch|torch|numpy|version|v)\s*\d+(?:\.\d+)+",)),
    "a date is given": (
        1,
        (rf"\b{MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b", r"\b\d{4}-\d\d-\d\d\b", rf"\b\d{{1,2}}\s+{MONTH}\s+\d{{4}}\b"),
    ),
}
SEARCH: dict[str, tuple[int, tuple[str, ...]]] = {
    "databases are named": (
        1,
        (
            r"\barxiv\b",
            r"openalex",
            r"semantic scholar",
            r"crossref",
            r"pubmed",
            r"scopus",
            r"google scholar",
            r"web of science",
        ),
    ),
    "queries are given": (
        1,
        (r"\bquer(?:y|ies)\s*[:“\"']", r"\bsearch (?:string|terms?)\b", r"[“\"][^”\"]{5,300}[”\"]\s+(?:AND|OR)\b"),
    ),
    "inclusion is explained": (1, (r"\b(?:inclusion|exclusion|eligib\w+|excluded|screened)\b", r"\bPRISMA\b")),
}


def review(dossier: Dossier) -> list[Mark]:
    """Return marks for what the document reports. What it does not report counts as not done.

    A literature search must also report its protocol.
    """
    text = dossier.document.text
    marks = [_mark_reported(text, name, *rule) for name, rule in REPORTED.items()]
    if first_match(
        text, r"literature search", r"papers? (?:were )?retrieved", r"systematic(?:ally)? (?:review|search)"
    ):
        # Links in the list of references also contain arXiv; a search must name its databases in the text.
        body = text.replace(section_text(dossier.document, "references", "bibliography"), "")
        marks += [_mark_reported(body, name, *rule) for name, rule in SEARCH.items()]
    return marks


def _mark_reported(text: str, name: str, possible: int, patterns: tuple[str, ...]) -> Mark:
    passage = first_match(text, *patterns)
    return make_mark(name, possible, 1 if passage else 0, f"“{passage[:80]}”" if passage else "not reported")
