"""Retrieval of another moment of the same video, among the other moments of all test videos.

The suite is ``same_video``. The score is the share of test videos that are retrieved first, in percent. The query is
the earlier moment of a video, and each test video is a candidate with its later moment. Parts: ``r5``, ``median_rank``,
``reciprocal_rank`` and ``chance``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, split_sets
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.pixel_components import principal_components
from auxjepa.benchmarks.score import RAW_COMPONENTS, Scorer
from auxjepa.config import DataConfig
from auxjepa.probes.fit import Score
from auxjepa.probes.kept import gathered, mapped
from auxjepa.probes.prepare import choose_channels, fit
from auxjepa.probes.retrieval import Ranks, rank


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the share of test videos whose other moment is the most similar one, in percent.

    Moments are compared by the cosine similarity of their mean tokens. Tokens are centred and whitened by the training
    clips of the folder.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.
    """
    protocol = benchmark.protocol
    opened = [benchmark.open(scorer.data, split, progress=False) for split in SPLITS]
    tokens = [scorer.tokens(one.clips, one.key, protocol.reading.level) for one in opened]
    preparation = fit(mapped(lambda part: choose_channels(part, protocol), tokens[0]), protocol)

    def mean(part: Tensor) -> Tensor:
        return preparation(choose_channels(part, protocol)).mean(dim=1)

    validation, test = (
        ranks_of(gathered(mean, some), one.labels) for some, one in zip(tokens[1:], opened[1:], strict=True)
    )
    return _score(validation, test, {})


def score_raw_pixels(benchmark: Benchmark, data: DataConfig, seed: int) -> Score:
    """Return the score of the principal components of whole clips. Validation clips select their number.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
        seed: ignored; retrieval has no random numbers.
    """
    opened = [benchmark.open(data, split, progress=False) for split in SPLITS]
    components, selected = principal_components([one.clips for one in opened], max(RAW_COMPONENTS))
    best: tuple[float, int] | None = None
    for count in RAW_COMPONENTS:
        share = ranks_of(components[1][:, -count:], opened[1].labels).recall(1)
        if best is None or share > best[0]:
            best = share, count
    assert best is not None
    count = best[1]
    validation, test = (ranks_of(components[n][:, -count:], opened[n].labels) for n in (1, 2))
    return _score(validation, test, {"components": min(count, components[0].shape[1]), **selected})


def ranks_of(vectors: Float[Tensor, "n D"], labels: Int[np.ndarray, " n"]) -> Ranks:
    """Return the rank of the later moment of each video, among the later moments of all videos.

    Args:
        vectors: vectors of the moments.
        labels: video of each moment; each video has an earlier and a later moment, in this order.

    Raises:
        ValueError: if a video hasn't two moments.
    """
    order = np.argsort(labels, kind="stable")
    if len(labels) % 2 or (labels[order][::2] != labels[order][1::2]).any() or len(set(labels)) * 2 != len(labels):
        raise ValueError("each video needs two moments")
    unit = F.normalize(vectors.double()[torch.from_numpy(order).to(vectors.device)], dim=-1)
    count = len(labels) // 2
    right = torch.eye(count, dtype=torch.bool, device=unit.device)
    ranks = rank(unit[::2] @ unit[1::2].T, right)
    return Ranks(ranks, np.ones(count, np.int64), np.full(count, count, np.int64))


def _score(validation: Ranks, test: Ranks, selected: dict[str, float | int | str]) -> Score:
    parts = {
        "r5": test.recall(5),
        "median_rank": test.median,
        "reciprocal_rank": test.reciprocal,
        "chance": test.chance_recall(1),
    }
    return Score(test.recall(1), validation.recall(1), test.hits(1), selected, parts, clips=2 * len(test.rank))


def _clip_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """Yield the clips of the splits; each test video has two."""
    *others, test = split_sets(benchmark, own_splits=True)
    yield from others
    yield test._replace(clips=2 * test.clips)


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=_clip_sets,
    fit_seconds=lambda benchmark, grid, dim, clock: 0.0,
    marks_each_clip=True,
    fits_probe=False,
    raw_pixels=score_raw_pixels,
)
