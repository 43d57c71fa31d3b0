"""Few-shot recognition of unseen actions: neither a probe nor a choice of hyperparameters uses their classes.

Fine motions of the world are combinations of direction, speed profile and turn. A third of the combinations is novel,
but other combinations contain each of their parts. All fits and choices (whitening, pooling, the head's penalty) use
training and validation clips of the other classes. The score is that of episodes of test clips of novel classes.
Pretraining uses clips of all classes, without labels.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.cost import Clock, random_features, seconds_of
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.probes.fewshot import Episodes, classify
from auxjepa.probes.fit import Score, Split
from auxjepa.probes.kept import Tokens, gathered, mapped, select_clips
from auxjepa.probes.prepare import choose_channels, fit
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control
from auxjepa.tokens import Grid

STRENGTHS = (0.03, 0.3, 3.0)
POOLINGS = ("mean", "time")
TRIAL_QUERIES = 4
TIMED_EPISODES = 10
"""Number of episodes on which classification is timed."""
CONTROLS: tuple[Control, ...] = ("random_init", "chance")


def novel(label: int) -> bool:
    """Return whether a fine motion is held out.

    Every direction, profile and turn is in twice as many known combinations.

    Args:
        label: class number of the fine motion.
    """
    direction, profile, turn = label // 6, label // 2 % 3, label % 2
    return (direction + profile + turn) % 3 == 0


@dataclass(frozen=True)
class LabelledClips:
    """Clips from which episodes are drawn.

    Args:
        pooled: features by pooling.
        labels: class of each clip.
        groups: video of each clip; None if videos don't matter.
    """

    pooled: dict[str, Float[Tensor, "n C"]]
    labels: Int[np.ndarray, " n"]
    groups: Int[np.ndarray, " n"] | None = None


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the mean accuracy over episodes of novel classes, in percent; parts: see :func:`score_episodes`.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ValueError: if :func:`auxjepa.probes.fewshot.classify` raises it.
    """
    how = Episodes.model_validate(benchmark.args)
    splits = {name: scorer.split(benchmark, name) for name in ("train", "validation", "test")}
    base_splits = {name: _of(split, False) for name, split in splits.items()}
    test_clips = _of(splits["test"], True)
    pool = pooling_of(base_splits["train"].tokens, scorer, benchmark.protocol)
    selection_clips, unseen = (
        LabelledClips(pool(split.tokens), split.labels.cpu().numpy())
        for split in (base_splits["validation"], test_clips)
    )
    return score_episodes(how, selection_clips, unseen)


