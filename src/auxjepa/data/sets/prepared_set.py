"""The record of a prepared data set, ``set.json``, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from auxjepa.config import ConfigError, Typed
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.sets.registry import SETS


class Coverage(Typed):
    """Number of usable examples of a split."""

    listed: int = Field(ge=0, description="examples that the annotation files list")
    usable: int = Field(ge=0, description="listed examples with a sound file")


class PreparedSet(Typed):
    """A data set that is ready to be read; the content of ``set.json``."""

    format: str = "auxjepa-set"
    version: int = 1
    name: str
    data_set: str = Field(description="name of the reader that prepared it")
    root: Path = Field(description="absolute path of the data set; all other paths are relative to it")
    split: str = Field(description="default split")
    label: str | None = Field(description="label column that a probe reads by default")
    links: bool = Field(description="whether links may lead out of the root")
    splits: dict[str, Coverage]
    classes: dict[str, list[str]]
    annotations: dict[str, str] = Field(description="BLAKE2b hash of each annotation file by its path")
    notes: list[str] = Field(default=[], description="omissions, and how unusual lines were read")
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"notes": []}


def read_set(name: str, store: Path) -> PreparedSet:
    """Read the record of a prepared set.

    Args:
        name: name of the prepared set.
        store: folder of prepared sets and caches.

    Raises:
        ConfigError: if no set of this name is prepared.
        ManifestError: if its ``set.json`` is damaged.
    """
    file = store / "sets" / name / "set.json"
    if not file.exists():
        names = ", ".join(sorted(path.parent.name for path in (store / "sets").glob("*/set.json")))
        prepared = f"the sets prepared in {store} are: {names}" if names else f"nothing is prepared in {store}"
        command = f"auxjepa data prepare {name if name in SETS else 'NAME'} --root PATH"
        raise ConfigError(
            f"no data set {name!r}: {prepared}. {command} prepares one; folder:PATH reads any folder of videos"
        )
    try:
        # The JSON parser of pydantic refuses names that aren't UTF-8, so Python's parser reads the file.
        return PreparedSet.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, RecursionError):
        raise ManifestError(file, f"is damaged: auxjepa data prepare {name} --root PATH writes it again") from None


def number_classes(values: Iterable[str]) -> dict[str, int]:
    """Return the class number of each value: whole numbers keep their value, other values count from 0 in order."""
    values = list(values)
    whole = are_numbers(values)
    return {value: int(value) if whole else index for index, value in enumerate(values)}
