"""Claims: every row of the documents is present, is cited, and equals the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auxjepa import benchmarks, variants
from auxjepa.audit.structure import AUDIT_FACTS
from auxjepa.config import ConfigError
from auxjepa.evidence.ledger import claims as module
from auxjepa.evidence.ledger import published
from auxjepa.evidence.ledger.claims import Claim, ClaimSet, Source, load, package_names
from auxjepa.study import plan

ROW = re.compile(r"^(.*?)\s+([✓×])\s+(\d\.\d\d)$", re.M | re.S)


@pytest.fixture(scope="session")
def ledger() -> ClaimSet:
    return load()


def letters(text: str) -> str:
    """Return the letters of a text, without hyphens, ligatures and line ends of its typesetting."""
    return re.sub(r"(ffi|fi|[^A-Za-z0-9])", "", text)


def rows_of(path: Path) -> list[tuple[str, bool, float]]:
    body = path.read_text(encoding="utf-8", errors="replace").split("Extracted Claims")[1].split("References")[0]
    body = re.sub(r"Claim\s+Veri.{0,2}ed\s+Con.{0,2}dence", "", body)
    return [(m[1], m[2] == "✓", float(m[3])) for m in ROW.finditer(body)]


def test_documents_equal_those_next_to_the_checkout(ledger: ClaimSet, shared: Path) -> None:
    paths = sorted((shared / "seeds").glob("*.txt"))
    assert [path.name[:3] for path in paths] == list(ledger.documents)
    for path in paths:
        paper, rows = ledger.documents[path.name[:3]], rows_of(path)
        assert [(r.verified, r.confidence) for r in paper.rows] == [(verdict, c) for _, verdict, c in rows]
        assert [letters(r.text) for r in paper.rows] == [letters(text) for text, _, _ in rows]
        question = path.read_text(encoding="utf-8", errors="replace").partition("Research question:")[2]
        assert letters(question).startswith(letters(paper.question))


def test_all_69_rows_are_cited(ledger: ClaimSet) -> None:
    assert sum(len(paper.rows) for paper in ledger.documents.values()) == 69
    assert ledger.rows_without_claim() == []
    short = ledger.model_copy(update={"claims": tuple(c for c in ledger.claims if c.id != "fwm_hw_ld_balanced")})
    assert short.rows_without_claim() == ["002.9"]


def test_each_document_keeps_its_verdict(ledger: ClaimSet) -> None:
    by_id = {claim.id: claim for claim in ledger.claims}
    verdicts = {(s.document, s.row): (s.verdict, s.confidence) for s in by_id["kinematic_diving48"].sources}
    assert verdicts["001", 4] == (False, 0.15) and verdicts["003", 4] == (True, 0.15)
    assert by_id["kinematic_diving48"].is_disputed and by_id["kinematic_diving48"].verdicts == "4 true, 1 false"
    assert not by_id["imagenet100_losers"].is_disputed
    assert {c.id for c in ledger.claims if c.is_disputed} == {
        *("mgm_ssv2", "kinematic_diving48", "kinematic_imagenet100", "ld_ssv2")
    }


def test_claims_name_rows_of_the_table_or_facts(ledger: ClaimSet) -> None:
    scores = published.load()
    names, scored = {s.name for s in scores}, {s.benchmark for s in scores}
    facts = {fact.name for fact in AUDIT_FACTS} | {
        *("base.embedding_dim", "base.predicted_dim", "action.degree", "spectral.degree")
    }
    for claim in ledger.claims:
        names_in_claim = {f"{claim.regime}/{v}" for v in (*claim.variants, *claim.among)}
        assert names_in_claim - {"ucf101/random_init"} <= names and {*claim.benchmarks} <= scored, claim.id
        assert not claim.fact or claim.fact in facts, claim.id
    assert all(name in benchmarks.BENCHMARKS for name in module.WORLD_BENCHMARKS.values())


def test_five_questions_name_the_sources_of_an_answer(ledger: ClaimSet) -> None:
    questions = [claim for claim in ledger.claims if claim.kind == "question"]
    assert [q.document for q in questions] == list(ledger.documents)
    presets = {path.stem for path in (Path(plan.__file__).parent / "presets").glob("*.yaml")}
    for question in questions:
        answer = question.answered_by
        assert answer is not None and (answer.claims or answer.benchmarks) and answer.needs
        assert {answer.preset} <= presets | {""} and {*answer.benchmarks} <= set(benchmarks.BENCHMARKS)


def make(**fields) -> Claim:
    required = {"id": "x", "statement": "x", "sources": [Source(document="released_code")]}
    return Claim.model_validate({**required, **fields})


def test_the_direction_of_a_claim() -> None:
    fields = {"variants": ["ld"], "benchmarks": ["ssv2"]}
    assert make(kind="difference", expected=-0.3, **fields).sign == "down"
    assert make(kind="range", low=1, high=2, **fields).sign == "up"
    assert make(kind="range", low=-1, high=1, **fields).sign is None
    assert make(kind="direction", direction="up", **fields).sign == "up"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "difference", "variants": ["ld"], "benchmarks": ["ssv2"]}, "difference needs expected"),
        ({"kind": "count", "benchmarks": ["ssv2"], "direction": "up"}, "count needs count or low"),
        ({"kind": "structural", "fact": "a.b"}, "needs expected or direction"),
        ({"kind": "question"}, "question needs document"),
        ({"kind": "guess"}, "kind"),
    ],
)
def test_an_incomplete_claim_is_an_error(fields: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**fields)


DOCUMENTS = "documents: {'000': {question: Why, rows: [{text: a, verified: true, confidence: 0.5}]}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claims: [{id: a, statement: a, kind: structural, rows: ['000.2']}]", "cites '000.2', which is not a row"),
        ("claims: [{id: a, statement: a, kind: structural, rows: ['009.1']}]", "cites '009.1', which is not a row"),
        ("claims: [{id: a, statement: a, kind: structural}]", "claim 'a': sources"),
        ("claims: [{id: a, statement: a, kind: structural, rows: ['000.1'], colour: red}]", "claim 'a': colour"),
        ("claims: 3", "not iterable"),
        (
            "claims: [{id: a, statement: a, kind: structural, rows: ['000.1']},"
            "{id: a, statement: b, kind: structural, rows: ['000.1']}]",
            "two claims are called 'a'",
        ),
        (
            "claims: [{id: q, statement: a, kind: question, document: '000', answered_by: {claims: [b]}}]",
            "answered by 'b', which does not exist",
        ),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(DOCUMENTS + text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert message in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)


def test_names_of_published_variants_here() -> None:
    assert package_names("ucf101", "kinematic_1.0") == ["kinematic", "kinematic_released"]
    assert package_names("ucf101", "mgm")[0] == "mgm" and package_names("mixed", "fwm_hw_ld")[0] == "fwm_hw_ld"
    assert package_names("mixed", "baseline") == ["baseline"] and package_names("mixed", "unlisted") == ["unlisted"]
    assert all(name in variants.VARIANTS for name in package_names("mixed", "fac"))
