"""Video-language alignment on captioned data sets: MSR-VTT, MSVD and Something-Something V2.

The suite is ``captioned``. As in :mod:`auxjepa.benchmarks.alignment`, heads are trained on whole clips and scored on
clips that have lost up to 90 % of their frames. In each epoch, a training clip is paired with one of its captions.
Every caption of a test clip is a query, and all right answers of a query count. Two controls are trained in the same
way. The control ``text_only`` has features of other clips: it shows the result of captions alone. The control
``appearance_only`` repeats the middle frame of each clip: it shows the result of a still image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from auxjepa.benchmarks.alignment import SHARES, dropout_sets, heads_seconds, still
from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.division import groups_of
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, Typed
from auxjepa.data.cache.build import build_cache
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.corruptions.lost_frames import KINDS, FrameDropout
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.split import VALIDATION_SHARE
from auxjepa.data.sets.prepared_set import number_classes, read_set
from auxjepa.data.sets.set_manifest import open_set
from auxjepa.probes.alignment import Aligned, Alignment, align
from auxjepa.probes.features import at_once
from auxjepa.probes.fit import Score
from auxjepa.probes.pairs import Pairs, pair, shuffled
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.retrieval import Ranks, retrieve, robustness
from auxjepa.probes.text import TextEncoder, embed, open_text, spoken
from auxjepa.rows import Control

HITS = (1, 5, 10)
CONTROLS: tuple[Control, ...] = ("random_init", "chance")


class Captioned(Typed):
    """Settings with which captions are used. They are part of the benchmark's hash."""

    train: str = Field(description="split that the heads are trained on")
    validation: str | None = Field(default=None, description="split they're chosen on; a tenth of train's when unset")
    test: str
    needs: str = Field(default="", description="where a missing split comes from, for people")
    zero_shot: str = Field(default="", description="label column whose class names serve as prompts")
    alignment: dict[str, Any] = Field(default={}, description="settings of auxjepa.probes.alignment.Alignment")


