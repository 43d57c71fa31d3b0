"""Captions name every factor and nothing else, and the three sets of phrases share none."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from auxjepa.data.world import CLASSES, IMAGE_CLASSES, sample
from auxjepa.data.world import phrases as p
from auxjepa.data.world.captions import number_combinations, write_captions, write_prompts
from auxjepa.data.world.factors import ORDERS
from auxjepa.data.world.sprites import SHAPES, TEXTURES

TABLES = {
    "shape": p.SHAPE_WORDS,
    "texture": p.TEXTURE_WORDS,
    "direction": p.WAY_WORDS,
    "speed_profile": p.SPEED_WORDS,
    "rotation": p.TURN_WORDS,
}
PATTERNS = {"motion": p.MOTION, "order": p.ORDER, "images": p.LOOK}


def read(text: str, table: dict[str, p.Ways], phrasing: str) -> tuple[str, str]:
    """The value that a caption names, the longest match, and the caption without it."""
    phrases = [(phrase, value) for value, ways in table.items() for phrase in getattr(ways, phrasing)]
    for phrase, value in sorted(phrases, key=lambda one: -len(one[0])):
        match = re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text, flags=re.I)
        if match:
            return value, text[: match.start()] + text[match.end() :]
    raise AssertionError(f"nothing of {list(table)} in {text!r}")


@pytest.mark.parametrize("phrasing", p.PHRASINGS)
def test_a_motion_caption_names_its_complete_combination(phrasing):
    factors = sample("train", 600, role="motion")
    labels = factors.labels()
    for clip, (text,) in enumerate(write_captions(factors, phrasing=phrasing)):
        rest = text
        for name in ("rotation", "speed_profile", "direction"):
            value, rest = read(rest, TABLES[name], phrasing)
            assert value == CLASSES[name][labels[name][clip]], (name, text)
        for name in ("texture", "shape"):
            value, rest = read(rest, TABLES[name], phrasing)
            assert value == CLASSES[name][labels[name][clip]], (name, text)


@pytest.mark.parametrize("phrasing", p.PHRASINGS)
def test_an_order_caption_names_three_events_in_order(phrasing):
    factors = sample("test", 300, role="order")
    for clip, (text,) in enumerate(write_captions(factors, phrasing=phrasing)):
        phrases = [(phrase, event) for event, ways in p.EVENT_WORDS.items() for phrase in getattr(ways, phrasing)]
        positions = sorted(
            (m.start(), event) for phrase, event in phrases for m in re.finditer(phrase, text, flags=re.I)
        )
        first_of = dict(positions)
        assert ", ".join(first_of[place] for place in sorted(first_of)) == ORDERS[factors.order[clip]], text


@pytest.mark.parametrize("phrasing", p.PHRASINGS)
def test_an_image_caption_names_its_class(phrasing):
    factors = sample("test", 200, role="images")
    for number, (text,) in zip(
        factors.labels()["image_class"], write_captions(factors, phrasing=phrasing), strict=True
    ):
        texture, rest = read(text, p.TEXTURE_WORDS, phrasing)
        shape, _ = read(rest, p.SHAPE_WORDS, phrasing)
        assert f"{texture} {shape}" == IMAGE_CLASSES["image_class"][number], text


def test_sets_share_no_pattern_and_no_synonym():
    for table in (*TABLES.values(), p.EVENT_WORDS, {"subject": p.SUBJECTS}, PATTERNS):
        everything = [phrase.lower() for ways in table.values() for one in ways for phrase in one]
        assert len(everything) == len(set(everything))
    for table in (*TABLES.values(), p.EVENT_WORDS):
        assert all(all(getattr(ways, phrasing) for phrasing in p.PHRASINGS) for ways in table.values())


@pytest.mark.parametrize("role", PATTERNS)
def test_there_are_thirty_patterns_a_role_and_each_takes_every_slot(role):
    patterns = [one for ways in PATTERNS[role] for one in ways]
    slots = {
        "motion": {"look", "way", "speed", "turn"},
        "order": {"look", "first", "middle", "last"},
        "images": {"look"},
    }[role]
    assert len(patterns) >= 30
    assert all(sorted(re.findall(r"{(\w+)}", one)) == sorted(slots) for one in patterns)


@pytest.mark.parametrize("role", ["motion", "order", "mixture"])
def test_captions_name_no_nuisance(role):
    """Clips that share the classes and nothing else have the same captions."""
    one, other = sample("train", 40, role=role), sample("validation", 40, seed=9, role=role)
    same = {
        name: getattr(one, name) for name in ("shape", "texture", "direction", "speed_profile", "rotation", "order")
    }
    assert write_captions(one, count=3) == write_captions(replace(other, **same), count=3)


def test_captions_name_only_factors_that_the_clip_shows():
    order, motion = sample("train", 40, role="order"), sample("train", 40, role="motion")
    other = replace(order, direction=(order.direction + 1) % 8, rotation=1 - order.rotation)
    assert write_captions(order) == write_captions(other)
    assert write_captions(motion) == write_captions(replace(motion, order=(motion.order + 1) % 8))
    assert (number_combinations(order) == number_combinations(other)).all()


@pytest.mark.parametrize("role", ["motion", "order"])
def test_look_and_change_have_separate_captions(role):
    factors = sample("train", 100, role=role)
    turned = replace(factors, shape=(factors.shape + 1) % len(SHAPES), texture=(factors.texture + 1) % len(TEXTURES))
    moved = replace(
        factors,
        direction=(factors.direction + 1) % 8,
        speed_profile=(factors.speed_profile + 1) % 3,
        rotation=1 - factors.rotation,
        order=(factors.order + 1) % 8,
    )
    assert write_captions(factors, "change") == write_captions(turned, "change") != write_captions(moved, "change")
    assert write_captions(factors, "look") == write_captions(moved, "look") != write_captions(turned, "look")
    for facts, same, other in (("change", turned, moved), ("look", moved, turned)):
        assert (number_combinations(factors, facts) == number_combinations(same, facts)).all()
        assert (number_combinations(factors, facts) != number_combinations(other, facts)).all()


def test_combinations_are_those_of_the_classes():
    for role, number in (("motion", 5 * 4 * 48), ("order", 5 * 4 * 8), ("images", 20)):
        factors = sample("train", 6000, role=role)
        assert len(np.unique(number_combinations(factors))) == pytest.approx(number, abs=6)
    factors = sample("train", 400, role="mixture")
    assert not set(number_combinations(factors)[::2]) & set(number_combinations(factors)[1::2])


def test_captions_follow_from_seed_and_place():
    factors = sample("train", 30, role="motion")
    assert write_captions(factors, count=2)[:10] == write_captions(factors[:10], count=2)
    assert write_captions(factors, seed=1) != write_captions(factors)
    assert write_captions(factors, phrasing="test") != write_captions(factors)
    assert len({text for clip in write_captions(factors[:1], count=30) for text in clip}) > 20


@pytest.mark.parametrize("label", [*CLASSES, *IMAGE_CLASSES])
def test_prompts_name_one_class_each(label):
    classes = (CLASSES | IMAGE_CLASSES)[label]
    texts = write_prompts(label)
    assert len(texts) == len(classes) and all(len(set(one)) == len(one) > 1 for one in texts)
    assert all(not set(one) & set(other) for one, other in combinations(texts, 2))


@pytest.mark.parametrize("label", ["direction", "speed_profile", "rotation", "shape", "texture"])
def test_prompts_describe_the_class(label):
    for name, texts in zip(CLASSES[label], write_prompts(label, "train"), strict=True):
        assert {read(text, TABLES[label], "train")[0] for text in texts} == {name}


def test_articles_and_capitals():
    texts = [t for clip in write_captions(sample("train", 500, role="motion"), count=4) for t in clip]
    texts += [t for label in ("texture", "shape", "image_class") for one in write_prompts(label) for t in one]
    for text in texts:
        assert text[0].isupper()
        assert not re.search(r"\ba [aeio]|\ban [^aeiou]|\ban uni|\ba u(?!ni)|  |{|}", text, flags=re.I), text


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: write_captions(f, "pose"), "facts must be one of all, look, change"),
        (lambda f: write_captions(f, phrasing="dev"), "phrasing must be one of"),
        (lambda f: write_captions(f, count=0), "count of at least 1"),
        (lambda f: write_captions(sample("train", 2, role="images"), "change"), "nothing changes in images"),
        (lambda f: number_combinations(f, "pose"), "facts must be one of"),
        (lambda f: write_prompts("size"), "no label 'size'"),
        (lambda f: write_prompts("shape", "dev"), "phrasing must be one of"),
    ],
)
def test_wrong_arguments_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call(sample("train", 2))
