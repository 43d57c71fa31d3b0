"""Train a grid of heads together, choose one on validation clips, and score it once on test clips."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from auxjepa.probes import knn
from auxjepa.probes.choice import Choice
from auxjepa.probes.grid_adamw import GridAdamW
from auxjepa.probes.head_input import arrange_tokens, head_input
from auxjepa.probes.heads import build
from auxjepa.probes.kept import Features, Tokens, gathered, mapped
from auxjepa.probes.prepare import choose_channels, fit
from auxjepa.probes.protocol import Protocol
from auxjepa.seeds import generator

EVALUATION_BATCH = 1024


@dataclass(frozen=True)
class Split:
    """Token features and labels of the clips of one split.

    Args:
        tokens: features of the clips, in memory or on disk.
        labels: class number of each clip.
        steps: number of time steps T of the N = T S tokens, in raster order; 1 if the head doesn't use time steps.
        example: example of each clip, see :class:`auxjepa.benchmarks.benchmark.Labelled`.
        unit: group of each clip, see :class:`auxjepa.benchmarks.benchmark.Labelled`.
    """

    tokens: Float[Tensor, "n ..."] | Features
    labels: Int[Tensor, " n"]
    steps: int = 1
    example: Int[np.ndarray, " n"] | None = None
    unit: Int[np.ndarray, " n"] | None = None


@dataclass(frozen=True)
class Score:
    """Result of a measurement.

    Args:
        test: score on test clips, in percent for a probe.
        validation: score on validation clips, in percent; None if there is none.
        correct: whether each test clip (or query) is correct; None if the score isn't a share of correct answers.
        selected: selected hyperparameters.
        parts: further values by name, such as the measurements of which the score is the mean.
        units: independent video (group, clip) of each entry of ``correct``; None if each entry is independent.
        clips: number of clips from which ``correct`` was computed; None if each entry needed one clip.
    """

    test: float
    validation: float | None
    correct: Bool[np.ndarray, " n"] | None
    selected: dict[str, float | int | str]
    parts: dict[str, float] = field(default_factory=dict)
    units: Int[np.ndarray, " n"] | None = None
    clips: int | None = None


@dataclass(frozen=True)
class Fitted:
    """Fitted probe with selected hyperparameters. It can be scored on any number of test sets.

    Args:
        protocol: settings of the probe.
        classes: number of classes C.
        validation: percent correct of the selected head on validation clips.
        selected: selected hyperparameters.
    """

    protocol: Protocol
    classes: int
    validation: float
    selected: dict[str, float | int | str]
    _ready: Callable[[Tokens], Tokens]
    _scores: Callable[[Tokens], Tensor]

    def scores(self, tokens: Float[Tensor, "n N D"] | Features) -> Float[Tensor, "n C"]:
        """Return the score of each class for each clip: logits, or the votes of a k-NN.

        Args:
            tokens: raw features.
        """
        return self._scores(self._ready(tokens))

    def probabilities(self, tokens: Float[Tensor, "n N D"] | Features) -> Float[Tensor, "n C"]:
        """Return the probability of each class for each clip.

        Votes of a k-NN are divided by their sum. They differ by factors, and a softmax would give almost all weight
        to the first class.

        Args:
            tokens: raw features.
        """
        scores = self.scores(tokens)
        return scores / scores.sum(dim=1, keepdim=True) if self.protocol.head == "knn" else scores.softmax(dim=1)

    def predict(self, tokens: Float[Tensor, "n N D"] | Features) -> Int[Tensor, " n"]:
        """Return the predicted class of each clip.

        Args:
            tokens: raw features.
        """
        return self.scores(tokens).argmax(dim=-1)

    def score(self, test: Split) -> Score:
        """Return the score on test clips. The probabilities of several clips of one example are averaged.

        Args:
            test: features and labels of the test clips.

        Raises:
            ValueError: if there are no clips, or the labels don't fit the clips.
        """
        _check("test", test, self.classes)
        labels, units = test.labels.cpu().numpy(), test.unit
        if test.example is None:
            predicted = self.predict(test.tokens).cpu().numpy()
        else:
            mean, first = over_examples(self.probabilities(test.tokens).cpu().numpy(), test.example)
            predicted, labels, units = mean.argmax(axis=1), labels[first], None if units is None else units[first]
        correct = predicted == labels
        score = Score(100 * correct.mean().item(), self.validation, correct, self.selected)
        return replace(score, units=units, clips=len(test.labels))


def over_examples(
    probability: Float[np.ndarray, "n C"], example: Int[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "E C"], Int[np.ndarray, " E"]]:
    """Return the sum of the probabilities over the clips of each example, and the index of the first clip of each
    example.

    Args:
        probability: probability of each class for each clip.
        example: example of each clip, 0 … E - 1.
    """
    total = np.zeros((int(example.max()) + 1, probability.shape[1]))
    np.add.at(total, example, probability)
    return total, np.unique(example, return_index=True)[1]


def probe(protocol: Protocol, train: Split, validation: Split, test: Split, classes: int, seed: int) -> Score:
    """Return the score of frozen features: fit on ``train``, choose on ``validation``, score once on ``test``.

    Args:
        protocol: settings of the probe.
        train: clips on which heads are fitted.
        validation: clips on which the head is chosen.
        test: clips on which the head is scored.
        classes: number of classes.
        seed: seed of the probe.

    Raises:
        ValueError: if :func:`fit_probe` raises it.
    """
    for name, split in (("train", train), ("validation", validation), ("test", test)):
        _check(name, split, classes)
    return fit_probe(protocol, train, validation, classes, seed).score(test)


def fit_probe(protocol: Protocol, train: Split, validation: Split, classes: int, seed: int) -> Fitted:
    """Fit a probe on ``train`` and choose its hyperparameters on ``validation``.

    Args:
        protocol: settings of the probe.
        train: clips on which heads are fitted.
        validation: clips on which the head is chosen.
        classes: number of classes.
        seed: seed of the initial weights and of the order of clips; the same seed gives the same score.

    Raises:
        ValueError: if a split is empty, or its numbers of labels and clips differ.
        ValueError: if a label is outside ``0 … classes - 1``.
        ValueError: if the tokens can't be divided into time steps.
    """
    for name, split in (("train", train), ("validation", validation)):
        _check(name, split, classes)
    preparation = fit(mapped(lambda tokens: choose_channels(tokens, protocol), train.tokens), protocol)

    def prepared(tokens: Tensor) -> Tensor:
        return preparation(choose_channels(tokens, protocol))

    ready = arrange_tokens(protocol, prepared, train.tokens, train.steps)
    steps = 1 if protocol.pool == "mean" else train.steps
    device = train.tokens.device
    known, held = (Split(ready(split.tokens), split.labels.to(device), steps) for split in (train, validation))
    if protocol.head == "knn":
        score, selected, scores = _nearest(protocol, known, held, classes)
    else:
        score, selected, scores = _trained(protocol, known, held, classes=classes, seed=seed)
    return Fitted(protocol, classes, 100 * score, selected, ready, scores)


def _check(name: str, split: Split, classes: int) -> None:
    if not len(split.labels) or len(split.labels) != len(split.tokens):
        raise ValueError(f"{name}: {len(split.labels)} labels for {len(split.tokens)} clips; one each is needed")
    if not 0 <= int(split.labels.min()) <= int(split.labels.max()) < classes:
        raise ValueError(f"{name} labels must be in 0 … {classes - 1}")


Chosen = tuple[float, dict[str, float | int | str], Callable[[Tokens], Tensor]]
"""Share of correct validation clips, selected hyperparameters, and the selected head."""


def _nearest(protocol: Protocol, train: Split, validation: Split, classes: int) -> Chosen:
    assert isinstance(train.tokens, Tensor) and isinstance(validation.tokens, Tensor)  # means are in memory
    on_validation = knn.predict(train.tokens[:, 0], train.labels, validation.tokens[:, 0], protocol.neighbours)
    scores = (on_validation == validation.labels).double().mean(dim=1)
    best = int(scores.argmax())
    k = protocol.neighbours[best]
    bank = train.tokens[:, 0]

    def votes(tokens: Tokens) -> Tensor:
        return knn.votes(bank, train.labels, gathered(lambda part: part[:, 0], tokens), (k,), classes)[0]

    return scores[best].item(), {"neighbours": k}, votes


def _trained(protocol: Protocol, train: Split, validation: Split, *, classes: int, seed: int) -> Chosen:
    grid = list(itertools.product(protocol.learning_rates, protocol.weight_decays))
    rng = generator(seed, "probe", protocol.name)
    dim = train.tokens.shape[-1]
    head = build(protocol, len(grid), dim, classes, rng).to(train.tokens.device)
    optimiser = GridAdamW(head, grid)
    steps_an_epoch = math.ceil(len(train.labels) / protocol.batch)
    total = protocol.epochs * steps_an_epoch
    choice = Choice(protocol, grid)
    step = 0
    for epoch in range(protocol.epochs):
        head.train()
        for index in torch.randperm(len(train.labels), generator=rng).split(protocol.batch):
            logits = head(head_input(train.tokens[index], protocol, train.steps))
            labels = train.labels[index].expand(len(logits), -1)
            # The loss is summed over the grid. Heads share no parameter, so each head gets its own gradient.
            loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten()) * len(logits)
            head.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step(0.5 * (1 + math.cos(math.pi * step / total)))
            step += 1
        predicted = _logits(head, validation.tokens, protocol, train.steps).argmax(dim=-1)
        choice.offer(epoch + 1, predicted == validation.labels, head)
        if (rows := choice.halve(epoch + 1)) is not None:
            state = {name: value.detach()[rows] for name, value in head.named_parameters()}
            head = build(protocol, len(rows), dim, classes, rng).to(train.tokens.device)
            head.load_state_dict(state)
            optimiser = optimiser.narrowed(head, rows)
    winner = choice.winner()
    rate, decay = grid[winner.place]
    chosen: dict[str, float | int | str] = {"learning_rate": rate, "weight_decay": decay, "epoch": winner.epoch}
    place = winner.place
    if choice.keeps_one:
        head, place = build(protocol, 1, dim, classes, rng).to(train.tokens.device), 0
    head.load_state_dict(winner.state)
    return winner.share, chosen, lambda tokens: _logits(head, tokens, protocol, train.steps)[place]


@torch.no_grad()
def _logits(head: nn.Module, tokens: Tokens, protocol: Protocol, steps: int) -> Float[Tensor, "G n C"]:
    head.eval()
    return torch.cat([head(head_input(part, protocol, steps)) for part in tokens.split(EVALUATION_BATCH)], dim=1)
