"""Repair extracted text: ligatures, wrong encodings, words separated at line ends, and lost characters.

A damaged word is looked up among the words of the corpus and of ``data/ligatures.txt``. It is never guessed: if no word
or two words fit, the damage stays. Lines stay lines, except that the second part of a separated word moves up.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from auxjepa_review.reading.mojibake import fix_mojibake

LOST = "\ufffd"
LIGATURES = ("fi", "fl", "ff", "ffi", "ffl")
WORDS = Path(__file__).parents[1] / "data" / "ligatures.txt"

PREFIXES = ("self", "non", "cross", "multi", "semi", "quasi", "pseudo", "well", "two", "three", "one", "half", "end")
"""First parts of words that keep their hyphen at a line end if the corpus does not contain the word."""

UNITS = r"(?:points?|pp|percent(?:age)?|%|years?|times|frames?|clips?|epochs?|steps?|seconds?|hours?|pages?)"
MIN_WORDS = 150
"""Number of words in which a text must have fi or fl somewhere."""

_SPECIAL = {
    **{ord(a): b for a, b in zip("ﬀﬁﬂﬃﬄﬅﬆ", ["ff", "fi", "fl", "ffi", "ffl", "ft", "st"], strict=True)},
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"), None),
    **dict.fromkeys((*range(9), *range(14, 32), 127, *range(0x80, 0xA0), *range(0xD800, 0xE000)), LOST),
    0x0B: "\n",
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n\n",
    0x2010: "-",
    0x2011: "-",
}
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CHUNK = re.compile(r"\S+")
_SEPARATED = re.compile(
    rf"(?<![\w{LOST}])([\w{LOST}]{{1,60}})-[ \t]{{0,4}}\n[ \t]{{0,9}}"
    rf"([\w{LOST}]{{1,60}}(?:-[\w{LOST}]{{1,60}}){{0,9}}[^\s\w{LOST}]{{0,9}})[ \t]{{0,9}}(\n?)"
)
_DAMAGED = re.compile(rf"(?<!\w)\w{{0,60}}{LOST}{{1,3}}(?:\w{{1,60}}{LOST}{{1,3}}){{0,3}}(?:\w{{1,60}})?")
_RANGE = re.compile(rf"((?<![\w.])[+-]?\d+(?:\.\d+)?){LOST}{{1,3}}([ \t]*\n[ \t]*)?(\d+(?:\.\d+)?)(\s?{UNITS}(?!\w))?")
_APOSTROPHE = re.compile(rf"(?<=[^\W_])({LOST}{{1,3}})(?=(?:s|t|re|ve|ll|d)\b)")
_TWO_WORDS = re.compile(r"(?<![\w-])([^\W\d_]+) (?=([^\W\d_]+))")


def clean(text: str) -> str:
    """Repair everything that needs no word list: line ends, ligatures, spaces, wrong encodings and control
    characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", fix_mojibake(text)).translate(_SPECIAL)  # NFC renames some spaces
    text = re.sub(r"[ \t]{4,}", lambda match: "\t" if "\t" in match[0] else "   ", text)
    text = re.sub(r"(?<=\w)\u00ad[ \t]*\n[ \t]*(?=\w)", "-\n", text).replace("\u00ad", "")
    return unicodedata.normalize("NFC", text)


