"""Describes which clips a benchmark encodes of each encoder, for estimates of time, memory and disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark


class ClipSet(NamedTuple):
    """Clips that are encoded once for each encoder.

    Args:
        key: name of the clips; sets with the same key are encoded once.
        clips: number of clips.
        still: whether they are single pictures.
        fresh: whether their features are not kept.
    """

    key: str
    clips: int
    still: bool
    fresh: bool = False


def is_still(benchmark: Benchmark) -> bool:
    """Check whether the clips of a benchmark are single pictures."""
    return benchmark.source == "world" and benchmark.role == "images"


def split_sets(
    benchmark: Benchmark, roles: Sequence[str] | None = None, *, own_splits: bool = False
) -> Iterator[ClipSet]:
    """Yield the clips of the training, validation and test split.

    Args:
        benchmark: the benchmark.
        roles: roles of the world whose clips are encoded; the role of the benchmark by default.
        own_splits: whether the splits are those of this benchmark alone, so that no other benchmark shares them.
    """
    name = benchmark.name if own_splits else ""
    for role in (benchmark.role,) if roles is None else roles:
        for split in SPLITS:
            clips = getattr(benchmark, split)
            yield ClipSet(f"{benchmark.source} {role} {split} {clips} {name}", clips, is_still(benchmark))


def view_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """Yield the clips of the splits, and the further views of the test clips."""
    yield from split_sets(benchmark)
    views = int(benchmark.args.get("views", 1))
    if views > 1:
        yield ClipSet(f"{benchmark.name} views", views * benchmark.test, is_still(benchmark))


def count_clips(benchmark: Benchmark) -> int:
    """Return the number of clips of the three splits."""
    return sum(getattr(benchmark, split) for split in SPLITS)
