"""What a question asks about: known concepts by rule, and the words that carry content. No model."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from auxjepa.config import ConfigError, Typed, read_yaml

CONCEPTS = Path(__file__).parents[1] / "data" / "concepts.yaml"

Kind = Literal["method", "benchmark", "setting"]

STOP = frozenset((Path(__file__).parents[1] / "data" / "stopwords.txt").read_text(encoding="utf-8").split())
"""Words of questions that say nothing of their subject."""


class Concept(Typed):
    """One thing that questions ask about, and its spellings."""

    name: str
    kind: Kind
    spellings: tuple[str, ...]
    cased: tuple[str, ...] = ()


class Terms(Typed):
    """A question, taken apart."""

    question: str
    concepts: tuple[Concept, ...] = ()
    words: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Concept, ...]:
        """Its concepts of these kinds, in the question's order."""
        return tuple(c for c in self.concepts if c.kind in kinds)

    def plain(self, most: int = 10) -> str:
        """For databases that rank by words: the concepts as they are called first, then other words."""
        named = [c.spellings[0] for c in self.concepts]
        taken = set(content(" ".join(s for c in self.concepts for s in (*c.spellings, *c.cased))))
        rest = [w for w in self.words if not set(content(w)) <= taken]
        chosen: list[str] = []
        for phrase in [*named, *rest]:
            if sum(len(p.split()) for p in chosen) >= most:
                break
            chosen.append(phrase)
        return " ".join(chosen)

    def either(self, *kinds: Kind, each: int = 3, most: int = 12) -> list[str]:
        """Spellings to be joined by OR, ``each`` of a concept, at most ``most`` in all; no two that read alike."""
        found: dict[str, str] = {}
        for rank in range(each):
            for concept in self.of(*kinds):
                if rank < len(concept.spellings):
                    found.setdefault(_bare(concept.spellings[rank]), concept.spellings[rank])
        return list(found.values())[:most]


@cache
def known(path: Path = CONCEPTS) -> tuple[Concept, ...]:
    """The concepts of a file.

    Raises:
        ConfigError: one line that says which is wrong.
    """
    content = read_yaml(path)
    try:
        return tuple(
            Concept.model_validate({"name": name, "kind": kind, **entry})
            for kind, entries in content.items()
            for name, entry in entries.items()
        )
    except (ValidationError, AttributeError, TypeError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())[:200]}") from None


def terms(question: str) -> Terms:
    """The known concepts that a question names, in the order of their first mention, and its content words.

    The spelling that the question uses comes first in its concept.
    """
    placed = [(where, _called_so(c, question)) for c in known() if (where := first(c, question)) is not None]
    placed.sort(key=lambda pair: pair[0])
    words = re.findall(r"\w+(?:['-]\w+)*", question)
    telling = dict.fromkeys(w for w in words if w.lower() not in STOP and len(w) > 1)
    return Terms(question=question, concepts=tuple(c for _, c in placed), words=tuple(telling))


def mentioned(concepts: tuple[Concept, ...], text: str) -> tuple[Concept, ...]:
    """Those of the concepts that a text names."""
    return tuple(c for c in concepts if first(c, text) is not None)


def first(concept: Concept, text: str) -> int | None:
    """Where a text first names a concept; None where it doesn't."""
    return min((m.start() for m in _matches(concept, text)), default=None)


def called(concept: Concept, text: str) -> str:
    """How a text writes a concept, where it does first; else the concept's first spelling."""
    best = min(_matches(concept, text), key=lambda m: (m.start(), -m.end()), default=None)
    return " ".join(best[0].split()) if best else concept.spellings[0]


def _matches(concept: Concept, text: str) -> list[re.Match[str]]:
    """The first place of every spelling that a text has."""
    return [m for pattern in _patterns(concept.spellings, concept.cased) if (m := pattern.search(text))]


def _called_so(concept: Concept, question: str) -> Concept:
    """The concept with the spelling that a question uses in front."""
    said = _bare(called(concept, question))
    own = next((s for s in concept.spellings if _bare(s) == said), concept.spellings[0])
    return concept.model_copy(update={"spellings": tuple(dict.fromkeys((own, *concept.spellings)))})


def stem(word: str) -> str:
    """A word without the endings of number and of verbs: enough to meet its other forms, nothing finer."""
    word = word.lower()
    for ending in ("ations", "ation", "ingly", "ings", "ing", "ed", "ies", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    return word[:-1] if word[-1:] in ("e", "y") and len(word) > 4 else word


def content(text: str) -> list[str]:
    """The stems of a text's content words, in order, with repetitions."""
    words = re.findall(r"[^\W_]+", text.lower())
    return [stem(w) for w in words if w not in STOP and len(w) > 1]


@cache
def _patterns(spellings: tuple[str, ...], cased: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(s, re.IGNORECASE) for s in spellings) + tuple(_pattern(s) for s in cased)


def _pattern(spelling: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    parts = re.split(r"[-/+ ]", spelling)
    return re.compile(r"(?<!\w)" + r"[-/+\s\u2010-\u2015]*".join(map(re.escape, parts)) + r"(?:s|es)?(?!\w)", flags)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
