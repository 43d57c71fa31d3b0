"""A folder of videos into shards: equal bytes for equal files, each shard whole or not there."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.files import replacing


@dataclass(frozen=True)
class Example:
    """A file to be written. ``labels``: by column, as text or whole number. ``texts``: captions."""

    file: Path
    labels: dict[str, str | int] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    path: str = ""


def write_shards(
    examples: Manifest | Iterable[Example],
    folder: Path,
    *,
    samples: int = 1000,
    size: int = 1_000_000_000,
    name: str = "shard",
) -> list[Path]:
    """Write ``NAME-000000.tar``, …: of each example the file and a ``json`` with labels, ``caption`` and ``path``.

    Args:
        examples: a manifest of a folder, or files.
        samples, size: examples and bytes of a shard at most (one example at least).

    Raises:
        ValueError: for a size that isn't positive, a file whose suffix no reader takes for a video or picture, or
            segments of files.
        FileExistsError: when a shard of this name is there.
        OSError: when something can't be read or written.
    """
    if samples < 1 or size < 1:
        raise ValueError(f"samples and size must be positive, got {samples} and {size}")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob(f"{name}-*.tar")):
        raise FileExistsError(f"{folder}: there are shards called {name}-*.tar; choose another name or folder")
    written: list[Path] = []
    shard: list[tuple[int, Example]] = []
    filled = 0
    for number, example in enumerate(of_manifest(examples) if isinstance(examples, Manifest) else examples):
        if example.file.suffix[1:].lower() not in MOVING | STILLS:
            raise ValueError(f"{example.file}: not the name of a video or picture")
        more = example.file.stat().st_size
        if shard and (len(shard) == samples or filled + more > size):
            written.append(_write(folder / f"{name}-{len(written):06d}.tar", shard))
            shard, filled = [], 0
        shard.append((number, example))
        filled += more
    return [*written, _write(folder / f"{name}-{len(written):06d}.tar", shard)] if shard else written


def of_manifest(manifest: Manifest) -> Iterator[Example]:
    """The examples of a manifest.

    Raises:
        ValueError: when one is a segment of a file.
    """
    for number, entry in enumerate(manifest.entries):
        if entry.frames != entry.file.frames:
            raise ValueError(f"{entry.name}: segments can't be written to shards, only whole files")
        labels = {
            column: _written(int(values[number]), manifest.classes[column])
            for column, values in manifest.labels.items()
            if values[number] >= 0
        }
        texts = manifest.texts[number] if manifest.texts else ()
        yield Example(manifest.folder / entry.file.path, labels, texts, entry.file.path)


def _written(value: int, classes: tuple[str, ...]) -> str | int:
    """A label as it was before :func:`auxjepa.data.manifest.labels.number_labels`."""
    return value if are_numbers(classes) else classes[value]


def _write(path: Path, shard: list[tuple[int, Example]]) -> Path:
    with replacing(path) as partial, tarfile.open(partial, "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, example in shard:
            info = tarfile.TarInfo(f"{number:08d}{example.file.suffix.lower()}")
            with example.file.open("rb") as file:
                info.size = os.fstat(file.fileno()).st_size
                tar.addfile(info, file)
            more = {"path": example.path} if example.path else {}
            content = {**example.labels, **more} | ({"caption": list(example.texts)} if example.texts else {})
            if content:
                data = json.dumps(content, sort_keys=True).encode()
                info = tarfile.TarInfo(f"{number:08d}.json")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path
