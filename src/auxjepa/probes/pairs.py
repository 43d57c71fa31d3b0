"""Clips and their captions, and controls that take something away from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.probes.kept import Features, taken
from auxjepa.probes.text import TextEncoder, embed
from auxjepa.seeds import generator


@dataclass(frozen=True)
class Pairs:
    """Clips of a split and their captions: one or more a clip, in any order."""

    tokens: Float[Tensor, "n N D"] | Features
    texts: Float[Tensor, "m E"]  # frozen sentence vectors
    owner: Int[Tensor, " m"]  # whose caption each is
    identity: Int[Tensor, " n"]  # clips with the same number have interchangeable captions


def pair(
    tokens: Float[Tensor, "n N D"] | Features,
    captions: Sequence[Sequence[str]],
    encoder: TextEncoder,
    *,
    identity: Int[np.ndarray, " n"] | None = None,
    folder: Path | None = None,
) -> Pairs:
    """Clips and the captions of each, encoded.

    Args:
        captions: one or more a clip.
        identity: equal for clips with interchangeable captions; when unset, for those with the same set of captions,
            but for capitals and spaces.
        folder: where sentence vectors are kept.

    Raises:
        ValueError: when there are more or fewer lists of captions than clips, or an empty one.
    """
    if len(captions) != len(tokens) or not all(captions):
        raise ValueError(f"{len(tokens)} clips need as many lists of captions, none empty; got {len(captions)}")
    if identity is None:
        sets = [tuple(sorted({" ".join(one.lower().split()) for one in said})) for said in captions]
        place = {said: number for number, said in enumerate(dict.fromkeys(sets))}
        identity = np.array([place[said] for said in sets])
    texts = embed(encoder, [one for said in captions for one in said], folder)
    owner = np.repeat(np.arange(len(captions)), [len(said) for said in captions])
    device = tokens.device
    parts = (torch.from_numpy(array).to(device) for array in (texts, owner, identity))
    return Pairs(tokens, *parts)


def shuffled(pairs: Pairs, seed: int) -> Pairs:
    """Control: every clip gets the features of another one. Aligning on these shows what captions alone give."""
    order = torch.randperm(len(pairs.tokens), generator=generator(seed, "shuffled", len(pairs.tokens)))
    return replace(pairs, tokens=taken(pairs.tokens, order))


def time_mean(tokens: Float[Tensor, "n N D"], steps: int) -> Float[Tensor, "n S D"]:
    """Control: the mean over the ``steps`` of the token grid's time at each place, so that the order of tokens is lost.

    Tokens of a video encoder have looked at other times, and so may still tell of motion. A control that can't is to
    encode clips whose every frame is the same (``drop(clips, 0.9, "freeze")`` for clips of up to 10 frames).

    Raises:
        ValueError: when the tokens can't be divided into so many steps.
    """
    if steps < 1 or tokens.shape[1] % steps:
        raise ValueError(f"{tokens.shape[1]} tokens can't be divided into {steps} steps of time")
    return tokens.unflatten(1, (steps, -1)).mean(dim=1)


def check(name: str, pairs: Pairs) -> None:
    """Refuse a split whose clips and captions don't fit together.

    Raises:
        ValueError: when it is empty, or a clip has no caption, or a caption no clip. It begins with ``name``.
    """
    if not len(pairs.tokens) or len(pairs.identity) != len(pairs.tokens) or len(pairs.owner) != len(pairs.texts):
        raise ValueError(
            f"{name}: {len(pairs.tokens)} clips with {len(pairs.identity)} identities, {len(pairs.texts)} captions "
            f"with {len(pairs.owner)} owners; one each is needed, and one clip at least"
        )
    if not torch.equal(torch.unique(pairs.owner).cpu(), torch.arange(len(pairs.tokens))):
        raise ValueError(
            f"{name}: every one of the {len(pairs.tokens)} clips needs a caption, and every caption a clip"
        )