def splits(data: DataConfig, benchmark: Benchmark) -> dict[str, Manifest]:
    """Return the captioned examples of ``train``, ``validation`` and ``test``.

    The benchmark sets their numbers. A hash of their names selects them.

    Args:
        data: root is used.
        benchmark: the benchmark.

    Raises:
        ConfigError: if the set isn't prepared, or has no such split or no captions.
    """
    how = Captioned.model_validate(benchmark.args)
    prepared = read_set(benchmark.source, data.root)
    wanted = {"train": how.train, "test": how.test} | ({"validation": how.validation} if how.validation else {})
    out = {}
    for name, split in wanted.items():
        if split not in prepared.splits:
            remedy = f": {how.needs} brings it; prepare the set again" if how.needs else ""
            raise ConfigError(f"{benchmark.name}: {benchmark.source} has no split {split!r}{remedy}")
        manifest = open_set(f"{benchmark.source}/{split}", data.root)
        there = [n for n, texts in enumerate(manifest.texts) if texts]
        if not there:
            raise ConfigError(f"{benchmark.name}: no example of {benchmark.source}/{split} has a caption")
        out[name] = manifest.subset(there)
    if "validation" not in out:
        order = np.argsort(out["train"].hash_ranks())
        cut = max(1, round(VALIDATION_SHARE * len(order)))
        if len(order) < 2:
            raise ConfigError(f"{benchmark.name}: one captioned example can't be both trained and validated on")
        out["train"], out["validation"] = (out["train"].subset(np.sort(part)) for part in (order[cut:], order[:cut]))
    sizes = {"train": benchmark.train, "validation": benchmark.validation, "test": benchmark.test}
    return {name: one.subset(np.flatnonzero(one.hash_ranks() < sizes[name])) for name, one in out.items()}


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean R@1 over clean clips and every dropout, in percent, as the mean of both directions.

    The queries are each clip and its first caption. Parts:

    - ``t2v_`` and ``v2t_`` with ``r1``, ``r5``, ``r10`` and ``median`` rank on clean clips, with every caption as a
    query; - ``clean``, ``chance``, ``text_only`` and ``appearance_only``: R@1, mean of both directions; -
    ``KIND-SHARE``, ``KIND_area`` and ``KIND_drop``: see :func:`auxjepa.benchmarks.alignment.measure`; -
    ``zero_shot_LABEL``: accuracy with class names as prompts; - ``captions``: number of captions of a test clip; -
    ``coverage`` of the official test split.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if :func:`splits` raises it.
        ConfigError: if the text encoder isn't installed.
    """
    how = Captioned.model_validate(benchmark.args)
    recipe = Alignment.model_validate({"name": benchmark.name, **how.alignment})
    text, folder = open_text(recipe.text), scorer.data.root / "texts"
    manifests = splits(scorer.data, benchmark)
    clips = {name: _clips(scorer, one) for name, one in manifests.items()}
    pairs_by_split = {
        name: pair(scorer.tokens(*clips[name], recipe.reading.level), manifests[name].texts, text, folder=folder)
        for name in manifests
    }
    aligned = align(recipe, pairs_by_split["train"], pairs_by_split["validation"], scorer.seed)
    first = _first(pairs_by_split["test"])
    ranks_of_test = aligned.retrieve(pairs_by_split["test"])
    ways = {"t2v": ranks_of_test.to_video, "v2t": ranks_of_test.to_text}
    parts = {f"{way}_r{k}": ranks.recall(k) for way, ranks in ways.items() for k in HITS}
    parts |= {f"{way}_median": ranks.median for way, ranks in ways.items()}
    one = (ranks_of_test.to_text, _only(ranks_of_test.to_video, first))
    chance = float(np.mean([ranks.chance_recall(1) for ranks in one]))
    hits = [ranks.hits(1) for ranks in one]
    parts |= {"clean": _percent(hits), "chance": chance}
    curves = {kind: [parts["clean"]] for kind in KINDS}
    for kind in KINDS:
        for share in SHARES[1:]:
            lost = FrameDropout(clips["test"][0], share, kind)
            vectors = _embedded(scorer, aligned, clips["test"][0], lambda part, lost=lost: lost[part])
            marks = [ranks.hits(1) for ranks in _retrieved(aligned, pairs_by_split["test"], vectors, first)]
            parts[f"{kind}-{100 * share:g}"] = _percent(marks)
            curves[kind].append(_percent(marks))
            hits += marks
    for kind, curve in curves.items():
        summary = robustness(SHARES, curve, chance)
        parts[f"{kind}_area"] = summary.area
        if summary.relative_drop is not None:  # without a lead over chance, the drop is undefined
            parts[f"{kind}_drop"] = 100 * summary.relative_drop
    other = {name: shuffled(pairs, scorer.seed) for name, pairs in pairs_by_split.items()}
    parts["text_only"] = _control(recipe, other, first, scorer.seed)
    stills = {name: still(scorer, recipe, *clips[name], pairs_by_split[name]) for name in pairs_by_split}
    parts["appearance_only"] = _control(recipe, stills, first, scorer.seed)
    if how.zero_shot:
        parts |= _zero_shot(scorer, benchmark, manifests["test"], aligned, pairs_by_split["test"], text)
    parts |= {"captions": len(pairs_by_split["test"].owner) / len(manifests["test"])}
    parts |= {"coverage": 100 * open_set(f"{benchmark.source}/{how.test}", scorer.data.root).coverage}
    correct, clip = np.concatenate(hits), groups_of(manifests["test"].entries)
    units = np.tile(clip, len(hits))  # each clip has a mark in both directions under every dropout
    score = 100 * float(correct.mean())
    return Score(score, aligned.validation, correct, dict(aligned.selected), parts, units, len(clip))


def _clips(scorer: Scorer, manifest: Manifest) -> tuple[Clips, str]:
    data = scorer.data
    cache = build_cache(manifest, root=data.root, frames=data.frames, size=data.size, where="uniform", progress=False)
    return cache.clips, cache.key


def _embedded(
    scorer: Scorer, aligned: Aligned, clips: Clips, part: Callable[[slice], np.ndarray]
) -> Float[Tensor, "n C"]:
    """Return the vectors of changed clips in the common space, computed batch by batch.

    Features are rounded like stored ones. They aren't stored.
    """
    size, out = at_once(clips.shape), []
    device = next(aligned.towers.parameters()).device
    for start in range(0, len(clips), size):
        some = part(slice(start, start + size))
        level = aligned.protocol.reading.level
        tokens = scorer.frozen.encode(some, level)
        out.append(aligned.clips((tokens.half() if scorer.precision == "float16" else tokens).float().to(device)))
    return torch.cat(out)


def _retrieved(
    aligned: Aligned, pairs: Pairs, vectors: Float[Tensor, "n C"], first: Int[np.ndarray, " n"]
) -> tuple[Ranks, Ranks]:
    sentences = aligned.sentences(pairs.texts)
    ranks_of_test = retrieve(vectors, sentences, pairs.owner, pairs.identity, aligned.protocol.gallery)
    return ranks_of_test.to_text, _only(ranks_of_test.to_video, first)


def _control(recipe: Alignment, pairs_by_split: dict[str, Pairs], first: Int[np.ndarray, " n"], seed: int) -> float:
    """Return the R@1 of heads that are trained on a control, mean of both directions, percent."""
    aligned = align(recipe, pairs_by_split["train"], pairs_by_split["validation"], seed)
    ranks_of_test = aligned.retrieve(pairs_by_split["test"])
    return _percent([ranks_of_test.to_text.hits(1), _only(ranks_of_test.to_video, first).hits(1)])


def _zero_shot(
    scorer: Scorer, benchmark: Benchmark, manifest: Manifest, aligned: Aligned, pairs: Pairs, text: TextEncoder
) -> dict[str, float]:
    column = Captioned.model_validate(benchmark.args).zero_shot
    labels = manifest.labels.get(column, np.full(len(manifest), -1))
    has_label = labels >= 0
    if not has_label.any():
        return {}
    classes = read_set(benchmark.source, scorer.data.root).classes[column]
    place = {number: place for place, number in enumerate(number_classes(classes).values())}
    names = [spoken(name) for name in classes]
    vectors = torch.from_numpy(embed(text, names, scorer.data.root / "texts")).to(pairs.texts.device)
    predicted = aligned.classify(pairs.tokens, [vector[None] for vector in vectors])
    right = np.array([place[label] for label in labels[has_label].tolist()]) == predicted[has_label]
    return {f"zero_shot_{column}": 100 * float(right.mean())}


def _first(pairs: Pairs) -> Int[np.ndarray, " n"]:
    """Return the index of each clip's first caption."""
    return np.unique(pairs.owner.cpu().numpy(), return_index=True)[1]


