"""Records of one work, and works that only look alike."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa_review.records import Work
from auxjepa_review.search.dedupe import duplicates, group_works, label, merge, plain_title, surname

TITLE = "Factorized Latent Dynamics for Video JEPA"


def work(title: str = TITLE, **more: Any) -> Work:
    return Work(title=title, **more)


def same(*works: Work) -> list[list[int]]:
    return [g.members for g in group_works(works)]


def test_a_doi_an_arxiv_id_and_a_title_each_identify_a_work():
    works = [
        work("One title of four words", doi="10.1000/X"),
        work("Another", doi="10.1000/x"),
        work("A third one", arxiv="2605.17165"),
        work("Its second version", doi="10.48550/arXiv.2605.17165v2"),
        work("Alone in the whole world"),
        work("ALONE, in the Whole World!"),
    ]
    groups = group_works(works)
    assert [g.members for g in groups] == [[0, 1], [2, 3], [4, 5]]
    assert [d.by for d in duplicates(works, groups)] == ["doi", "arxiv", "title"]


def test_a_record_with_the_ids_of_two_others_joins_them():
    works = [work("A", arxiv="2605.17165"), work("B", doi="10.1000/x"), work("C", arxiv="2605.17165", doi="10.1000/x")]
    groups = group_works(works)
    assert [g.members for g in groups] == [[0, 1, 2]] and groups[0].by == {1: "doi", 2: "doi"}


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        ({"year": 2026}, {"year": 2025}, True),
        ({"year": 2026}, {"year": 2024}, False),
        ({"authors": ("Ada Lovelace",)}, {"authors": ("Lovelace, A.", "X Y")}, True),
        ({"authors": ("Ada Lovelace",)}, {"authors": ("Grace Hopper",)}, False),
        ({"authors": ("Émilie du Châtelet",)}, {"authors": ("Emilie du Chatelet",)}, True),
        ({"arxiv": "2605.17165"}, {"doi": "10.1109/x"}, True),
        ({"arxiv": "2605.17165"}, {"arxiv": "2605.17166"}, False),
        ({"doi": "10.1109/x"}, {"doi": "10.1145/y"}, False),
        ({"doi": "10.48550/arxiv.2605.17165"}, {"doi": "10.1145/y"}, True),
    ],
)
def test_a_title_alone_needs_nothing_against_it(left: dict[str, Any], right: dict[str, Any], merged: bool):
    assert (len(same(work(**left), work(**right))) == 1) is merged


def test_short_titles_need_year_and_author():
    assert len(same(work("Introduction"), work("Introduction"))) == 2
    details = {"year": 2020, "authors": ("A B",)}
    assert len(same(work("Introduction", **details), work("Introduction", **details))) == 1


def test_a_third_record_does_not_join_two_works_of_one_title():
    """A record that fits two works of one title joins the first one, and the two works stay separate."""
    assert same(work(arxiv="2605.17165"), work(), work(arxiv="2001.00001")) == [[0, 1], [2]]


def test_merging_fills_blanks_and_names_all_sources():
    merged = merge(
        [
            work(arxiv="2605.17165", doi="10.48550/arxiv.2605.17165", abstract="short", source="arxiv", year=2026),
            work(doi="10.1109/x", venue="CVPR", abstract="the longer abstract", source="crossref", year=2027),
            work(authors=("A B",), source="crossref"),
        ]
    )
    assert merged == work(
        authors=("A B",), year=2026, venue="CVPR", doi="10.1109/x", arxiv="2605.17165",
        abstract="the longer abstract", source="arxiv, crossref",
    )  # fmt: skip


def test_duplicates_record_what_was_merged():
    works = [work(arxiv="2605.17165"), work(doi="10.1109/x", source="crossref"), work("Other words of a title")]
    (duplicate,) = duplicates(works, group_works(works))
    assert (duplicate.kept, duplicate.merged, duplicate.source, duplicate.by) == (
        "arxiv:2605.17165",
        "doi:10.1109/x",
        "crossref",
        "title",
    )


def test_no_works_and_many_works():
    assert group_works([]) == []
    assert len(group_works([work(f"Title number {i} of many") for i in range(3000)])) == 3000
    assert len(group_works([work() for _ in range(3000)])) == 1


def test_names():
    assert plain_title("Étude — of V-JEPA: 2 ") == plain_title("etude OF V JEPA, 2") == "etude of v jepa 2"
    assert surname("Ada Lovelace") == surname("Lovelace, Ada") == "lovelace"
    assert label(work(doi="10.1/x")) == "doi:10.1/x" and label(work()) == TITLE
