"""Decide by rules which works belong to a question. Every decision has a reason.

Screening reads title and abstract and requires little. Eligibility reads the full text if there is one, and requires
more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import Field

from auxjepa.config import Count, Typed
from auxjepa_review.records import Document, Work
from auxjepa_review.search.concepts import Terms, concepts_in, content_stems, spelling_in, stem

Stage = Literal["screening", "eligibility"]
Basis = Literal["full text", "abstract", "title"]

_FUNCTION_WORDS = {
    "en": "the of and to in is that for with are this by on be we from",
    "de": "der die und das mit ist von nicht den eine auf für wird zu",
    "fr": "les des est une dans par sur pour que qui avec du nous sont",
    "es": "los las del una por con para que es en se como el más",
    "pt": "dos das uma com para não os em que é ao pelo são mais",
    "it": "della che per una con il gli sono nel dei alla più non è",
}
_WORDS = {language: frozenset(words.split(" ")) for language, words in _FUNCTION_WORDS.items()}


class Rules(Typed):
    """Requirements for a work, the same for every source."""

    languages: tuple[str, ...] = Field(
        default=("en",), description="codes of two letters; a work with an unclear language passes"
    )
    years: tuple[int | None, int | None] = Field(default=(None, None), description="first and last year, inclusive")
    concepts: Count | None = Field(
        default=None, description="smallest number of the question's concepts in a text; a third, at least 2, if unset"
    )
    words: float = Field(
        default=0.5, gt=0, le=1, description="smallest share of the content words, if the question names no concept"
    )
    abstracts: bool = Field(default=True, description="assess works without full text by their abstract")
    include: tuple[str, ...] = Field(default=(), description="ids, DOIs or arXiv ids that are always included")
    exclude: tuple[str, ...] = Field(default=(), description="ids, DOIs or arXiv ids that are always left out")


class Decision(Typed):
    """The decision on a work: included or not, with stage, rule and reason.

    ``basis`` is the text that was read. ``note`` gives the reason if the full text is missing.
    """

    work: str
    title: str
    source: str
    stage: Stage
    included: bool
    rule: str
    reason: str
    basis: Basis
    document: str = ""
    note: str = Field(default="", description="reason for which the requested full text is missing")


def screen(work: Work, document: Document | None, terms: Terms, rules: Rules) -> tuple[bool, str, str]:
    """Screen a work by title and abstract: whether it passes, the deciding rule, and the reason.

    Args:
        work: record of the work.
        document: its text, if available.
        terms: the parsed question.
        rules: requirements.
    """
    if has_id(work, document, rules.exclude):
        return False, "left out by id", "listed among the works to leave out"
    if has_id(work, document, rules.include):
        return True, "taken by id", "listed among the works to include"
    text = opening(work, document)
    if document is None and not work.abstract:
        return False, "no abstract or text", "only its title is available"
    language = (work.language[:2] or guess_language(text)) if text else ""
    if rules.languages and language and language not in rules.languages:
        return False, "language", f"in {language!r}, required {' or '.join(map(repr, rules.languages))}"
    first, last = rules.years
    if work.year is not None and ((first and work.year < first) or (last and work.year > last)):
        return False, "year", f"of {work.year}, required {first or 'any'} to {last or 'today'}"
    if terms.concepts:
        concepts = concepts_in(terms.concepts, text)
        if not concepts and document is None:
            return False, "off the question", f"names none of {_join(c.spellings[0] for c in terms.concepts)}"
        return (
            True,
            "names a concept",
            f"names {_join(spelling_in(c, text) for c in concepts)}" if concepts else "its text is available",
        )
    shared = _shared(terms, text)
    if not shared and document is None:
        return False, "off the question", "has no content word of the question"
    return True, "shares words", f"shares {_join(shared)}" if shared else "its text is available"


def assess(work: Work, document: Document | None, terms: Terms, rules: Rules) -> tuple[bool, str, str]:
    """Assess a work by its full text, or else by its abstract: whether it is eligible, the deciding rule, and the
    reason.

    A text must name a method of the question, if the question names one, and enough of its concepts. An abstract must
    also name a benchmark or setting, because its missing details cannot be read elsewhere.

    Args:
        work: record of the work.
        document: its text, if available.
        terms: the parsed question.
        rules: requirements.
    """
    if has_id(work, document, rules.include):
        return True, "taken by id", "listed among the works to include"
    if document is None and not rules.abstracts:
        return False, "full text not at hand", "abstracts are not assessed"
    text = f"{work.title}\n{document.text if document else work.abstract}"
    if not terms.concepts:
        shared, required = _shared(terms, text), {stem(w) for w in content_stems(" ".join(terms.words))}
        needed = max(1, math.ceil(rules.words * len(required)))
        if len(shared) < needed:
            return False, "too few words", f"{len(shared)} of {len(required)} content words, {needed} required"
        return True, "shares words", f"shares {_join(shared)}"
    concepts = concepts_in(terms.concepts, text)
    needed = min(rules.concepts or max(2, math.ceil(len(terms.concepts) / 3)), len(terms.concepts))
    names = _join(spelling_in(c, text) for c in concepts)
    if terms.of("method") and not any(c.kind == "method" for c in concepts):
        return False, "no method of the question", f"names {names or 'none of its concepts'}, but no method of it"
    if document is None and terms.of("benchmark", "setting") and not any(c.kind != "method" for c in concepts):
        return False, "no benchmark or setting", f"names {names}, but no benchmark or setting of it"
    if len(concepts) < needed:
        return False, "too few concepts", f"names {names}: {len(concepts)} of {len(terms.concepts)}, {needed} required"
    return True, "on the question", f"names {names}"


def decide(label: str, work: Work, document: Document | None, terms: Terms, rules: Rules, note: str = "") -> Decision:
    """Return the decision of both stages, which is that of the last stage reached.

    Args:
        label: identifier of the work.
        work: record of the work.
        document: its text, if available.
        terms: the parsed question.
        rules: requirements.
        note: reason for which the full text is missing.
    """
    passed, rule, reason = screen(work, document, terms, rules)
    stage: Stage = "screening"
    if passed:
        stage = "eligibility"
        passed, rule, reason = assess(work, document, terms, rules)
    basis: Basis = "full text" if document and stage == "eligibility" else "abstract" if work.abstract else "title"
    if stage == "screening" and document and not work.abstract:
        basis = "full text"
    return Decision(
        work=label,
        title=work.title,
        source=work.source,
        stage=stage,
        included=passed,
        rule=rule,
        reason=reason,
        basis=basis,
        document=document.id if document else "",
        note=note,
    )


def has_id(work: Work, document: Document | None, ids: tuple[str, ...]) -> bool:
    """Check whether an id is the work's: DOI, arXiv id (with or without version), document id or file name."""
    own_ids = {work.doi, work.arxiv, document.id if document else "", work.file.name if work.file else ""} - {""}
    listed = {
        re.sub(r"^(doi:|arxiv:|https?://(dx\.)?doi\.org/|https?://arxiv\.org/abs/)", "", i.strip(), flags=re.I)
        for i in ids
    }
    return bool({o.lower() for o in own_ids} & {a.lower() for a in listed | {re.sub(r"v\d+$", "", a) for a in listed}})


