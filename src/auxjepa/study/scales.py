"""A study in several sizes: ``laptop``, ``gpu``, ``paper``, or any that its file names. Imports no torch.

A file describes one size, which it names under ``scale``. The differences of other sizes are under ``scales``, by name:

* ``base``, ``sizes`` and ``rule`` are merged into the file's fields key by key; every other field replaces the file's;
* before that, the size sets its shared fields: those of ``gpu`` and ``paper`` are in :data:`SCALES`, other names have
  none;
* a text instead of fields gives the reason why there is no such size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auxjepa import regimes
from auxjepa.config import ConfigError, DataConfig
from auxjepa.train.run_settings import lay_over

MERGED = ("base", "sizes", "rule")
GPU_SEEDS, PAPER_SEEDS, PUBLISHED_SEEDS = [*range(200, 210)], [*range(300, 307)], [239, 42, 1337]
"""Seeds of confirming studies at ``gpu`` and ``paper`` size, and the seeds of the paper's baseline for screens."""


def resolve(content: dict[str, Any], scale: str | None, study: str) -> dict[str, Any]:
    """Return the complete content of a study file at one size.

    Args:
        content: content of the file.
        scale: name of the size; the file's own when None.
        study: name of the study, for errors.

    Raises:
        ConfigError: if the file has no such size, or if ``scales`` is not valid.
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
        scale_names = ", ".join(filter(None, [own, *(name for name, one in others.items() if isinstance(one, dict))]))
        why = f": {change}" if change else ""
        raise ConfigError(f"{study} has no scale {scale!r} (it has {scale_names or 'none but its own'}){why}")
    shared = SCALES[scale](content) if scale in SCALES else {}
    named = {"scale": scale, "name": f"{content.get('name', study)}-{scale}"}
    return _changed(_changed(content, named | shared), change)


def names(content: dict[str, Any]) -> list[str]:
    """Return the sizes of a study file. The size that the file describes comes first."""
    others = content.get("scales") or {}
    return [name for name in (content.get("scale"), *(k for k, v in others.items() if isinstance(v, dict))) if name]


def _gpu(content: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of ``gpu``: clips of 112 pixels and 16 frames, a small encoder, the paper's masks and loss.

    Features are read at 4 depths. The loss is the base loss. The seeds of ``laptop`` count as screened, because its
    outcome is known at planning.
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
    """Return regimes with other clip sizes. Named regimes are looked up. The study checks all other entries."""
    data_by_regime = regimes.by_name(named)
    if not isinstance(data_by_regime, dict):
        return data_by_regime
    plain = {k: v.model_dump(mode="json") if isinstance(v, DataConfig) else v for k, v in data_by_regime.items()}
    return {name: data | cut if isinstance(data, dict) else data for name, data in plain.items()}


def _paper(content: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of ``paper``: real data and the paper's recipe (:func:`auxjepa.regimes.paper_recipe`).

    Confirmations use seeds that the paper did not use. Screens use the seeds of the paper's baseline.
    """
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
"""Functions that return the shared fields of a size, from the content of a study file."""


def _changed(content: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return content | {k: lay_over(content.get(k), v) if k in MERGED else v for k, v in change.items()}
