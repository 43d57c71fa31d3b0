"""Labelled rows: whether they are true, by rule and by a reader (``data/labels.yaml``)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from auxjepa.config import ConfigError, Typed, read_yaml
from auxjepa_review.records import Word

FILE = Path(__file__).parents[1] / "data" / "labels.yaml"
WRITTEN = FILE.with_name("written.yaml")
Row = tuple[str, int]


class Label(Typed):
    """Rows with the same content, and whether it is true as written."""

    rows: tuple[str, ...] = Field(min_length=1, description="DOCUMENT.ROW")
    label: Word
    rule: Word = Field(description="label by arithmetic or execution of all parts")
    eye: Word = Field(description="label of a reader who compares the row with the table")
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
    """Return the labels of a file.

    Raises:
        ConfigError: an entry is not valid, or a row is labelled twice; one line names it.
    """
    try:
        labels = tuple(Label.model_validate(record) for record in read_yaml(path).get("labels", []))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    rows = [row for label in labels for row in label.rows]
    repeated = [row for row in rows if rows.count(row) > 1]
    if repeated:
        raise ConfigError(f"{path}: {repeated[0]} is labelled twice")
    return labels


def label_claims(labels: Iterable[Label]) -> dict[str, Word]:
    """Return the label of every claim of the ledger that a row makes.

    Raises:
        ConfigError: two rows label one claim differently.
    """
    label_by_claim: dict[str, Word] = {}
    for label in labels:
        for name, word in label.parts.items():
            if label_by_claim.setdefault(name, word) != word:
                raise ConfigError(f"{label.rows[0]}: {name} is labelled {word}, elsewhere {label_by_claim[name]}")
    return label_by_claim


def group_claims(labels: Iterable[Label]) -> dict[str, str]:
    """Return the group of each claim. Claims of one row share a group, named after its first claim, so that fits
    separate them."""
    group_by_claim: dict[str, str] = {}
    for label in labels:
        names = list(label.parts)
        merged = {group_by_claim[n] for n in names if n in group_by_claim}
        head = min([*merged, names[0]]) if merged else names[0]
        for name in (*names, *(n for n, g in group_by_claim.items() if g in merged)):
            group_by_claim[name] = head
    return group_by_claim


def truth_value(word: Word) -> bool | None:
    """Return whether a label is true or false; None if it is neither."""
    return {"supported": True, "contradicted": False}.get(word)


class Sentence(Typed):
    """A sentence that was written for testing, and its label."""

    text: str
    label: Word
    kind: str = Field(description="how it was made: in other words, rounded, or with an altered part")
    group: str
    free: bool = Field(default=False, description="whether it belongs to the second lot, in freer prose")


@cache
def load_sentences(path: Path = WRITTEN) -> tuple[Sentence, ...]:
    """Return the sentences of a file.

    Raises:
        ConfigError: an entry is not valid; one line names it.
    """
    try:
        return tuple(Sentence.model_validate(record) for record in read_yaml(path).get("sentences", []))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
