"""Feature pictures of a finished study: principal components of the patch tokens of its encoders on its sample clips.

The components are those of DINO's figures (https://arxiv.org/abs/2104.14294, https://arxiv.org/abs/2304.07193),
without a separation of the foreground. They are computed once, when all runs are finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.data.loading.augment import normalise
from auxjepa.evidence.study_folder.artifacts import Samples, read_samples
from auxjepa.evidence.study_folder.feature_pictures import (
    FILE,
    PicturedEncoder,
    PicturesRecord,
    digest_clips,
    read_feature_pictures,
)
from auxjepa.evidence.study_folder.similarity import UNTRAINED
from auxjepa.files import replacing
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import encode_pixels
from auxjepa.rows import Row, RowStore
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun
from auxjepa.study.worker import run_folder
from auxjepa.tokens import Grid
from auxjepa.train.checkpoint import load_encoder

EDGES = (0.02, 0.98)
"""Quantiles of a component that are drawn as the darkest and the brightest colour."""


def write_feature_pictures(study: StudyConfig, runs: Sequence[PlannedRun], folder: Path) -> str:
    """Write ``features.npz`` if it is missing or belongs to other clips. An error is described and not raised.

    Args:
        study: the study.
        runs: its runs.
        folder: study folder with ``samples.npz``.

    Returns:
        One line why there are no pictures; "" if there are.
    """
    try:
        samples = read_samples(folder / "samples.npz", [])
        if samples is None or read_feature_pictures(folder / FILE, samples, []) is not None:
            return ""
        _write(study, runs, folder, samples)
    except Exception as error:  # pictures are an addition: a finished study never fails because of them
        return f"no feature pictures: {' '.join(str(error).split()) or type(error).__name__}"
    return ""


def _write(study: StudyConfig, runs: Sequence[PlannedRun], folder: Path, samples: Samples) -> None:
    first = runs[0].config
    trained = {
        run.config.variant: run
        for run in runs
        if run.control is None and (run.config.seed, run.config.regime) == (first.seed, first.regime)
    }
    there = [name for name, run in trained.items() if read_run(run_folder(folder, run)).finished]
    if study.reference not in there:
        raise ConfigError(f"the weights of {study.reference} seed {first.seed} were removed")
    order = order_by_difference(list(RowStore(folder)), study.reference, study.variants, first.regime)
    names = [study.reference, *[name for name in order if name in there][:1]]
    networks = {name: load_encoder(run_folder(folder, trained[name]), "student")[0] for name in names}
    models = [trained[name].config.model for name in names]
    networks[UNTRAINED] = build_initial_encoder(models[0], first.seed)
    encoders, pictures = [], []
    for (name, network), model in zip(networks.items(), [*models, models[0]], strict=True):
        colours, share = colour_tokens(encode_clips(network, samples.clips, model.tubelet, model.patch))
        encoders.append(PicturedEncoder(name=name, share=share))
        pictures.append(colours)
    if len({one.shape for one in pictures}) > 1:
        raise ConfigError(f"{' and '.join(names)} cut clips into different tokens")
    digest = digest_clips(samples.clips)
    record = PicturesRecord(clips=digest, regime=first.regime, seed=first.seed, encoders=tuple(encoders))
    with replacing(folder / FILE) as partial, partial.open("wb") as file:
        np.savez_compressed(file, pictures=np.stack(pictures), record=np.array(record.model_dump_json()))


def order_by_difference(rows: Sequence[Row], reference: str, variants: Sequence[str], regime: str) -> list[str]:
    """Return the variants without the reference, ordered by their mean absolute difference from it.

    In each benchmark, differences of mean scores are divided by the largest one, because units differ. Variants with
    equal differences keep their order.

    Args:
        rows: scores of the study.
        reference: variant that the others are compared with.
        variants: names of the variants.
        regime: pretraining regime.
    """
    scores: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.control is None and row.regime == regime and np.isfinite(row.score):
            scores.setdefault((row.benchmark, row.variant), []).append(row.score)
    means = {key: float(np.mean(values)) for key, values in scores.items()}
    total = dict.fromkeys((name for name in variants if name != reference), 0.0)
    for benchmark in dict.fromkeys(benchmark for benchmark, _ in means):
        if (benchmark, reference) not in means:
            continue
        level = means[benchmark, reference]
        distance = {name: abs(means[benchmark, name] - level) for name in total if (benchmark, name) in means}
        largest = max(distance.values(), default=0.0)
        for name, value in distance.items() if largest > 0 else ():
            total[name] += value / largest
    return sorted(total, key=lambda name: -total[name])


@torch.inference_mode()
def encode_clips(
    encoder: Encoder, clips: UInt8[np.ndarray, "k F X Y 3"], tubelet: int, patch: int
) -> Float[Tensor, "k T H W D"]:
    """Return the token features of clips on the CPU, one clip at a time.

    Args:
        encoder: the encoder.
        clips: the clips.
        tubelet: frames of a token.
        patch: pixel rows and columns of a token.

    Raises:
        ValueError: if the clips can't be cut into tokens.
    """
    frames, rows, columns = clips.shape[1:4]
    grid = Grid.of_clip(tubelet if frames == 1 else frames, rows, columns, tubelet, patch)
    pixels = normalise(torch.from_numpy(clips))
    tokens = torch.cat([encode_pixels(encoder, clip[None], tubelet=tubelet, patch=patch) for clip in pixels])
    return tokens.unflatten(1, (grid.T, grid.H, grid.W))


def colour_tokens(tokens: Float[Tensor, "k T H W D"]) -> tuple[UInt8[np.ndarray, "k T H W 3"], float]:
    """Return the first three principal components of tokens as colours, and their share of the variance.

    The components are fitted on all tokens. The entry of a component with the largest absolute value is positive, so
    that equal features give equal pictures. A component without variance is grey.

    Args:
        tokens: features of one encoder.

    Raises:
        ValueError: if features are not finite.
    """
    flat = tokens.flatten(0, 3).double()
    if not flat.isfinite().all():
        raise ValueError("features are not finite")
    flat = flat - flat.mean(dim=0)
    variances, directions = torch.linalg.eigh(flat.T @ flat / len(flat))  # in rising order
    variances, directions = variances.flip(0).clamp(min=0), directions.flip(1)[:, :3]
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    values = flat @ (directions * largest.sign())
    total = float(variances.sum())
    low, high = torch.quantile(values, torch.tensor(EDGES, dtype=torch.float64), dim=0)
    is_flat = variances[: values.shape[1]] <= 1e-9 * total
    levels = ((values - low) / (high - low).clamp(min=1e-30)).clamp(0, 1)
    levels = torch.where(is_flat | (high <= low), 0.5, levels)
    levels = torch.nn.functional.pad(levels, (0, 3 - levels.shape[1]), value=0.5)
    colours = (255 * levels).round().to(torch.uint8).unflatten(0, tokens.shape[:4])
    return colours.numpy(), min(1.0, float(variances[:3].sum()) / total) if total > 0 else 0.0
