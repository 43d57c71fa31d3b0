"""Split a sentence into tokens: names, quantities, and words of direction, comparison and frequency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations
from typing import Literal, cast

from auxjepa_review.claims import cues, numbers
from auxjepa_review.claims.lexicon import Lexicon, normalise
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
    """A piece of a sentence. ``names`` holds the variants or benchmarks, ``group`` the word that represents several."""

    kind: Kind
    start: int
    end: int
    text: str
    names: tuple[str, ...] = ()
    group: str = ""
    quantity: Quantity | None = None
    beats: bool = False  # a verb with the reference of the comparison as its object
    loose: bool = False  # a phrase that counts as a name


_NAME = re.compile(
    r"(?<![\w-])(?:[A-Z][\w]*(?:[-+./][\w.]*\w)*|[a-z]+[A-Z]\w*|[a-z]+-[A-Z]+\w*|\w*\d[A-Z]\w*|[a-z]+(?:_[a-z\d]+)+)(?:\s(?:v\d+(?:\.\d+)?|\d+(?:\.\d+)?(?!\s?(?:%|p|\.)|[\d.])))?"
)
_WORD = re.compile(r"\w[\w'’./+-]*\w|\w|\S")


def tokenise(text: str, lexicon: Lexicon, near: bool) -> list[Token]:
    """Return the tokens of a sentence on one line, in order and without overlap. Known names win over numbers in them.

    Args:
        text: the sentence.
        lexicon: names of methods and benchmarks.
        near: whether the document is about the study.
    """
    tokens: list[Token] = []
    for named in lexicon.find(text, near):
        kind = SORTS[named.sort]
        group = named.name if named.sort in ("group", "benchmarks") else ""
        tokens.append(Token(kind, named.start, named.end, text[named.start : named.end], named.members, group))
    hidden = _hide(text, [(t.start, t.end) for t in tokens])
    for q in numbers.find_quantities(hidden):
        tokens.append(Token("quantity", q.start, q.end, text[q.start : q.end], quantity=q))  # noqa: PERF401
    hidden = _hide(text, [(t.start, t.end) for t in tokens])
    for match in cues.pattern().finditer(hidden):
        name = (match.lastgroup or "").rstrip("_")
        beats = name.startswith("beats_")
        tokens.append(Token(cast(Kind, name.removeprefix("beats_")), match.start(), match.end(), match[0], beats=beats))
    hidden = _hide(text, [(t.start, t.end) for t in tokens if t.kind != "word"])
    tokens += _find_names(hidden)
    hidden_names = _hide(text, [(t.start, t.end) for t in tokens])
    tokens += [Token("word", m.start(), m.end(), m[0]) for m in _WORD.finditer(hidden_names) if m[0] != "\0"]
    return _combine(_merge(sorted(tokens, key=lambda t: (t.start, -t.end))), lexicon)


def _combine(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """Replace ``the combination of FWM and LD`` by the variant of that name, if there is one."""
    combined: list[Token] = []
    i = 0
    while i < len(tokens):
        if re.search(r"\bcombin\w+$|^together$", tokens[i].text, re.I):
            j = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].text.lower() in ("of", "both"))
            run = j
            while run < len(tokens) and tokens[run].kind in ("variant", "and") and tokens[run].text != ",":
                run += 1
            names = [t.names[0] for t in tokens[j:run] if t.kind == "variant" and not t.group]
            combination = next(
                (n for p in permutations(names[:4]) if len(p) > 1 and (n := "_".join(p)) in lexicon.variants), None
            )
            if combination is not None:
                combined.append(Token("variant", tokens[i].start, tokens[run - 1].end, combination, (combination,)))
                i = run
                continue
        combined.append(tokens[i])
        i += 1
    return combined


def _find_names(text: str) -> list[Token]:
    """Return capitalised or mixed names that are not in the lexicon; a first word only if it looks like a name."""
    names: list[Token] = []
    excluded = frozenset(cues.words().no_names["words"])
    for match in _NAME.finditer(text):
        word = match[0]
        plain = word.split()[0]
        odd = sum(c.isupper() for c in plain) > 1 or any(c.isdigit() for c in plain)
        first = not re.search(r"\w", text[: match.start()].replace("\0", "x"))
        lone = first and not odd and "-" not in plain and not _begins_name(text, match)
        if plain.lower() in excluded or lone or len(plain) == 1:
            continue
        names.append(Token("name", match.start(), match.end(), word, (normalise(word),)))
    return names


def _begins_name(text: str, match: re.Match[str]) -> bool:
    """Check whether a name continues after a capitalised first word, as in ``Mean Teacher``."""
    after = _NAME.match(text, match.end() + 1)
    return after is not None and not match[0].endswith("ing") and text[match.end() : match.end() + 1] == " "


def _merge(tokens: list[Token]) -> list[Token]:
    """Join neighbouring unknown names, and drop tokens that overlap an earlier one."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if last is not None and token.start < last.end:
            continue
        if last is not None and last.kind == token.kind == "name" and token.start - last.end == 1:
            text = f"{last.text} {token.text}"
            merged[-1] = Token("name", last.start, token.end, text, (normalise(text),))
        else:
            merged.append(token)
    return merged


def _hide(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with the spans replaced by a character that is neither a letter nor a space."""
    out = list(text)
    for start, end in spans:
        out[start:end] = "\0" * (end - start)
    return "".join(out)
