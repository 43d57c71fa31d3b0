"""The grade of a published table of scores, by the same checklist as a study's.

What the table does not report counts as not done.
"""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa import variants
from auxjepa.evidence.grade.criteria import WEIGHTS, Criterion, Grade
from auxjepa.evidence.grade.design import grade_seeds
from auxjepa.evidence.grade.measurement import ENOUGH_CLIPS
from auxjepa.evidence.ledger.claims import ClaimSet
from auxjepa.evidence.ledger.published import PublishedScore, main_heads

REFERENCE = "baseline"
NOT_REPORTED = {
    "controls": "none: no random-init encoder, raw pixels or majority class is in the table",
    "tuned on validation": "no validation score is reported; the scores are last-epoch accuracies on the test set",
    "pre-registered": "no registration is known",
    "test examples kept": "only percentages are published, so no paired test is possible",
    "power": "no effect is stated that the single seeds should find",
    "above random init": "no score of a random-init encoder is in the table",
    "validation is not test": "no clips are published, and the scores have no validation score",
    "settings inside grid": "no grid of settings is reported",
    "tuned alike": "no budget of tuning is reported",
    "reference healthy": "rank and spread of features are not reported",
    "crossed interval": "without results on single examples there is no interval over clips",
    "published hash": "no registration is known",
    "fresh networks": "no registration is known",
    "networks distinct": "neither weights nor results on single examples are published",
    "records agree": "there are no marks, runs or controls that the scores could be compared with",
    "collapse counted": "rank and spread of features are not reported",
}
"""Criteria that table and released code do not report (docs/paper/protocols.md; docs/paper/findings.md, 5 to 7)."""


def grade_published(scores: Sequence[PublishedScore], claims: ClaimSet) -> Grade:
    """Return the grade of a published table.

    Args:
        scores: scores of the table.
        claims: the claims, which say which seed of the reference the differences use.
    """
    main = main_heads(scores)
    shares = {
        "paired seeds": _paired(main, claims),
        "enough seeds": _seeds(main),
        "equal probes": _probes(main),
        "complete": _complete(main),
        "enough clips": _clips(main),
        "terms audited": _audited(main),
        # The released code names its pretraining seeds; its probes set no seed (docs/paper/protocols.md).
        "repeatable": (0.5, "code and pretraining seeds are released; probes set no seed, and there is no command"),
    } | {name: (0.0, why) for name, why in NOT_REPORTED.items()}
    return Grade("published", tuple(Criterion(name, *shares[name]) for name in WEIGHTS))


def _paired(scores: Sequence[PublishedScore], claims: ClaimSet) -> tuple[float, str]:
    quoted_seeds = {c.regime: c.reference_seed for c in claims.claims if c.reference_seed is not None}
    seeds = {(s.regime, s.benchmark): s.seed for s in scores if s.variant == REFERENCE}
    variant_scores = [s for s in scores if s.variant != REFERENCE]
    paired = sum(s.seed == quoted_seeds.get(s.regime, seeds.get((s.regime, s.benchmark))) for s in variant_scores)
    quoted = ", ".join(f"in {regime} the reference is seed {seed}" for regime, seed in sorted(quoted_seeds.items()))
    reason = f"{paired} of {len(variant_scores)} scores have the seed of their quoted reference ({quoted})"
    return paired / len(variant_scores), reason


def _seeds(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    by_variant: dict[tuple[str, str], set[int]] = {}
    for score in scores:
        if score.variant != REFERENCE:
            by_variant.setdefault((score.regime, score.variant), set()).add(score.seed)
    regimes = {regime for regime, _ in by_variant}
    largest_family = max(sum(r == regime for r, _ in by_variant) for regime in regimes)
    return grade_seeds(min(len(seeds) for seeds in by_variant.values()), largest_family)


def _probes(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    cells: dict[tuple[str, str], set[int]] = {}
    for score in scores:
        cells.setdefault((score.regime, score.benchmark), set()).add(score.epochs)
    unequal = sorted(f"{benchmark} ({regime})" for (regime, benchmark), epochs in cells.items() if len(epochs) > 1)
    reason = f"probe epochs differ on {', '.join(unequal)}" if unequal else "one budget per benchmark"
    return (len(cells) - len(unequal)) / len(cells), reason


def _clips(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    least = min(scores, key=lambda score: score.n_test)
    return min(1.0, least.n_test / ENOUGH_CLIPS), f"the fewest test examples are {least.n_test:,} ({least.benchmark})"


def _complete(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    """Grade whether every variant of a regime was scored on every benchmark that most of its variants have."""
    present, planned = 0, 0
    for regime in sorted({s.regime for s in scores}):
        regime_scores = [s for s in scores if s.regime == regime]
        names = {s.variant for s in regime_scores}
        by_benchmark: dict[str, set[str]] = {}
        for score in regime_scores:
            by_benchmark.setdefault(score.benchmark, set()).add(score.variant)
        usual = [benchmark for benchmark, scored in by_benchmark.items() if 2 * len(scored) > len(names)]
        planned += len(names) * len(usual)
        present += len({(s.variant, s.benchmark) for s in regime_scores if s.benchmark in usual})
    return present / planned, f"{present} of {planned} scores on the benchmarks that most variants of a regime have"


def _audited(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    """Grade whether a variant's released code does what its description says."""
    names = {s.name for s in scores}
    released = [variants.find(name) for name in variants.VARIANTS if name.endswith("_released")]
    different = sorted({v.paper for v in released} & names)
    reason = f"the released code of {len(different)} of {len(names)} variants differs from their description"
    return 1 - len(different) / len(names), reason
