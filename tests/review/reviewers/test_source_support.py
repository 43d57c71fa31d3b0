"""References, citations, and support by other documents."""

from __future__ import annotations

import pytest

from auxjepa_review.records import Dossier, Passage
from auxjepa_review.reviewers.source_support import references, review
from miniatures import dossiers


def marks(case: Dossier) -> dict[str, tuple[float, str]]:
    return {m.criterion: (m.points / m.possible, m.reason) for m in review(case)}


def test_listed_sources_against_the_number_of_papers_read() -> None:
    assert marks(dossiers.dossier("supported"))["sources are listed"][0] == 1
    text = dossiers.TEXT.replace("yielded 4 papers", "yielded 8 papers")
    result = marks(dossiers.dossier("supported", of=dossiers.document(text)))["sources are listed"]
    assert result == (0.5, "4 of 8 papers that it reports to have read are in its references")
    bare = dossiers.document(dossiers.TEXT.partition("References")[0])
    assert marks(dossiers.dossier("supported", of=bare))["sources are listed"][0] == 0


@pytest.mark.parametrize("cited", ["[3]", "(Brown et al., 2020)", "(Brown and Green, 2020)", "(arXiv:2001.00001)"])
def test_statements_that_cite(cited: str) -> None:
    sentence = f"ZAP gains 2.50 points on Toys-20 {cited}."
    of = dossiers.document(dossiers.TEXT + sentence, [(sentence, True, 0.9), dossiers.ROWS[1]])
    share, reason = marks(dossiers.dossier("supported", of=of))["statements cite a source"]
    assert (share, reason) == (0.5, "1 of 2 statements cite one")


def test_only_other_documents_support() -> None:
    of = dossiers.document()
    text = "ZAP gains 2.50 points on Toys-20, we find."
    here = Passage(span=of.rows[0].span)
    there = Passage(span=dossiers.elsewhere(text))
    alone = Dossier(document=of, findings=(dossiers.finding(of, 1, "supported", supporting=(here,)),))
    assert "other documents say it too" not in marks(alone)
    both = Dossier(document=of, findings=(dossiers.finding(of, 1, "supported", supporting=(here, there)),))
    assert marks(both)["other documents say it too"][0] == 1
    against = Dossier(document=of, findings=(dossiers.finding(of, 1, "contradicted", opposing=(there,)),))
    share, reason = marks(against)["other documents say it too"]
    assert share == 0 and reason.endswith("1 only with other numbers or verdicts")


def test_identifiers_count_once_and_plain_entries_count() -> None:
    thrice = "- arXiv:2001.00001v2\n- https://arxiv.org/abs/2001.00001\n- doi:10.1000/xyz.\n"
    assert references(thrice) == ["2001.00001", "10.1000/xyz"]
    assert references("[1] A book.\n[2] Another.\n") == ["", ""]