class Lexicon:
    """Counts of the undamaged words of a corpus. Words that are separated at line ends do not count."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.count: Counter[str] = Counter(dict.fromkeys(_ligature_words(), 1))
        for text in texts:
            if has_lost_ligatures(text):
                continue
            undamaged = _SEPARATED.sub(" ", _CHUNK.sub(lambda match: " " if LOST in match[0] else match[0], text))
            for word in _WORD.findall(undamaged.lower()):
                self.count[word] += 1
                if "-" in word:
                    self.count.update(word.split("-"))

    def candidates(self, damaged: str) -> list[str]:
        """Return the words of the corpus that a damaged word can be. Each lost character is a ligature; capitals
        stay."""
        parts = re.split(f"{LOST}{{1,3}}", damaged)
        if len(parts) > 4:
            return []
        candidates = (
            "".join(a + b for a, b in zip(parts, (*ligatures, ""), strict=True))
            for ligatures in _choices(len(parts) - 1)
        )
        return [word for word in candidates if self.count[word.lower()]]


def repair(pages: Sequence[str], words: Lexicon) -> tuple[str, ...]:
    """Return the repaired pages of one document.

    Args:
        pages: pages after :func:`clean`.
        words: words of the corpus.
    """
    gone = has_lost_ligatures("\n".join(pages))
    return tuple(_repair_page(page, words, gone=gone) for page in pages)


def has_lost_ligatures(text: str) -> bool:
    """Check whether a text lost its ligatures without a mark: it has none of them in many words."""
    return LOST not in text and not re.search("f[fil]", text, re.IGNORECASE) and len(text.split()) >= MIN_WORDS


def _repair_page(text: str, words: Lexicon, *, gone: bool) -> str:
    text = _SEPARATED.sub(lambda match: _join(match, words), text)
    text = _DAMAGED.sub(lambda match: _restore(match[0], words), text)
    text = _APOSTROPHE.sub("’", text)
    text = _RANGE.sub(_repair_range, text)
    if gone:  # a lost ligature left no mark, or a space
        text = _TWO_WORDS.sub(lambda match: _reunite(match, words), text)
        text = _WORD.sub(lambda match: _complete(match[0], words), text)
    return text


def _join(match: re.Match[str], words: Lexicon) -> str:
    first, second, end = match.groups()
    return first + ("-" if _hyphen_stays(first, second, words) else "") + second + (end or "\n")


def _hyphen_stays(first: str, second: str, words: Lexicon) -> bool:
    """Check whether a hyphen at a line end belongs to the word: from its spelling in the corpus, or else by rule."""
    head, tail = first, re.split(r"[^\w\ufffd]", second)[0]
    together, apart = _count_in_corpus(head + tail, words), _count_in_corpus(f"{head}-{tail}", words)
    if together != apart:
        return apart > together
    if not tail[:1].islower() or not head[-1:].islower():  # ImageNet-100, FWM-HW-LD, Something-Something
        return tail[:1] != LOST or not head[-1:].islower()
    return head.lower() in PREFIXES or bool(
        len(head) > 3 and len(tail) > 3 and _count_in_corpus(head, words) and _count_in_corpus(tail, words)
    )


def _count_in_corpus(word: str, words: Lexicon) -> int:
    if LOST not in word:
        return words.count[word.lower()]
    return sum(words.count[candidate.lower()] for candidate in words.candidates(word))


def _restore(damaged: str, words: Lexicon) -> str:
    fitting = words.candidates(damaged)
    return fitting[0] if len(fitting) == 1 else damaged


def _repair_range(match: re.Match[str]) -> str:
    low, broken, high, unit = match.groups()
    if not unit or abs(float(low)) >= float(high):
        return match[0]  # the lost sign can be a multiplication sign, plus-minus or a point
    return f"{low}–{high}" + (f"\n{unit.lstrip()}" if broken else unit)


def _reunite(match: re.Match[str], words: Lexicon) -> str:
    """Join ``veri ed`` to verified if the two parts are not both words and exactly one ligature makes one word."""
    first, second = match.groups()
    fitting = words.candidates(first + LOST + second)
    if len(fitting) != 1 or (words.count[first.lower()] and words.count[second.lower()]):
        return match[0]
    return fitting[0][: len(fitting[0]) - len(second)]


def _complete(word: str, words: Lexicon) -> str:
    """Complete ``veried`` to verified if the corpus has no other ``veried`` and exactly one ligature makes a word."""
    if not 5 <= len(word) < 30 or words.count[word.lower()] > 1:
        return word
    places = (words.candidates(word[:i] + LOST + word[i:]) for i in range(len(word) + 1))
    fitting = {candidate for candidates in places for candidate in candidates}
    return fitting.pop() if len(fitting) == 1 else word


@cache
def _choices(places: int) -> tuple[tuple[str, ...], ...]:
    return tuple(product(LIGATURES, repeat=places))


@cache
def _ligature_words() -> tuple[str, ...]:
    return tuple(WORDS.read_text(encoding="utf-8").split())
