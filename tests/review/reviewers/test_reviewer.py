"""Sections, and the word on a sentence with several parts."""

from __future__ import annotations

import pytest

from auxjepa_review.reviewers.reviewer import make_mark, section_text, split_sections
from auxjepa_review.verify import combine_words
from miniatures import dossiers


@pytest.mark.parametrize(
    "heading", ["4 Limitations", "## 4 Limitations", "# Limitations", "LIMITATIONS:", "4.1. Limitation"]
)
def test_headings_in_text_and_markdown(heading: str) -> None:
    of = dossiers.document(f"Before.\n\n{heading}\n\nOnly one seed.\n\nReferences\n\n- x\n", ())
    assert section_text(of, "limitation").strip() == "Only one seed."
    assert split_sections(of)[""].strip() == "Before."


def test_a_word_within_a_sentence_is_no_heading() -> None:
    of = dossiers.document("The results of the limitations\nof methods we discuss.\n", ())
    assert list(split_sections(of)) == [""]


def test_one_false_part_makes_a_sentence_false() -> None:
    assert combine_words(["supported", "contradicted", "not testable"]) == "contradicted"
    assert combine_words(["supported", "supported"]) == "supported"
    assert combine_words(["supported", "not found"]) == "not found"
    assert combine_words(["supported", "not testable"]) == "not testable"
    assert combine_words([]) == "not found"


def test_points_stay_within_bounds() -> None:
    assert make_mark("x", 3, -2.0, "why").points == 0
    assert make_mark("x", 3, 1.7, "why").points == 3
