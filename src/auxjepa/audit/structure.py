"""Facts about networks, terms and variants for the ledger of claims, measured by building and executing them.

Each fact has a name, ``SUBJECT.WHAT``, and a value, which is a number or true or false. The ledger
(``auxjepa.evidence``) imports no torch, so it receives facts as values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from auxjepa import variants
from auxjepa.audit.paper_run import paper
from auxjepa.audit.records import Audit, Term
from auxjepa.audit.run import audit
from auxjepa.config import ModelConfig, RunConfig
from auxjepa.data.world import render, sample
from auxjepa.models.jepa import build_encoder
from auxjepa.objectives.action import action_loss
from auxjepa.objectives.spectral import spectral_loss
from auxjepa.tokens import Grid

FRAMES, SIDE, CLIPS, BATCH = 8, 32, 12, 4  # 4 x 4 x 4 tokens: the reach of a term doesn't depend on the size


class AuditFact(NamedTuple):
    """A fact from the audit of a variant."""

    variant: str
    what: str
    read: Callable[[Audit], float | bool]

    @property
    def name(self) -> str:
        return f"{self.variant}.{self.what}"


def gradient(variant: str, term: str) -> AuditFact:
    """Return the fact: norm of a term's gradient at the student, exactly 0 without a gradient."""
    return AuditFact(variant, f"{term}.gradient", lambda result: _term(result, term).student)


def probed_network_trained(variant: str) -> AuditFact:
    """Return the fact: whether a training step changes the network that is probed."""
    return AuditFact(variant, "probed_network_trained", lambda result: result.updated.get(result.evaluates, False))


def appearance_of_probed_level(variant: str) -> AuditFact:
    """Return the fact: share of appearance channels in the last level."""
    what = "appearance_of_probed_level"
    return AuditFact(variant, what, lambda result: (_term(result, "static_appearance").appearance or [math.nan])[-1])


def motion_across_clips(variant: str) -> AuditFact:
    """Return the fact: whether a clip's motion-guided masks depend on the other clips of its batch."""
    return AuditFact(variant, "motion_across_clips", lambda result: bool(result.motion))


def largest_weight(variant: str) -> AuditFact:
    """Return the fact: largest hard-region weight over the mean weight, at initialisation."""
    return AuditFact(variant, "largest_weight_over_mean", lambda result: _largest(_term(result, "hard_region")))


AUDIT_FACTS = (
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
    AuditFact("baseline_released", "context_off_share", lambda result: _term(result, "context").off),
)


def facts(on_fact: Callable[[str], None] = lambda name: None) -> dict[str, float | bool]:
    """Return every fact by name; this takes about half a minute on one core.

    Args:
        on_fact: called with the name of each subject before it is built, for progress.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # networks of this size are slower on several threads, and much slower on busy cores
    try:
        return _facts(on_fact)
    finally:
        torch.set_num_threads(threads)


def _facts(on_fact: Callable[[str], None]) -> dict[str, float | bool]:
    on_fact("encoders")
    values: dict[str, float | bool] = {
        "base.embedding_dim": float(channels(ModelConfig(size="base", patch=16))),
        "base.predicted_dim": float(channels(ModelConfig(size="base", patch=16, levels=4))),
        "action.degree": degree(action_loss),
        "spectral.degree": degree(lambda guessed, target: spectral_loss(guessed[None], target[None])),
    }
    audits: dict[str, Audit] = {}
    for fact in AUDIT_FACTS:
        if fact.variant not in audits:
            on_fact(fact.variant)
            audits[fact.variant] = audit_variant(fact.variant)
        values[fact.name] = fact.read(audits[fact.variant])
    return values


def channels(model: ModelConfig) -> int:
    """Return the channels of a token of an encoder, with its levels joined."""
    encoder = build_encoder(model)
    grid = Grid(T=1, H=2, W=2, tubelet=model.tubelet, patch=model.patch)
    with torch.no_grad():
        features = encoder(torch.zeros(1, grid.N, encoder.embed.in_features), grid)
    return features.flatten(2).shape[-1]


def degree(loss: Callable[[Tensor, Tensor], Tensor]) -> float:
    """Return the degree of a loss in the error: 1 for absolute, 2 for squared errors."""
    error = torch.randn(8, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    zero = torch.zeros_like(error)
    return math.log2(float(loss(2 * error, zero)) / float(loss(error, zero)))


def audit_variant(name: str) -> Audit:
    """Audit a variant in a small run of the paper's regime; names that end in ``_released`` use the released form."""
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


def _term(result: Audit, name: str) -> Term:
    return next(term for term in result.terms if term.name == name)


def _largest(term: Term) -> float:
    return term.spread.max_over_mean if term.spread else math.nan
