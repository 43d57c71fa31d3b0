"""Information that is needed to repeat the work."""

from __future__ import annotations

import pytest

from auxjepa_review.reviewers.reproducibility import REPORTED, SEARCH, review
from miniatures import dossiers

SENTENCES = {
    "code is named": "See github.com/someone/zap for everything.",
    "data is named": "We train on Kinetics.",
    "seeds are given": "Seeds: 1, 2 and 3.",
    "versions are given": "We use PyTorch 2.11.",
    "a date is given": "Searched on 2026-05-01.",
    "databases are named": "A literature search in OpenAlex.",
    "queries are given": "A literature search with the search terms below.",
    "inclusion is explained": "A literature search; 12 papers were excluded.",
}


@pytest.mark.parametrize("criterion", [*REPORTED, *SEARCH])
def test_each_item_counts_if_it_is_reported(criterion: str) -> None:
    case = dossiers.dossier(of=dossiers.document(SENTENCES[criterion], ()))
    result = {m.criterion: m for m in review(case)}[criterion]
    assert result.points == result.possible and result.reason.startswith("“")
    silent = dossiers.dossier(of=dossiers.document("A systematic review of nothing.", ()))
    assert {m.criterion: m.points for m in review(silent)}[criterion] == 0


def test_only_a_search_must_report_its_protocol() -> None:
    plain = dossiers.dossier(of=dossiers.document("We trained a network.", ()))
    assert not {m.criterion for m in review(plain)} & set(SEARCH)


def test_links_in_references_do_not_name_a_database() -> None:
    text = "A literature search was made.\n\nReferences\n\n- arXiv:2001.00001\n"
    points = {m.criterion: m.points for m in review(dossiers.dossier(of=dossiers.document(text, ())))}
    assert points["databases are named"] == 0
