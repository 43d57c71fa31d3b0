"""Captions of world clips, written from their factors by a grammar with many paraphrases.

A caption names every factor of its clip and no nuisance, so it identifies the combination of classes and nothing else.
Test captions share no sentence pattern and no synonym with training captions (single words such as "right" recur).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from auxjepa.data.world.factors import CLASSES, DIRECTIONS, IMAGE_CLASSES, ORDERS, PROFILES, SENSES, Factors
from auxjepa.data.world.phrases import (
    EVENT_WORDS,
    LOOK,
    MOTION,
    ORDER,
    PHRASINGS,
    SHAPE_WORDS,
    SPEED_WORDS,
    SUBJECTS,
    TEXTURE_WORDS,
    TURN_WORDS,
    WAY_WORDS,
    Ways,
)
from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 1
"""Raised whenever the same seed would give other captions."""

Facts = Literal["all", "look", "change"]
FACTS: tuple[Facts, ...] = ("all", "look", "change")
_COLUMNS = 8  # random numbers a caption

_SHAPES, _TEXTURES = tuple(SHAPES), tuple(TEXTURES)


def captions(
    factors: Factors, facts: str = "all", phrasing: str = "train", count: int = 1, seed: int = 0
) -> list[list[str]]:
    """``count`` captions of every clip. Those of clip ``i`` depend on its classes and on (seed, phrasing, count, i).

    Args:
        facts: ``all`` factors of the clip; only its ``look`` (texture and shape: what one frame shows); only the
            ``change`` (direction, speed and rotation, or the three events: what no frame shows).
        phrasing: which of the three sets of patterns and synonyms, that share none.

    Raises:
        ValueError: for unknown facts or phrasing, a count below 1, or the change of images.
    """
    _check(factors, facts)
    _check_phrasing(phrasing)
    if count < 1 or seed < 0:
        raise ValueError(f"captions need a count of at least 1 and a seed of at least 0, got {count} and {seed}")
    rng = np.random.default_rng(np.random.SeedSequence([seed, tuple(PHRASINGS).index(phrasing), VERSION]))
    draws = rng.random((len(factors), count, _COLUMNS))
    return [
        [_sentence(factors, clip, facts, phrasing, draws[clip, one]) for one in range(count)]
        for clip in range(len(factors))
    ]


def combination(factors: Factors, facts: str = "all") -> Int[np.ndarray, " n"]:
    """Number of what a caption of each clip says: clips with the same number have interchangeable captions.

    Raises:
        ValueError: for unknown facts, or the change of images.
    """
    _check(factors, facts)
    look = factors.shape * len(_TEXTURES) + factors.texture
    if factors.still:
        return look
    fine = (factors.direction * len(PROFILES) + factors.speed_profile) * len(SENSES) + factors.rotation
    change = np.where(factors.moving, fine, len(CLASSES["fine_motion"]) + factors.order)
    changes = len(CLASSES["fine_motion"]) + len(ORDERS)
    return {"look": look, "change": change, "all": look * changes + change}[facts]


def prompts(label: str, phrasing: str = "test") -> list[list[str]]:
    """Sentences for zero-shot classification, for each class of a label column, that name the class and nothing else.

    Raises:
        ValueError: for a label that the world doesn't have, or an unknown phrasing.
    """
    if label not in (known := CLASSES | IMAGE_CLASSES):
        raise ValueError(f"the world has no label {label!r} (known: {', '.join(known)})")
    _check_phrasing(phrasing)
    return [_prompts(label, name, phrasing) for name in known[label]]


def _check(factors: Factors, facts: str) -> None:
    if facts not in FACTS:
        raise ValueError(f"facts must be one of {', '.join(FACTS)}; got {facts!r}")
    if factors.still and facts == "change":
        raise ValueError("nothing changes in images: only 'look' and 'all' can be told of them")


def _check_phrasing(phrasing: str) -> None:
    if phrasing not in PHRASINGS:
        raise ValueError(f"phrasing must be one of {', '.join(PHRASINGS)}; got {phrasing!r}")


def _sentence(f: Factors, clip: int, facts: str, phrasing: str, u: Float[np.ndarray, " 8"]) -> str:
    words = {"look": _choose(SUBJECTS, phrasing, u[1])}
    if facts != "change":
        texture = _choose(TEXTURE_WORDS[_TEXTURES[f.texture[clip]]], phrasing, u[1])
        words["look"] = _article(f"{texture} {_choose(SHAPE_WORDS[_SHAPES[f.shape[clip]]], phrasing, u[2])}")
    patterns = LOOK
    if facts != "look" and not f.still:
        if f.moving[clip]:
            patterns = MOTION
            words["way"] = _choose(WAY_WORDS[DIRECTIONS[f.direction[clip]]], phrasing, u[3])
            words["speed"] = _choose(SPEED_WORDS[PROFILES[f.speed_profile[clip]]], phrasing, u[4])
            words["turn"] = _choose(TURN_WORDS[SENSES[f.rotation[clip]]], phrasing, u[5])
        else:
            patterns = ORDER
            events = ORDERS[f.order[clip]].split(", ")
            for place, event, number in zip(("first", "middle", "last"), events, u[3:6], strict=True):
                words[place] = _choose(EVENT_WORDS[event], phrasing, number)
    return _capital(_choose(patterns, phrasing, u[0]).format(**words))


def _choose(ways: Ways, phrasing: str, u: float) -> str:
    known: tuple[str, ...] = getattr(ways, phrasing)
    return known[int(u * len(known))]


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith('uni') else 'a'} {noun}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _prompts(label: str, name: str, phrasing: str) -> list[str]:
    """One sentence for each way in which the class can be said, combined where a class has several parts."""
    if label == "order":
        parts = [getattr(EVENT_WORDS[event], phrasing) for event in name.split(", ")]
        return [
            _capital(pattern.format(look=_turn(getattr(SUBJECTS, phrasing), k), **_events(parts, k)))
            for k, pattern in enumerate(getattr(ORDER, phrasing))
        ]
    if label in ("appearance", "image_class", "shape", "texture"):
        texture, _, shape = name.rpartition(" ") if " " in name else ("", "", "")
        texture, shape = texture or (name if label == "texture" else ""), shape or (name if label == "shape" else "")
        textures = getattr(TEXTURE_WORDS[texture], phrasing) if texture else ("",)
        shapes = getattr(SHAPE_WORDS[shape], phrasing) if shape else ("object",)
        looks = [_article(f"{one} {other}".strip()) for one in textures for other in shapes]
        return [_capital(pattern.format(look=_turn(looks, k))) for k, pattern in enumerate(getattr(LOOK, phrasing))]
    tables = {"direction": [WAY_WORDS], "speed_profile": [SPEED_WORDS], "rotation": [TURN_WORDS]}
    used = tables.get(label, [WAY_WORDS, SPEED_WORDS, TURN_WORDS])
    ways = [getattr(table[part], phrasing) for table, part in zip(used, name.split(", "), strict=True)]
    said = dict.fromkeys(", ".join(_turn(way, k) for way in ways) for k in range(math.lcm(*map(len, ways))))
    return [_capital(f"{subject} moving {one}") for subject in getattr(SUBJECTS, phrasing) for one in said]


def _turn(known: tuple[str, ...] | list[str], k: int) -> str:
    return known[k % len(known)]


def _events(parts: list[tuple[str, ...]], k: int) -> dict[str, str]:
    return {place: _turn(part, k) for place, part in zip(("first", "middle", "last"), parts, strict=True)}
