"""Typed claims about the published study: the statement, its sources, and the numbers that make it true.

``data/claims.yaml`` contains the claim rows of five documents with their own verdicts, the claims that the rows make
(one measurable statement each), and the statements of the released code about itself.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from auxjepa import variants
from auxjepa.config import ConfigError, Count, Share, Typed, read_yaml

CLAIMS = Path(__file__).parent / "data" / "claims.yaml"

Kind = Literal["difference", "range", "direction", "ordering", "count", "cluster", "structural", "question"]

WORLD_BENCHMARKS = {
    "imagenet100": "world_appearance",
    "ssv2": "world_order",
    "diving48": "world_fine_motion",
    "smd": "world_direction",
}
"""Published benchmark: the benchmark of the synthetic world that is used as its substitute."""

REQUIRED_FIELDS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "difference": (("variants",), ("benchmarks",), ("expected",)),
    "range": (("variants",), ("benchmarks",), ("low",), ("high",)),
    "direction": (("variants",), ("benchmarks",), ("direction",)),
    "ordering": (("variants",), ("benchmarks",), ("direction",)),
    "count": (("benchmarks",), ("direction",), ("count", "low")),
    "cluster": (("variants",), ("benchmarks",), ("expected",)),
    "structural": (),
    "question": (("document",), ("answered_by",)),
}
"""Fields that each kind of claim needs; of several alternatives one is enough."""


class Source(Typed):
    """Place where a claim is made, and the verdict of that place."""

    document: str = Field(min_length=1, description="its name in the set, 'released_code', or an id of a corpus")
    row: Count | None = Field(default=None, description="row of the document's table, from 1; None for released code")
    verdict: bool | None = Field(default=None, description="verdict of the document: verified or not")
    confidence: Share | None = Field(default=None, description="confidence of the document")
    place: str = Field(default="", description="file that quotes the released code")


class Answer(Typed):
    """Sources of an answer to a research question: claims of the ledger, a study, benchmarks, and what is missing."""

    claims: tuple[str, ...] = ()
    preset: str = Field(default="", description="preset of `auxjepa study run`")
    benchmarks: tuple[str, ...] = ()
    needs: tuple[str, ...] = Field(default=(), description="what is missing")


class Claim(Typed):
    """One statement that numbers can decide; variants and benchmarks have their names in the published table."""

    id: str = Field(min_length=1)
    statement: str
    kind: Kind
    about: Literal["objective", "table"] = Field(
        default="objective", description="'table': a statement on the published rows alone, true or false by arithmetic"
    )
    regime: str = ""
    variants: tuple[str, ...] = ()
    reference: str = "baseline"
    reference_seed: int | None = Field(default=None, description="seed of the quoted reference; all seeds when unset")
    among: tuple[str, ...] = Field(default=(), description="the variants of a comparison; all of the regime when unset")
    benchmarks: tuple[str, ...] = ()
    expected: bool | float | None = Field(default=None, description="difference, spread or fact")
    low: float | None = None
    high: float | None = None
    direction: Literal["up", "down"] | None = None
    threshold: float = Field(default=0.0, description="what a counted difference, or a fact, must exceed")
    count: int | None = None
    of: int | None = Field(default=None, description="number of variants that the count is out of")
    tolerance: float = Field(default=0.005, ge=0, description="allowed rounding error")
    fact: str = Field(default="", description="name in auxjepa.audit.structure; empty: nothing can be executed")
    answered_by: Answer | None = None
    document: str = Field(default="", description="the document that asks the question")
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        for alternatives in REQUIRED_FIELDS[self.kind]:
            if not any(getattr(self, name) not in (None, (), "") for name in alternatives):
                raise ValueError(f"claim {self.id!r}: {self.kind} needs {' or '.join(alternatives)}")
        if self.fact and self.expected is None and self.direction is None:
            raise ValueError(f"claim {self.id!r}: a fact needs expected or direction")
        return self

    @property
    def sign(self) -> Literal["up", "down"] | None:
        """Direction of the claim; None where it allows both directions or neither."""
        if self.direction is not None or self.kind not in ("difference", "range"):
            return self.direction
        low, high = (self.expected, self.expected) if self.kind == "difference" else (self.low, self.high)
        return "up" if low is not None and low > 0 else "down" if high is not None and high < 0 else None

    @property
    def verdicts(self) -> str:
        """Number of documents by verdict: '4 true, 1 false'; empty where only the released code makes the claim."""
        values = [s.verdict for s in self.sources if s.verdict is not None]
        words = ((True, "true"), (False, "false"))
        return ", ".join(f"{values.count(value)} {word}" for value, word in words if value in values)

    @property
    def is_disputed(self) -> bool:
        """Return whether documents disagree on the claim."""
        return len({s.verdict for s in self.sources if s.verdict is not None}) > 1


class DocumentRow(Typed):
    """One row of a document's table of claims."""

    text: str
    verified: bool
    confidence: Share


