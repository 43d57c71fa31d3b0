"""Measure how well claims are read: precision and recall against claims that were typed by hand.

`python -m auxjepa_review.claims.accuracy FILE_OR_FOLDER …` repeats the measurement. Text files are seed documents and
are compared with the ledger's rows. A YAML file holds sentences with their claims, like the files in
`tests/review/claims/data`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError, read_yaml
from auxjepa.evidence.ledger.claims import Claim, ClaimSet, Source, load
from auxjepa_review.claims.extract import extract
from auxjepa_review.claims.lexicon import normalise
from auxjepa_review.claims.merge import are_equal, fill_missing
from auxjepa_review.records import Document, Mention, Work

TITLE_IN_SCOPE = "Auxiliary Objectives for Video JEPA"
TYPED_SOURCE = Source(document="typed")


@dataclass
class Tally:
    """Counts of right, wrong and missed claims of one kind."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of the claims read that are right; 1 if no claim was read."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the typed claims that were read; 1 if there is no typed claim."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Accuracy:
    """Tallies by kind of claim, and a line for every error."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """Tally of all kinds together."""
        parts = self.kinds.values()
        return Tally(sum(t.right for t in parts), sum(t.wrong for t in parts), sum(t.missed for t in parts))

    def add(self, where: str, read: Sequence[Claim], typed: Sequence[Claim]) -> None:
        """Count the claims of one sentence. Each typed claim can be matched once.

        Args:
            where: name of the sentence in the list of errors.
            read: claims that the rules extracted.
            typed: claims that were typed by hand.
        """
        remaining = list(typed)
        for claim in read:
            match = next((c for c in remaining if _matches(c, claim)), None)
            tally = self.kinds.setdefault(claim.kind, Tally())
            if match is None:
                tally.wrong += 1
                self.errors.append(f"{where}: read {_describe(claim)}")
            else:
                remaining.remove(match)
                tally.right += 1
        for claim in remaining:
            self.kinds.setdefault(claim.kind, Tally()).missed += 1
            self.errors.append(f"{where}: missed {_describe(claim)}")

    def table(self) -> str:
        """Return precision and recall by kind as a Markdown table."""
        lines = ["| kind | typed | read | right | precision | recall |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
        for kind, t in [*sorted(self.kinds.items()), ("all", self.total)]:
            typed, read = t.right + t.missed, t.right + t.wrong
            lines.append(f"| {kind} | {typed} | {read} | {t.right} | {t.precision:.3f} | {t.recall:.3f} |")
        return "\n".join(lines)


def measure_documents(documents: Iterable[Document], gold: ClaimSet | None = None) -> Accuracy:
    """Return the accuracy on the rows of documents, compared with the ledger's claims.

    Args:
        documents: documents that begin with the name of a document of the ledger.
        gold: the typed claims; the package's ledger if None.
    """
    gold = gold or load()
    mentions = fill_missing([m for d in documents for m in extract(d) if m.row is not None])
    accuracy = Accuracy()
    for name, paper in gold.documents.items():
        for number, _ in enumerate(paper.rows, 1):
            read = [m.claim for m in mentions if _is_row(m, name, number)]
            typed = [c for c in gold.claims if any((s.document, s.row) == (name, number) for s in c.sources)]
            accuracy.add(f"{name}.{number}", read, typed)
    return accuracy


def _matches(typed: Claim, read: Claim) -> bool:
    """Check whether a claim matches a typed one. A typed size without a fact matches any statement of that size."""
    if typed.kind == read.kind == "structural" and not typed.fact and typed.expected is not None:
        return typed.expected == read.expected
    return are_equal(typed, read)


def _is_row(mention: Mention, name: str, number: int) -> bool:
    return mention.span.document.startswith(name) and mention.row is not None and mention.row.number == number


def measure_sentences(path: Path) -> Accuracy:
    """Return the accuracy on typed sentences. Each sentence is a separate document.

    Raises:
        ConfigError: a sentence has no text, or a claim is not valid.
    """
    accuracy = Accuracy()
    for group, entries in read_yaml(path).items():
        for i, entry in enumerate(entries, 1):
            typed = [_parse_claim(path, f"{group} {i}", c) for c in entry.get("claims", [])]
            text = str(entry.get("text") or "")
            if not text:
                raise ConfigError(f"{path}: {group} {i}: text is missing")
            title = TITLE_IN_SCOPE if group == "near" else "Another subject"
            document = Document(id=f"{group}-{i}", work=Work(title=title), pages=(text,))
            accuracy.add(f"{group} {i} {text!r}", [m.claim for m in extract(document)], typed)
    return accuracy


def _parse_claim(path: Path, where: str, record: dict[str, Any]) -> Claim:
    names = {key: tuple(map(normalise, record[key])) for key in ("variants", "benchmarks", "among") if key in record}
    record = {**record, **names, "reference": normalise(record.get("reference", "baseline"))}
    try:
        return Claim.model_validate({"id": "typed", "statement": "", "sources": (TYPED_SOURCE,), **record})
    except ValueError as error:
        raise ConfigError(f"{path}: {where}: {str(error).splitlines()[0]}") from None


def _describe(claim: Claim) -> str:
    fields = claim.model_dump(
        exclude_defaults=True, exclude={"id", "statement", "sources", "tolerance", "about", "reference_seed"}
    )
    return ", ".join(f"{k}={'+'.join(v) if isinstance(v, tuple) else v}" for k, v in fields.items())


def main(arguments: Sequence[str]) -> None:
    """Print the tables and errors of the given files."""
    from auxjepa_review.reading.corpus import read_corpus

    for path in map(Path, arguments):
        accuracy = (
            measure_sentences(path)
            if path.suffix in (".yaml", ".yml")
            else measure_documents(read_corpus([path]).documents)
        )
        errors = "\n".join(f"- {line}" for line in accuracy.errors) or "no errors"
        sys.stdout.write(f"## {path}\n\n{accuracy.table()}\n\n{errors}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
