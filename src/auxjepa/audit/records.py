"""The results of an audit as typed records, which are written to and read from JSON. Imports no torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auxjepa.config import RunConfig, Typed


class Spread(Typed):
    """Unevenness of the weights of a hard-region term; 1, 0.1 and 1 for equal weights."""

    max_over_mean: float = Field(description="largest weight over the mean one, mean over pools (clip or batch)")
    top_tenth: float = Field(description="share of all weight on the hardest tenth of positions")
    effective: float = Field(description="effective sample size (sum w)^2 / sum w^2, as a share of the positions")


class Term(Typed):
    """One term of the loss. Values and gradients are those at its peak weight, averaged over the batches.

    ``visible``, ``hidden``, ``targets`` and ``levels`` are measured on the term's direct gradient at features, so they
    show where the term is defined, for every objective.
    """

    name: str
    objective: str
    weight: float = Field(description="at the peak of its schedule")
    mean_weight: float = Field(description="over training")
    off: float = Field(description="share of training during which the weight is 0")
    value: float = Field(description="unweighted")
    share: float = Field(description="of the weighted loss, absolute values")
    student: float = Field(description="norm of the weighted term's gradient, student")
    predictor: float
    heads: float | None = Field(description="norm of the gradient at its head; None without a head")
    blocks: dict[str, float] = Field(description="the student's gradient norm part by part")
    levels: list[float] = Field(description="norm of the direct gradient at features, level by level")
    parameters: int = Field(description="trainable tensors (weights, biases) that a gradient reaches")
    idle: list[str] = Field(default=[], description="parameters of its head without gradient, except inert ones")
    visible: float = Field(description="share of visible tokens that the term reaches directly")
    hidden: float = Field(description="share of hidden tokens that the term reaches directly")
    targets: float = Field(description="share of target tokens that the term reaches directly (teacher off)")
    cosine: dict[str, float | None] = Field(description="with each term's gradient at the student; None without one")
    spread: Spread | None = Field(default=None, description="of hard-region weights")
    appearance: list[float] | None = Field(
        default=None, description="share of each level's channels that is appearance, where the term divides them"
    )
    forward_ms: float = Field(description="the term alone, from a step's features")
    backward_ms: float = Field(description="the term alone, back to the features")
    memory_mb: float = Field(description="peak memory of the term, forward and backward")


class ViewStats(Typed):
    """Visible and hidden tokens of one mask, averaged over the batches."""

    mask: str
    visible: float = Field(description="share of tokens")
    hidden: float = Field(description="share of tokens")
    pairs: float = Field(description="share of (t, t+1) pairs of tokens of which both are visible")
    full_time_sites: float = Field(description="share of sites visible at all times")
    visible_by_time: list[float] = Field(description="share of tokens visible at each time step")


class Finding(Typed):
    """A fault that changes the meaning of a row of the study; ``number`` is that of docs/paper/findings.md."""

    number: int
    title: str
    terms: list[str] = Field(default=[])
    message: str


class Audit(Typed):
    """The audit of one variant."""

    schema_version: Literal[1] = 1
    variant: str
    regime: str
    hash: str
    config: RunConfig
    checkpoint: str | None = Field(default=None, description="None: at initialisation")
    step: int
    batches: int
    device: str
    evaluates: Literal["student", "teacher"]
    updated: dict[str, bool] = Field(description="network: whether training changes it")
    motion: list[str] = Field(default=[], description="masks whose motion map depends on the other clips of the batch")
    unreached: list[str] = Field(description="trainable parts that no term reaches")
    views: list[ViewStats]
    terms: list[Term]
    findings: list[Finding] = Field(default=[])
    versions: dict[str, str] = Field(default={})
