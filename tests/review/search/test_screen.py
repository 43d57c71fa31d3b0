"""Rules for works: screening and eligibility."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa_review.records import Document, Work
from auxjepa_review.search.concepts import parse_question
from auxjepa_review.search.screen import Rules, decide, guess_language

QUESTION = parse_question("Do auxiliary objectives make Video-JEPA more robust on Kinetics-700 (robustness)?")
OFF = "We bake bread with yeast, and it is good for the people of the town that like it with butter."
ON = "V-JEPA with an auxiliary loss is studied; robustness is measured on Kinetics-400 with corruption of the frames."


def decided(work: dict[str, Any], text: str | None = None, rules: Rules | None = None, question: str = ""):
    record = Work(**{"title": "A title", **work})
    document = Document(id="paper", work=record, pages=(text,)) if text is not None else None
    return decide("it", record, document, parse_question(question) if question else QUESTION, rules or Rules())


@pytest.mark.parametrize(
    ("work", "rules", "stage", "rule"),
    [
        ({"abstract": ON}, Rules(), "eligibility", "on the question"),
        ({}, Rules(), "screening", "no abstract or text"),
        ({"abstract": ON, "language": "de"}, Rules(), "screening", "language"),
        ({"abstract": ON, "language": "en-GB"}, Rules(), "eligibility", "on the question"),
        ({"abstract": ON, "language": "de"}, Rules(languages=()), "eligibility", "on the question"),
        ({"abstract": ON, "year": 2019}, Rules(years=(2020, None)), "screening", "year"),
        ({"abstract": ON, "year": 2019}, Rules(years=(None, 2018)), "screening", "year"),
        ({"abstract": ON, "year": 2019}, Rules(years=(2019, 2019)), "eligibility", "on the question"),
        ({"abstract": ON}, Rules(years=(2020, None)), "eligibility", "on the question"),
        ({"abstract": OFF}, Rules(), "screening", "off the question"),
        (
            {"abstract": "Kinetics-400 is large and robustness is rare."},
            Rules(),
            "eligibility",
            "no method of the question",
        ),
        ({"abstract": "V-JEPA and its auxiliary loss."}, Rules(), "eligibility", "no benchmark or setting"),
        ({"abstract": ON}, Rules(concepts=9), "eligibility", "on the question"),
        ({"abstract": "V-JEPA on Kinetics-400."}, Rules(concepts=3), "eligibility", "too few concepts"),
        ({"abstract": ON}, Rules(abstracts=False), "eligibility", "full text not at hand"),
        (
            {"abstract": ON, "doi": "10.1000/x"},
            Rules(exclude=("https://doi.org/10.1000/X",)),
            "screening",
            "left out by id",
        ),
        (
            {"abstract": OFF, "arxiv": "2605.17165"},
            Rules(include=("arXiv:2605.17165v3",)),
            "eligibility",
            "taken by id",
        ),
    ],
)
def test_rules_for_abstracts(work: dict[str, Any], rules: Rules, stage: str, rule: str):
    decision = decided(work, rules=rules)
    assert (decision.stage, decision.rule) == (stage, rule) and decision.reason
    assert decision.included is (rule in ("on the question", "taken by id"))
    assert decision.basis == ("abstract" if work.get("abstract") else "title") and not decision.document


def test_an_available_text_is_read_completely():
    late = decided({}, OFF + " filler" * 2000 + ON)
    assert late.included and late.basis == "full text" and late.document == "paper"
    off = decided({}, OFF * 5)
    assert not off.included and off.stage == "eligibility" and off.rule == "no method of the question"
    methods = decided({}, "V-JEPA and its auxiliary loss.")
    assert methods.included  # a full text needs no benchmark


def test_reasons_name_the_concepts():
    assert decided({"abstract": ON}).reason == "names auxiliary loss, V-JEPA, Kinetics-400, robustness"
    assert decided({"abstract": "V-JEPA on Kinetics-400."}, rules=Rules(concepts=3)).reason == (
        "names V-JEPA, Kinetics-400: 2 of 4, 3 required"
    )


def test_questions_of_other_subjects_are_matched_by_their_words():
    question = "Which yeast leavens sourdough bread fastest?"
    assert decided({"abstract": "Yeast leavens breads of sourdough."}, question=question).included
    little = decided({"abstract": "Bread is old and it is good."}, question=question)
    assert little.stage == "eligibility" and little.reason == "1 of 5 content words, 3 required"
    assert decided({"abstract": "Steel bridges."}, question=question).rule == "off the question"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ON + OFF, "en"),
        ("Wir untersuchen die Wirkung von Hilfszielen auf das Lernen der Videomodelle, und es wird nicht für den Fall "
         "gezeigt, dass die Zahl der Bilder mit der Zeit wächst.", "de"),
        ("Nous étudions les modèles de vidéo dans le cadre des objectifs auxiliaires pour que les résultats sont par "
         "nature comparables avec une référence du domaine.", "fr"),
        ("我们研究了视频表征学习中的辅助目标。" * 4, "??"),
        ("Мы исследуем вспомогательные цели при обучении видеопредставлений.", "??"),
        ("V-JEPA 8.38 12.02 2.07", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_languages_are_recognised_or_unclear(text: str, language: str):
    assert guess_language(text) == language


def test_another_language_is_excluded_by_its_words():
    text = (
        "Wir untersuchen die Wirkung von V-JEPA auf das Lernen, und es wird nicht für den Fall gezeigt, dass die Zahl"
    )
    assert decided({"abstract": text}).rule == "language"
