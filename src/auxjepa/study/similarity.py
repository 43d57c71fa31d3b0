"""Similarity of the encoders of a study: CKA of every two on the same clips, averaged by kind of encoder.

A kind is a variant in a regime. Encoders of two kinds are compared at different seeds and at the same seed. Encoders of
one kind are compared at different seeds, so that the seed is an equal source of difference. Encoders of the same seed
start from the same network.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.cka import clip_means
from auxjepa.config import ConfigError, DataConfig
from auxjepa.evidence.analyses.transfer import Encoder
from auxjepa.evidence.statistics.bootstrap import percentile, seed_weights
from auxjepa.evidence.study_folder.similarity import (
    UNTRAINED,
    DomainSimilarity,
    PairSimilarity,
    Similarity,
)
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder as Network
from auxjepa.probes.cka import resampled_cka
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.worker import run_folder
from auxjepa.train.checkpoint import load_encoder

CONFIDENCE = 0.95
Seeds = Literal["same", "other"]


@dataclass(frozen=True)
class Member:
    """One encoder of the study."""

    kind: str
    seed: int
    run: PlannedRun

    @property
    def name(self) -> str:
        return f"{self.kind} seed {self.seed}"


def compare(
    study: StudyConfig,
    folder: Path,
    *,
    root: Path,
    clips: int = 256,
    level: int = -1,
    resamples: int = 400,
    tell: Callable[[str], None] = lambda line: None,
) -> Similarity:
    """Compare every two finished encoders of the study, on test clips of each domain that its benchmarks have.

    Args:
        study: the study.
        folder: study folder.
        root: folder of data.
        clips: number of clips of each domain.
        level: level of the encoders.
        resamples: number of resamples of the clips, for intervals.
        tell: receives one line for each domain.

    Raises:
        ConfigError: if there are fewer than two finished encoders, no benchmark has undisturbed clips, or regimes cut
            clips differently.
        ValueError: see :func:`auxjepa.probes.cka.resampled_cka`.
    """
    asked, data = _choose_benchmarks(study, root)
    members, missing = _members(study, folder)
    if len(members) < 2:
        raise ConfigError(f"{folder}: comparing takes two finished encoders, there is {len(members) or 'none'}")
    on = []
    for domain, benchmark in asked.items():
        shown = benchmark.open(data, "test", progress=False).clips[:clips]
        tell(f"{domain}: {len(members)} encoders on {len(shown)} clips")
        features = [clip_means(_network(one, folder), shown, one.run.config.model, level) for one in members]
        on.append(DomainSimilarity(domain=domain, clips=len(shown), alike=summed(members, features, resamples)))
    return Similarity(
        kinds=tuple(dict.fromkeys(one.kind for one in members)),
        seeds=tuple(sorted({one.seed for one in members})),
        runs={one.name: one.run.key for one in members},
        missing=tuple(missing),
        level=level,
        resamples=resamples,
        confidence=CONFIDENCE,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        on=tuple(on),
    )


def summed(
    members: Sequence[Member], features: Sequence[Float[Tensor, "n D"]], resamples: int
) -> tuple[PairSimilarity, ...]:
    """Return the mean CKA of every two kinds, over their pairs of encoders.

    Args:
        members: the encoders.
        features: features of each encoder for the same clips.
        resamples: number of resamples of the clips.
    """
    n = len(features[0])
    counts = np.concatenate([np.ones((1, n)), n * seed_weights(n, resamples)])
    pairs = list(combinations(range(len(members)), 2))
    values = resampled_cka(features, pairs, torch.from_numpy(counts)).numpy()
    kinds = dict.fromkeys(one.kind for one in members)
    grouped: dict[tuple[str, str, Seeds], list[int]] = {}
    for place, (a, b) in enumerate(pairs):
        first, second = sorted((members[a].kind, members[b].kind), key=list(kinds).index)
        seeds: Seeds = "same" if members[a].seed == members[b].seed else "other"
        grouped.setdefault((first, second, seeds), []).append(place)
    means = {key: values[places].mean(axis=0) for key, places in grouped.items()}
    out = []
    for first, second in combinations_with_replacement(kinds, 2):
        for seeds in ("other", "same"):
            key = (first, second, seeds)
            if key in grouped:
                own = [means.get((kind, kind, "other")) for kind in (first, second)]
                within = None if first == second or own[0] is None or own[1] is None else (own[0] + own[1]) / 2
                out.append(_alike(key, values[grouped[key], 0], means[key], within))
    return tuple(out)


def _alike(
    key: tuple[str, str, Seeds],
    each: Float[np.ndarray, " P"],
    mean: Float[np.ndarray, " R"],
    within: Float[np.ndarray, " R"] | None,
) -> PairSimilarity:
    """Return the similarity of two kinds. The first resample is the original set of clips."""
    low, high = _ends(mean)
    apart = {}
    if within is not None:
        ends = _ends(within - mean)
        apart = {"apart": float(within[0] - mean[0]), "apart_low": ends[0], "apart_high": ends[1]}
    return PairSimilarity(
        first=key[0],
        second=key[1],
        seeds=key[2],
        pairs=len(each),
        mean=float(mean[0]),
        low=low,
        high=high,
        least=float(each.min()),
        most=float(each.max()),
        **apart,
    )


def _ends(values: Float[np.ndarray, " R"]) -> tuple[float, float]:
    low, high = percentile(values[1:], CONFIDENCE)
    return float(low), float(high)


def _members(study: StudyConfig, folder: Path) -> tuple[list[Member], list[str]]:
    """Return the finished encoders, and the names of the missing ones. Random-init encoders, one per seed, are last."""
    trained, missing, untrained = [], [], {}
    for run in plan(study):
        config = run.config
        if run.control is not None:
            untrained.setdefault(config.seed, Member(UNTRAINED, config.seed, run))
            continue
        one = Member(Encoder(config.regime, config.variant).name, config.seed, run)
        if read_run(run_folder(folder, run), config.optim.steps).finished:
            trained.append(one)
        else:
            missing.append(one.name)
    return [*trained, *untrained.values()] if trained else [], missing


def _network(member: Member, folder: Path) -> Network:
    if member.run.control is not None:
        return build_initial_encoder(member.run.config.model, member.run.config.seed)
    return load_encoder(run_folder(folder, member.run), "student")[0]


def _choose_benchmarks(study: StudyConfig, root: Path) -> tuple[dict[str, Benchmark], DataConfig]:
    """Return one benchmark for every role of the world and every data set of the study, and how clips are cut."""
    named: dict[str, Benchmark] = {}
    for one in study.chosen_benchmarks():
        if measurement_of(one).undisturbed:
            named.setdefault(one.role if one.source == "world" else one.source, one)
    if not named:
        raise ConfigError(f"{study.name}: no benchmark has undisturbed clips to compare encoders on")
    data = [cut.model_copy(update={"root": root}) for cut in study.regimes.values()]
    for name, one in named.items():
        if len({one.hash_on(cut) for cut in data}) > 1:
            raise ConfigError(f"{name}: the regimes cut their clips differently, so encoders don't see the same ones")
    return named, data[0]
