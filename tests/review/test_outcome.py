"""The outcome of a review."""

from __future__ import annotations

import json
from typing import get_args

from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Word


def test_statements_are_counted_by_every_word(outcome: Outcome, empty: Outcome) -> None:
    assert list(outcome.tally) == list(get_args(Word)) and sum(outcome.tally.values()) == len(outcome.findings) == 3
    # 4.20 stands against 0.30, a source each: disputed
    assert [outcome.tally[word] for word in ("supported", "contradicted", "not testable")] == [1, 1, 1]
    assert set(empty.tally.values()) == {0}


def test_json_holds_everything_but_the_pages(outcome: Outcome) -> None:
    content = json.loads(outcome.json_text())
    for record, document in zip(content["documents"], outcome.documents, strict=True):
        assert "pages" not in record and record["work"]["title"] == document.work.title
        record["pages"] = document.pages
    assert Outcome.model_validate(content) == outcome
    spans = [m["span"] for f in content["findings"] for m in f["statement"]["mentions"]]
    assert spans and all(s["text"] and s["document"] and s["page"] == 1 for s in spans)