def _only(ranks: Ranks, queries: Int[np.ndarray, " n"]) -> Ranks:
    return Ranks(ranks.rank[queries], ranks.right[queries], ranks.candidates[queries])


def _percent(marks: Sequence[np.ndarray]) -> float:
    return 100 * float(np.concatenate(marks).mean())


def _of(source: str, title: str, sizes: tuple[int, int, int], gallery: int, **args: Any) -> Benchmark:
    how = Captioned(alignment={"dim": 256, "batch": 256, "gallery": gallery}, **args)
    return Benchmark(
        name=f"{source}_alignment",
        title=f"{title} ({gallery:,})",
        capability="alignment",
        source=source,
        label="caption",
        classes=gallery,
        train=sizes[0],
        validation=sizes[1],
        test=sizes[2],
        protocol=Protocol(name="alignment", head="attentive"),
        suite="captioned",
        args=how.model_dump(mode="json"),
        controls=CONTROLS,
    )


CAPTIONED = (
    _of(
        "msrvtt",
        "MSR-VTT retrieval under dropout, 1k-A",
        (8_100, 900, 1_000),
        1_000,
        train="train9k",
        test="test1k",
        needs="MSRVTT_train.9k.csv and MSRVTT_JSFUSION_test.csv of msrvtt_data.zip",
        zero_shot="category",
    ),
    _of(
        "msvd",
        "MSVD retrieval under dropout",
        (1_200, 100, 670),
        670,
        train="train",
        validation="val",
        test="test",
    ),
    _of(
        "ssv2",
        "SSv2 retrieval under dropout",
        (20_000, 2_000, 2_000),
        1_000,
        train="train",
        test="validation",
        zero_shot="action",
    ),
)
"""Benchmarks on captioned data sets. Something-Something has more clips than retrieval needs, so some of them are
selected."""


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=lambda benchmark: dropout_sets(benchmark, own_splits=True, fresh=True),
    fit_seconds=lambda benchmark, grid, dim, clock: heads_seconds(
        benchmark, grid, dim, clock, benchmark.args.get("alignment", {})
    ),
    fits_probe=False,
)
