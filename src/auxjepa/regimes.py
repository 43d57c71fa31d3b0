"""Pretraining regimes: named data mixtures, each with a recipe. Imports no torch.

``ucf101`` and ``mixed`` are the regimes of the paper (arXiv 2605.17165) with its model and schedule;
``ucf101_released`` follows its released code. The ``world`` regimes are small counterparts for a laptop. Any other
mixture is a few lines of YAML under ``data.mixture``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from auxjepa.config import (
    ConfigError,
    DataConfig,
    MaskConfig,
    ModelConfig,
    ObjectiveConfig,
    OptimConfig,
    RunConfig,
    TeacherConfig,
    Typed,
    hint,
)


class Regime(Typed):
    """A named way to pretrain.

    Args:
        name: name of the regime.
        summary: one line about it.
        data: data sets, their weights, and how clips are cut.
        settings: other fields of a run, nested as in YAML; flags and files override them.
    """

    name: str
    summary: str
    data: DataConfig
    settings: dict[str, Any] = Field(default={})


def ucf101() -> Regime:
    """Return the regime of UCF-101 alone: 16 frames at 16 frames per second (docs/paper/recipe.md)."""
    return _paper("ucf101", "UCF-101 alone: 16 frames at 16 fps, 224 px", {"source": "ucf101", "fps": 16})


def ucf101_released() -> Regime:
    """Return UCF-101 as the released code reads it: every ceil(rate) // 16-th frame (all, at 25 per second)."""
    return _paper("ucf101_released", "as released: 16 consecutive frames", {"source": "ucf101", "stride": 1})


def mixed() -> Regime:
    """Return 0.2 UCF-101, 0.6 SSv2 and 0.2 ImageNet-100: every second of 32 frames, images as static clips."""
    mixture = {"ucf101": {"weight": 0.2}, "ssv2": {"weight": 0.6}, "imagenet100": {"weight": 0.2}}
    words = "0.2 UCF-101, 0.6 SSv2, 0.2 ImageNet-100: every second of 32 frames, 224 px"
    return _paper("mixed", words, {"mixture": mixture, "stride": 2})


def mixed_images() -> Regime:
    """Return ``mixed`` with images as clips of one frame in separate steps; the released code never does this."""
    base = mixed()
    mixture = {name: part.model_dump() for name, part in base.data.mixture.items()}
    mixture["imagenet100"]["frames"] = 1
    data = base.data.model_copy(update={"mixture": DataConfig.model_validate({"mixture": mixture}).mixture})
    update = {"name": "mixed_images", "summary": "mixed, with images as clips of one frame", "data": data}
    return base.model_copy(update=update)


def world() -> Regime:
    """Return the regime of the synthetic world: motion and order clips in turn."""
    return Regime(name="world", summary="the synthetic world: motion and order clips in turn", data=DataConfig())


def world_single() -> Regime:
    """Return the counterpart of ``ucf101`` for a laptop: the world's motion clips alone."""
    data = DataConfig.model_validate({"source": "world:motion"})
    return Regime(name="world_single", summary="the world's motion clips alone, as ucf101", data=data)


def world_mixed() -> Regime:
    """Return the counterpart of ``mixed`` for a laptop: 0.2 motion, 0.6 order, 0.2 images."""
    mixture = {"world:motion": {"weight": 0.2}, "world:order": {"weight": 0.6}, "world:images": {"weight": 0.2}}
    data = DataConfig.model_validate({"mixture": mixture})
    return Regime(name="world_mixed", summary="0.2 motion, 0.6 order, 0.2 images of the world, as mixed", data=data)


REGIMES: dict[str, Callable[[], Regime]] = {
    "ucf101": ucf101,
    "ucf101_released": ucf101_released,
    "mixed": mixed,
    "mixed_images": mixed_images,
    "world": world,
    "world_single": world_single,
    "world_mixed": world_mixed,
}


def find(name: str) -> Regime:
    """Return the regime with this name.

    Raises:
        ConfigError: if there is none.
    """
    if name not in REGIMES:
        raise ConfigError(f"no regime is called {name!r}{hint(name, REGIMES)}; other mixtures go under data.mixture")
    return REGIMES[name]()


def by_name(value: Any) -> Any:
    """Return the regimes of a study as a mapping of names to data; the data of a regime replaces its name.

    Args:
        value: name or names of regimes, or a mapping of names to names or data; anything else is returned unchanged.

    Raises:
        ConfigError: if a name isn't a regime.
    """
    if isinstance(value, str):
        value = [value]
    if isinstance(value, (list, tuple)):
        value = {str(name): str(name) for name in value}
    if not isinstance(value, dict):
        return value
    return {name: find(data).data if isinstance(data, str) else data for name, data in value.items()}


def settings(name: str) -> dict[str, Any]:
    """Return all fields of a run that a regime sets, nested as in YAML.

    Raises:
        ConfigError: if no regime has this name.
    """
    regime = find(name)
    return {**regime.settings, "regime": name, "data": regime.data.model_dump(mode="json", exclude_unset=True)}


def paper_recipe() -> RunConfig:
    """Return the paper's model, masks, base loss, teacher and schedule as it describes them.

    They are a ViT-B with features of 4 depths, two masks, a context term, and 100 epochs of 300 steps of 32 clips.

    Source: docs/paper/objectives.md, docs/paper/recipe.md
    """
    return RunConfig(
        model=ModelConfig(size="base", levels=4, patch=16),
        masks=(MaskConfig(blocks=8, scale=0.15), MaskConfig(blocks=2, scale=0.7)),
        objectives={"prediction": ObjectiveConfig(), "context": ObjectiveConfig(weight=0.5)},
        teacher=TeacherConfig(momentum=(0.99925, 0.99925)),
        optim=OptimConfig(
            steps=30_000, batch=32, lr=6e-4, lr_start=1 / 6, lr_end=1.0, warmup=0.01, clip=None, precision="bf16"
        ),
    )


def _paper(name: str, summary: str, data: dict[str, Any]) -> Regime:
    cut = {"frames": 16, "size": 224, "crop_area": (0.3, 1.0), "flip": True, "cache": "none", "workers": 8}
    recipe = paper_recipe().model_dump(mode="json", exclude={"variant", "regime", "seed", "data", "checkpoint", "log"})
    return Regime(name=name, summary=summary, data=DataConfig.model_validate(data | cut), settings=recipe)
