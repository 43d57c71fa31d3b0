"""The protocol of a search, and the flow as picture and text."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa_review.search import flow
from auxjepa_review.search.dedupe import Duplicate
from auxjepa_review.search.protocol import Flow, Protocol, SourceSearch, count_flow
from auxjepa_review.search.screen import Decision, Rules
from auxjepa_review.search.search import search_works

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def decision(stage: str, included: bool, rule: str, document: str = "", work: str = "w") -> Decision:
    return Decision.model_validate(
        {
            "work": work,
            "title": "<script>alert(1)</script> | `x`",
            "source": "arxiv",
            "stage": stage,
            "document": document,
            "included": included,
            "rule": rule,
            "reason": "because",
            "basis": "full text" if document else "abstract",
        }
    )


@pytest.fixture
def protocol() -> Protocol:
    searches = (
        SourceSearch(source="corpus", title="local corpus", query="video", date=NOON, reported=2, returned=2),
        SourceSearch(
            source="arxiv", title="arXiv", query='all:"V-JEPA"', date=NOON, reported=1234, returned=7, cached=NOON
        ),
        SourceSearch(source="crossref", title="Crossref", query="video", date=NOON, returned=0, error="HTTP 500 <b>"),
    )
    decisions = (
        decision("screening", False, "off the question"),
        decision("screening", False, "language"),
        decision("screening", False, "off the question"),
        decision("eligibility", True, "on the question", "seed"),
        decision("eligibility", False, "too few concepts", "seed2"),
        decision("eligibility", True, "on the question"),
        decision("eligibility", False, "full text not at hand"),
    )
    duplicates = (Duplicate(kept="a", merged="b", source="arxiv", by="doi"),) * 2
    return Protocol(
        question="Does it?",
        date=NOON,
        online=True,
        concepts=("V-JEPA",),
        rules=Rules(),
        searches=searches,
        duplicates=duplicates,
        decisions=decisions,
        flow=count_flow(searches, duplicates, decisions),
    )


def test_the_flow_is_counted_from_the_records(protocol: Protocol):
    assert protocol.flow.model_dump() == {
        "identified": {"corpus": 2, "arxiv": 7, "crossref": 0},
        "duplicates": 2,
        "screened": 7,
        "excluded": {"off the question": 2, "language": 1},
        "sought": 4,
        "not_retrieved": 2,
        "assessed": 2,
        "assessed_abstracts": 1,
        "ineligible": {"too few concepts": 1, "full text not at hand": 1},
        "included": 2,
        "included_abstracts": 1,
    }
    assert [s.source for s in protocol.errors] == ["crossref"] and len(protocol.included) == 2


@pytest.mark.parametrize("field", [f for f in Flow.model_fields if f not in ("identified", "excluded", "ineligible")])
def test_numbers_that_do_not_add_up_are_refused(protocol: Protocol, field: str):
    content = protocol.flow.model_dump()
    content[field] += 1
    with pytest.raises(ValidationError, match=r"doesn't add up|the records give"):
        Protocol.model_validate(protocol.model_dump() | {"flow": content})
    if field != "included_abstracts":
        with pytest.raises(ValidationError, match="doesn't add up"):
            Flow.model_validate(content)


def test_a_missing_record_is_detected(protocol: Protocol):
    content: dict[str, Any] = protocol.model_dump()
    for name in ("searches", "duplicates", "decisions"):
        with pytest.raises(ValidationError):
            Protocol.model_validate(content | {name: content[name][1:]})


def test_it_is_written_and_read_completely(protocol: Protocol, tmp_path: Path):
    file = protocol.write(tmp_path / "out" / "protocol.json")
    assert Protocol.load(file) == protocol
    content = json.loads(file.read_text())
    content["flow"]["screened"] = 8
    file.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=r"protocol\.json: flow: the flow doesn't add up") as error:
        Protocol.load(file)
    assert "\n" not in str(error.value)
    with pytest.raises(ConfigError, match="No such file"):
        Protocol.load(tmp_path / "none.json")


def test_the_picture_is_complete_and_describes_its_numbers(protocol: Protocol):
    picture = str(flow.svg(protocol))
    root = ElementTree.fromstring(picture)
    space = "{http://www.w3.org/2000/svg}"
    description = root.findtext(f"{space}desc", "")
    assert (
        root.tag == f"{space}svg"
        and root.get("role") == "img"
        and root.findtext(f"{space}title") == "Flow of the search"
    )
    assert "9 records identified (local corpus 2, arXiv 7, Crossref 0 (failed)); 2 duplicates removed." in description
    assert "2 works included, 1 of them by their abstract only." in description
    labels = [t.text for t in root.iter(f"{space}text")]
    for line in (
        "Records identified: 9",
        "arXiv: 7 of 1,234",
        "Crossref: 0, failed",
        "Excluded: 3",
        "off the question: 2",
        "judged by their abstract: 1",
        "not judged: 1",
        "Works included: 2",
    ):
        assert line in labels, line
    assert "prefers-color-scheme: dark" in picture and "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_labels_of_stages_do_not_overlap_in_small_rows():
    empty = search_works("Does V-JEPA work?").protocol
    root = ElementTree.fromstring(str(flow.svg(empty)))
    places = [
        (float(t.get("transform", "").split()[1].split(")")[0]), 3.5 * len(t.text or ""))
        for t in root.iter("{http://www.w3.org/2000/svg}text")
        if t.get("class") == "stage"
    ]
    assert len(places) == 5
    for (upper, half), (lower, half_of_lower) in itertools.pairwise(places):
        assert lower - half_of_lower - (upper + half) > 3


def test_boxes_do_not_overlap_and_stay_in_the_picture(protocol: Protocol):
    root = ElementTree.fromstring(str(flow.svg(protocol)))
    width, height = (float(v) for v in root.get("viewBox", "").split()[2:])
    boxes = [
        tuple(float(r.get(k, "0")) for k in ("x", "y", "width", "height"))
        for r in root.iter("{http://www.w3.org/2000/svg}rect")
        if "box" in r.get("class", "")
    ]
    assert len(boxes) == 9
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        for a, b, c, d in boxes[:i]:
            assert x >= a + c or a >= x + w or y >= b + d or b >= y + h


def test_the_text_has_every_search_and_every_decision_and_no_foreign_markup(protocol: Protocol):
    text = flow.markdown(protocol)
    assert (
        text.count("because") == 7
        and '| arXiv | `all:"V-JEPA"` | 2026-11-24 12:00 | 2026-11-24 | 1,234 | 7 |  |' in text
    )
    assert (
        "- b (arxiv) is a, by its DOI" in text
        and "<script" not in text.replace("\\<script", "")
        and "HTTP 500 \\<b\\>" in text
    )
    rows = [line for line in text.splitlines() if line.startswith("| w ")]
    assert [r.replace("\\|", "").count("|") for r in rows] == [6] * 7
