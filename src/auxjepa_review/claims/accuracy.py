"""How well claims are read: precision and recall against claims that were typed by hand.

Repeat it with ``python -m auxjepa_review.claims.accuracy FILE_OR_FOLDER …``: text files are seed documents, held
against the rows of the ledger; a YAML file holds sentences with their claims, as ``tests/review/claims/data`` has.
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
from auxjepa_review.claims.lexicon import normalised
from auxjepa_review.claims.merge import completed, says_same
from auxjepa_review.records import Document, Mention, Work

NEAR_TITLE = "Auxiliary Objectives for Video JEPA"
HERE = Source(document="typed")


@dataclass
class Tally:
    """Right, wrong and missed claims of one kind."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was read that is right; 1 where nothing was read."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was read; 1 where nothing is there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Accuracy:
    """Tallies by kind, and every error in words."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """All kinds together."""
        parts = self.kinds.values()
        return Tally(sum(t.right for t in parts), sum(t.wrong for t in parts), sum(t.missed for t in parts))

    def add(self, where: str, read: Sequence[Claim], there: Sequence[Claim]) -> None:
        """Counts one sentence: every typed claim can be met once."""
        left = list(there)
        for claim in read:
            met = next((c for c in left if _met(c, claim)), None)
            tally = self.kinds.setdefault(claim.kind, Tally())
            if met is None:
                tally.wrong += 1
                self.errors.append(f"{where}: read {_short(claim)}")
            else:
                left.remove(met)
                tally.right += 1
        for claim in left:
            self.kinds.setdefault(claim.kind, Tally()).missed += 1
            self.errors.append(f"{where}: missed {_short(claim)}")

    def table(self) -> str:
        """Precision and recall by kind, as Markdown."""
        lines = ["| kind | typed | read | right | precision | recall |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
        for kind, t in [*sorted(self.kinds.items()), ("all", self.total)]:
            typed, read = t.right + t.missed, t.right + t.wrong
            lines.append(f"| {kind} | {typed} | {read} | {t.right} | {t.precision:.3f} | {t.recall:.3f} |")
        return "\n".join(lines)


def of_documents(documents: Iterable[Document], gold: ClaimSet | None = None) -> Accuracy:
    """Claims of table rows against the ledger's. A document is the ledger's whose name its id begins with."""
    gold = gold or load()
    mentions = completed([m for d in documents for m in extract(d) if m.row is not None])
    accuracy = Accuracy()
    for name, paper in gold.documents.items():
        for number, _ in enumerate(paper.rows, 1):
            read = [m.claim for m in mentions if _is_row(m, name, number)]
            there = [c for c in gold.claims if any((s.document, s.row) == (name, number) for s in c.sources)]
            accuracy.add(f"{name}.{number}", read, there)
    return accuracy


def _met(typed: Claim, read: Claim) -> bool:
    """A typed size that names no fact is met by any statement of that size."""
    if typed.kind == read.kind == "structural" and not typed.fact and typed.expected is not None:
        return typed.expected == read.expected
    return says_same(typed, read)


def _is_row(mention: Mention, name: str, number: int) -> bool:
    return mention.span.document.startswith(name) and mention.row is not None and mention.row.number == number


def of_sentences(path: Path) -> Accuracy:
    """Claims of typed sentences, each a document of its own.

    Raises:
        ConfigError: when a sentence has no text, or a claim isn't one.
    """
    accuracy = Accuracy()
    for group, entries in read_yaml(path).items():
        for i, entry in enumerate(entries, 1):
            there = [_typed(path, f"{group} {i}", c) for c in entry.get("claims", [])]
            text = str(entry.get("text") or "")
            if not text:
                raise ConfigError(f"{path}: {group} {i}: text is missing")
            title = NEAR_TITLE if group == "near" else "Another subject"
            document = Document(id=f"{group}-{i}", work=Work(title=title), pages=(text,))
            accuracy.add(f"{group} {i} {text!r}", [m.claim for m in extract(document)], there)
    return accuracy


def _typed(path: Path, where: str, record: dict[str, Any]) -> Claim:
    names = {key: tuple(map(normalised, record[key])) for key in ("variants", "benchmarks", "among") if key in record}
    record = {**record, **names, "reference": normalised(record.get("reference", "baseline"))}
    try:
        return Claim.model_validate({"id": "typed", "statement": "", "sources": (HERE,), **record})
    except ValueError as error:
        raise ConfigError(f"{path}: {where}: {str(error).splitlines()[0]}") from None


def _short(claim: Claim) -> str:
    kept = claim.model_dump(
        exclude_defaults=True, exclude={"id", "statement", "sources", "tolerance", "about", "reference_seed"}
    )
    return ", ".join(f"{k}={'+'.join(v) if isinstance(v, tuple) else v}" for k, v in kept.items())


def main(arguments: Sequence[str]) -> None:
    """Prints the tables and errors of the files named."""
    from auxjepa_review.reading.corpus import read_corpus

    for path in map(Path, arguments):
        accuracy = (
            of_sentences(path) if path.suffix in (".yaml", ".yml") else of_documents(read_corpus([path]).documents)
        )
        errors = "\n".join(f"- {line}" for line in accuracy.errors) or "no errors"
        sys.stdout.write(f"## {path}\n\n{accuracy.table()}\n\n{errors}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
