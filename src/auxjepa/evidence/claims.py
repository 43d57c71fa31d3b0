"""Claims about the study, typed: what is said, by whom, and which numbers would make it true.

The package's ``data/claims.yaml`` holds five documents' claim rows with their own verdicts, the claims that the rows
make (one measurable statement each, composite rows taken apart), and what the released code says of itself.
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

WORLD = {
    "imagenet100": "world_appearance",
    "ssv2": "world_order",
    "diving48": "world_fine_motion",
    "smd": "world_direction",
}
"""Which benchmark of the synthetic world plays a published benchmark's part."""

# Which fields a kind of claim needs; a list of alternatives counts as had when one of them is set.
NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "difference": (("variants",), ("benchmarks",), ("expected",)),
    "range": (("variants",), ("benchmarks",), ("low",), ("high",)),
    "direction": (("variants",), ("benchmarks",), ("direction",)),
    "ordering": (("variants",), ("benchmarks",), ("direction",)),
    "count": (("benchmarks",), ("direction",), ("count", "low")),
    "cluster": (("variants",), ("benchmarks",), ("expected",)),
    "structural": (),
    "question": (("document",), ("answered_by",)),
}


class Source(Typed):
    """Where a claim is made, and what that place itself thinks of it."""

    document: str = Field(min_length=1, description="its name in the set, 'released_code', or an id of a corpus")
    row: Count | None = Field(default=None, description="of the document's table, from 1; None for the released code")
    verdict: bool | None = Field(default=None, description="the document's own: verified or not")
    confidence: Share | None = Field(default=None, description="the document's own")
    place: str = Field(default="", description="where the released code's word is attested")


class Answer(Typed):
    """What would answer a research question: claims of the ledger, a study, benchmarks, and what isn't there."""

    claims: tuple[str, ...] = ()
    preset: str = Field(default="", description="of `auxjepa study run`")
    benchmarks: tuple[str, ...] = ()
    needs: tuple[str, ...] = Field(default=(), description="what none of these provides")


class Claim(Typed):
    """One statement that numbers can settle; variants and benchmarks by their names in the published table."""

    id: str = Field(min_length=1)
    statement: str
    kind: Kind
    about: Literal["objective", "table"] = Field(
        default="objective", description="'table': a statement on the published rows alone, true or false by arithmetic"
    )
    regime: str = ""
    variants: tuple[str, ...] = ()
    reference: str = "baseline"
    reference_seed: int | None = Field(default=None, description="of the reference that is quoted; all when unset")
    among: tuple[str, ...] = Field(default=(), description="the variants of a comparison; all of the regime when unset")
    benchmarks: tuple[str, ...] = ()
    expected: bool | float | None = Field(default=None, description="difference, spread or fact")
    low: float | None = None
    high: float | None = None
    direction: Literal["up", "down"] | None = None
    threshold: float = Field(default=0.0, description="what a counted difference, or a fact, must exceed")
    count: int | None = None
    of: int | None = Field(default=None, description="how many were counted through")
    tolerance: float = Field(default=0.005, ge=0, description="rounding that is forgiven")
    fact: str = Field(default="", description="name in auxjepa.audit.structure; none: nothing that could be executed")
    answered_by: Answer | None = None
    document: str = Field(default="", description="of a question: the document that asks it")
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        for alternatives in NEEDED[self.kind]:
            if not any(getattr(self, name) not in (None, (), "") for name in alternatives):
                raise ValueError(f"claim {self.id!r}: {self.kind} needs {' or '.join(alternatives)}")
        if self.fact and self.expected is None and self.direction is None:
            raise ValueError(f"claim {self.id!r}: a fact needs expected or direction")
        return self

    @property
    def sign(self) -> Literal["up", "down"] | None:
        """Which way the claim points; None where it allows both or neither."""
        if self.direction is not None or self.kind not in ("difference", "range"):
            return self.direction
        low, high = (self.expected, self.expected) if self.kind == "difference" else (self.low, self.high)
        return "up" if low is not None and low > 0 else "down" if high is not None and high < 0 else None

    @property
    def verdicts(self) -> str:
        """The documents' own verdicts, counted: '4 true, 1 false'; empty where only the code says it."""
        own = [s.verdict for s in self.sources if s.verdict is not None]
        said = [f"{own.count(value)} {word}" for value, word in ((True, "true"), (False, "false")) if value in own]
        return ", ".join(said)

    @property
    def contradicted(self) -> bool:
        """Whether documents disagree on it."""
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
        twice = [i for i in ids if ids.count(i) > 1]
        if twice:
            raise ValueError(f"two claims are called {twice[0]!r}")
        for claim in self.claims:
            lost = [i for i in (claim.answered_by.claims if claim.answered_by else ()) if i not in ids]
            if lost:
                raise ValueError(f"claim {claim.id!r} is answered by {lost[0]!r}, which isn't there")
        return self

    def uncited(self) -> list[str]:
        """Rows (``DOCUMENT.ROW``) that no claim cites."""
        cited = {(s.document, s.row) for claim in self.claims for s in claim.sources}
        return [f"{d}.{i}" for d, paper in self.documents.items() for i in _numbers(paper) if (d, i) not in cited]


def load(path: Path = CLAIMS) -> ClaimSet:
    """Documents and claims of a file; ``rows`` and ``released`` of a claim become its sources.

    Raises:
        ConfigError: one line that says which claim is wrong, and how.
    """
    return _packaged() if path == CLAIMS else _read(path)


@cache
def _packaged() -> ClaimSet:
    """The package's own, read once: it takes half a second."""
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
    cited = [_cited(str(record.get("id")), str(name), documents) for name in record.pop("rows", [])]
    released = [Source(document="released_code", place=place) for place in record.pop("released", [])]
    asked = [Source.model_validate({"document": record["document"]})] if "document" in record else []
    try:
        return Claim.model_validate({**record, "sources": [*cited, *released, *asked]})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"claim {record.get('id')!r}: {place}: {first['msg']}".replace(": : ", ": ")) from None


def _cited(claim: str, name: str, documents: dict[str, Paper]) -> Source:
    document, _, number = name.partition(".")
    if document not in documents or not number.isdigit() or int(number) not in _numbers(documents[document]):
        raise ValueError(f"claim {claim!r} cites {name!r}, which is no row of a document")
    row = documents[document].rows[int(number) - 1]
    return Source.model_validate(
        {"document": document, "row": int(number), "verdict": row.verified, "confidence": row.confidence}
    )


def _numbers(paper: Paper) -> range:
    return range(1, len(paper.rows) + 1)


def known_as(regime: str, variant: str) -> list[str]:
    """Names of this package for a variant of the published table, the described one first; itself where none has it."""
    exact = [name for name, row in _published_rows().items() if row == f"{regime}/{variant}"]
    return exact or [name for name, row in _published_rows().items() if row.endswith(f"/{variant}")] or [variant]


def published_variants(regime: str) -> list[str]:
    """Variants of a regime that have a row in the published table and a name in this package."""
    rows = dict.fromkeys(row.partition("/") for row in _published_rows().values())
    return [variant for name, _, variant in rows if name == regime]


@cache
def _published_rows() -> dict[str, str]:
    return {name: variants.find(name).paper for name in variants.VARIANTS}
