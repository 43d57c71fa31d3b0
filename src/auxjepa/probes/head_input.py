"""Arranges tokens as the input of a head: means, time steps or places."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from auxjepa.probes.heads import SEES
from auxjepa.probes.kept import Tokens, gathered, mapped
from auxjepa.probes.protocol import Protocol


def head_input(tokens: Tensor, protocol: Protocol, steps: int) -> Tensor:
    """Return arranged tokens in the shape that the head of a protocol reads.

    Args:
        tokens: arranged tokens of clips.
        protocol: protocol of the probe.
        steps: number of time steps of the tokens.
    """
    sees = SEES[protocol.head]
    return tokens[:, 0] if sees == "mean" else tokens.unflatten(1, (steps, -1)) if sees == "places" else tokens


def arrange_tokens(
    protocol: Protocol, prepared: Callable[[Tensor], Tensor], train: Tokens, time_steps: int
) -> Callable[[Tokens], Tokens]:
    """Return a function from raw features to the input of the head, see :data:`auxjepa.probes.heads.SEES`.

    A mean becomes one token. Pooled features are loaded into memory. Unpooled features on disk stay on disk.

    Args:
        protocol: protocol of the probe.
        prepared: preparation of raw features.
        train: raw features of training clips.
        time_steps: number of time steps of the tokens.

    Raises:
        ValueError: if the tokens can't be divided into time steps.
    """
    sees = SEES[protocol.head]
    if sees == "mean":
        return _pooling(prepared, train, scaled=protocol.head == "linear")
    pooled, steps = protocol.pool == "mean", 1 if protocol.pool == "mean" else time_steps
    if not pooled and train.shape[1] % steps:
        raise ValueError(f"{train.shape[1]} tokens can't be divided into {steps} time steps")

    def arranged(tokens: Tensor) -> Tensor:
        x = prepared(tokens)
        x = x.mean(dim=1, keepdim=True) if pooled else x
        return x.unflatten(1, (steps, -1)).mean(dim=2) if sees == "steps" else x

    small = pooled or sees == "steps"
    return lambda tokens: gathered(arranged, tokens) if small else mapped(arranged, tokens)


def _pooling(prepared: Callable[[Tensor], Tensor], train: Tokens, scaled: bool) -> Callable[[Tokens], Tensor]:
    """Return a function from raw features to mean tokens, one for each clip.

    Args:
        prepared: preparation of raw features.
        train: training features.
        scaled: whether each channel is scaled to zero mean and unit variance on training clips.
    """
    means = gathered(lambda part: prepared(part).mean(dim=1), train)
    centre, spread = means.mean(dim=0), means.std(dim=0, correction=0).clamp_min(1e-6)

    def pooled(tokens: Tokens) -> Tensor:
        mean = gathered(lambda part: prepared(part).mean(dim=1), tokens)
        return (((mean - centre) / spread) if scaled else mean)[:, None]

    return pooled
