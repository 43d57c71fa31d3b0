"""Record of a benchmark, and its clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field

from auxjepa.benchmarks import folder, folder_numbers, official
from auxjepa.benchmarks.diagnostics import opening
from auxjepa.benchmarks.task import PREFIX as TASK_PREFIX
from auxjepa.benchmarks.task import open_task
from auxjepa.config import Count, DataConfig, Typed
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.open import open_world
from auxjepa.data.synthetic import PREFIX, find_source, open_synthetic
from auxjepa.data.world.factors import VERSION
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import CONTROLS, ScoredControl

Capability = Literal["appearance", "motion", "order", "robustness", "few-shot", "alignment", "factors", "other"]
SPLITS = folder.SPLITS
MARK_EACH_CLIP = ("", "recognition", "physics", "diagnostic", "same_video")
"""Suites that give every test clip exactly one mark, so that their marks are a sample of clips."""


class Labelled(NamedTuple):
    """Clips and labels of a split.

    Args:
        clips: clips as uint8 ``[n F X Y 3]``.
        labels: class number of each clip.
        key: key of the clips alone, for stored features.
        example: example of each clip, 0 … E - 1; the clips of one example are scored together. None if each clip
            counts.
        unit: group of related examples (of one video) of each clip; None if all clips are independent.
        target: number of each clip, for a regression; None for classes.
    """

    clips: Clips
    labels: Int[np.ndarray, " n"]
    key: str
    example: Int[np.ndarray, " n"] | None = None
    unit: Int[np.ndarray, " n"] | None = None
    target: Float[np.ndarray, " n"] | None = None


class Benchmark(Typed):
    """One column of a table: its clips, its label, and the protocol with which encoders are scored."""

    name: str
    version: Count = 1
    title: str
    capability: Capability
    source: str = Field(default="world", description="'world', 'synthetic:NAME', a prepared data set, 'folder:PATH'")
    role: Literal["motion", "order", "images", "pictures"] = Field(
        default="motion", description="which clips of the world"
    )
    label: str
    classes: Count
    train: Count = 1200
    validation: Count = 400
    test: Count = 1000
    protocol: Protocol
    suite: str = Field(default="", description="how it is measured, a key of benchmarks.MEASUREMENTS; '' is one probe")
    args: dict[str, Any] = Field(default={}, description="settings of the suite")
    metric: str = Field(default="top1", description="what the score is")
    controls: tuple[ScoredControl, ...] = Field(default=CONTROLS, description="those that mean something here")
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {
        "suite": "",
        "args": {},
        "metric": "top1",
        "controls": list(CONTROLS),
    }

    def hash_on(self, data: DataConfig) -> str:
        """Return the hash of the task: everything but the protocol, on clips that are cut with the settings ``data``.

        Args:
            data: settings with which clips are cut.
        """
        silent = {*DataConfig.PLACES, "clips", "crop_area", "crop_aspect", "flip", "mixture", "cache", "split"}
        if self.source != "world" and ":" not in self.source and self.args.get("views", 1) == 1:
            silent |= {"stride", "fps", "seed"}  # one clip spans the whole video, so the cuts of the run have no effect
        cut = data.model_copy(update={"source": self.source}).digest(exclude=silent)
        world = f" world {VERSION}" if self.source == "world" else ""
        if self.source.startswith(PREFIX):
            one = find_source(self.source)
            silent |= {"stride", "fps", *one.fixed}
            cut, world = data.model_copy(update={"source": self.source}).digest(exclude=silent), f" v{one.version}"
        return self.model_copy(update={"title": cut + world}).digest(exclude={"protocol", "capability", "controls"})

    @property
    def marks_each_clip(self) -> bool:
        """Check whether every test clip has exactly one mark.

        Other suites mark a clip in episodes or under several conditions.
        """
        return self.suite in MARK_EACH_CLIP

    def numbered(self, values: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """Return the class numbers of label values, 0 … ``classes`` - 1.

        A class number is the index of the value in ``args["numbers"]``. Without these, it is the value itself.

        Args:
            values: label values.
        """
        numbers = self.args.get("numbers")
        return values if numbers is None else np.searchsorted(np.array(numbers, dtype=np.int64), values)

    def open(self, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        """Return the clips and labels of a split.

        Args:
            data: settings with which clips are cut.
            split: ``train``, ``validation`` or ``test``.
            workers: processes that decode.
            progress: whether progress is shown on standard error.

        Raises:
            ValueError: if a clip of the split has no label.
        """
        if self.source.startswith(PREFIX):
            count = {"train": self.train, "validation": self.validation}.get(split, self.test)
            return Labelled(*open_synthetic(self.source, data, split, count))
        if self.source.startswith(TASK_PREFIX):
            clips, labels, key, groups = open_task(self.source.removeprefix(TASK_PREFIX), data, split)
            return Labelled(clips, labels, key, None, groups)
        if self.source != "world":
            data = data.model_copy(update={"source": self.source, "mixture": {}})
            if "diagnostic" in self.args:
                opened = opening.open_diagnostic(self.args, data, workers=workers, progress=progress)
                return Labelled(*opened.open(split))
            if "clips" in self.args:
                data = data.model_copy(update={"clips": self.args["clips"]})
            how: dict[str, Any] = {key: self.args[key] for key in ("one_each", "group_rule") if key in self.args}
            how |= {"workers": workers, "progress": progress}
            if self.suite == "regression":
                return Labelled(*folder_numbers.open_numbers(data, self.label, **how).open(split))
            if ":" in self.source:
                return Labelled(*folder.open_split(data, self.label, split, **how))
            opened = official.open_official(data, self.label, split, workers=workers, progress=progress)
            return Labelled(opened.clips, self.numbered(opened.labels), opened.key)
        count = {"train": self.train, "validation": self.validation, "test": self.test}[split]
        cache = open_world(data, split, count, role=self.role, workers=workers, progress=progress)
        labels = cache.labels.get(self.label, np.full(len(cache), -1))
        if len(labels) and labels.min() < 0:
            raise ValueError(f"{self.name}: {int((labels < 0).sum())} clips of {split} have no {self.label} label")
        return Labelled(cache.clips, labels, cache.key)
