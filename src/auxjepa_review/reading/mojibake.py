"""Repair UTF-8 that was read as Windows-1252 or Latin-1 (``â€“`` for a dash). Text that can be correct does not change.

ftfy decides whether a word is damaged. It gets each word separately first. If it got a whole line, one damaged word
would change correct words like ``Gauß–Newton`` as well.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from auxjepa_review.reading.limits import UnreadableError

ROUNDS = 6
"""Largest number of repairs of one line, because a text can be damaged several times."""
_SUSPECT = re.compile(r"[\u00c2-\u00f4][^\x00-\x7f]|[\u00c2-\u00c3][ \t]")
_BLANKS = re.compile("([ \t\ufffd]+)")  # a lost letter is no evidence about its neighbours
_UNLIKELY = ((0x250, 0x36F), (0x700, 0x8FF))
"""Phonetic letters, marks, and scripts between Arabic and Devanagari, which a letter and a dash give by chance."""


def fix_mojibake(text: str) -> str:
    """Return the text without wrongly decoded characters, including those that were decoded wrongly several times.

    Raises:
        UnreadableError: the text needs ftfy and ftfy is not installed.
    """
    return "\n".join(_fix_line(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


def _fix_line(line: str) -> str:
    is_damaged = False
    for _ in range(ROUNDS):
        words = _BLANKS.split(line)
        separate = [_fix(word) for word in words]
        is_damaged = is_damaged or separate != words  # at least one word is certainly damaged
        together = _BLANKS.split(_fix(line)) if is_damaged else words
        if len(together) == len(words):
            variants = zip(words, separate, together, strict=True)
            separate = [_choose(word, separately, in_line) for word, separately, in_line in variants]
        if (better := "".join(separate)) == line:
            break
        line = better
    return line


def _choose(word: str, separate: str, in_line: str) -> str:
    """Choose between the separate repair of a word and its repair with the line, if that one is likely and changes
    more."""
    is_better = separate == word or len(in_line) < len(separate)
    return in_line if is_better and _is_likely(in_line) else separate


def _is_likely(word: str) -> bool:
    """Check whether a word that was repaired because of its neighbours has usual letters."""
    return not any(
        unicodedata.category(sign)[0] == "M" or any(low <= ord(sign) <= high for low, high in _UNLIKELY)
        for sign in word
    )


def _fix(text: str) -> str:
    if text.isascii():
        return text
    fix, config = _ftfy()
    return fix(text, config=config)


@cache
def _ftfy() -> tuple[Any, Any]:
    try:
        from ftfy import TextFixerConfig, fix_encoding  # an extra that most texts do not need
    except ImportError:
        raise UnreadableError(
            "has letters that may be decoded wrongly, and needs ftfy: pip install 'auxjepa[review]'"
        ) from None
    # Control characters of Latin-1 count as lost characters, like all control characters.
    return fix_encoding, TextFixerConfig(fix_c1_controls=False)
