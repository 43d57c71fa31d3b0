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


def test_a_question_is_taken_apart_in_its_own_order():
    found = parse_question(
        "Does contrastive auxiliary training in Video-JEPA improve few-shot accuracy on EPIC-Kitchens-100?"
    )
    assert [c.name for c in found.concepts] == [
        "contrastive", "auxiliary_objectives", "video_jepa", "few_shot", "epic_kitchens",
    ]  # fmt: skip
    assert [c.kind for c in found.of("benchmark")] == ["benchmark"]
    assert "Does" not in found.words and "improve" not in found.words and "accuracy" in found.words


@pytest.mark.parametrize(
    "text", ["V-JEPA 2", "video-JEPA", "Video JEPAs", "vjepa", "a joint-embedding\npredictive model"]
)
def test_spellings_meet_whatever_parts_and_case_they_have(text: str):
    assert names(text) == ["video_jepa"]


@pytest.mark.parametrize("text", ["a jepaX model", "mae west", "kineticsology", "dUCF-1012"])
def test_what_only_looks_alike_is_not_taken(text: str):
    assert names(text) == []


def test_spellings_in_capitals_stand_in_capitals():
    assert names("MAE") == ["masked_autoencoding"] and names("mae") == []


def test_plain_queries_say_nothing_twice_and_stay_short():
    plain = parse_question("Do auxiliary objectives help Video-JEPA on rotated objects in few-shot settings?").plain(8)
    assert plain.startswith("auxiliary objective Video-JEPA few-shot rotated") and "objectives" not in plain
    assert len(parse_question(" ".join(f"word{i}" for i in range(50))).plain(10).split()) == 10


def test_alternatives_take_turns_between_concepts():
    found = parse_question("robustness on Kinetics").either("benchmark", "setting", each=2, most=3)
    assert found == ["robustness", "Kinetics", "out-of-distribution"]


def test_a_question_is_asked_in_its_own_words():
    asked = parse_question("robustness on Kinetics-700").of("benchmark")[0]
    assert asked.spellings[0] == "Kinetics-700" and sorted(asked.spellings) == sorted(
        known_concept("kinetics").spellings
    )
    assert spelling_in(asked, "trained on K400 clips") == "K400" and spelling_in(asked, "on nothing") == "Kinetics-700"
    assert spelling_in(known_concept("masked_autoencoding"), "an MAE") == "MAE"


def test_mentions():
    asked = parse_question("Video-JEPA on SSv2").concepts
    assert [c.name for c in concepts_in(asked, "We use Something-Something v2.")] == ["ssv2"]
    assert find_concept(asked[0], "no such thing") is None


def test_forms_of_a_word_meet():
    for one, other in (("objectives", "objective"), ("masking", "masked"), ("studies", "study"), ("frames", "frame")):
        assert stem(one) == stem(other), one
    assert stem("bus") == "bus" and content_stems("The Studies of the study") == ["stud"]


def test_every_concept_finds_its_own_spellings():
    for concept in load_concepts():
        for spelling in (*concept.spellings, *concept.cased):
            assert find_concept(concept, f"on {spelling}.") == 3, spelling


def test_a_wrong_file_is_told(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("method: {x: {spelings: [a]}}")
    with pytest.raises(ConfigError, match=r"c\.yaml: .*spell?ings"):
        concepts.load_concepts(file)
