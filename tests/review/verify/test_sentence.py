"""Numbers, units and wording of sentences."""

from __future__ import annotations

import pytest

from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa_review.records import Mention, Span, Statement
from auxjepa_review.verify import sentence


def statement(text: str, **fields: object) -> Statement:
    defaults = {"id": "x", "statement": "x", "sources": [Source(document="d")], "regime": "mixed", "variants": ["ld"]}
    claim = Claim.model_validate({"kind": "difference", "benchmarks": ["ssv2"], "expected": 5.02, **defaults, **fields})
    span = Span(document="d", page=1, start=0, end=len(text), text=text)
    return Statement(claim=claim, mentions=(Mention(claim=claim, span=span),))


def checked(text: str, **fields: object) -> dict[str, str]:
    return {c.name: c.state for c in sentence.check_sentences(statement(text, **fields))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LD gains +5.02 pp on SSv2 and Diving-48", [5.02]),
        ("lose 2.5–2.9 points", [2.5, 2.9]),
        ("losses of -13 to -16 points on ImageNet-100", [-13, -16]),
        ("10 of 14 lose >5 points on D-48", [10, 14, 5]),
        ("a −10.14 point change", [-10.14]),
        ("ViT-B/16 of UCF-101 and V2", [16]),
    ],
)
def test_numbers_that_are_no_part_of_a_name(text: str, expected: list[float]) -> None:
    assert [v.number for v in sentence.values(text)] == expected


def test_details_that_a_sentence_leaves_out() -> None:
    complete = checked("In the mixed regime LD gains 5.02 points on SSv2 over the baseline.")
    assert set(complete.values()) == {"ok"}
    bare = checked("LD gains 5.02 on SSv2.")
    assert {bare[name] for name in ("unit", "setting_named", "reference")} == {"unknown"}
    assert checked("LD gains 5.02 % on SSv2.")["unit"] == "unknown"
    assert checked("LD gains 5.02 percent on SSv2.")["unit"] == "problem"
    assert checked("LD gains five points on SSv2.")["quoted"] == "unknown"
    assert checked("LD confirms a gain of 5.02 points")["causal"] == "unknown"


def test_loose_words_count_only_without_a_number() -> None:
    assert sentence.loose_words(statement("LD often gains", kind="direction", direction="up", expected=None)) == [
        "often"
    ]
    assert sentence.loose_words(statement("LD gains about 5.02 points")) == []
    assert sentence.loose_words(statement("close to it", kind="range", low=-1, high=1, expected=None)) == ["close to"]
    assert sentence.loose_words(statement("about 1 to 2", kind="range", low=1, high=2, expected=None)) == []


def test_tolerance_is_that_of_the_printed_places() -> None:
    assert sentence.widen_tolerance(statement("-13 to -16 points", kind="range", low=-16, high=-13)).tolerance == 0.5
    assert sentence.widen_tolerance(statement("2.5–2.9", kind="range", low=2.5, high=2.9)).tolerance == 0.05
    assert sentence.widen_tolerance(statement("+5.02")).tolerance == 0.005
    assert sentence.widen_tolerance(statement("gains 5 points", expected=5.0)).tolerance == 0.5
