"""Which works belong to a question, by rules that anyone can check; every decision has its reason.

Screening reads title and abstract and asks little; eligibility reads the full text, where there is one, and asks more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import Field

from auxjepa.config import Count, Typed
from auxjepa_review.records import Document, Work
from auxjepa_review.search.concepts import Terms, called, content, mentioned, stem

Stage = Literal["screening", "eligibility"]
Basis = Literal["full text", "abstract", "title"]

_TELLING = {
    "en": "the of and to in is that for with are this by on be we from",
    "de": "der die und das mit ist von nicht den eine auf für wird zu",
    "fr": "les des est une dans par sur pour que qui avec du nous sont",
    "es": "los las del una por con para que es en se como el más",
    "pt": "dos das uma com para não os em que é ao pelo são mais",
    "it": "della che per una con il gli sono nel dei alla più non è",
}
_WORDS = {language: frozenset(words.split(" ")) for language, words in _TELLING.items()}


class Rules(Typed):
    """What is asked of a work. The same rules for every source."""

    languages: tuple[str, ...] = Field(
        default=("en",), description="two letters each; a work that can't be told passes"
    )
    years: tuple[int | None, int | None] = Field(default=(None, None), description="first and last, both included")
    concepts: Count | None = Field(
        default=None, description="of the question's concepts, in the text; a third of them, at least 2, when unset"
    )
    words: float = Field(default=0.5, gt=0, le=1, description="share of its content words, where it names no concept")
    abstracts: bool = Field(default=True, description="works without full text are judged by their abstract")
    include: tuple[str, ...] = Field(default=(), description="ids, DOIs or arXiv ids taken whatever the rules say")
    exclude: tuple[str, ...] = Field(default=(), description="and those left out")


class Decision(Typed):
    """In or out, at which stage, by which rule, and why. ``basis``: what was read. ``note``: why not the full text."""

    work: str
    title: str
    source: str
    stage: Stage
    included: bool
    rule: str
    reason: str
    basis: Basis
    document: str = ""
    note: str = Field(default="", description="why its full text can't be had, where it was asked for")


def screened(work: Work, document: Document | None, terms: Terms, rules: Rules) -> tuple[bool, str, str]:
    """Screening by title and abstract: passed or not, the rule that decided, the reason."""
    if named(work, document, rules.exclude):
        return False, "left out by id", "named among those to leave out"
    if named(work, document, rules.include):
        return True, "taken by id", "named among those to take"
    text = opening(work, document)
    if document is None and not work.abstract:
        return False, "no abstract or text", "there is nothing to read but its title"
    spoken = (work.language[:2] or guess(text)) if text else ""
    if rules.languages and spoken and spoken not in rules.languages:
        return False, "language", f"in {spoken!r}, asked for {' or '.join(map(repr, rules.languages))}"
    first, last = rules.years
    if work.year is not None and ((first and work.year < first) or (last and work.year > last)):
        return False, "year", f"of {work.year}, asked for {first or 'any'} to {last or 'today'}"
    if terms.concepts:
        found = mentioned(terms.concepts, text)
        if not found and document is None:
            return False, "off the question", f"names none of {_list(c.spellings[0] for c in terms.concepts)}"
        return (
            True,
            "names a concept",
            f"names {_list(called(c, text) for c in found)}" if found else "its text is at hand",
        )
    had = _shared(terms, text)
    if not had and document is None:
        return False, "off the question", "has no content word of the question"
    return True, "shares words", f"shares {_list(had)}" if had else "its text is at hand"


def eligible(work: Work, document: Document | None, terms: Terms, rules: Rules) -> tuple[bool, str, str]:
    """Eligibility by full text, else by abstract: eligible or not, the rule that decided, the reason.

    Asked for are a method of the question, where it names one, and a number of its concepts; of an abstract a benchmark
    or setting as well: what it leaves out can't be read further down.
    """
    if named(work, document, rules.include):
        return True, "taken by id", "named among those to take"
    if document is None and not rules.abstracts:
        return False, "full text not at hand", "abstracts alone aren't read here"
    text = f"{work.title}\n{document.text if document else work.abstract}"
    if not terms.concepts:
        had, asked = _shared(terms, text), {stem(w) for w in content(" ".join(terms.words))}
        needed = max(1, math.ceil(rules.words * len(asked)))
        if len(had) < needed:
            return False, "too few words", f"{len(had)} of {len(asked)} content words, {needed} asked for"
        return True, "shares words", f"shares {_list(had)}"
    found = mentioned(terms.concepts, text)
    needed = min(rules.concepts or max(2, math.ceil(len(terms.concepts) / 3)), len(terms.concepts))
    names = _list(called(c, text) for c in found)
    if terms.of("method") and not any(c.kind == "method" for c in found):
        return False, "no method of the question", f"names {names or 'none of its concepts'}, but no method of it"
    if document is None and terms.of("benchmark", "setting") and not any(c.kind != "method" for c in found):
        return False, "no benchmark or setting", f"names {names}, but no benchmark or setting of it"
    if len(found) < needed:
        return False, "too few concepts", f"names {names}: {len(found)} of {len(terms.concepts)}, {needed} asked for"
    return True, "on the question", f"names {names}"


def decide(label: str, work: Work, document: Document | None, terms: Terms, rules: Rules, note: str = "") -> Decision:
    """Both stages; the decision is that of the last one reached."""
    passed, rule, reason = screened(work, document, terms, rules)
    stage: Stage = "screening"
    if passed:
        stage = "eligibility"
        passed, rule, reason = eligible(work, document, terms, rules)
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


def named(work: Work, document: Document | None, ids: tuple[str, ...]) -> bool:
    """Whether one of the ids is this work's: DOI, arXiv id (with or without version), document id, file name."""
    own = {work.doi, work.arxiv, document.id if document else "", work.file.name if work.file else ""} - {""}
    asked = {
        re.sub(r"^(doi:|arxiv:|https?://(dx\.)?doi\.org/|https?://arxiv\.org/abs/)", "", i.strip(), flags=re.I)
        for i in ids
    }
    return bool({o.lower() for o in own} & {a.lower() for a in asked | {re.sub(r"v\d+$", "", a) for a in asked}})


def opening(work: Work, document: Document | None) -> str:
    """What screening reads: the title with the abstract, or with the first 3000 characters of a text without one."""
    return f"{work.title}\n{work.abstract or (document.text[:3000] if document else '')}"


def guess(text: str) -> str:
    """The language of a text by its function words and letters; empty where it can't be told."""
    letters = [c for c in text[:5000] if c.isalpha()]
    if len(letters) >= 40 and sum(ord(c) > 0x24F for c in letters) > 0.3 * len(letters):
        return "??"
    words = re.findall(r"[^\W\d_]+", text[:5000].lower())
    counts = {language: sum(w in known for w in words) for language, known in _WORDS.items()}
    best, second = sorted(counts.values(), reverse=True)[:2]
    if len(words) < 20 or best < 0.05 * len(words) or best < 1.5 * second:
        return ""
    return max(counts, key=lambda language: counts[language])


def _shared(terms: Terms, text: str) -> list[str]:
    asked = dict.fromkeys(content(" ".join(terms.words)))
    have = set(content(text))
    return [word for word in asked if word in have]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


Reader = Callable[[Work], Document | None]
"""Fetches and reads a work's full text; None where none is known. Raises SourceError that says why it can't be had."""
