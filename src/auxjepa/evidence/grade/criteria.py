"""The records of a grade: criteria with visible weights, and the criteria without which a study does not pass."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 2
"""Version of the checklist. Version 1 had the criteria of :data:`FIRST_VERSION`."""
WEIGHTS = {
    "paired seeds": 2,
    "enough seeds": 3,
    "power": 2,
    "controls": 2,
    "above random init": 2,
    "equal probes": 2,
    "tuned on validation": 2,
    "validation is not test": 2,
    "settings inside grid": 2,
    "tuned alike": 1,
    "reference healthy": 2,
    "enough clips": 1,
    "crossed interval": 1,
    "pre-registered": 2,
    "published hash": 1,
    "fresh networks": 1,
    "complete": 1,
    "test examples kept": 1,
    "collapse counted": 1,
    "networks distinct": 3,
    "records agree": 2,
    "terms audited": 2,
    "repeatable": 1,
}
MEANING = {
    "paired seeds": "every variant is compared with a reference of the same seed",
    "enough seeds": "an exact test over the seeds can reach 0.05 after Holm",
    "power": "each hypothesis states an effect, and the seeds find it with a probability of at least 80 %",
    "controls": "random-init encoder, raw pixels, majority class and chance were scored too",
    "above random init": "on each claimed benchmark, both sides of a claim are above a random-init encoder",
    "equal probes": "every variant is read with the same protocol and budget",
    "tuned on validation": "hyperparameters were chosen on validation examples, and that score is reported too",
    "validation is not test": "digests of the clips show that no validation clip is a test clip",
    "settings inside grid": "the chosen settings of probes have smaller and larger values in their grid",
    "tuned alike": "the reference was tuned with the budget of the variants",
    "reference healthy": "no run of a reference shrank or collapsed",
    "enough clips": "each claimed benchmark has at least 385 independent test clips (half width of at most 5 points)",
    "crossed interval": "where seeds decide, the interval for other seeds and other clips agrees",
    "pre-registered": "hypotheses and decision rule were written before the first run and were not changed",
    "published hash": "published.txt names the place where the hash of the registration was published",
    "fresh networks": "every network was trained after the registration",
    "complete": "every planned score is present",
    "test examples kept": "results on single test examples are kept, so that paired tests are possible",
    "collapse counted": "every run reports whether its features collapsed, and stays in the table if they did",
    "networks distinct": "no network is a copy of another, by weights and by results on single examples",
    "records agree": "scores, marks, runs and controls do not contradict each other",
    "terms audited": "the gradients of every variant were audited, and each term trains what it should train",
    "repeatable": "one command, with versions and seeds, repeats the numbers",
}
FIRST_VERSION = (
    "paired seeds",
    "enough seeds",
    "controls",
    "equal probes",
    "tuned on validation",
    "pre-registered",
    "complete",
    "test examples kept",
    "collapse counted",
    "terms audited",
    "repeatable",
)
"""Criteria of version 1, with the same weights."""
REQUIRED = {
    "enough seeds": 1.0,
    "pre-registered": 0.5,
    "reference healthy": 1.0,
    "networks distinct": 1.0,
    "records agree": 1.0,
}
"""Smallest share of each required criterion with which a study can pass. More points do not replace it."""
PASS = 75.0
"""Smallest percentage of the points with which a study can pass."""


@dataclass(frozen=True)
class Criterion:
    """One line of the checklist.

    Args:
        name: a key of :data:`WEIGHTS`.
        share: share of the weight that is earned, 0 to 1.
        reason: why this share is earned.
    """

    name: str
    share: float
    reason: str

    @property
    def weight(self) -> int:
        """Weight of the criterion."""
        return WEIGHTS[self.name]

    @property
    def earned(self) -> float:
        """Points that are earned."""
        return self.weight * self.share


@dataclass(frozen=True)
class Grade:
    """The grade of one source.

    Args:
        subject: name of the study, or 'published'.
        criteria: every criterion of :data:`WEIGHTS`, in order.
        left_out: a line for each kind of scores, marks and networks that are left out.
    """

    subject: str
    criteria: tuple[Criterion, ...]
    left_out: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        """Points that are earned."""
        return sum(criterion.earned for criterion in self.criteria)

    @property
    def possible(self) -> int:
        """Points that can be earned."""
        return sum(criterion.weight for criterion in self.criteria)

    @property
    def percent(self) -> float:
        """Points that are earned, in percent."""
        return 100 * self.earned / self.possible

    @property
    def obstacles(self) -> tuple[Criterion, ...]:
        """Required criteria with too small a share."""
        return tuple(c for c in self.criteria if c.name in REQUIRED and c.share < REQUIRED[c.name])

    @property
    def passes(self) -> bool:
        """Return whether the points are enough and every required criterion is met."""
        return self.percent >= PASS and not self.obstacles

    @property
    def sentence(self) -> str:
        """The grade in one sentence, with the criteria that cost most."""
        incomplete = sorted((c for c in self.criteria if c.share < 1), key=lambda c: c.earned - c.weight)
        why = f"; most points are lost on {', '.join(c.name for c in incomplete[:3])}" if incomplete else ""
        if self.passes:
            result = "passes"
        elif self.obstacles:
            result = f"does not pass without {', '.join(c.name for c in self.obstacles)}"
        else:
            result = f"does not pass below {PASS:.0f} %"
        return f"{self.earned:.1f} of {self.possible} points ({self.percent:.0f} %), {result}{why}."


def share_of(part: int, total: int) -> float:
    """Return a part of a total as a share; 0 where the total is 0.

    Args:
        part: the part.
        total: the total.
    """
    return part / total if total else 0.0
