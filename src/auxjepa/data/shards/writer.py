"""Write videos and pictures to shards. Equal files give equal bytes, and no partial shard is visible."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.files import replacing


@dataclass(frozen=True)
class Example:
    """A file to write to a shard.

    Args:
        file: path of the video or picture.
        labels: text or whole number by label column.
        texts: captions.
        path: path of the file in its folder, which is stored with it; "" for none.
    """

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
    """Write shards ``NAME-000000.tar``, … and return their paths.

    Each example is its file and a ``json`` with its labels, ``caption`` and ``path``.

    Args:
        examples: a manifest of a folder, or files.
        folder: folder of the shards.
        samples: largest number of examples in a shard.
        size: largest size of a shard in bytes; a shard has at least one example.
        name: beginning of the file names.

    Raises:
        ValueError: if a size isn't positive, the suffix of a file isn't one of a video or picture, or an example is a
            segment of a file.
        FileExistsError: if a shard of this name exists.
        OSError: if a file can't be read or written.
    """
    if samples < 1 or size < 1:
        raise ValueError(f"samples and size must be positive, got {samples} and {size}")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob(f"{name}-*.tar")):
        raise FileExistsError(f"{folder}: shards {name}-*.tar exist already; choose another name or folder")
    written: list[Path] = []
    shard: list[tuple[int, Example]] = []
    filled = 0
    for number, example in enumerate(list_examples(examples) if isinstance(examples, Manifest) else examples):
        if example.file.suffix[1:].lower() not in MOVING | STILLS:
            raise ValueError(f"{example.file}: the suffix isn't one of a video or picture")
        file_size = example.file.stat().st_size
        if shard and (len(shard) == samples or filled + file_size > size):
            written.append(_write(folder / f"{name}-{len(written):06d}.tar", shard))
            shard, filled = [], 0
        shard.append((number, example))
        filled += file_size
    return [*written, _write(folder / f"{name}-{len(written):06d}.tar", shard)] if shard else written


def list_examples(manifest: Manifest) -> Iterator[Example]:
    """Yield the examples of a manifest.

    Raises:
        ValueError: if an example is a segment of a file.
    """
    for number, entry in enumerate(manifest.entries):
        if entry.frames != entry.file.frames:
            raise ValueError(f"{entry.name}: segments can't be written to shards, only complete files")
        labels = {
            column: _original_label(int(values[number]), manifest.classes[column])
            for column, values in manifest.labels.items()
            if values[number] >= 0
        }
        texts = manifest.texts[number] if manifest.texts else ()
        yield Example(manifest.folder / entry.file.path, labels, texts, entry.file.path)


def _original_label(value: int, classes: tuple[str, ...]) -> str | int:
    """Return the label that :func:`auxjepa.data.manifest.labels.number_labels` numbered."""
    return value if are_numbers(classes) else classes[value]


def _write(path: Path, shard: list[tuple[int, Example]]) -> Path:
    """Write one shard from pairs of number and example, and return its path."""
    with replacing(path) as partial, tarfile.open(partial, "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, example in shard:
            info = tarfile.TarInfo(f"{number:08d}{example.file.suffix.lower()}")
            with example.file.open("rb") as file:
                info.size = os.fstat(file.fileno()).st_size
                tar.addfile(info, file)
            content: dict[str, Any] = {**example.labels}
            if example.path:
                content["path"] = example.path
            if example.texts:
                content["caption"] = list(example.texts)
            if content:
                data = json.dumps(content, sort_keys=True).encode()
                info = tarfile.TarInfo(f"{number:08d}.json")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path
