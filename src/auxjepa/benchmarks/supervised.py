"""Ceilings of a benchmark: scores of networks that are trained on its labels, next to which scores of probes are read.

The control ``supervised`` trains the architecture of the study's encoders from new weights. The control ``convolution``
trains a small 3-D convolutional network. Both are controls that a study names in ``controls``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.ceiling_training import Ceiling, CeilingTraining
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.loading.augment import Augment
from auxjepa.models.jepa import build_encoder
from auxjepa.models.vit import patchify
from auxjepa.probes.fit import Score, over_examples
from auxjepa.seeds import derive_seed, generator
from auxjepa.tokens import Grid

SUITES = ("", "recognition", "diagnostic")
"""Suites with one label for each clip, from the same clips for every encoder."""
WIDTHS = ((24, (1, 2, 2)), (48, (2, 2, 2)), (64, (1, 1, 1)))
"""Channels and strides of the layers of the convolution."""
EVALUATION_BATCH = 256


class CeilingProtocol(CeilingTraining):
    """Settings of a ceiling with its network. Its digest is the protocol of the row."""

    network: Ceiling
    model: ModelConfig | None = Field(default=None, description="architecture of the encoders; None for a convolution")

    @classmethod
    def of(cls, network: Ceiling, training: CeilingTraining, model: ModelConfig) -> CeilingProtocol:
        """Return the protocol of a ceiling.

        Args:
            network: name of the control.
            training: settings of the training.
            model: architecture of the study's encoders.
        """
        fields = training.model_dump(include=set(CeilingTraining.model_fields))
        return cls.model_validate({**fields, "network": network, "model": model if network == "supervised" else None})


def has_ceiling(benchmark: Benchmark) -> bool:
    """Check whether networks can be trained on the labels of a benchmark: classes, with one label for each clip.

    Args:
        benchmark: the benchmark.
    """
    return benchmark.suite in SUITES and benchmark.metric == "top1" and benchmark.classes > 1


def training_benchmark(benchmark: Benchmark, training: CeilingTraining) -> Benchmark:
    """Return a benchmark of the world with more training clips; any other benchmark is unchanged.

    Args:
        benchmark: the benchmark.
        training: settings of the training.
    """
    if benchmark.source != "world" or benchmark.train >= training.clips:
        return benchmark
    return benchmark.model_copy(update={"train": training.clips})


class EncoderClassifier(nn.Module):
    """An encoder with the mean of its tokens and a linear layer.

    Args:
        model: architecture of the encoder.
        classes: number of classes C.
    """

    def __init__(self, model: ModelConfig, classes: int) -> None:
        super().__init__()
        self.model, self.encoder = model, build_encoder(model)
        self.head = nn.Linear(self.encoder.width.dim, classes)

    def forward(self, pixels: Float[Tensor, "B 3 F X Y"]) -> Float[Tensor, "B C"]:
        """Return the logits of normalised clips. A still image is repeated to one tubelet, as in pretraining."""
        frames, rows, columns = pixels.shape[2:]
        tubelet = self.model.tubelet
        grid = Grid.of_clip(tubelet if frames == 1 else frames, rows, columns, tubelet, self.model.patch)
        tokens = self.encoder(patchify(pixels, grid), grid, image=frames == 1)[:, :, -1]
        return self.head(tokens.mean(dim=1))


class Convolution(nn.Module):
    """A 3-D convolutional network with 0.12 M parameters.

    Args:
        frames: frames of a clip; 1 for still images.
        classes: number of classes C.
    """

    def __init__(self, frames: int, classes: int) -> None:
        super().__init__()
        self.body, channels = convolution_body(frames)
        self.head = nn.Linear(channels, classes)

    def forward(self, pixels: Float[Tensor, "B 3 F X Y"]) -> Float[Tensor, "B C"]:
        """Return the logits of normalised clips."""
        return self.head(self.body(pixels))


def convolution_body(frames: int) -> tuple[nn.Sequential, int]:
    """Return the layers of the convolution before its head (torch's global generator), and their output channels.

    Args:
        frames: frames of a clip; 1 for still images.
    """
    layers, channels = [], 3
    for width, stride in WIDTHS:
        layers += [nn.Conv3d(channels, width, 3, stride, 1), nn.BatchNorm3d(width), nn.GELU()]
        channels = width
    steps = max(1, frames // 2)
    body = nn.Sequential(*layers, nn.AdaptiveMaxPool3d((steps, 2, 2)), nn.Flatten(), nn.Dropout(0.3))
    return body, channels * steps * 4


def score_ceiling(
    benchmark: Benchmark,
    data: DataConfig,
    protocol: CeilingProtocol,
    *,
    seed: int,
    alive: Callable[[], None] = lambda: None,
    device: str = "cpu",
) -> Score:
    """Return the score of a network that is trained on the labels of a benchmark.

    Validation clips select the learning rate and the checkpoint. Test clips are read once.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
        protocol: network and settings of the training.
        seed: seed of the initial weights, the order of clips and their shifts.
        alive: called at each step; it may stop the training with an error.
        device: name of the device.

    Raises:
        ConfigError: if the benchmark has no classes with one label for each clip.
    """
    if not has_ceiling(benchmark):
        raise ConfigError(f"{benchmark.name}: the control {protocol.network!r} needs classes with one label per clip")
    train = training_benchmark(benchmark, protocol).open(data, "train", progress=False)
    validation = benchmark.open(data, "validation", progress=False)
    best: tuple[float, float, int, nn.Module] | None = None
    for rate in protocol.learning_rates:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(seed, protocol.network, "ceiling"))
            network = _build(protocol, train.clips.shape[1], benchmark.classes).to(device)
            for step in _train(network, train, protocol, rate, seed, shifts=benchmark.source == "world", alive=alive):
                share = 100 * float(_correct(network, validation)[0].mean())
                if best is None or share > best[0]:
                    best = share, rate, step, copy.deepcopy(network)
    assert best is not None
    share, rate, step, network = best
    test = benchmark.open(data, "test", progress=False)
    correct, units = _correct(network, test)
    selected: dict[str, float | int | str] = {"lr": rate, "step": step, "clips": len(train.labels)}
    return Score(100 * float(correct.mean()), share, correct, selected, units=units, clips=len(test.labels))


def _build(protocol: CeilingProtocol, frames: int, classes: int) -> nn.Module:
    """Return a new network, with torch's global generator."""
    return Convolution(frames, classes) if protocol.model is None else EncoderClassifier(protocol.model, classes)


def _train(
    network: nn.Module,
    train: Labelled,
    protocol: CeilingProtocol,
    rate: float,
    seed: int,
    *,
    shifts: bool,
    alive: Callable[[], None],
) -> Iterator[int]:
    """Train a network, and yield the step after each part of the training.

    Clips of the world are shifted around the torus, on which they are drawn. This changes no label.
    """
    device = next(network.parameters()).device
    labels, rng = torch.from_numpy(np.asarray(train.labels)), generator(seed, "ceiling clips")
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=protocol.weight_decay)
    total = max(2, protocol.steps)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total, pct_start=0.1)
    readings = {round(protocol.steps * (n + 1) / protocol.readings) for n in range(protocol.readings)}
    order = torch.empty(0, dtype=torch.long)
    for step in range(1, protocol.steps + 1):
        alive()
        while len(order) < protocol.batch:
            order = torch.cat([order, torch.randperm(len(labels), generator=rng)])
        index, order = order[: protocol.batch], order[protocol.batch :]
        pixels = _pixels(train.clips, index.numpy(), device)
        if shifts:
            rows, columns = pixels.shape[-2:]
            offset = (int(torch.randint(rows, (), generator=rng)), int(torch.randint(columns, (), generator=rng)))
            pixels = pixels.roll(offset, (-2, -1))
        network.train()
        loss = F.cross_entropy(network(pixels), labels[index].to(device))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step in readings:
            yield step


def _pixels(clips: Clips, index: Int[np.ndarray, " B"], device: torch.device) -> Float[Tensor, "B 3 F X Y"]:
    """Return normalised clips."""
    return Augment()(torch.from_numpy(np.array(clips[index])).to(device), None)


@torch.no_grad()
def _correct(network: nn.Module, split: Labelled) -> tuple[np.ndarray, np.ndarray | None]:
    """Return whether each example is correct, and its unit. Probabilities of the clips of an example are averaged."""
    network.eval()
    device, count = next(network.parameters()).device, len(split.labels)
    parts = [
        network(_pixels(split.clips, np.arange(start, min(count, start + EVALUATION_BATCH)), device)).softmax(1).cpu()
        for start in range(0, count, EVALUATION_BATCH)
    ]
    probability, labels, units = torch.cat(parts).numpy(), np.asarray(split.labels), split.unit
    if split.example is not None:
        probability, first = over_examples(probability, split.example)
        labels, units = labels[first], None if units is None else units[first]
    return probability.argmax(axis=1) == labels, units
