"""Video-language alignment under frame dropout: a small projection between a frozen video and a frozen text encoder.

The projection is trained on clean training clips with two captions each. It is selected on validation clips with other
words. It is scored on test clips with captions that share neither sentence pattern nor synonym with those. Test clips
lose 0 to 90 % of their frames: blackened (``zero``), replaced by the last remaining one (``freeze``), or taken out
(``remove``). Two controls are trained in the same way. The control ``text_only`` has features of other clips: it shows
the result of captions alone. The control ``appearance_only`` repeats the middle frame of each clip: it shows the result
of a still image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet, count_clips, is_still, split_sets
from auxjepa.benchmarks.cost import MOST_STEPS, Clock, few_clips, random_features, seconds_of
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.corruptions.lost_frames import KINDS, drop
from auxjepa.data.world.captions import number_combinations, write_captions, write_prompts
from auxjepa.data.world.factor_sampling import sample
from auxjepa.probes.alignment import Alignment, align
from auxjepa.probes.fit import Score
from auxjepa.probes.pairs import Pairs, pair, shuffled, time_mean
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.retrieval import robustness
from auxjepa.probes.text import embed, open_text
from auxjepa.rows import Control
from auxjepa.tokens import Grid

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)
PHRASINGS = {"train": 2, "validation": 1, "test": 1}
"""Number of captions of a clip in each split."""
ZERO_SHOT = {"motion": ("direction", "fine_motion"), "order": ("order",)}
TEXT_DIM = 384
"""Channels of a text on which training the heads is timed."""
CONTROLS: tuple[Control, ...] = ("random_init", "chance")


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean R@1 (both directions) over clean clips and every dropout, in percent.

    Parts:

    - ``KIND-SHARE``: R@1, mean of both directions;
    - ``clean``, ``r5``, ``r10``, ``median_rank`` and ``chance`` on clean clips;
    - ``KIND_area``: area under the curve over dropout;
    - ``KIND_drop``: share of the lead over chance that is lost;
    - ``zero_shot_LABEL``: accuracy with class names as prompts;
    - ``text_only`` and ``appearance_only``: R@1 of the controls on clean clips.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ImportError: if the text encoder's package isn't installed; the message names the extra that installs it.
    """
    protocol = Alignment.model_validate({"name": benchmark.name, **benchmark.args})
    folder = scorer.data.root / "texts"
    text = open_text(protocol.text)
    pairs_by_split: dict[str, Pairs] = {}
    stills: dict[str, Pairs] = {}
    clips = np.empty(0)
    key = ""
    for split, count in PHRASINGS.items():
        labelled = benchmark.open(scorer.data, split, progress=False)
        factors = sample(split, len(labelled.clips), scorer.data.seed, role=benchmark.role)
        tokens = scorer.tokens(labelled.clips, labelled.key, protocol.reading.level)
        caption_texts = write_captions(factors, phrasing=split, count=count, seed=scorer.data.seed)
        pairs_by_split[split] = pair(tokens, caption_texts, text, identity=number_combinations(factors), folder=folder)
        stills[split] = still(scorer, protocol, labelled.clips, labelled.key, pairs_by_split[split])
        clips, key = labelled.clips, labelled.key
    aligned = align(protocol, pairs_by_split["train"], pairs_by_split["validation"], scorer.seed)
    parts: dict[str, float] = {}
    hits: list[np.ndarray] = []
    curves: dict[str, list[float]] = {kind: [] for kind in KINDS}
    chance = 0.0
    for kind, share in [("clean", 0.0), *((kind, share) for kind in KINDS for share in SHARES[1:])]:
        pairs = pairs_by_split["test"]
        if share:
            name = f"{key} {kind} {share}"
            tokens = scorer.tokens(drop(np.asarray(clips), share, kind), name, protocol.reading.level)
            pairs = Pairs(tokens, pairs.texts, pairs.owner, pairs.identity)
        ranks_of_test = aligned.retrieve(pairs)
        ways = (ranks_of_test.to_text, ranks_of_test.to_video)
        recall = float(np.mean([way.recall(1) for way in ways]))
        hits += [way.hits(1) for way in ways]
        if not share:
            chance = float(np.mean([way.chance_recall(1) for way in ways]))
            parts |= {"clean": recall, "chance": chance}
            parts |= {f"r{k}": float(np.mean([way.recall(k) for way in ways])) for k in (5, 10)}
            parts["median_rank"] = float(np.mean([way.median for way in ways]))
        else:
            parts[f"{kind}-{100 * share:g}"] = recall
        for one in KINDS if not share else (kind,):
            curves[one].append(recall)
    for kind, curve in curves.items():
        summary = robustness(SHARES, curve, chance)
        parts[f"{kind}_area"] = summary.area
        if summary.relative_drop is not None:  # without a lead over chance, the drop is undefined
            parts[f"{kind}_drop"] = 100 * summary.relative_drop
    labels = sample("test", len(clips), scorer.data.seed, role=benchmark.role).labels()
    for label in ZERO_SHOT[benchmark.role]:
        caption_texts = [torch.from_numpy(embed(text, ways, folder)) for ways in write_prompts(label)]
        right = aligned.classify(pairs_by_split["test"].tokens, caption_texts) == labels[label]
        parts[f"zero_shot_{label}"] = 100 * float(np.mean(right))
    others = {split: shuffled(pairs, scorer.seed) for split, pairs in pairs_by_split.items()}
    for control, pairs in (("text_only", others), ("appearance_only", stills)):
        ranks_of_test = align(protocol, pairs["train"], pairs["validation"], scorer.seed).retrieve(pairs["test"])
        parts[control] = float(np.mean([way.recall(1) for way in (ranks_of_test.to_text, ranks_of_test.to_video)]))
    correct = np.concatenate(hits)
    units = np.tile(np.arange(len(clips)), len(hits))  # each pair has a mark in both directions under every dropout
    score = 100 * float(correct.mean())
    return Score(score, aligned.validation, correct, dict(aligned.selected), parts, units, len(clips))


