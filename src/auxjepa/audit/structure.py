"""What networks, terms and variants are, found by building and executing them: facts for the ledger of claims.

Each fact has a name, ``SUBJECT.WHAT``, and a value, a number or true or false. The ledger (``auxjepa.evidence``)
imports no torch, so facts are handed to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from auxjepa import variants
from auxjepa.audit.finding import paper
from auxjepa.audit.records import Audit, Term
from auxjepa.audit.run import audit
from auxjepa.config import ModelConfig, RunConfig
from auxjepa.data.world import render, sample
from auxjepa.models.jepa import build_encoder
from auxjepa.objectives.action import action_loss
from auxjepa.objectives.spectral import spectral_loss
from auxjepa.tokens import Grid

FRAMES, SIDE, CLIPS, BATCH = 8, 32, 12, 4  # 4 x 4 x 4 tokens: what reaches what doesn't depend on the size


class Audited(NamedTuple):
    """A fact read off the audit of a variant."""

    variant: str
    what: str
    read: Callable[[Audit], float | bool]

    @property
    def name(self) -> str:
        return f"{self.variant}.{self.what}"


def gradient(variant: str, term: str) -> Audited:
    """Norm of a term's gradient at the student, exactly 0 where none reaches it."""
    return Audited(variant, f"{term}.gradient", lambda found: _term(found, term).student)


def probed_network_trained(variant: str) -> Audited:
    """Whether a training step changes the network that is probed."""
    return Audited(variant, "probed_network_trained", lambda found: found.updated.get(found.evaluates, False))


def appearance_of_probed_level(variant: str) -> Audited:
    """Share of the last level's channels that the factorisation calls appearance."""
    what = "appearance_of_probed_level"
    return Audited(variant, what, lambda found: (_term(found, "static_appearance").appearance or [math.nan])[-1])


def motion_across_clips(variant: str) -> Audited:
    """Whether a clip's motion-guided masks depend on the other clips of its batch."""
    return Audited(variant, "motion_across_clips", lambda found: bool(found.motion))


def largest_weight(variant: str) -> Audited:
    """Largest hard-region weight over the mean one, at initialisation."""
    return Audited(variant, "largest_weight_over_mean", lambda found: _largest(_term(found, "hard_region")))


AUDITED = (
    gradient("hw_ld", "latent_dynamics"),
    gradient("hw_ld_released", "latent_dynamics"),
    gradient("hw_ld_released", "hard_region"),
    gradient("fwm_hw_ld", "latent_dynamics"),
    gradient("fwm_hw_ld_released", "latent_dynamics"),
    probed_network_trained("kinematic"),
    probed_network_trained("kinematic_released"),
    probed_network_trained("sigreg_no_ema_released"),
    appearance_of_probed_level("fwm"),
    appearance_of_probed_level("fwm_released"),
    motion_across_clips("mgm"),
    motion_across_clips("mgm_released"),
    largest_weight("hw"),
    Audited("baseline_released", "context_off_share", lambda found: _term(found, "context").off),
)


def facts(on_fact: Callable[[str], None] = lambda name: None) -> dict[str, float | bool]:
    """Every fact by name; takes about half a minute on one core.

    Args:
        on_fact: called with the name of each subject before it is built (progress).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # networks this small are slower on several, and far slower where cores are taken
    try:
        return _facts(on_fact)
    finally:
        torch.set_num_threads(threads)


def _facts(on_fact: Callable[[str], None]) -> dict[str, float | bool]:
    on_fact("encoders")
    found: dict[str, float | bool] = {
        "base.embedding_dim": float(channels(ModelConfig(size="base", patch=16))),
        "base.predicted_dim": float(channels(ModelConfig(size="base", patch=16, levels=4))),
        "action.degree": degree(action_loss),
        "spectral.degree": degree(lambda guessed, target: spectral_loss(guessed[None], target[None])),
    }
    audits: dict[str, Audit] = {}
    for fact in AUDITED:
        if fact.variant not in audits:
            on_fact(fact.variant)
            audits[fact.variant] = audited(fact.variant)
        found[fact.name] = fact.read(audits[fact.variant])
    return found


def channels(model: ModelConfig) -> int:
    """Channels of a token that an encoder of this form gives, its levels joined."""
    encoder = build_encoder(model)
    grid = Grid(T=1, H=2, W=2, tubelet=model.tubelet, patch=model.patch)
    with torch.no_grad():
        features = encoder(torch.zeros(1, grid.N, encoder.embed.in_features), grid)
    return features.flatten(2).shape[-1]


def degree(loss: Callable[[Tensor, Tensor], Tensor]) -> float:
    """The power of the error that a loss is: 1 for absolute, 2 for squared ones (doubled errors give 2**degree)."""
    error = torch.randn(8, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    nothing = torch.zeros_like(error)
    return math.log2(float(loss(2 * error, nothing)) / float(loss(error, nothing)))


def audited(name: str) -> Audit:
    """The audit of a variant in the paper's regime, small; as released where its name says so."""
    released = name.endswith("_released")
    config = variants.apply(name if name in variants.VARIANTS else name.removesuffix("_released"), _small(released))
    clips = render(sample("train", CLIPS, seed=0, role="motion"), FRAMES, SIDE)
    evaluates = variants.find(config.variant).evaluates or ("teacher" if released else "student")
    return audit(config, clips, evaluates=evaluates, batches=1)


def _small(released: bool) -> RunConfig:
    config = paper("released" if released else "described")
    data = config.data.model_copy(update={"frames": FRAMES, "size": SIDE, "clips": CLIPS})
    optim = config.optim.model_copy(update={"batch": BATCH})
    masks = tuple(mask.model_copy(update={"blocks": max(1, mask.blocks * 3 // 4)}) for mask in config.masks)
    return config.model_copy(update={"data": data, "optim": optim, "masks": masks})


def _term(found: Audit, name: str) -> Term:
    return next(term for term in found.terms if term.name == name)


def _largest(term: Term) -> float:
    return term.spread.max_over_mean if term.spread else math.nan
