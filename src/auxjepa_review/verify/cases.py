"""Labelled cases with the verifier's words: the 69 rows of the documents, and the sentences written for testing."""

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
from auxjepa_review.verify import calibrate, labels, ledger_documents
from auxjepa_review.verify.calibrate import Item
from auxjepa_review.verify.passages import Searcher
from auxjepa_review.verify.verdict import Results, verify

Kind = Literal["row", "plain", "free"]
UNFITTED = calibrate.Model(intercept=0.0, weights=dict.fromkeys(calibrate.FEATURES, 0.0))
TITLE = "Auxiliary objectives for Video JEPA"


@dataclass(frozen=True)
class Case:
    """A labelled sentence and the verifier's word on it.

    ``statement`` is equal for sentences in the same words, ``group`` for sentences on the same numbers. ``weight``
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
    own_verdict: bool | None = None
    eye: Word = "not found"
    rule: Word = "not found"
    confidence: float | None = None

    @property
    def true(self) -> bool | None:
        """Truth value of the label; None if it is neither true nor false."""
        return labels.truth_value(self.label)

    @property
    def right(self) -> bool:
        """Return whether the verifier's word equals the label."""
        return self.word == self.label

    @property
    def own_verdict_is_right(self) -> bool:
        """Return whether the document's own mark is right: verified if and only if the label is supported."""
        return self.own_verdict == (self.label == "supported")

    @property
    def item(self) -> Item:
        """The case as an item of a fit; only for cases that are true or false."""
        return Item(self.features, self.label == "supported", self.group, self.weight)


def row_cases(
    documents: Sequence[Document] | None = None,
    statements: Sequence[Statement] | None = None,
    index: Searcher | None = None,
    results: Results = "published",
) -> list[Case]:
    """Return the documents' rows, in the order of the labels.

    Args:
        documents: the five documents, by the ledger's names; the ledger's own copy of their rows if None.
        statements: statements of the documents; they are extracted here if None.
        index: index of passages; no passages are searched if None.
        results: results that decide claims.
    """
    documents = documents or ledger_documents.load_ledger_documents()[0]
    statements = statements or merge([m for d in documents for m in extract(d)])
    parts = ledger_documents.group_by_row(
        verify(statements, index, results=results, documents=documents, model=UNFITTED)
    )
    row_by_place = {(d.id, row.number): row for d in documents for row in d.rows}
    heads = labels.group_claims(labels.load())
    cases = []
    for label in labels.load():
        template = Case(
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
            row, findings = row_by_place[place], parts.get(place, [])
            cases.append(
                replace(
                    template,
                    place=f"{place[0]}.{place[1]}",
                    document=place[0],
                    own_verdict=row.verified,
                    eye=label.eye,
                    rule=label.rule,
                    confidence=row.confidence,
                    word=ledger_documents.combine_words(f.word for f in findings),
                    features=features(findings),
                )
            )
    return cases


def cases_of_files(folder: Path) -> list[Case]:
    """Return the rows as read from files: repaired, extracted, searched and verified. Names begin like the ledger's.

    Raises:
        ConfigError: a labelled document is missing, or its table has fewer rows than labels.
    """
    documents = [d.model_copy(update={"id": d.id[:3]}) for d in read_corpus([folder]).documents]
    documents = [Document.model_validate(_renamed(d.model_dump(), d.id)) for d in documents]
    places = {(d.id, row.number) for d in documents for row in d.rows}
    missing = [place for label in labels.load() for place in label.places if place not in places]
    if missing:
        raise ConfigError(f"{folder}: no row {missing[0][1]} of document {missing[0][0]}")
    with Index.build(documents) as index:
        return row_cases(documents, index=index)


def _renamed(record: dict[str, Any], name: str) -> dict[str, Any]:
    for row in record["rows"]:
        row["span"]["document"] = name
    return record


def typed_cases() -> list[Case]:
    """Return the rows with the ledger's claims, typed by hand, to measure the loss of reading claims from text."""
    return row_cases(*ledger_documents.load_ledger_documents())


def sentence_cases() -> list[Case]:
    """Return the written sentences, each read and verified as a row of one document."""
    written = labels.load_sentences()
    document = ledger_documents.document("written", TITLE, [s.text for s in written])
    parts = ledger_documents.group_by_row(verify(merge(extract(document)), documents=[document], model=UNFITTED))
    heads = labels.group_claims(labels.load())
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
            ledger_documents.combine_words(f.word for f in parts.get(("written", i), [])),
            features(parts.get(("written", i), [])),
        )
        for i, s in enumerate(written, 1)
    ]


def features(findings: Sequence[Finding]) -> dict[str, float]:
    """Return the features of a whole sentence: its word as an outcome, loose if one of its parts is loose."""
    word = ledger_documents.combine_words(f.word for f in findings)
    outcome = {"supported": "holds", "contradicted": "fails"}.get(word, "")
    return calibrate.features(outcome, [c for f in findings for c in f.checks])


def fitting_cases(cases: Sequence[Case]) -> list[Case]:
    """Return the cases for fitting a model: labelled true or false, and decided by results."""
    return [case for case in cases if case.true is not None and case.features["outcome"]]
