"""A sentence as a sequence of tokens: names, quantities and the words that say which way, than what, how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations
from typing import Literal, cast

from auxjepa_review.claims import cues, numbers
from auxjepa_review.claims.lexicon import Lexicon, normalised
from auxjepa_review.claims.numbers import Quantity

Kind = Literal[
    "variant", "name", "benchmark", "regime", "reference", "quantity", "up", "down", "top", "bottom", "than", "others",
    "utmost", "often", "each", "within", "apart", "unless", "maybe", "break", "and", "open", "close", "neutral",
    "ablate", "without", "methods", "metric", "pronoun", "respectively", "word",
]  # fmt: skip

SORTS: dict[str, Kind] = {
    "variant": "variant",
    "group": "variant",
    "benchmark": "benchmark",
    "benchmarks": "benchmark",
    "regime": "regime",
    "reference": "reference",
}


@dataclass(frozen=True)
class Token:
    """A piece of a sentence. ``names`` of a variant or benchmark; ``group`` where one word stands for several."""

    kind: Kind
    start: int
    end: int
    text: str
    names: tuple[str, ...] = ()
    group: str = ""
    quantity: Quantity | None = None
    beats: bool = False  # a verb whose object is what is compared with
    loose: bool = False  # a phrase that is taken for a name


_NAME = re.compile(
    r"(?<![\w-])(?:[A-Z][\w]*(?:[-+./][\w.]*\w)*|[a-z]+[A-Z]\w*|[a-z]+-[A-Z]+\w*|\w*\d[A-Z]\w*|[a-z]+(?:_[a-z\d]+)+)(?:\s(?:v\d+(?:\.\d+)?|\d+(?:\.\d+)?(?!\s?(?:%|p|\.)|[\d.])))?"
)
_WORD = re.compile(r"\w[\w'’./+-]*\w|\w|\S")


def tokenise(text: str, lexicon: Lexicon, near: bool) -> list[Token]:
    """Tokens of a sentence on one line, in order, none overlapping; the longest known name wins over numbers in it."""
    found: list[Token] = []
    for named in lexicon.find(text, near):
        kind = SORTS[named.sort]
        group = named.name if named.sort in ("group", "benchmarks") else ""
        found.append(Token(kind, named.start, named.end, text[named.start : named.end], named.members, group))
    hidden = _hide(text, [(t.start, t.end) for t in found])
    for q in numbers.find(hidden):
        found.append(Token("quantity", q.start, q.end, text[q.start : q.end], quantity=q))  # noqa: PERF401
    hidden = _hide(text, [(t.start, t.end) for t in found])
    for match in cues.pattern().finditer(hidden):
        name = (match.lastgroup or "").rstrip("_")
        beats = name.startswith("beats_")
        found.append(Token(cast(Kind, name.removeprefix("beats_")), match.start(), match.end(), match[0], beats=beats))
    hidden = _hide(text, [(t.start, t.end) for t in found if t.kind != "word"])
    found += _names(hidden)
    taken = _hide(text, [(t.start, t.end) for t in found])
    found += [Token("word", m.start(), m.end(), m[0]) for m in _WORD.finditer(taken) if m[0] != "\0"]
    return _combined(_merged(sorted(found, key=lambda t: (t.start, -t.end))), lexicon)


def _combined(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """``the combination of FWM and LD`` is the variant of that name, where there is one."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        if re.search(r"\bcombin\w+$|^together$", tokens[i].text, re.I):
            j = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text.lower() in ("of", "both"))
            run = j
            while run < len(tokens) and tokens[run].kind in ("variant", "and") and tokens[run].text != ",":
                run += 1
            names = [t.names[0] for t in tokens[j:run] if t.kind == "variant" and not t.group]
            whole = next(
                (n for p in permutations(names[:4]) if len(p) > 1 and (n := "_".join(p)) in lexicon.variants), None
            )
            if whole is not None:
                out.append(Token("variant", tokens[i].start, tokens[run - 1].end, whole, (whole,)))
                i = run
                continue
        out.append(tokens[i])
        i += 1
    return out


def _names(text: str) -> list[Token]:
    """Capitalised or mixed names that the lexicon doesn't have; the first word only where it looks like one."""
    found: list[Token] = []
    never = frozenset(cues.words().no_names["words"])
    for match in _NAME.finditer(text):
        word = match[0]
        plain = word.split()[0]
        odd = sum(c.isupper() for c in plain) > 1 or any(c.isdigit() for c in plain)
        first = not re.search(r"\w", text[: match.start()].replace("\0", "x"))
        lone = first and not odd and "-" not in plain and not _leads(text, match)
        if plain.lower() in never or lone or len(plain) == 1:
            continue
        found.append(Token("name", match.start(), match.end(), word, (normalised(word),)))
    return found


def _leads(text: str, match: re.Match[str]) -> bool:
    """Whether a capitalised first word goes on with a name, as ``Mean Teacher``."""
    after = _NAME.match(text, match.end() + 1)
    return after is not None and not match[0].endswith("ing") and text[match.end() : match.end() + 1] == " "


def _merged(tokens: list[Token]) -> list[Token]:
    """Neighbouring unknown names are one name; a listed group is its list."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if last is not None and token.start < last.end:
            continue
        if last is not None and last.kind == token.kind == "name" and token.start - last.end == 1:
            text = f"{last.text} {token.text}"
            merged[-1] = Token("name", last.start, token.end, text, (normalised(text),))
        else:
            merged.append(token)
    return merged


def _hide(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with spans blanked by a character that is neither word nor space."""
    out = list(text)
    for start, end in spans:
        out[start:end] = "\0" * (end - start)
    return "".join(out)
