"""Parse a question by rules, without a model: its known concepts, and the words that carry content."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from auxjepa.config import ConfigError, Typed, read_yaml

CONCEPTS = Path(__file__).parents[1] / "data" / "concepts.yaml"

Kind = Literal["method", "benchmark", "setting"]

STOP_WORDS = frozenset((Path(__file__).parents[1] / "data" / "stopwords.txt").read_text(encoding="utf-8").split())
"""Words of questions that do not describe their subject."""


class Concept(Typed):
    """A subject of questions with its spellings."""

    name: str
    kind: Kind
    spellings: tuple[str, ...]
    cased: tuple[str, ...] = ()


class Terms(Typed):
    """The concepts and content words of a question."""

    question: str
    concepts: tuple[Concept, ...] = ()
    words: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Concept, ...]:
        """Return the concepts of these kinds, in the question's order."""
        return tuple(c for c in self.concepts if c.kind in kinds)

    def plain(self, most: int = 10) -> str:
        """Return a query for databases that rank by words: the concepts in the question's spelling, then other words.

        Args:
            most: largest number of words.
        """
        names = [c.spellings[0] for c in self.concepts]
        covered = set(content_stems(" ".join(s for c in self.concepts for s in (*c.spellings, *c.cased))))
        others = [w for w in self.words if not set(content_stems(w)) <= covered]
        chosen: list[str] = []
        for phrase in [*names, *others]:
            if sum(len(p.split()) for p in chosen) >= most:
                break
            chosen.append(phrase)
        return " ".join(chosen)

    def either(self, *kinds: Kind, each: int = 3, most: int = 12) -> list[str]:
        """Return spellings to be joined by OR. No two of them differ only in case or signs.

        Args:
            kinds: kinds of concepts.
            each: largest number of spellings of a concept.
            most: largest number of spellings.
        """
        spellings: dict[str, str] = {}
        for rank in range(each):
            for concept in self.of(*kinds):
                if rank < len(concept.spellings):
                    spellings.setdefault(_bare(concept.spellings[rank]), concept.spellings[rank])
        return list(spellings.values())[:most]


@cache
def load_concepts(path: Path = CONCEPTS) -> tuple[Concept, ...]:
    """Return the concepts of a file.

    Raises:
        ConfigError: an entry of the file is not valid.
    """
    record = read_yaml(path)
    try:
        return tuple(
            Concept.model_validate({"name": name, "kind": kind, **entry})
            for kind, entries in record.items()
            for name, entry in entries.items()
        )
    except (ValidationError, AttributeError, TypeError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())[:200]}") from None


def parse_question(question: str) -> Terms:
    """Parse a question: the known concepts in the order of their first mention, and the content words.

    In each concept, the spelling of the question comes first.
    """
    by_place = [
        (where, _put_spelling_first(c, question))
        for c in load_concepts()
        if (where := find_concept(c, question)) is not None
    ]
    by_place.sort(key=lambda pair: pair[0])
    words = re.findall(r"\w+(?:['-]\w+)*", question)
    content_words = dict.fromkeys(w for w in words if w.lower() not in STOP_WORDS and len(w) > 1)
    return Terms(question=question, concepts=tuple(c for _, c in by_place), words=tuple(content_words))


def concepts_in(concepts: tuple[Concept, ...], text: str) -> tuple[Concept, ...]:
    """Return those of the concepts that a text names."""
    return tuple(c for c in concepts if find_concept(c, text) is not None)


def find_concept(concept: Concept, text: str) -> int | None:
    """Return the place at which a text first names a concept; None if it does not name it."""
    return min((m.start() for m in _matches(concept, text)), default=None)


def spelling_in(concept: Concept, text: str) -> str:
    """Return the first spelling of a concept in a text; the concept's first spelling if the text does not name it."""
    best = min(_matches(concept, text), key=lambda m: (m.start(), -m.end()), default=None)
    return " ".join(best[0].split()) if best else concept.spellings[0]


def _matches(concept: Concept, text: str) -> list[re.Match[str]]:
    """Return the first match of each spelling in a text."""
    return [m for pattern in _patterns(concept.spellings, concept.cased) if (m := pattern.search(text))]


def _put_spelling_first(concept: Concept, question: str) -> Concept:
    """Return the concept with the spelling of the question first."""
    spelling = _bare(spelling_in(concept, question))
    first = next((s for s in concept.spellings if _bare(s) == spelling), concept.spellings[0])
    return concept.model_copy(update={"spellings": tuple(dict.fromkeys((first, *concept.spellings)))})


def stem(word: str) -> str:
    """Return a word without the endings of plurals and verbs, so that forms of one word become equal."""
    word = word.lower()
    for ending in ("ations", "ation", "ingly", "ings", "ing", "ed", "ies", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    return word[:-1] if word[-1:] in ("e", "y") and len(word) > 4 else word


def content_stems(text: str) -> list[str]:
    """Return the stems of a text's content words, in order, with repetitions."""
    words = re.findall(r"[^\W_]+", text.lower())
    return [stem(w) for w in words if w not in STOP_WORDS and len(w) > 1]


@cache
def _patterns(spellings: tuple[str, ...], cased: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(s, re.IGNORECASE) for s in spellings) + tuple(_pattern(s) for s in cased)


def _pattern(spelling: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    parts = re.split(r"[-/+ ]", spelling)
    return re.compile(r"(?<!\w)" + r"[-/+\s\u2010-\u2015]*".join(map(re.escape, parts)) + r"(?:s|es)?(?!\w)", flags)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
