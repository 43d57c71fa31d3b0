"""Measure how many planted defects a review detects: a document and its copy are reviewed, and every loss counts.

    python -m auxjepa_review.evaluation.detection CORPUS [--most 3] [--json FILE]

A defect is detected if a row no longer holds, or if a reviewer gives fewer points. A copy is reviewed without other
documents, so no passages are searched.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import Field

from auxjepa.config import Typed
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.files import write_json
from auxjepa_review.claims import extract, merge
from auxjepa_review.evaluation.defects import DEFECTS, HARMLESS, Edit, Target, plant
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Dossier, Word
from auxjepa_review.reviewers.quality import judge
from auxjepa_review.reviewers.reviewer import row_words
from auxjepa_review.verify import verify


class Assessment(Typed):
    """The review of a document: a word a row, the share of points by reviewer and criterion, and the score."""

    document: Document
    rows: dict[int, Word]
    shares: dict[str, float]
    score: float


class Trial(Typed):
    """One planted edit and its losses."""

    document: str
    kind: str
    row: int
    before: str
    after: str
    by_verification: bool
    by_reviewers: tuple[str, ...] = Field(description="criteria that lost points")
    score: float = Field(description="change of the document's score")

    @property
    def is_detected(self) -> bool:
        """Return whether any row or criterion got worse."""
        return self.by_verification or bool(self.by_reviewers)


def assess(text: str, name: str) -> Assessment:
    """Review a text, which is read from a file like any document.

    Args:
        text: the text.
        name: id of the document.
    """
    with tempfile.TemporaryDirectory(prefix="auxjepa-copy-") as place:
        file = Path(place) / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        document = read_corpus([file]).document(name)
    findings = verify(merge(extract(document)), documents=[document])
    dossier = Dossier(document=document, findings=tuple(findings))
    (quality,) = judge([dossier]).qualities
    return Assessment(
        document=document,
        rows=row_words(dossier),
        shares={f"{r.reviewer}: {m.criterion}": m.points / m.possible for r in quality.reviews for m in r.marks},
        score=quality.score,
    )


def attempt(base: Assessment, edit: Edit) -> Trial:
    """Plant an edit and return its losses. A criterion that is missing afterwards lost all its points."""
    copy = assess(edit.on(base.document), base.document.id)
    supported_before, supported_after = (list(a.rows.values()).count("supported") for a in (base, copy))
    worse = [name for name, share in base.shares.items() if copy.shares.get(name, 0.0) < share - 1e-9]
    return Trial(
        document=base.document.id,
        kind=edit.kind,
        row=edit.row,
        before=base.document.text[edit.start : edit.end][:200],
        after=edit.after[:200],
        by_verification=supported_after < supported_before,
        by_reviewers=tuple(worse),
        score=copy.score - base.score,
    )


def run_trials(documents: Sequence[Document], most: int, seed: int, report: Callable[[str], None]) -> list[Trial]:
    """Plant edits of every kind in every document, and return their losses.

    Args:
        documents: documents to edit.
        most: largest number of edits of each kind in a document.
        seed: seed of the draws.
        report: function that is called with a line for every kind.
    """
    results = []
    for document in documents:
        base = assess(document.text, document.id)
        true_rows = [n for n, word in base.rows.items() if word == "supported"]
        correct_verdicts = [
            row.number
            for row in base.document.rows
            if base.rows[row.number] in ("supported", "contradicted")
            and row.verified == (base.rows[row.number] == "supported")
        ]
        target = Target(base.document, true_rows, correct_verdicts)
        for kind in (*DEFECTS, *HARMLESS):
            results += [attempt(base, edit) for edit in plant(target, kind, most, seed)]
            report(f"{document.id}: {kind}, {len(results)} so far")
    return results


def table(results: Sequence[Trial]) -> str:
    """Return the rates by kind as Markdown, with 95 % Wilson intervals over the planted edits."""
    head = "| {} | planted | found | by verification | by reviewers | change of score |\n|---|---|---|---|---|---|"
    lines = []
    for title, kinds in (("defect", DEFECTS), ("harmless edit", HARMLESS)):
        lines.append(head.format(title))
        of_group = [t for t in results if t.kind in kinds]
        lines += [_line(kind, [t for t in of_group if t.kind == kind]) for kind in kinds]
        lines += [_line("all", of_group), ""]
    return "\n".join(lines)


def _line(name: str, trials: Sequence[Trial]) -> str:
    if not trials:
        return f"| {name} | 0 | – | – | – | – |"
    n, detected = len(trials), sum(t.is_detected for t in trials)
    low, high = (100 * end for end in wilson(detected / n, n))
    by = sum(t.by_verification for t in trials), sum(bool(t.by_reviewers) for t in trials)
    change = sum(t.score for t in trials) / n
    rate = f"{detected} ({100 * detected / n:.0f} %) [{low:.0f}, {high:.0f}]"
    return f"| {name} | {n} | {rate} | {by[0]} | {by[1]} | {change:+.2f} |"


def main(argv: Sequence[str] | None = None) -> None:
    """Plant the edits, review the copies, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m auxjepa_review.evaluation.detection", description=__doc__)
    parser.add_argument("corpus", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=3, help="edits of a kind in a document")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write every trial here")
    args = parser.parse_args(argv)
    documents = read_corpus(args.corpus).documents
    results = run_trials(documents, args.most, args.seed, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    if args.json:
        write_json(args.json, [trial.model_dump(mode="json") for trial in results])
    print(table(results))  # noqa: T201


if __name__ == "__main__":
    main()
