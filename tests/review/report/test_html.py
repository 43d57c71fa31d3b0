"""The report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from auxjepa_review.outcome import Outcome
from auxjepa_review.report import html
from auxjepa_review.report.contents import sections

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Ids, links within the page, open tags, and all tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [v for v in [values.get("id")] if v]
        self.links += [v for k in ("href", "src") for v in [values.get(k)] if v]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def render_page(outcome: Outcome) -> str:
    return html.render(outcome, sections(outcome))


def test_nothing_of_a_document_or_the_question_is_markup(outcome: Outcome) -> None:
    text = render_page(outcome)
    assert text.count("<script>") == 1 and "<script>alert" not in text and "<b>" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 5  # title, heading, passages, references, command
    assert any("alert(1)" in m.span.text for f in outcome.findings for m in f.statement.mentions)  # it is quoted


@pytest.mark.parametrize("which", ["outcome", "empty"])
def test_the_page_is_well_formed(which: str, request: pytest.FixtureRequest) -> None:
    page = Page(render_page(request.getfixturevalue(which)))
    assert page.open == [] and len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links), page.links


def test_every_claim_of_the_table_opens_its_fold(outcome: Outcome) -> None:
    text = render_page(outcome)
    page = Page(text)
    for finding in outcome.findings:
        target = f"open-claim-{finding.statement.claim.id}"
        assert f"#{target}" in page.links and target in page.ids
    assert page.tags.count("details") >= len(outcome.findings)


def test_code_between_backticks_is_code_and_escaped() -> None:
    assert html.mark_code("a `b<c>` & d") == "a <code>b&lt;c&gt;</code> &amp; d"
    assert html.mark_code("one ` alone") == "one ` alone"


def test_the_numbers_are_those_of_the_outcome(outcome: Outcome) -> None:
    assert html.meta(outcome).startswith(f"{len(outcome.documents)} documents · {len(outcome.findings)} statements")
    assert re.search(r"<svg[^>]*class=\"prisma\"", render_page(outcome))
