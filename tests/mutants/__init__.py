"""Broken video files: sound ones changed in every way that downloads, disks, mistakes and malice know, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .bases import encode_bases
from .declared import DECLARED, TIMES
from .foreign import FOREIGN, REFERENCES, SPECIAL

__all__ = ["MAIN", "RANDOM", "Mutant", "encode_bases", "mutants", "write"]

MAIN = ("h264.mp4", "vp9.webm", "mpeg4.avi", "h264.mkv", "mpeg2.ts")
"""The bases that every random mutation is made of."""

RANDOM = ("truncation", "few bits", "many bits", "bits of the head", "bits of the tail", "zero bytes")
"""The kinds that are drawn; the others are the same for every seed."""


@dataclass(frozen=True)
class Mutant:
    """A broken file to be.

    Args:
        kind: of mutation. name: of the file, unique. base: name of the sound file that was changed, if any.
        make: writes the file at a path.
    """

    kind: str
    name: str
    base: str | None
    make: Callable[[Path], object]


def mutants(bases: dict[str, bytes], seed: int = 0, rounds: int = 1, of: Sequence[str] = MAIN) -> list[Mutant]:
    """All mutants, the same ones for the same seed; the random kinds ``rounds`` times for each base named in ``of``."""
    made: list[Mutant] = []
    for turn in range(rounds):
        for name in of:
            rng = np.random.default_rng((seed, turn, *name.encode()))
            for kind, number, change in _random(bases[name], rng):
                stem, suffix = name.split(".")
                made.append(
                    Mutant(kind, f"{kind.replace(' ', '_')}-{turn}{number}-{stem}.{suffix}", name, _writer(change))
                )
    for kind, table in (("declared size", DECLARED), ("time stamps", TIMES)):
        for label, base, change in table:
            made.append(Mutant(kind, f"{label}-{base}", base, _writer(change(bases[base]))))
    for label, base, content in FOREIGN:
        data = bases[base] if base else content()
        made.append(Mutant("wrong extension", label, base, _writer(data)))
    made += [Mutant("references", label, None, make) for label, make in REFERENCES]
    made += [Mutant("no regular file", label, None, make) for label, make in SPECIAL]
    return made


def write(mutant: Mutant, folder: Path, bases: dict[str, bytes]) -> Path:
    """Put a mutant into a folder; those that refer to other files find the sound ones beside them."""
    path = folder / mutant.name
    if mutant.kind == "references":
        (folder / "sound").mkdir(exist_ok=True)
        (folder / "sound" / "h264.mp4").write_bytes(bases["h264.mp4"])
    mutant.make(path)
    return path


def _writer(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _random(data: bytes, rng: np.random.Generator) -> Iterator[tuple[str, int, bytes]]:
    for number, share in enumerate((rng.uniform(0, 0.02), *rng.uniform(0.02, 0.98, 3), 1 - 3 / len(data))):
        yield "truncation", number, data[: max(1, int(share * len(data)))]
    for number, count in enumerate((1, 1, 3, 8)):
        yield "few bits", number, _flip(data, rng, count, len(data) // 10, len(data))
    for number, count in enumerate((100, 3000)):
        yield "many bits", number, _flip(data, rng, count, 0, len(data))
    for number, count in enumerate((1, 2, 4, 30)):
        yield "bits of the head", number, _flip(data, rng, count, 0, 600)
    for number, count in enumerate((1, 4)):
        yield "bits of the tail", number, _flip(data, rng, count, len(data) - 600, len(data))
    for number, length in enumerate((16, 500, 4096, len(data) // 2)):
        start = int(rng.integers(0, len(data) - length))
        yield "zero bytes", number, data[:start] + bytes(length) + data[start + length :]


def _flip(data: bytes, rng: np.random.Generator, count: int, begin: int, end: int) -> bytes:
    changed = np.frombuffer(data, np.uint8).copy()
    places = rng.integers(begin, end, count)
    np.bitwise_xor.at(changed, places, (1 << rng.integers(0, 8, count)).astype(np.uint8))
    return changed.tobytes()
