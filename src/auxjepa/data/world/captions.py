"""Write captions of world clips from their factors, with a grammar that has many paraphrases.

A caption names every factor of its clip and no nuisance, so it identifies only the combination of classes. Test
captions share no sentence pattern and no synonym with training captions. Single words such as "right" may recur.
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
    Phrases,
)
from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 1
"""The version increases if the same seed gives other captions."""

Facts = Literal["all", "look", "change"]
FACTS: tuple[Facts, ...] = ("all", "look", "change")
_COLUMNS = 8  # random numbers for each caption

_SHAPES, _TEXTURES = tuple(SHAPES), tuple(TEXTURES)


def write_captions(
    factors: Factors, facts: str = "all", phrasing: str = "train", count: int = 1, seed: int = 0
) -> list[list[str]]:
    """Return the captions of every clip, as one list for each clip.

    The captions of clip ``i`` depend on its classes and on (seed, phrasing, count, i).

    Args:
        factors: factors of ``n`` clips.
        facts: factors that a caption names. ``all``: all factors of the clip. ``look``: texture and shape, which one
            frame shows. ``change``: direction, speed and rotation, or the three events, which no single frame shows.
        phrasing: ``train``, ``validation`` or ``test``, three sets of patterns and synonyms without common members.
        count: number of captions of a clip.
        seed: seed of the choice.

    Raises:
        ValueError: if facts or phrasing is unknown, count is below 1, or facts is ``change`` for images.
    """
    _check(factors, facts)
    _check_phrasing(phrasing)
    if count < 1 or seed < 0:
        raise ValueError(f"captions need a count of at least 1 and a seed of at least 0, got {count} and {seed}")
    rng = np.random.default_rng(np.random.SeedSequence([seed, tuple(PHRASINGS).index(phrasing), VERSION]))
    draws = rng.random((len(factors), count, _COLUMNS))
    return [
        [_write_sentence(factors, clip, facts, phrasing, draws[clip, number]) for number in range(count)]
        for clip in range(len(factors))
    ]


def number_combinations(factors: Factors, facts: str = "all") -> Int[np.ndarray, " n"]:
    """Return the number of the combination that each clip's captions name, int ``[n]``.

    Clips with the same number have interchangeable captions.

    Args:
        factors: factors of ``n`` clips.
        facts: see :func:`write_captions`.

    Raises:
        ValueError: if facts is unknown, or ``change`` for images.
    """
    _check(factors, facts)
    look = factors.shape * len(_TEXTURES) + factors.texture
    if factors.still:
        return look
    fine = (factors.direction * len(PROFILES) + factors.speed_profile) * len(SENSES) + factors.rotation
    change = np.where(factors.moving, fine, len(CLASSES["fine_motion"]) + factors.order)
    changes = len(CLASSES["fine_motion"]) + len(ORDERS)
    return {"look": look, "change": change, "all": look * changes + change}[facts]


def write_prompts(label: str, phrasing: str = "test") -> list[list[str]]:
    """Return sentences for zero-shot classification, as one list for each class. A sentence names only its class.

    Args:
        label: label column.
        phrasing: see :func:`write_captions`.

    Raises:
        ValueError: if the world has no such label, or phrasing is unknown.
    """
    classes = CLASSES | IMAGE_CLASSES
    if label not in classes:
        raise ValueError(f"the world has no label {label!r} (choose from: {', '.join(classes)})")
    _check_phrasing(phrasing)
    return [_write_prompts_of_class(label, name, phrasing) for name in classes[label]]


def _check(factors: Factors, facts: str) -> None:
    if facts not in FACTS:
        raise ValueError(f"facts must be one of {', '.join(FACTS)}; got {facts!r}")
    if factors.still and facts == "change":
        raise ValueError("nothing changes in images: facts must be 'look' or 'all'")


def _check_phrasing(phrasing: str) -> None:
    if phrasing not in PHRASINGS:
        raise ValueError(f"phrasing must be one of {', '.join(PHRASINGS)}; got {phrasing!r}")


def _write_sentence(f: Factors, clip: int, facts: str, phrasing: str, u: Float[np.ndarray, " 8"]) -> str:
    """Return one caption.

    Args:
        f: factors of all clips.
        clip: index of the clip.
        facts: see :func:`write_captions`.
        phrasing: see :func:`write_captions`.
        u: uniform numbers, one for each choice.
    """
    words = {"look": _choose(SUBJECTS, phrasing, u[1])}
    if facts != "change":
        texture = _choose(TEXTURE_WORDS[_TEXTURES[f.texture[clip]]], phrasing, u[1])
        words["look"] = _add_article(f"{texture} {_choose(SHAPE_WORDS[_SHAPES[f.shape[clip]]], phrasing, u[2])}")
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
    return _capitalise(_choose(patterns, phrasing, u[0]).format(**words))


def _choose(phrases: Phrases, phrasing: str, u: float) -> str:
    options: tuple[str, ...] = getattr(phrases, phrasing)
    return options[int(u * len(options))]


def _add_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith('uni') else 'a'} {noun}"


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]


def _write_prompts_of_class(label: str, name: str, phrasing: str) -> list[str]:
    """Return one sentence for each phrase of a class, with combinations of phrases if the class has several parts."""
    if label == "order":
        parts = [getattr(EVENT_WORDS[event], phrasing) for event in name.split(", ")]
        return [
            _capitalise(pattern.format(look=_pick(getattr(SUBJECTS, phrasing), k), **_pick_events(parts, k)))
            for k, pattern in enumerate(getattr(ORDER, phrasing))
        ]
    if label in ("appearance", "image_class", "shape", "texture"):
        texture, _, shape = name.rpartition(" ") if " " in name else ("", "", "")
        texture, shape = texture or (name if label == "texture" else ""), shape or (name if label == "shape" else "")
        textures = getattr(TEXTURE_WORDS[texture], phrasing) if texture else ("",)
        shapes = getattr(SHAPE_WORDS[shape], phrasing) if shape else ("object",)
        looks = [_add_article(f"{adjective} {noun}".strip()) for adjective in textures for noun in shapes]
        return [_capitalise(pattern.format(look=_pick(looks, k))) for k, pattern in enumerate(getattr(LOOK, phrasing))]
    tables = {"direction": [WAY_WORDS], "speed_profile": [SPEED_WORDS], "rotation": [TURN_WORDS]}
    used = tables.get(label, [WAY_WORDS, SPEED_WORDS, TURN_WORDS])
    options = [getattr(table[part], phrasing) for table, part in zip(used, name.split(", "), strict=True)]
    count = math.lcm(*map(len, options))
    motions = dict.fromkeys(", ".join(_pick(phrases, k) for phrases in options) for k in range(count))
    return [_capitalise(f"{subject} moving {motion}") for subject in getattr(SUBJECTS, phrasing) for motion in motions]


def _pick(options: tuple[str, ...] | list[str], k: int) -> str:
    return options[k % len(options)]


def _pick_events(parts: list[tuple[str, ...]], k: int) -> dict[str, str]:
    return {place: _pick(part, k) for place, part in zip(("first", "middle", "last"), parts, strict=True)}
