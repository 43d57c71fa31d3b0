"""Random runs: small, of every kind of mask, term and model, valid or at odds with themselves."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from auxjepa.masks import MASKS
from auxjepa.objectives import OBJECTIVES, hyperparameters
from auxjepa.settings import parameters_of
from auxjepa.variants import VARIANTS

SMALL: dict[str, Any] = {
    "data": {"frames": 4, "size": 16, "clips": 8},
    "masks": [{"blocks": 1, "scale": 0.5}],
    "optim": {"steps": 4, "batch": 4},
}
EDGES: list[Any] = [0, 1, 2, 3, 5, 8, -1, 0.0, 0.1, 0.5, 0.99, 1.0, 1.5, -0.5, 1e-8, 1e6, 1e30, 256, True, None, "x"]
WORDS: dict[str, list[Any]] = {
    "channels": ["all", "appearance", "dynamics", "both"],
    "kind": ["l1", "huber", "acceleration", "l2"],
    "on": ["student", "target", "teacher"],
    "split": ["per_level", "concatenated", None, "x"],
    "normalise": ["clip", "batch", "frame"],
    "subspaces": [{}, {"ratio": 0.5}, {"ratio": 0.001}, {"ratio": 2}, {"split": "concatenated"}, {"x": 1}, 3, [1]],
    "hard_region": [{}, {"temperature": 1e-30}, {"pool": "clip"}, {"detach": True}, {"temperature": 0}, None, "x"],
    "distance_weighted": [True, False, "no", 3],
}


def small_run(rng: random.Random) -> dict[str, Any]:
    """A run that trains in a moment."""
    content: dict[str, Any] = {**SMALL, "seed": rng.randrange(100)}
    if rng.random() < 0.5:
        content["variant"] = rng.choice([*VARIANTS])
    return content


def odd_run(rng: random.Random) -> dict[str, Any]:
    """A run whose every field is plausible, though a few fields may not go together."""
    rate = rng.choice((0.03, 0.1, 0.3))
    pick = rng.choice

    def some(usual: list[Any], odd: list[Any]) -> Any:
        return pick(odd if rng.random() < rate else usual)

    data: dict[str, Any] = {
        "source": some(["world", "world:motion", "world:order"], ["world:images", "folder:x", "ucf101", "world:x", ""]),
        "frames": some([4, 8], [1, 2, 3, 6, 7]),
        "size": some([16, 32], [8, 20, 24, 33]),
        "clips": some([8], [1, 2, 64]),
        "stride": some([1], [2, 10**18]),
        "crop_area": some([[1, 1], [0.3, 1]], [[1, 0.3], [0, 1], [0, 0], [1e-300, 1e-300], [0.5, 0.5], [1e-9, 1]]),
        "crop_aspect": some([[0.75, 1.35], [1, 1]], [[1e-300, 1e300], [2, 1], [1e-8, 1e-8], [1e300, 1e300]]),
        "flip": pick([True, False]),
        "cache": some(["auto"], ["raw", "jpeg", "none"]),
        "workers": some([0], [1, 2]),
    }
    if rng.random() < 0.2:
        names = rng.sample(["world:motion", "world:order", "world:images"], k=rng.randint(1, 3))
        data["mixture"] = {n: {"weight": some([0.2, 0.6, 1], [0, 1e-9, 1e6, 0.123456789])} for n in names}
        extra = some([{}, {"frames": 1}], [{"frames": 3}, {"clips": 2}, {"stride": 2}, {"fps": 1e-9}, {"source": "x"}])
        data["mixture"][names[0]] |= extra
    names = rng.sample([*OBJECTIVES], k=pick([0, 1, 2]))
    return {
        "variant": some(["custom", "mine"], [*VARIANTS]),
        "seed": rng.randrange(5),
        "data": data,
        "model": {
            "size": some(["nano"], ["tiny"]),
            "tubelet": some([1, 2], [3, 4]),
            "patch": some([8], [1, 4, 16, 3]),
            "levels": some([1, 2], [4]),
            "position": pick(["rope", "sincos"]),
            "rope": pick(["interleaved", "tiled"]),
            "rope_interpolate": some([None, 7], [1, 2, 10**18]),
            "modality_embedding": pick([True, False]),
            "predictor_dim": some([None, 24, 96], [1, 2, 5, 6, 12, 50]),
            "predictor_depth": some([None, 1], [3]),
        },
        "masks": [mask(rng, some) for _ in range(pick([1, 1, 2]))],
        "objectives": {"prediction": {}} | {name: term(name, rng, some) for name in names},
        "teacher": {
            "enabled": pick([True, True, False]),
            "momentum": some([[0.99, 1]], [[0, 0], [1, 1], [1, 0]]),
            "normalise": pick(["layer", "position"]),
        },
        "optim": {
            "steps": pick([1, 2, 4, 10**6]),
            "batch": some([4, 8], [1, 2, 3]),
            "lr": some([1e-3], [1e-300, 1, 1e10, 1e300]),
            "lr_start": pick([0, 1]),
            "lr_end": pick([0, 1]),
            "warmup": pick([0, 0.1, 1]),
            "weight_decay": some([0, 0.04], [1e300]),
            "betas": some([[0.9, 0.999]], [[0, 0], [0.999999999999, 0.5]]),
            "clip": some([1, None], [1e-300, 1e300]),
            "precision": pick(["fp32", "bf16"]),
            "balance": some(["sum"], ["upgrad", "pcgrad", "mgda", "dualproj", "aligned_mtl", "cagrad"]),
        },
        "checkpoint": {
            "every": pick([1, 2, 10**9]),
            "keep": some(["last", "best"], ["all"]),
            "metric": some(["loss", "lr", "terms/prediction"], ["terms/delta", "rank/teacher", "accuracy", ""]),
        },
        "log": {"monitor_every": pick([1, 2, 10**9])},
    }


Pick = Callable[[list[Any], list[Any]], Any]


def mask(rng: random.Random, some: Pick) -> dict[str, Any]:
    """A mask generator with some of its settings.

    Args:
        some: takes a usual value, or now and then an odd one.
    """
    kind = some([*MASKS], ["tube", ""])
    names = parameters_of(MASKS[kind].draw, ("request",)) if kind in MASKS else {"x": 1}
    return {
        "kind": kind,
        "blocks": some([1], [2, 8, 100]),
        "scale": some([0.3, 0.5], [0, 0.15, 0.99, 1]),
        "temporal_scale": some([1], [0, 0.5]),
        "aspect": some([[0.75, 1.5]], [[1, 1], [1e-300, 1e308], [1e308, 1e308], [3, 1]]),
        "truncation": rng.choice(["random", "raster"]),
        "args": {name: setting(name, default, rng, some) for name, default in names.items() if rng.random() < 0.3},
    }


def term(name: str, rng: random.Random, some: Pick) -> dict[str, Any]:
    """A term of the loss with some of its hyperparameters."""
    pick, defaults = rng.choice, hyperparameters(OBJECTIVES[name])
    return {
        "weight": some([0.1, 1], [0, 1e6, 1e20, 1e38, 1e308]),
        "schedule": {
            "kind": pick(["constant", "linear", "cosine"]),
            "start": pick([0, 0.5]),
            "end": pick([0.5, 1]),
            "first": some([1], [0, 1e308]),
            "last": pick([0, 1]),
        },
        "args": {n: setting(n, default, rng, some) for n, default in defaults.items() if rng.random() < 0.5},
    }


def setting(name: str, default: Any, rng: random.Random, some: Pick) -> Any:
    """A value for a setting: its default, one of its kind, or anything."""
    return some([default, *WORDS.get(name, [])[:2]], [*WORDS.get(name, []), *EDGES])
