"""Signals of a finished run for health.py: measured on the features of its last checkpoint, or read from its log."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from auxjepa.config import RunConfig
from auxjepa.data.loading.augment import Augment
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder, patchify
from auxjepa.probes.cka import debiased_cka
from auxjepa.runs.metrics import FILE, parse, read_metrics
from auxjepa.seeds import generator
from auxjepa.tokens import Grid
from auxjepa.train.checkpoint import load_encoder
from auxjepa.train.spectra import rank_me, spectrum

VIEWS = Augment((0.3, 1.0), (0.75, 1.35), flip=True)
"""Crops and mirrored clips are the views of LiDAR."""
WITHIN = 1e-4
"""Share of the mean variance within a clip that is added to every direction, so that the matrix can be inverted."""

SIGNALS: Mapping[str, tuple[str, int]] = {
    "version 1": (
        "rule of version 1: the smallest ratio of std or rank to its best value so far, teacher and student",
        -1,
    ),
    "std": ("std of the student, last", -1),
    "rank": ("rank (RankMe of tokens) of the student, last", -1),
    "teacher rank": ("rank of the teacher, last", -1),
    "rank / initial": ("rank, last, relative to the untrained student", -1),
    "rank / warm-up": ("rank, last, relative to the first value after the warm-up", -1),
    "std / warm-up": ("std, last, relative to the first value after the warm-up", -1),
    "rank slope": ("slope of log rank over the last half of the steps", -1),
    "clip rank": ("RankMe of the means of clips", -1),
    "alpha": ("alpha-ReQ: exponent of the eigenspectrum of the tokens", 1),
    "LiDAR": ("LiDAR of the means of clips, 64 clips with 2 views", -1),
    "time share": ("share of the variance that is a change within a clip over time", -1),
    "distance": ("1 - CKA with the untrained encoder, means of clips", -1),
    "loss fall": ("fall of the prediction loss over the run, relative to its start", -1),
    "loss plateau": ("fall of the total loss over the last half, relative to its value at half time", -1),
}
"""Meaning of each signal, and the side of the alarm: -1 for low values, 1 for high ones."""


def read_signals(folder: Path, config: RunConfig, pixels: Tensor) -> dict[str, float]:
    """Return the signals of a finished run.

    Args:
        folder: run folder with its last checkpoint and its log.
        config: configuration of the run.
        pixels: bytes of the clips that the monitor sees, ``B F X Y 3``.
    """
    records = [parse(text) or {} for _, text in read_metrics(folder / FILE).by_step]
    return from_log(records, config) | from_features(load_encoder(folder, "student")[0], config, pixels)


def from_log(records: list[dict[str, float]], config: RunConfig) -> dict[str, float]:
    """Return the signals that the log of a run holds.

    Args:
        records: lines of ``metrics.jsonl``.
        config: configuration of the run.
    """
    steps, warmup = config.optim.steps, config.optim.warmup * config.optim.steps
    looks = [record for record in records if "rank/student" in record]
    last = looks[-1]
    trained = next((look for look in looks if look["step"] >= warmup and look["step"] > 0), last)
    ratios = []
    for key in (key for key in last if key.startswith(("std/", "rank/"))):
        best = max(look[key] for look in looks)
        ratios.append(last[key] / best)
    half = [look for look in looks if look["step"] >= steps / 2] or [last]
    place = np.array([look["step"] / steps for look in half])
    height = np.log([look["rank/student"] for look in half])
    loss = [record["loss"] for record in records]
    block = max(1, steps // 20)
    term = [record.get("terms/prediction", record["loss"]) for record in records]
    middle = len(loss) // 2
    return {
        "version 1": min(ratios),
        "std": last["std/student"],
        "rank": last["rank/student"],
        "teacher rank": last.get("rank/teacher", math.nan),
        "rank / initial": last["rank/student"] / looks[0]["rank/student"],
        "rank / warm-up": last["rank/student"] / trained["rank/student"],
        "std / warm-up": last["std/student"] / trained["std/student"],
        "rank slope": float(np.polyfit(place, height, 1)[0]) if len(half) > 1 else math.nan,
        "loss fall": 1 - float(np.mean(term[-block:]) / np.mean(term[: max(1, block // 4)])),
        "loss plateau": 1 - float(np.mean(loss[-block:]) / np.mean(loss[middle : middle + block])),
    }


@torch.no_grad()
def from_features(encoder: Encoder, config: RunConfig, pixels: Tensor) -> dict[str, float]:
    """Return the signals that are measured on features of the last level.

    Args:
        encoder: encoder with its last weights.
        config: configuration of the run.
        pixels: bytes of the clips, ``B F X Y 3``.
    """
    model = config.model
    grid = Grid.of_clip(*pixels.shape[1:4], model.tubelet, model.patch)

    def encode(network: Encoder, clips: Tensor) -> Tensor:
        return network(patchify(clips, grid), grid)[:, :, -1]

    tokens = encode(encoder, Augment()(pixels, None))
    views = torch.stack([encode(encoder, VIEWS(pixels, generator("views", n))).mean(1) for n in range(2)], dim=1)
    before = encode(build_initial_encoder(model, config.seed), Augment()(pixels, None)).mean(1)
    measured = spectrum(tokens, grid.T)
    return {
        "clip rank": measured.clip_rank,
        "alpha": measured.alpha,
        "LiDAR": lidar(views),
        "time share": measured.time_share,
        "distance": 1 - debiased_cka(tokens.mean(1), before),
    }


def lidar(views: Tensor) -> float:
    """Return the effective rank of linear discriminant analysis with a clip as class and its views as examples.

    Args:
        views: features of views of each clip, ``n q D``.

    Source: LiDAR, Thilak et al. 2023, equations 1 to 4
    """
    clips, count, dim = views.shape
    x = views.double()
    means = x.mean(dim=1)
    inner, outer = (x - means[:, None]).flatten(0, 1), means - means.mean(dim=0)
    within = inner.T @ inner / (clips * (count - 1))
    within += WITHIN * within.diagonal().mean() * torch.eye(dim, dtype=torch.float64)
    values, vectors = torch.linalg.eigh(within)
    root = vectors @ (values.clamp_min(1e-12).rsqrt()[:, None] * vectors.T)
    between = root @ (outer.T @ outer / (clips - 1)) @ root
    # The entropy is that of the eigenvalues, and rank_me takes it of the square roots.
    return rank_me(torch.linalg.eigvalsh(between).clamp_min(0).square())


def to_line(record: Mapping[str, object]) -> str:
    """Return one line of JSON with numbers of five digits.

    Args:
        record: the content of the line.
    """

    def shorten(value: object) -> object:
        if isinstance(value, float):
            return float(f"{value:.5g}") if math.isfinite(value) else None
        return {key: shorten(one) for key, one in value.items()} if isinstance(value, dict) else value

    return json.dumps(shorten(record))
