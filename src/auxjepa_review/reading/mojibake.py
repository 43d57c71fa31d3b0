"""UTF-8 that was read as Windows-1252 or Latin-1 (``â€“`` for a dash), read anew; text that can be what it says stays.

Whether a word is mojibake is ftfy's judgement. It is asked for each word by itself first: a whole line is read anew by
it as soon as that gives valid UTF-8, and so does ``Gauß–Newton`` beside one broken word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from auxjepa_review.reading.limits import UnreadableError

ROUNDS = 6
"""Times that a line is read anew at most: mojibake of mojibake of …"""
_SUSPECT = re.compile(r"[\u00c2-\u00f4][^\x00-\x7f]|[\u00c2-\u00c3][ \t]")
_BLANKS = re.compile("([ \t\ufffd]+)")  # a lost letter says nothing of its neighbours
_UNLIKELY = ((0x250, 0x36F), (0x700, 0x8FF))
"""Letters of sounds, marks, and scripts between Arabic and Devanagari: what a letter and a dash turn into by chance."""


def reread(text: str) -> str:
    """The text without mojibake, that of mojibake too.

    Raises:
        UnreadableError: when ftfy is wanted and isn't installed.
    """
    return "\n".join(_line(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


def _line(line: str) -> str:
    proven = False
    for _ in range(ROUNDS):
        words = _BLANKS.split(line)
        alone = [_fixed(word) for word in words]
        proven = proven or alone != words  # something in it can only be mojibake
        together = _BLANKS.split(_fixed(line)) if proven else words
        if len(together) == len(words):
            every = zip(words, alone, together, strict=True)
            alone = [_chosen(word, one, other) for word, one, other in every]
        if (better := "".join(alone)) == line:
            break
        line = better
    return line


def _chosen(word: str, alone: str, together: str) -> str:
    """What a word becomes: read anew by itself, or with its line where that is likely, and reads further."""
    further = alone == word or len(together) < len(alone)
    return together if further and _likely(together) else alone


def _likely(word: str) -> bool:
    """Whether a word that was read anew because of its neighbours has letters that words have."""
    return not any(
        unicodedata.category(sign)[0] == "M" or any(low <= ord(sign) <= high for low, high in _UNLIKELY)
        for sign in word
    )


def _fixed(text: str) -> str:
    if text.isascii():
        return text
    fix, config = _ftfy()
    return fix(text, config=config)


@cache
def _ftfy() -> tuple[Any, Any]:
    try:
        from ftfy import TextFixerConfig, fix_encoding  # an extra, and most texts need none
    except ImportError:
        raise UnreadableError(
            "has letters that may be misread, and needs ftfy: pip install 'auxjepa[review]'"
        ) from None
    # Control characters of Latin-1 are lost ones, as all others.
    return fix_encoding, TextFixerConfig(fix_c1_controls=False)
