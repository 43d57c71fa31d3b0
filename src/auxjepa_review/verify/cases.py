"""Labelled cases as the verifier sees them: the 69 rows of the documents, and the sentences written for testing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from auxjepa.config import ConfigError
from auxjepa_review.claims import extract, merge
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Finding, Statement, Word
from auxjepa_review.search.index import Index
from auxjepa_review.verify import calibrate, labels, typed
from auxjepa_review.verify.calibrate import Item
from auxjepa_review.verify.passages import Searcher
from auxjepa_review.verify.verdict import Results, verify

Kind = Literal["row", "plain", "free"]
UNFITTED = calibrate.Model(intercept=0.0, weights=dict.fromkeys(calibrate.FEATURES, 0.0))
TITLE = "Auxiliary objectives for Video JEPA"


@dataclass(frozen=True)
class Case:
    """A labelled sentence and what the verifier said of it.

    ``statement`` is the same for sentences in the same words, ``group`` for sentences on the same numbers; ``weight``
    makes every statement count once.
    """

    place: str
    document: str
    statement: str
    group: str
    kind: Kind
    altered: str
    label: Word
    disputed: bool
    weight: float
    word: Word
    features: dict[str, float]
    told: bool | None = None
    eye: Word = "not found"
    rule: Word = "not found"
    confidence: float | None = None

    @property
    def true(self) -> bool | None:
        """What the label says; None where it is neither true nor false."""
        return labels.binary(self.label)

    @property
    def right(self) -> bool:
        """Whether the verifier's word is the label."""
        return self.word == self.label

    @property
    def told_right(self) -> bool:
        """Whether the document's own mark is right: verified if and only if the label is supported."""
        return self.told == (self.label == "supported")

    @property
    def item(self) -> Item:
        """What a model is fitted to; only for cases that are true or false."""
        return Item(self.features, self.label == "supported", self.group, self.weight)


def rows(
    documents: Sequence[Document] | None = None,
    statements: Sequence[Statement] | None = None,
    index: Searcher | None = None,
    results: Results = "published",
) -> list[Case]:
    """The documents' rows, in the order of the labels.

    Args:
        documents: the five documents, by the ledger's names; the ledger's own copy of their rows when unset.
        statements: what was extracted from them; extracted here when unset.
    """
    documents = documents or typed.from_ledger()[0]
    statements = statements or merge([m for d in documents for m in extract(d)])
    parts = typed.by_row(verify(statements, index, results=results, documents=documents, model=UNFITTED))
    own = {(d.id, row.number): row for d in documents for row in d.rows}
    heads = labels.groups(labels.load())
    found = []
    for label in labels.load():
        base = Case(
            "",
            "",
            label.rows[0],
            heads[next(iter(label.parts))],
            "row",
            "",
            label.label,
            label.disputed,
            1 / len(label.rows),
            "not found",
            {},
        )
        for place in label.places:
            row, findings = own[place], parts.get(place, [])
            found.append(
                replace(
                    base,
                    place=f"{place[0]}.{place[1]}",
                    document=place[0],
                    told=row.verified,
                    eye=label.eye,
                    rule=label.rule,
                    confidence=row.confidence,
                    word=typed.together(f.word for f in findings),
                    features=features(findings),
                )
            )
    return found


def from_files(folder: Path) -> list[Case]:
    """The rows as they are read from files: mended, extracted, searched, verified. Names begin as the ledger's do.

    Raises:
        ConfigError: when a labelled document isn't in the folder, or its table has fewer rows than were labelled.
    """
    documents = [d.model_copy(update={"id": d.id[:3]}) for d in read_corpus([folder]).documents]
    documents = [Document.model_validate(_renamed(d.model_dump(), d.id)) for d in documents]
    there = {(d.id, row.number) for d in documents for row in d.rows}
    lost = [place for label in labels.load() for place in label.places if place not in there]
    if lost:
        raise ConfigError(f"{folder}: no row {lost[0][1]} of document {lost[0][0]}")
    with Index.build(documents) as index:
        return rows(documents, index=index)


def _renamed(record: dict[str, Any], name: str) -> dict[str, Any]:
    for row in record["rows"]:
        row["span"]["document"] = name
    return record


def by_hand() -> list[Case]:
    """The rows with their claims as the ledger has them, typed by hand: what is lost by reading them from text?"""
    return rows(*typed.from_ledger())


def sentences() -> list[Case]:
    """The written sentences, each read and verified as a row of one document."""
    written = labels.written()
    document = typed.document("written", TITLE, [s.text for s in written])
    parts = typed.by_row(verify(merge(extract(document)), documents=[document], model=UNFITTED))
    heads = labels.groups(labels.load())
    return [
        Case(
            f"written.{i}",
            "written",
            s.text,
            heads.get(s.group, s.group),
            "free" if s.free else "plain",
            s.kind,
            s.label,
            False,
            1.0,
            typed.together(f.word for f in parts.get(("written", i), [])),
            features(parts.get(("written", i), [])),
        )
        for i, s in enumerate(written, 1)
    ]


def features(findings: Sequence[Finding]) -> dict[str, float]:
    """Of a whole sentence: its word as an outcome, loose where one of its parts is."""
    word = typed.together(f.word for f in findings)
    outcome = {"supported": "holds", "contradicted": "fails"}.get(word, "")
    return calibrate.features(outcome, [c for f in findings for c in f.checks])


def fitted(cases: Sequence[Case]) -> list[Case]:
    """Those that a model may be fitted to: true or false by label, and decided by results."""
    return [case for case in cases if case.true is not None and case.features["outcome"]]