def score_episodes(how: Episodes, selection_clips: LabelledClips, test_clips: LabelledClips) -> Score:
    """Return the score of every head on the same episodes.

    Head, penalty and pooling are selected on episodes of ``held``.

    Parts: the score with each head, selected in the same way (``prototype``, ``transductive``, ``ridge``,
    ``logistic``), and ``half_width`` of the 95 % interval over episodes. The interval is the Monte Carlo error
    alone: it shows how far more episodes of the same clips could change the mean. Episodes draw the same clips of
    the same classes repeatedly. Therefore the interval doesn't cover other clips or classes, and it shrinks to 0
    with the number of episodes.

    Args:
        how: settings of the episodes.
        selection_clips: clips on which head, penalty and pooling are selected.
        test_clips: clips on which the heads are scored.

    Raises:
        ValueError: if :func:`auxjepa.probes.fewshot.classify` raises it.
    """
    # Classes have fewer validation clips, and episodes for selection need fewer queries.
    trial = how.model_copy(update={"episodes": max(1, how.episodes // 5), "queries": min(how.queries, TRIAL_QUERIES)})
    best: dict[str, tuple[float, Episodes, str]] = {}
    for (head, change), pooling in itertools.product(_heads(how), POOLINGS):
        one = trial.model_copy(update=change)
        score = float(
            classify(
                selection_clips.pooled[pooling], selection_clips.labels, one, seed=1, groups=selection_clips.groups
            ).mean()
        )
        if head not in best or score > best[head][0]:
            best[head] = (score, how.model_copy(update=change), pooling)
    correct = {
        head: classify(test_clips.pooled[pooling], test_clips.labels, chosen, seed=0, groups=test_clips.groups)
        for head, (_, chosen, pooling) in best.items()
    }
    head = max(best, key=lambda name: best[name][0])
    score, chosen, pooling = best[head]
    selected: dict[str, float | int | str] = {"head": head, "pooling": pooling, "strength": chosen.strength}
    parts = {name: 100 * float(marks.mean()) for name, marks in correct.items()}
    episodes = correct[head].mean(axis=1)
    parts["half_width"] = (
        100 * 1.96 * float(episodes.std(ddof=1)) / len(episodes) ** 0.5 if len(episodes) > 1 else 100.0
    )
    return Score(100 * float(correct[head].mean()), 100 * score, correct[head].ravel(), selected, parts)


def pooling_of(train: Tokens, scorer: Scorer, protocol: Protocol) -> Callable[[Tokens], dict[str, Tensor]]:
    """Return a function from raw tokens to features by pooling, with the preparation that is fitted on training tokens.

    ``mean`` is the mean token. ``time`` joins the mean tokens of all time steps.

    Args:
        train: training tokens.
        scorer: scorer of the encoder.
        protocol: settings of the preparation.
    """
    preparation = fit(mapped(lambda part: choose_channels(part, protocol), train), protocol)
    steps = scorer.frozen.time_steps(scorer.data.frames)

    def both(part: Tensor) -> Tensor:
        ready = preparation(choose_channels(part, protocol))
        time = ready.unflatten(1, (steps, -1)).mean(dim=2).flatten(1)
        return torch.cat([ready.mean(dim=1), time], dim=1).cpu()

    def pooled(tokens: Tokens) -> dict[str, Tensor]:
        joined = gathered(both, tokens)
        width = joined.shape[1] // (1 + steps)
        return {"mean": joined[:, :width], "time": joined[:, width:]}

    return pooled


def _heads(how: Episodes) -> list[tuple[str, dict[str, Any]]]:
    heads: list[tuple[str, dict[str, Any]]] = [("prototype", {"head": "prototype"})]
    heads.append(("transductive", {"head": "prototype", "transductive": True}))
    heads += [(head, {"head": head, "strength": s}) for head in ("ridge", "logistic") for s in STRENGTHS]
    return heads


def _of(split: Split, wanted: bool) -> Split:
    chosen = torch.tensor([novel(label) == wanted for label in split.labels.tolist()])
    index = torch.nonzero(chosen).flatten()
    return Split(select_clips(split.tokens, index), split.labels[index])


def _world(ways: int | None, shots: int) -> Benchmark:
    classes = ways or int(np.sum([novel(label) for label in range(48)]))
    called = f"{ways}-way" if ways else "all-way"
    return Benchmark(
        name=f"world_fewshot_{ways or 'all'}way_{shots}shot",
        title=f"Unseen motions, {called} {shots}-shot",
        capability="few-shot",
        label="fine_motion",
        classes=classes,
        train=1200,
        validation=1400,
        test=2000,
        protocol=Protocol(name="episodes", head="linear"),
        suite="fewshot",
        args={"ways": ways, "shots": shots, "queries": 10, "episodes": 1000 if ways else 100},
        controls=CONTROLS,
    )


FEWSHOT = tuple(_world(ways, shots) for ways in (5, None) for shots in (1, 5, 10))


def fit_seconds(benchmark: Benchmark, grid: Grid, dim: int, clock: Clock) -> float:
    """Estimate the seconds that classifying the episodes takes.

    Every head and pooling is tried on a fifth of the episodes, then every head classifies all of them.

    Args:
        benchmark: the benchmark.
        grid: tokens of a clip.
        dim: channels of a token.
        clock: returns the seconds that have passed.
    """
    episodes = Episodes.model_validate({k: v for k, v in benchmark.args.items() if k != "division"})
    ways = episodes.ways or benchmark.classes
    timed_ways = min(ways, 64)
    labels = np.repeat(np.arange(timed_ways), episodes.shots + episodes.queries)
    total = 0.0
    for head, choices in (("prototype", 2), ("ridge", 3), ("logistic", 3)):
        for width in (dim, min(grid.T * dim, 8192)):
            timed = episodes.model_copy(update={"head": head, "ways": timed_ways, "episodes": TIMED_EPISODES})
            features = random_features(len(labels), 1, width)[:, 0]
            seconds = seconds_of(lambda e=timed, f=features: classify(f, labels, e, seed=0), clock)
            readings = choices / 5 + (1 if head != "prototype" else 2) / 2
            total += seconds / TIMED_EPISODES * episodes.episodes * readings
    return total * ways / timed_ways


MEASUREMENT = Measurement(measure=measure, fit_seconds=fit_seconds, fits_probe=False)
