"""Concepts and content words of questions."""

from __future__ import annotations

import pytest

from auxjepa.config import ConfigError
from auxjepa_review.search import concepts
from auxjepa_review.search.concepts import (
    concepts_in,
    content_stems,
    find_concept,
    load_concepts,
    parse_question,
    spelling_in,
    stem,
)


def known_concept(name: str) -> concepts.Concept:
    return next(c for c in load_concepts() if c.name == name)


def names(text: str) -> list[str]:
    return [c.name for c in parse_question(text).concepts]


def test_a_question_is_parsed_in_its_own_order():
    parsed = parse_question(
        "Does contrastive auxiliary training in Video-JEPA improve few-shot accuracy on EPIC-Kitchens-100?"
    )
    assert [c.name for c in parsed.concepts] == [
        "contrastive", "auxiliary_objectives", "video_jepa", "few_shot", "epic_kitchens",
    ]  # fmt: skip
    assert [c.kind for c in parsed.of("benchmark")] == ["benchmark"]
    assert "Does" not in parsed.words and "improve" not in parsed.words and "accuracy" in parsed.words


@pytest.mark.parametrize(
    "text", ["V-JEPA 2", "video-JEPA", "Video JEPAs", "vjepa", "a joint-embedding\npredictive model"]
)
def test_spellings_match_with_any_separators_and_case(text: str):
    assert names(text) == ["video_jepa"]


@pytest.mark.parametrize("text", ["a jepaX model", "mae west", "kineticsology", "dUCF-1012"])
def test_similar_words_do_not_match(text: str):
    assert names(text) == []


def test_spellings_in_capitals_match_capitals_only():
    assert names("MAE") == ["masked_autoencoding"] and names("mae") == []


def test_plain_queries_are_short_and_without_repetition():
    plain = parse_question("Do auxiliary objectives help Video-JEPA on rotated objects in few-shot settings?").plain(8)
    assert plain.startswith("auxiliary objective Video-JEPA few-shot rotated") and "objectives" not in plain
    assert len(parse_question(" ".join(f"word{i}" for i in range(50))).plain(10).split()) == 10


def test_alternatives_take_turns_between_concepts():
    spellings = parse_question("robustness on Kinetics").either("benchmark", "setting", each=2, most=3)
    assert spellings == ["robustness", "Kinetics", "out-of-distribution"]


def test_a_question_is_asked_in_its_own_words():
    concept = parse_question("robustness on Kinetics-700").of("benchmark")[0]
    assert concept.spellings[0] == "Kinetics-700" and sorted(concept.spellings) == sorted(
        known_concept("kinetics").spellings
    )
    assert (
        spelling_in(concept, "trained on K400 clips") == "K400" and spelling_in(concept, "on nothing") == "Kinetics-700"
    )
    assert spelling_in(known_concept("masked_autoencoding"), "an MAE") == "MAE"


def test_mentions():
    concepts_asked = parse_question("Video-JEPA on SSv2").concepts
    assert [c.name for c in concepts_in(concepts_asked, "We use Something-Something v2.")] == ["ssv2"]
    assert find_concept(concepts_asked[0], "no such thing") is None


def test_forms_of_a_word_have_one_stem():
    for first, second in (
        ("objectives", "objective"),
        ("masking", "masked"),
        ("studies", "study"),
        ("frames", "frame"),
    ):
        assert stem(first) == stem(second), first
    assert stem("bus") == "bus" and content_stems("The Studies of the study") == ["stud"]


def test_every_concept_matches_its_own_spellings():
    for concept in load_concepts():
        for spelling in (*concept.spellings, *concept.cased):
            assert find_concept(concept, f"on {spelling}.") == 3, spelling


def test_a_wrong_file_is_refused(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("method: {x: {spelings: [a]}}")
    with pytest.raises(ConfigError, match=r"c\.yaml: .*spell?ings"):
        concepts.load_concepts(file)
