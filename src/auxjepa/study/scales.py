"""A study in several sizes: ``laptop``, ``gpu``, ``paper``, or any that its file names. Imports no torch.

A file describes one size, which it names under ``scale``. What is otherwise at others stands under ``scales``, by name:

* ``base``, ``sizes`` and ``rule`` are laid over the file's key by key, every other field takes the place of the file's;
* below that lies what the size always brings: ``gpu`` and ``paper`` are in :data:`SCALES`, other names bring nothing;
* a text in place of fields says why there is no such size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auxjepa import regimes
from auxjepa.config import ConfigError, DataConfig
from auxjepa.train.run_settings import lay_over

MERGED = ("base", "sizes", "rule")
GPU_SEEDS, PAPER_SEEDS, PUBLISHED_SEEDS = [*range(200, 210)], [*range(300, 307)], [239, 42, 1337]
"""Of confirming studies and of screens; the last are those that the paper trained its baseline on."""


def resolve(content: dict[str, Any], scale: str | None, study: str) -> dict[str, Any]:
    """The complete content of a study file at one size; the file's own when ``scale`` is None.

    Args:
        study: what to call it in an error.

    Raises:
        ConfigError: when it has no such size, or what stands under ``scales`` isn't one.
    """
    content = dict(content)
    others = content.pop("scales", None) or {}
    if not isinstance(others, dict) or not all(isinstance(one, (dict, str)) for one in others.values()):
        raise ConfigError(f"{study}: scales must hold, by name, what is otherwise at that scale (or why there is none)")
    own = str(content.get("scale", ""))
    if scale in (None, own):
        return content
    change = others.get(scale)
    if not isinstance(change, dict):
        known = ", ".join(filter(None, [own, *(name for name, one in others.items() if isinstance(one, dict))]))
        why = f": {change}" if change else ""
        raise ConfigError(f"{study} has no scale {scale!r} (it has {known or 'none but its own'}){why}")
    shared = SCALES[scale](content) if scale in SCALES else {}
    named = {"scale": scale, "name": f"{content.get('name', study)}-{scale}"}
    return _changed(_changed(content, named | shared), change)


def names(content: dict[str, Any]) -> list[str]:
    """The sizes that a study file has, its own first."""
    others = content.get("scales") or {}
    return [name for name in (content.get("scale"), *(k for k, v in others.items() if isinstance(v, dict))) if name]


def _gpu(content: dict[str, Any]) -> dict[str, Any]:
    """The world at 112 pixels and 16 frames, a small encoder read at 4 depths, the paper's masks and base loss.

    The laptop's seeds count as screened on: its outcome is known when this is planned.
    """
    cut = {"clips": 16_384, "frames": 16, "size": 112}
    recipe = regimes.paper_recipe().model_dump(mode="json", include={"masks", "objectives"})
    screened = sorted({*content.get("screened_seeds", ()), *content.get("seeds", ())})
    return {
        "seeds": GPU_SEEDS,
        "screened_seeds": screened if content.get("phase") == "confirm" else [],
        "regimes": _cut(content.get("regimes", {"world": {}}), cut),
        "base": {
            "model": {"size": "small", "position": "rope", "patch": 16, "levels": 4},
            **recipe,
            "teacher": {"normalise": "position", "momentum": [0.996, 1.0]},
            "optim": {"steps": 6000, "batch": 64, "lr": 1e-3, "precision": "bf16"},
            "checkpoint": {"every": 1000},
            "log": {"monitor_every": 250},
        },
        "scale_notes": [
            "Small encoder (22 M parameters), 112 x 112 pixels, 16 frames: planned for a working day of one GPU.",
            "The recipe joins the paper's masks, levels and base loss to the laptop's targets; nothing was tuned.",
        ],
    }


def _cut(named: Any, cut: dict[str, int]) -> Any:
    """Regimes with other clips; those that are given by name are looked up. What is no regime is left to the study."""
    known = regimes.by_name(named)
    if not isinstance(known, dict):
        return known
    plain = {k: v.model_dump(mode="json") if isinstance(v, DataConfig) else v for k, v in known.items()}
    return {name: data | cut if isinstance(data, dict) else data for name, data in plain.items()}


def _paper(content: dict[str, Any]) -> dict[str, Any]:
    """Real data and the paper's recipe (:func:`auxjepa.regimes.paper_recipe`): confirmations on seeds that the paper
    didn't use, screens on those that it trained its baseline on."""
    confirms = content.get("phase") == "confirm"
    recipe = regimes.paper_recipe().model_dump(
        mode="json", exclude={"variant", "regime", "seed", "data", "checkpoint", "log"}
    )
    return {
        "seeds": PAPER_SEEDS if confirms else PUBLISHED_SEEDS,
        "screened_seeds": PUBLISHED_SEEDS if confirms else [],
        "regimes": ["mixed"],
        "sizes": dict.fromkeys(("train", "validation", "test", "epochs")),
        "rule": {"metric": "top1"},
        "base": recipe | {"checkpoint": {"every": 1000}, "log": {"monitor_every": 500}},
        "scale_notes": [
            "The paper's model, masks and schedule as described: ViT-B, 30,000 steps of 32 clips of 224 px."
        ],
    }


SCALES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"gpu": _gpu, "paper": _paper}
"""What a size brings to every study, from the content of its file."""


def _changed(content: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return content | {k: lay_over(content.get(k), v) if k in MERGED else v for k, v in change.items()}
