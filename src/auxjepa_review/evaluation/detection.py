"""Are planted defects found? A document and its copy go the whole way, and whatever got worse counts as a finding.

    python -m auxjepa_review.evaluation.detection CORPUS [--most 3] [--json FILE]

"Found" is that a row no longer holds, or that a reviewer gives fewer points. A copy stands alone: no
passages are looked up.
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
from auxjepa_review.reviewers.reviewer import words
from auxjepa_review.verify import verify


class Assessed(Typed):
    """What a review says of a document: a word a row, the share of points by reviewer and criterion, the score."""

    document: Document
    rows: dict[int, Word]
    shares: dict[str, float]
    score: float


class Trial(Typed):
    """One planted edit and what changed for the worse."""

    document: str
    kind: str
    row: int
    before: str
    after: str
    by_verification: bool
    by_reviewers: tuple[str, ...] = Field(description="criteria that lost points")
    score: float = Field(description="change of the document's score")

    @property
    def found(self) -> bool:
        """Whether anything got worse."""
        return self.by_verification or bool(self.by_reviewers)


def assess(text: str, name: str) -> Assessed:
    """A text, read from a file as any document is, through claims, verification and reviewers."""
    with tempfile.TemporaryDirectory(prefix="auxjepa-copy-") as place:
        file = Path(place) / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        document = read_corpus([file]).document(name)
    findings = verify(merge(extract(document)), documents=[document])
    dossier = Dossier(document=document, findings=tuple(findings))
    (quality,) = judge([dossier]).qualities
    return Assessed(
        document=document,
        rows=words(dossier),
        shares={f"{r.reviewer}: {m.criterion}": m.points / m.possible for r in quality.reviews for m in r.marks},
        score=quality.score,
    )


def attempt(base: Assessed, edit: Edit) -> Trial:
    """Plant an edit and look what got worse. A criterion that is gone lost all its points."""
    copy = assess(edit.on(base.document), base.document.id)
    held, holds = (list(a.rows.values()).count("supported") for a in (base, copy))
    worse = [name for name, share in base.shares.items() if copy.shares.get(name, 0.0) < share - 1e-9]
    return Trial(
        document=base.document.id,
        kind=edit.kind,
        row=edit.row,
        before=base.document.text[edit.start : edit.end][:200],
        after=edit.after[:200],
        by_verification=holds < held,
        by_reviewers=tuple(worse),
        score=copy.score - base.score,
    )


def trials(documents: Sequence[Document], most: int, seed: int, tell: Callable[[str], None]) -> list[Trial]:
    """Up to ``most`` edits of every kind in every document."""
    done = []
    for document in documents:
        base = assess(document.text, document.id)
        true = [n for n, word in base.rows.items() if word == "supported"]
        judged = [
            row.number
            for row in base.document.rows
            if base.rows[row.number] in ("supported", "contradicted")
            and row.verified == (base.rows[row.number] == "supported")
        ]
        target = Target(base.document, true, judged)
        for kind in (*DEFECTS, *HARMLESS):
            done += [attempt(base, edit) for edit in plant(target, kind, most, seed)]
            tell(f"{document.id}: {kind}, {len(done)} so far")
    return done


def table(done: Sequence[Trial]) -> str:
    """Rates by kind, as Markdown; brackets are 95 % Wilson intervals over the planted edits."""
    head = "| {} | planted | found | by verification | by reviewers | change of score |\n|---|---|---|---|---|---|"
    lines = []
    for title, kinds in (("defect", DEFECTS), ("harmless edit", HARMLESS)):
        lines.append(head.format(title))
        own = [t for t in done if t.kind in kinds]
        lines += [_line(kind, [t for t in own if t.kind == kind]) for kind in kinds]
        lines += [_line("all", own), ""]
    return "\n".join(lines)


def _line(name: str, own: Sequence[Trial]) -> str:
    if not own:
        return f"| {name} | 0 | – | – | – | – |"
    n, found = len(own), sum(t.found for t in own)
    low, high = (100 * end for end in wilson(found / n, n))
    by = sum(t.by_verification for t in own), sum(bool(t.by_reviewers) for t in own)
    change = sum(t.score for t in own) / n
    rate = f"{found} ({100 * found / n:.0f} %) [{low:.0f}, {high:.0f}]"
    return f"| {name} | {n} | {rate} | {by[0]} | {by[1]} | {change:+.2f} |"


def main(argv: Sequence[str] | None = None) -> None:
    """Plant, look, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m auxjepa_review.evaluation.detection", description=__doc__)
    parser.add_argument("corpus", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=3, help="edits of a kind in a document")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write every trial here")
    args = parser.parse_args(argv)
    documents = read_corpus(args.corpus).documents
    done = trials(documents, args.most, args.seed, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    if args.json:
        write_json(args.json, [trial.model_dump(mode="json") for trial in done])
    print(table(done))  # noqa: T201


if __name__ == "__main__":
    main()
