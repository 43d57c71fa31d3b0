"""Alignment of video and language: small projections of frozen features, trained by contrast, scored by retrieval.

The video encoder and the text encoder stay frozen. Two heads are trained to place a clip and its caption close together
in a common space, with a symmetric contrastive loss and a learned temperature.

Source: Oord et al. 2018; Radford et al. 2021.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn

from auxjepa.config import Count, Positive, Share, Typed
from auxjepa.probes.grid_adamw import GridAdamW
from auxjepa.probes.heads import Attentive, Linear
from auxjepa.probes.kept import Features, Tokens, gathered, mapped
from auxjepa.probes.pairs import Pairs, check
from auxjepa.probes.prepare import Preparation, choose_channels, fit
from auxjepa.probes.protocol import Protocol, Reading
from auxjepa.probes.retrieval import Retrieval, retrieve
from auxjepa.seeds import generator

AT_ONCE = 1024
WARMEST, COLDEST = 0.5, 0.01
"""Range of the learned temperature. The lower end is the limit of CLIP."""


class Alignment(Typed):
    """Settings with which frozen features are aligned with language.

    Every field can change a score, so every field is hashed.
    """

    name: str
    version: Count = 1
    reading: Reading = Reading()
    channels: Literal["all", "appearance", "dynamics"] = Field(default="all", description="which half is read")
    ratio: Share = Field(default=0.5, description="share of the channels that is 'appearance'")
    text: str = Field(default="minilm", description="'minilm', 'hashed' or 'transformers:NAME_OR_FOLDER'")
    pool: Literal["mean", "attentive"] = Field(default="attentive", description="how tokens become one vector")
    centre: bool = Field(default=True, description="subtract from every token the training mean of its position")
    whiten: bool = Field(default=True, description="PCA-whiten tokens by the covariance of the training tokens")
    dim: Count = Field(default=64, description="of the common space")
    epochs: Count = 30
    batch: Count = 128
    learning_rates: tuple[Positive, ...] = (1e-3, 3e-3)
    weight_decays: tuple[float, ...] = (1e-2,)
    attention_heads: Count = 8
    temperature: float = Field(default=0.07, ge=COLDEST, le=WARMEST, description="at the start; it is learned")
    gallery: Count = Field(default=50, description="clips among which is retrieved, with their captions")
    select: Literal["validation"] = Field(
        default="validation",
        description="grid point and epoch are those with the best validation mean reciprocal rank, mean of both ways",
    )


class Towers(nn.Module):
    """``G`` pairs of heads for clips and sentences, each pair with a separate temperature."""

    def __init__(self, grid: int, dim: int, text_dim: int, protocol: Alignment, rng: torch.Generator) -> None:
        super().__init__()
        if protocol.pool == "mean":
            self.video: nn.Module = Linear(grid, dim, protocol.dim, rng)
        else:
            self.video = Attentive(grid, dim, protocol.dim, protocol.attention_heads, rng)
        self.text = Linear(grid, text_dim, protocol.dim, rng)
        self.scale = nn.Parameter(torch.full((grid, 1, 1), -math.log(protocol.temperature)))

    def clips(self, tokens: Float[Tensor, "B ..."]) -> Float[Tensor, "G B C"]:
        return F.normalize(self.video(tokens), dim=-1)

    def sentences(self, texts: Float[Tensor, "B E"]) -> Float[Tensor, "G B C"]:
        return F.normalize(self.text(texts), dim=-1)

    @torch.no_grad()
    def bound(self) -> None:
        """Limit the temperatures to their range."""
        self.scale.clamp_(-math.log(WARMEST), -math.log(COLDEST))


@dataclass(frozen=True)
class Reader:
    """Preparation of features before the heads, fitted on training clips and captions."""

    protocol: Alignment
    tokens: Preparation
    texts: Preparation
    pooled: Preparation | None  # preparation of mean tokens; None if the protocol doesn't pool by the mean

    def clips(self, tokens: Float[Tensor, "n N D"] | Features) -> Float[Tensor, "n ..."] | Features:
        """Return all tokens of clips, or the mean tokens in memory. All tokens of features on disk stay on disk.

        Args:
            tokens: raw features.
        """
        return mapped(self._ready, tokens) if self.pooled is None else gathered(self._ready, tokens)

    def _ready(self, tokens: Float[Tensor, "n N D"]) -> Float[Tensor, "n ..."]:
        x = self.tokens(choose_channels(tokens, _as_probe(self.protocol)))
        return x if self.pooled is None else self.pooled(x.mean(dim=1, keepdim=True))[:, 0]

    def sentences(self, texts: Float[Tensor, "m E"]) -> Float[Tensor, "m E"]:
        return self.texts(texts[:, None])[:, 0]


@dataclass(frozen=True)
class Aligned:
    """Trained heads: they project clips and captions to unit vectors of one space."""

    protocol: Alignment
    reader: Reader
    towers: Towers
    place: int
    validation: float
    """Mean reciprocal rank on validation clips, mean of both directions, percent. It is optimistic because it was used
    for selection."""
    selected: dict[str, float | int]

    @torch.no_grad()
    def clips(self, tokens: Float[Tensor, "n N D"] | Features) -> Float[Tensor, "n C"]:
        parts = [self.towers.clips(self.reader._ready(part))[self.place] for part in tokens.split(AT_ONCE)]
        return torch.cat(parts)

    @torch.no_grad()
    def sentences(self, texts: Float[Tensor, "m E"]) -> Float[Tensor, "m C"]:
        return self.towers.sentences(self.reader.sentences(texts))[self.place]

    def retrieve(self, pairs: Pairs, gallery: int | None = None) -> Retrieval:
        """Return the ranks of a split's clips and captions.

        Args:
            pairs: clips and captions.
            gallery: clips of a gallery; the protocol's number if None.
        """
        clips, sentences = self.clips(pairs.tokens), self.sentences(pairs.texts)
        return retrieve(clips, sentences, pairs.owner, pairs.identity, gallery or self.protocol.gallery)

    def classify(
        self, tokens: Float[Tensor, "n N D"] | Features, prompts: Sequence[Float[Tensor, "p E"]]
    ) -> Int[np.ndarray, " n"]:
        """Return the zero-shot class of each clip: the class with the nearest mean of projected prompts.

        Args:
            tokens: raw features of clips.
            prompts: vectors of the prompts of each class.
        """
        names = torch.stack([F.normalize(self.sentences(one).mean(dim=0), dim=0) for one in prompts])
        return (self.clips(tokens) @ names.T).argmax(dim=1).cpu().numpy()


def align(protocol: Alignment, train: Pairs, validation: Pairs, seed: int) -> Aligned:
    """Train a grid of heads on ``train`` and select one on ``validation``.

    In each epoch every clip is paired with one of its captions, which is drawn again each time. Clips of a batch
    with the same ``identity`` aren't negatives of each other.

    Args:
        protocol: settings of the alignment.
        train: clips and captions on which heads are trained.
        validation: clips and captions on which the head is selected.
        seed: seed of the initial weights, the order of clips and the drawn captions; the same seed gives the same
            heads.

    Raises:
        ValueError: if a split is empty or a clip has no caption.
    """
    for name, split in (("train", train), ("validation", validation)):
        check(name, split)
    reader = _reader(protocol, train)
    clips, texts = reader.clips(train.tokens), reader.sentences(train.texts)
    validation_pairs = reader.clips(validation.tokens), reader.sentences(validation.texts)
    grid = list(itertools.product(protocol.learning_rates, protocol.weight_decays))
    rng = generator(seed, "alignment", protocol.name)
    towers = Towers(len(grid), clips.shape[-1], texts.shape[-1], protocol, rng).to(clips.device)
    optimiser = GridAdamW(towers, grid)
    own = _by_clip(train)
    total = protocol.epochs * math.ceil(len(clips) / protocol.batch)
    best, kept, step = -1.0, ({}, 0, {}), 0
    for epoch in range(protocol.epochs):
        drawn = _one_each(own, rng).to(clips.device)
        for index in torch.randperm(len(clips), generator=rng).split(protocol.batch):
            loss = contrast(
                towers.clips(clips[index]), towers.sentences(texts[drawn[index]]), towers.scale, train.identity[index]
            )
            towers.zero_grad(set_to_none=True)
            loss.sum().backward()  # heads share no parameter, so each gets its own gradient
            optimiser.step(0.5 * (1 + math.cos(math.pi * step / total)))
            towers.bound()
            step += 1
        scores = _scores(towers, validation_pairs, validation, protocol)
        place = int(np.argmax(scores))
        if scores[place] > best:
            best = scores[place]
            chosen = {"learning_rate": grid[place][0], "weight_decay": grid[place][1], "epoch": epoch + 1}
            chosen["temperature"] = math.exp(-float(towers.scale.detach()[place]))
            kept = ({name: p.detach().clone() for name, p in towers.named_parameters()}, place, chosen)
    towers.load_state_dict(kept[0])
    return Aligned(protocol, reader, towers.requires_grad_(False), kept[1], best, kept[2])


def contrast(
    clips: Float[Tensor, "G B C"],
    sentences: Float[Tensor, "G B C"],
    scale: Float[Tensor, "G 1 1"],
    identity: Int[Tensor, " B"],
) -> Float[Tensor, " G"]:
    """Return the symmetric InfoNCE loss of clip ``i`` and sentence ``i``.

    Others with the same identity aren't negatives.

    Args:
        clips: unit vectors of clips.
        sentences: unit vectors of sentences.
        scale: logarithm of the inverse temperature.
        identity: number of each clip; clips with the same number have interchangeable captions.
    """
    logits = scale.exp() * clips @ sentences.transpose(1, 2)
    same = identity[:, None] == identity
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -torch.inf)
    right = logits.diagonal(dim1=1, dim2=2)
    return (0.5 * (logits.logsumexp(dim=1) + logits.logsumexp(dim=2)) - right).mean(dim=1)


def _as_probe(protocol: Alignment) -> Protocol:
    return Protocol(
        name=protocol.name,
        channels=protocol.channels,
        ratio=protocol.ratio,
        centre=protocol.centre,
        whiten=protocol.whiten,
    )


def _reader(protocol: Alignment, train: Pairs) -> Reader:
    probe = _as_probe(protocol)
    chosen = mapped(lambda part: choose_channels(part, probe), train.tokens)
    tokens = fit(chosen, probe)
    # Whitening of sentence vectors halves the retrieval of unseen paraphrases (docs/probes/alignment.md).
    texts = fit(train.texts[:, None], probe.model_copy(update={"centre": True, "whiten": False}))
    if protocol.pool == "attentive":
        return Reader(protocol, tokens, texts, None)
    mean = gathered(lambda part: tokens(part).mean(dim=1, keepdim=True), chosen)
    spread = mean.std(dim=(0, 1), correction=0).clamp_min(1e-6)
    return Reader(protocol, tokens, texts, Preparation(mean.mean(dim=0, keepdim=True), torch.diag(1 / spread)))


def _by_clip(pairs: Pairs) -> tuple[Tensor, Tensor, Tensor]:
    """Return the captions sorted by clip, and the first index and the number of each clip's captions."""
    owner = pairs.owner.cpu()
    count = torch.bincount(owner, minlength=len(pairs.tokens))
    return owner.argsort(stable=True), count.cumsum(0) - count, count


def _one_each(own: tuple[Tensor, Tensor, Tensor], rng: torch.Generator) -> Int[Tensor, " n"]:
    order, start, count = own
    return order[start + (torch.rand(len(count), generator=rng, dtype=torch.float64) * count).long()]


@torch.no_grad()
def _scores(towers: Towers, validation_pairs: tuple[Tokens, Tensor], pairs: Pairs, protocol: Alignment) -> list[float]:
    clips = torch.cat([towers.clips(part) for part in validation_pairs[0].split(AT_ONCE)], dim=1)
    sentences = towers.sentences(validation_pairs[1])
    both = [
        retrieve(one, other, pairs.owner, pairs.identity, protocol.gallery)
        for one, other in zip(clips, sentences, strict=True)
    ]
    return [(one.to_text.reciprocal + one.to_video.reciprocal) / 2 for one in both]
