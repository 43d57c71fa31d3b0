"""Could somebody else do it again: code, data, seeds, versions, search, dates?"""

from __future__ import annotations

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import mark, says, section

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
TOLD: dict[str, tuple[int, tuple[str, ...]]] = {
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
    """What is told counts; what isn't told counts as not done. A literature search is asked for its own protocol."""
    text = dossier.document.text
    marks = [_told(text, name, *rule) for name, rule in TOLD.items()]
    if says(text, r"literature search", r"papers? (?:were )?retrieved", r"systematic(?:ally)? (?:review|search)"):
        # The list of references names arXiv by its links; a search has to say where it looked.
        body = text.replace(section(dossier.document, "references", "bibliography"), "")
        marks += [_told(body, name, *rule) for name, rule in SEARCH.items()]
    return marks


def _told(text: str, name: str, possible: int, patterns: tuple[str, ...]) -> Mark:
    found = says(text, *patterns)
    return mark(name, possible, 1 if found else 0, f"“{found[:80]}”" if found else "not told")