class Paper(Typed):
    """One machine-made document."""

    question: str
    rows: tuple[DocumentRow, ...]


class ClaimSet(Typed):
    """Documents and claims."""

    documents: dict[str, Paper]
    claims: tuple[Claim, ...]

    @model_validator(mode="after")
    def _consistent(self) -> ClaimSet:
        ids = [claim.id for claim in self.claims]
        repeated = [i for i in ids if ids.count(i) > 1]
        if repeated:
            raise ValueError(f"two claims are called {repeated[0]!r}")
        for claim in self.claims:
            missing = [i for i in (claim.answered_by.claims if claim.answered_by else ()) if i not in ids]
            if missing:
                raise ValueError(f"claim {claim.id!r} is answered by {missing[0]!r}, which does not exist")
        return self

    def rows_without_claim(self) -> list[str]:
        """Return the rows (``DOCUMENT.ROW``) that no claim cites."""
        sources = {(s.document, s.row) for claim in self.claims for s in claim.sources}
        return [f"{d}.{i}" for d, paper in self.documents.items() for i in _numbers(paper) if (d, i) not in sources]


def load(path: Path = CLAIMS) -> ClaimSet:
    """Return the documents and claims of a file; ``rows`` and ``released`` of a claim become its sources.

    Args:
        path: the file; the package's when unset.

    Raises:
        ConfigError: when the file or a claim is wrong; one line names the claim and the fault.
    """
    return _packaged() if path == CLAIMS else _read(path)


@cache
def _packaged() -> ClaimSet:
    """Return the package's claims; reading takes half a second, so it happens once."""
    return _read(CLAIMS)


def _read(path: Path) -> ClaimSet:
    content = read_yaml(path)
    try:
        documents = {str(key): Paper.model_validate(value) for key, value in content.get("documents", {}).items()}
        claims = [_claim(record, documents) for record in content.get("claims", [])]
        return ClaimSet(documents=documents, claims=tuple(claims))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        where = f"{place}: " if place else ""
        raise ConfigError(f"{path}: {where}{first['msg'].removeprefix('Value error, ')}") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _claim(record: dict[str, Any], documents: dict[str, Paper]) -> Claim:
    record = dict(record)
    rows = [_row_source(str(record.get("id")), str(name), documents) for name in record.pop("rows", [])]
    code = [Source(document="released_code", place=place) for place in record.pop("released", [])]
    questions = [Source.model_validate({"document": record["document"]})] if "document" in record else []
    try:
        return Claim.model_validate({**record, "sources": [*rows, *code, *questions]})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"claim {record.get('id')!r}: {place}: {first['msg']}".replace(": : ", ": ")) from None


def _row_source(claim: str, name: str, documents: dict[str, Paper]) -> Source:
    document, _, number = name.partition(".")
    if document not in documents or not number.isdigit() or int(number) not in _numbers(documents[document]):
        raise ValueError(f"claim {claim!r} cites {name!r}, which is not a row of a document")
    row = documents[document].rows[int(number) - 1]
    return Source.model_validate(
        {"document": document, "row": int(number), "verdict": row.verified, "confidence": row.confidence}
    )


def _numbers(paper: Paper) -> range:
    return range(1, len(paper.rows) + 1)


def package_names(regime: str, variant: str) -> list[str]:
    """Return the names in this package of a published variant; the published name itself where it has none.

    The variant as described comes before the variant as released.

    Args:
        regime: pretraining regime in the published table.
        variant: name in the published table.
    """
    exact = [name for name, row in _published_rows().items() if row == f"{regime}/{variant}"]
    return exact or [name for name, row in _published_rows().items() if row.endswith(f"/{variant}")] or [variant]


def published_variants(regime: str) -> list[str]:
    """Return the variants of a regime that have a row in the published table and a name in this package.

    Args:
        regime: pretraining regime in the published table.
    """
    rows = dict.fromkeys(row.partition("/") for row in _published_rows().values())
    return [variant for name, _, variant in rows if name == regime]


@cache
def _published_rows() -> dict[str, str]:
    return {name: variants.find(name).paper for name in variants.VARIANTS}
