"""Sets of clips that a benchmark encodes for each encoder, for estimates of time, memory and disk space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark
from auxjepa.data.world.factors import STILL_ROLES


class ClipSet(NamedTuple):
    """Clips that are encoded once for each encoder.

    Args:
        key: name of the clips; sets with the same key are encoded once.
        clips: number of clips.
        still: whether they are still images.
        fresh: whether their features are not stored.
    """

    key: str
    clips: int
    still: bool
    fresh: bool = False


def is_still(benchmark: Benchmark) -> bool:
    """Return whether the clips of a benchmark are still images.

    Args:
        benchmark: the benchmark.
    """
    return benchmark.source == "world" and benchmark.role in STILL_ROLES


def split_sets(
    benchmark: Benchmark, roles: Sequence[str] | None = None, *, own_splits: bool = False
) -> Iterator[ClipSet]:
    """Yield the clips of the training, validation and test split.

    Args:
        benchmark: the benchmark.
        roles: roles of the world for which clips are encoded; the role of the benchmark by default.
        own_splits: whether no other benchmark shares these splits.
    """
    name = benchmark.name if own_splits else ""
    for role in (benchmark.role,) if roles is None else roles:
        for split in SPLITS:
            clips = getattr(benchmark, split)
            yield ClipSet(f"{benchmark.source} {role} {split} {clips} {name}", clips, is_still(benchmark))


def view_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """Yield the clips of the splits, and the additional views of the test clips.

    Args:
        benchmark: the benchmark.
    """
    yield from split_sets(benchmark)
    views = int(benchmark.args.get("views", 1))
    if views > 1:
        yield ClipSet(f"{benchmark.name} views", views * benchmark.test, is_still(benchmark))


def count_clips(benchmark: Benchmark) -> int:
    """Return the number of clips of the three splits.

    Args:
        benchmark: the benchmark.
    """
    return sum(getattr(benchmark, split) for split in SPLITS)
