"""Configuration of the clips that a run is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from auxjepa.typed import Count, Natural, Number, Positive, Share, Typed


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class MixedConfig(Typed):
    """One data set of a mixture; fields that aren't set have the values of the run's ``data``."""

    source: str | None = Field(default=None, description="as data.source; the key of this entry when unset")
    weight: Number = Field(default=1.0, ge=0, le=1e6, description="its share of all clips, relative to the others")
    clips: Count | None = Field(default=None, description="clips in its pool; its share of data.clips when unset")
    frames: Count | None = Field(default=None, description="frames of its clips; 1 trains images in separate steps")
    stride: Count | None = None
    fps: Positive | None = None
    split: Literal["train", "all"] | None = None

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"split": None}


class DataConfig(Typed):
    """Clips that a run is trained on, and how they are cut out of the videos."""

    source: str = Field(
        default="world",
        description="'world' (or 'world:motion', 'world:order', 'world:images'), a prepared data set ('ucf101', "
        "'ssv2/validation'), 'folder:PATH' for any folder of videos, or 'shards:URL'",
    )
    root: Path = Field(default=Path("data"), description="folder of generated data sets and decoded caches")
    clips: Count = Field(default=4096, description="clips in the training pool")
    frames: Count = Field(default=8, description="frames of a clip")
    size: Count = Field(default=32, description="pixel rows and columns of a clip")
    stride: Count = Field(default=1, description="source frames per clip frame")
    fps: Positive | None = Field(default=None, description="sample by time at this rate instead of by stride")
    crop_area: tuple[Share, Share] = Field(default=(1.0, 1.0), description="area range of the random resized crop")
    crop_aspect: tuple[Positive, Positive] = Field(default=(0.75, 1.35), description="aspect range of the crop")
    flip: bool = Field(default=False, description="random horizontal flip (never where direction is the label)")
    seed: Natural = Field(default=0, description="seed of the generated world; the same for every run of a study")
    mixture: dict[str, MixedConfig] = Field(default={}, description="weighted data sets by name, instead of source")
    cache: Literal["auto", "raw", "jpeg", "none"] = Field(
        default="auto",
        description="'raw' and 'jpeg': decode clips once and store them; 'auto': raw up to 128 pixels, else jpeg; "
        "'none': decode a clip at every step, each time from another position in the video (no data.clips then)",
    )
    workers: Natural = Field(default=2, description="processes that decode while training; not part of the hash")
    split: Literal["train", "all"] = Field(
        default="all",
        description="for a folder (or its shards) with train/ and val/ or test/: every video, or only those of train/ "
        "(the default of `auxjepa pretrain`)",
    )
    allow_padding: bool = Field(
        default=False, description="use clips even if most of them are mostly repeated frames; not part of the hash"
    )
    shard_limit: Count = Field(
        default=32_000_000_000,
        description="largest shard that is downloaded completely, bytes; not part of the hash",
    )

    PLACES: ClassVar[tuple[str, ...]] = ("root", "workers", "shard_limit", "allow_padding")
    """Fields that don't change clips; they aren't part of any hash."""
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {
        "mixture": {},
        "cache": "auto",
        "workers": 2,
        "split": "all",
        "allow_padding": False,
        "shard_limit": 32_000_000_000,
    }

    @model_validator(mode="after")
    def _utf8(self) -> DataConfig:
        """Refuse names that a configuration file can't hold before a run is trained."""
        for value in (self.source, str(self.root), *self.mixture, *(part.source for part in self.mixture.values())):
            if value is not None and not _is_utf8(value):
                why = "rename it, or make a link to it with a UTF-8 name (ln -s)"
                raise ValueError(f"the name {value!r} isn't UTF-8, and the files of a run must be: {why}")
        return self

    @property
    def sources(self) -> dict[str, DataConfig]:
        """Return a configuration without a mixture for each data set, by its name."""
        if not self.mixture:
            return {self.source: self}
        total = sum(part.weight for part in self.mixture.values()) or 1.0
        parts = {}
        for name, part in sorted(self.mixture.items()):  # sorted, because their order isn't part of the hash
            settings = part.model_dump(exclude={"weight"}, exclude_none=True)
            share = {"clips": max(1, round(self.clips * part.weight / total))}
            parts[name] = self.model_copy(update={"source": name, "mixture": {}} | share | settings)
        return parts
