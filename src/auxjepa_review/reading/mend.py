"""Mending extracted text: ligatures, mojibake, words parted at line ends, and characters that were lost.

What a damaged word was is looked up among the words of the corpus (and of ``data/ligatures.txt``), never guessed: where
no word fits, or two do, the damage stays as it is. Lines stay lines, except that the rest of a parted word moves up.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from auxjepa_review.reading.mojibake import reread

LOST = "\ufffd"
LIGATURES = ("fi", "fl", "ff", "ffi", "ffl")
WORDS = Path(__file__).parents[1] / "data" / "ligatures.txt"

PREFIXES = ("self", "non", "cross", "multi", "semi", "quasi", "pseudo", "well", "two", "three", "one", "half", "end")
"""First parts that keep their hyphen when a line ended there and nobody else writes the word."""

UNITS = r"(?:points?|pp|percent(?:age)?|%|years?|times|frames?|clips?|epochs?|steps?|seconds?|hours?|pages?)"
ENOUGH = 150
"""Words of a text that can't all do without fi and fl by chance."""

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
_WHOLE = re.compile(r"\S+")
_PARTED = re.compile(
    rf"(?<![\w{LOST}])([\w{LOST}]{{1,60}})-[ \t]{{0,4}}\n[ \t]{{0,9}}"
    rf"([\w{LOST}]{{1,60}}(?:-[\w{LOST}]{{1,60}}){{0,9}}[^\s\w{LOST}]{{0,9}})[ \t]{{0,9}}(\n?)"
)
_DAMAGED = re.compile(rf"(?<!\w)\w{{0,60}}{LOST}{{1,3}}(?:\w{{1,60}}{LOST}{{1,3}}){{0,3}}(?:\w{{1,60}})?")
_RANGE = re.compile(rf"((?<![\w.])[+-]?\d+(?:\.\d+)?){LOST}{{1,3}}([ \t]*\n[ \t]*)?(\d+(?:\.\d+)?)(\s?{UNITS}(?!\w))?")
_OWNER = re.compile(rf"(?<=[^\W_])({LOST}{{1,3}})(?=(?:s|t|re|ve|ll|d)\b)")
_APART = re.compile(r"(?<![\w-])([^\W\d_]+) (?=([^\W\d_]+))")


def clean(text: str) -> str:
    """Everything that needs no word list: line ends, ligatures, kinds of space, mojibake, control characters (lost)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", reread(text)).translate(_SPECIAL)  # NFC renames some spaces
    text = re.sub(r"[ \t]{4,}", lambda found: "\t" if "\t" in found[0] else "   ", text)
    text = re.sub(r"(?<=\w)\u00ad[ \t]*\n[ \t]*(?=\w)", "-\n", text).replace("\u00ad", "")
    return unicodedata.normalize("NFC", text)


class Lexicon:
    """How often each word stands undamaged in a corpus; words at line ends that are parted don't count."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.count: Counter[str] = Counter(dict.fromkeys(_ligature_words(), 1))
        for text in texts:
            if ligatures_gone(text):
                continue
            whole = _PARTED.sub(" ", _WHOLE.sub(lambda found: " " if LOST in found[0] else found[0], text))
            for word in _WORD.findall(whole.lower()):
                self.count[word] += 1
                if "-" in word:
                    self.count.update(word.split("-"))

    def fitting(self, damaged: str) -> list[str]:
        """Known words that ``damaged`` can have been, each lost character one of the ligatures; capitals stay."""
        parts = re.split(f"{LOST}{{1,3}}", damaged)
        if len(parts) > 4:
            return []
        made = ("".join(a + b for a, b in zip(parts, (*some, ""), strict=True)) for some in _choices(len(parts) - 1))
        return [word for word in made if self.count[word.lower()]]


def mend(pages: Sequence[str], words: Lexicon) -> tuple[str, ...]:
    """The pages of one document, mended; each page was :func:`clean`-ed."""
    gone = ligatures_gone("\n".join(pages))
    return tuple(_page(page, words, gone=gone) for page in pages)


def ligatures_gone(text: str) -> bool:
    """Whether a text lost its ligatures without a mark: none of them in more words than can do without by chance."""
    return LOST not in text and not re.search("f[fil]", text, re.IGNORECASE) and len(text.split()) >= ENOUGH


def _page(text: str, words: Lexicon, *, gone: bool) -> str:
    text = _PARTED.sub(lambda found: _joined(found, words), text)
    text = _DAMAGED.sub(lambda found: _restored(found[0], words), text)
    text = _OWNER.sub("’", text)
    text = _RANGE.sub(_range, text)
    if gone:  # they left no mark at all, or a space
        text = _APART.sub(lambda found: _reunited(found, words), text)
        text = _WORD.sub(lambda found: _completed(found[0], words), text)
    return text


def _joined(found: re.Match[str], words: Lexicon) -> str:
    first, rest, end = found.groups()
    return first + ("-" if _hyphen_stays(first, rest, words) else "") + rest + (end or "\n")


def _hyphen_stays(first: str, rest: str, words: Lexicon) -> bool:
    """Whether a hyphen at a line's end belongs to the word: as the corpus writes it elsewhere, else by rule."""
    head, tail = first, re.split(r"[^\w\ufffd]", rest)[0]
    together, apart = _known(head + tail, words), _known(f"{head}-{tail}", words)
    if together != apart:
        return apart > together
    if not tail[:1].islower() or not head[-1:].islower():  # ImageNet-100, FWM-HW-LD, Something-Something
        return tail[:1] != LOST or not head[-1:].islower()
    return head.lower() in PREFIXES or bool(
        len(head) > 3 and len(tail) > 3 and _known(head, words) and _known(tail, words)
    )


def _known(word: str, words: Lexicon) -> int:
    if LOST not in word:
        return words.count[word.lower()]
    return sum(words.count[one.lower()] for one in words.fitting(word))


def _restored(damaged: str, words: Lexicon) -> str:
    fitting = words.fitting(damaged)
    return fitting[0] if len(fitting) == 1 else damaged


def _range(found: re.Match[str]) -> str:
    low, broken, high, unit = found.groups()
    if not unit or abs(float(low)) >= float(high):
        return found[0]  # could have been a multiplication sign, plus-minus, a point
    return f"{low}–{high}" + (f"\n{unit.lstrip()}" if broken else unit)


def _reunited(found: re.Match[str], words: Lexicon) -> str:
    """``veri ed`` as verified: where the two aren't words both, and exactly one ligature makes one of them."""
    first, second = found.groups()
    fitting = words.fitting(first + LOST + second)
    if len(fitting) != 1 or (words.count[first.lower()] and words.count[second.lower()]):
        return found[0]
    return fitting[0][: len(fitting[0]) - len(second)]


def _completed(word: str, words: Lexicon) -> str:
    """``veried`` as verified: where nobody else writes the word, and exactly one ligature at one place makes one."""
    if not 5 <= len(word) < 30 or words.count[word.lower()] > 1:
        return word
    places = (words.fitting(word[:i] + LOST + word[i:]) for i in range(len(word) + 1))
    fitting = {one for some in places for one in some}
    return fitting.pop() if len(fitting) == 1 else word


@cache
def _choices(places: int) -> tuple[tuple[str, ...], ...]:
    return tuple(product(LIGATURES, repeat=places))


@cache
def _ligature_words() -> tuple[str, ...]:
    return tuple(WORDS.read_text(encoding="utf-8").split())