def still(scorer: Scorer, recipe: Alignment, clips: Clips, key: str, pairs: Pairs) -> Pairs:
    """Return the pairs with every clip replaced by its middle frame.

    The time steps of the tokens repeat the same frame, so only their mean is stored.

    Args:
        scorer: scorer of the encoder.
        recipe: settings of the alignment.
        clips: clips as uint8.
        key: key of the clips.
        pairs: clips and captions.
    """
    frames = clips.shape[1]
    steps = scorer.frozen.time_steps(frames)
    tokens = scorer.tokens(
        clips,
        f"{key} still",
        recipe.reading.level,
        change=lambda some: np.repeat(some[:, frames // 2 : frames // 2 + 1], frames, axis=1),
        then=lambda part: time_mean(part, steps),
    )
    return replace(pairs, tokens=tokens)


def _world(role: Literal["motion", "order"], label: str) -> Benchmark:
    return Benchmark(
        name=f"world_alignment_{role}",
        title=f"Text retrieval under dropout, {role} (50)",
        capability="alignment",
        role=role,
        label=label,
        classes=Alignment(name="x").gallery,
        protocol=Protocol(name="alignment", head="attentive"),
        suite="alignment",
        controls=CONTROLS,
    )


ALIGNMENT = (_world("motion", "fine_motion"), _world("order", "order"))


def dropout_sets(benchmark: Benchmark, *, own_splits: bool, fresh: bool) -> Iterator[ClipSet]:
    """Yield the clips of the splits, of every kind and share of frame dropout, and of the control that sees one frame.

    Args:
        benchmark: the benchmark.
        own_splits: whether no other benchmark shares its splits.
        fresh: whether features under dropout are not stored.
    """
    still = is_still(benchmark)
    yield from split_sets(benchmark, own_splits=own_splits)
    for number in range((len(SHARES) - 1) * len(KINDS)):
        yield ClipSet(f"{benchmark.name} dropout {number}", benchmark.test, still, fresh)
    # Only the mean over time of the features of one frame is stored.
    yield ClipSet(f"{benchmark.name} still", count_clips(benchmark), still, True)


def heads_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock, recipe: dict[str, Any]) -> float:
    """Estimate the seconds that training the heads of the encoder and of the two controls takes.

    Args:
        benchmark: the benchmark.
        grid: tokens of a clip.
        dim: channels of a token.
        clock: returns the seconds that have passed.
        recipe: settings of the heads.
    """
    alignment = Alignment.model_validate({"name": "x", **recipe})
    tokens = min(grid.N, MOST_STEPS**3)
    few = min(few_clips(tokens, dim), benchmark.train)
    texts = torch.randn(few, TEXT_DIM, generator=torch.Generator().manual_seed(0))
    pairs = Pairs(random_features(few, tokens, dim), texts, torch.arange(few), torch.arange(few))
    once, thrice = (
        seconds_of(lambda e=epochs: align(alignment.model_copy(update={"epochs": e}), pairs, pairs, 0), clock)
        for epochs in (1, 3)
    )
    epoch = max(0.0, thrice - once) / 2
    seconds = max(0.0, once - epoch) + epoch * alignment.epochs
    return 3 * seconds * benchmark.train / few * grid.N / tokens


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=lambda benchmark: dropout_sets(benchmark, own_splits=False, fresh=False),
    fit_seconds=lambda benchmark, grid, dim, clock: heads_seconds(benchmark, grid, dim, clock, benchmark.args),
    fits_probe=False,
)
