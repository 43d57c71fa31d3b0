"""Labelled rows: which are true, by rule and by eye (``data/labels.yaml``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from auxjepa.config import ConfigError, Typed, read_yaml
from auxjepa_review.records import Word

FILE = Path(__file__).parents[1] / "data" / "labels.yaml"
WRITTEN = FILE.with_name("written.yaml")
Row = tuple[str, int]


class Label(Typed):
    """Rows that say the same, and whether it is true as written."""

    rows: tuple[str, ...] = Field(min_length=1, description="DOCUMENT.ROW")
    label: Word
    rule: Word = Field(description="by arithmetic or execution, of all parts")
    eye: Word = Field(description="by reading the row beside the table")
    disputed: bool = Field(default=False, description="whether another careful reader could label it otherwise")
    parts: dict[str, Word] = Field(min_length=1, description="the ledger's claims that the row makes")
    reason: str = Field(min_length=1)
    note: str = ""

    @property
    def places(self) -> list[Row]:
        """Document and number of every row."""
        return [(name.partition(".")[0], int(name.partition(".")[2])) for name in self.rows]


@cache
def load(path: Path = FILE) -> tuple[Label, ...]:
    """The labels of a file.

    Raises:
        ConfigError: one line that says which entry is wrong, or which row is labelled twice.
    """
    try:
        found = tuple(Label.model_validate(record) for record in read_yaml(path).get("labels", []))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    rows = [row for label in found for row in label.rows]
    twice = [row for row in rows if rows.count(row) > 1]
    if twice:
        raise ConfigError(f"{path}: {twice[0]} is labelled twice")
    return found


def of_claims(labels: Iterable[Label]) -> dict[str, Word]:
    """The label of every claim of the ledger that a row makes.

    Raises:
        ConfigError: when two rows label one claim differently.
    """
    found: dict[str, Word] = {}
    for label in labels:
        for name, word in label.parts.items():
            if found.setdefault(name, word) != word:
                raise ConfigError(f"{label.rows[0]}: {name} is labelled {word}, elsewhere {found[name]}")
    return found


def groups(labels: Iterable[Label]) -> dict[str, str]:
    """Claims that stand in a row together, by the name of the first of them: whatever is fitted on one has seen all."""
    of: dict[str, str] = {}
    for label in labels:
        names = list(label.parts)
        merged = {of[n] for n in names if n in of}
        head = min([*merged, names[0]]) if merged else names[0]
        for name in (*names, *(n for n, g in of.items() if g in merged)):
            of[name] = head
    return of


def binary(word: Word) -> bool | None:
    """True, false, or None where the label is neither."""
    return {"supported": True, "contradicted": False}.get(word)


def weights(names: Iterable[str], of: Mapping[str, str]) -> dict[str, float]:
    """Every group counts as one, however many claims it has."""
    names = list(names)
    sizes = {g: sum(of[n] == g for n in names) for g in set(of.values())}
    return {n: 1 / sizes[of[n]] for n in names}


class Sentence(Typed):
    """A sentence that was written for testing, and whether it is true."""

    text: str
    label: Word
    kind: str = Field(description="how it was made: said in other words, rounded, or what was altered")
    group: str
    free: bool = Field(default=False, description="of the second lot, in freer prose")


@cache
def written(path: Path = WRITTEN) -> tuple[Sentence, ...]:
    """The sentences of a file.

    Raises:
        ConfigError: one line that says which entry is wrong.
    """
    try:
        return tuple(Sentence.model_validate(record) for record in read_yaml(path).get("sentences", []))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
