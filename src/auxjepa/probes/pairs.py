"""Clips with their captions, and controls that remove information from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.probes.kept import Features, select_clips
from auxjepa.probes.text import TextEncoder, embed
from auxjepa.seeds import generator


@dataclass(frozen=True)
class Pairs:
    """Clips of a split and their captions: one or more captions for each clip, in any order."""

    tokens: Float[Tensor, "n N D"] | Features
    texts: Float[Tensor, "m E"]  # frozen sentence vectors
    owner: Int[Tensor, " m"]  # clip of each caption
    identity: Int[Tensor, " n"]  # clips with the same number have interchangeable captions


def pair(
    tokens: Float[Tensor, "n N D"] | Features,
    captions: Sequence[Sequence[str]],
    encoder: TextEncoder,
    *,
    identity: Int[np.ndarray, " n"] | None = None,
    folder: Path | None = None,
) -> Pairs:
    """Return clips with their encoded captions.

    Args:
        tokens: features of the clips.
        captions: one or more captions for each clip.
        encoder: text encoder.
        identity: number of each clip; clips with the same number have interchangeable captions. If None, clips with the
            same set of captions get the same number; upper case and spaces are ignored.
        folder: folder in which sentence vectors are cached.

    Raises:
        ValueError: if the numbers of lists of captions and of clips differ.
        ValueError: if a list of captions is empty.
    """
    if len(captions) != len(tokens) or not all(captions):
        raise ValueError(f"{len(tokens)} clips need as many lists of captions, none empty; got {len(captions)}")
    if identity is None:
        sets = [tuple(sorted({" ".join(one.lower().split()) for one in clip_captions})) for clip_captions in captions]
        place = {clip_captions: number for number, clip_captions in enumerate(dict.fromkeys(sets))}
        identity = np.array([place[clip_captions] for clip_captions in sets])
    texts = embed(encoder, [one for clip_captions in captions for one in clip_captions], folder)
    owner = np.repeat(np.arange(len(captions)), [len(clip_captions) for clip_captions in captions])
    device = tokens.device
    parts = (torch.from_numpy(array).to(device) for array in (texts, owner, identity))
    return Pairs(tokens, *parts)


def shuffled(pairs: Pairs, seed: int) -> Pairs:
    """Return the control in which every clip gets the features of a random clip.

    Alignment on this control shows the result of captions alone.

    Args:
        pairs: clips and captions.
        seed: seed of the random order.
    """
    order = torch.randperm(len(pairs.tokens), generator=generator(seed, "shuffled", len(pairs.tokens)))
    return replace(pairs, tokens=select_clips(pairs.tokens, order))


def time_mean(tokens: Float[Tensor, "n N D"], steps: int) -> Float[Tensor, "n S D"]:
    """Return the control in which tokens are averaged over time at each place, so that their order is lost.

    Tokens of a video encoder depend on other time steps, so their mean can still contain motion. To exclude motion,
    encode clips with identical frames (``drop(clips, 0.9, "freeze")`` for clips of up to 10 frames).

    Args:
        tokens: token features.
        steps: number of time steps of the token grid.

    Raises:
        ValueError: if the tokens can't be divided into this number of steps.
    """
    if steps < 1 or tokens.shape[1] % steps:
        raise ValueError(f"{tokens.shape[1]} tokens can't be divided into {steps} steps of time")
    return tokens.unflatten(1, (steps, -1)).mean(dim=1)


def check(name: str, pairs: Pairs) -> None:
    """Check that the clips and captions of a split fit together.

    Args:
        name: name of the split; the message begins with it.
        pairs: clips and captions.

    Raises:
        ValueError: if the split is empty.
        ValueError: if a clip has no caption, or a caption has no clip.
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