def opening(work: Work, document: Document | None) -> str:
    """Return the text for screening: the title with the abstract, or with the first 3000 characters of the document."""
    return f"{work.title}\n{work.abstract or (document.text[:3000] if document else '')}"


def guess_language(text: str) -> str:
    """Return the language of a text by its function words and letters; '' if it is unclear."""
    letters = [c for c in text[:5000] if c.isalpha()]
    if len(letters) >= 40 and sum(ord(c) > 0x24F for c in letters) > 0.3 * len(letters):
        return "??"
    words = re.findall(r"[^\W\d_]+", text[:5000].lower())
    counts = {language: sum(w in function_words for w in words) for language, function_words in _WORDS.items()}
    best, second = sorted(counts.values(), reverse=True)[:2]
    if len(words) < 20 or best < 0.05 * len(words) or best < 1.5 * second:
        return ""
    return max(counts, key=lambda language: counts[language])


def _shared(terms: Terms, text: str) -> list[str]:
    stems = dict.fromkeys(content_stems(" ".join(terms.words)))
    text_stems = set(content_stems(text))
    return [word for word in stems if word in text_stems]


def _join(names: Iterable[str]) -> str:
    return ", ".join(names)


Reader = Callable[[Work], Document | None]
"""Fetches and reads a work's full text; None if no text is known. Raises SourceError with the reason of a failure."""
