"""The grade of a published table of scores, by the same checklist as a study's. What isn't told counts as not done."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa import variants
from auxjepa.evidence.claims import ClaimSet
from auxjepa.evidence.grade import WEIGHTS, Criterion, Grade, enough
from auxjepa.evidence.published import PublishedScore, main_heads

REFERENCE = "baseline"
UNTOLD = {
    "controls": "none: no random-init encoder, raw pixels or majority class is in the table",
    "tuned on validation": "no validation score is told; last-epoch accuracy on the test set",
    "pre-registered": "no registration is known",
    "test examples kept": "only percentages are published, so that no paired test is possible",
    "collapse counted": "rank or spread of features is not told",
}
"""What the table and the released code say nothing of (docs/paper/protocols.md; docs/paper/findings.md, 5 to 7)."""


def grade_published(scores: Sequence[PublishedScore], claims: ClaimSet) -> Grade:
    """Grade a published table; ``claims`` say with which seed of the reference its differences were taken."""
    main = main_heads(scores)
    shares = {
        "paired seeds": _paired(main, claims),
        "enough seeds": _seeds(main),
        "equal probes": _probes(main),
        "complete": _complete(main),
        "terms audited": _audited(main),
        # The code is released and names its seeds of pretraining; probes set none (docs/paper/protocols.md).
        "repeatable": (0.5, "code and pretraining seeds are released; probes set no seed, no command is given"),
    } | {name: (0.0, why) for name, why in UNTOLD.items()}
    return Grade("published", tuple(Criterion(name, *shares[name]) for name in WEIGHTS))


def _paired(scores: Sequence[PublishedScore], claims: ClaimSet) -> tuple[float, str]:
    quoted = {(c.regime, c.reference_seed) for c in claims.claims if c.reference_seed is not None}
    told = dict(quoted)
    seeds = {(s.regime, s.benchmark): s.seed for s in scores if s.variant == REFERENCE}
    others = [s for s in scores if s.variant != REFERENCE]
    paired = sum(s.seed == told.get(s.regime, seeds.get((s.regime, s.benchmark))) for s in others)
    odd = ", ".join(f"in {regime} the reference is seed {seed}" for regime, seed in sorted(told.items()))
    return paired / len(others), f"{paired} of {len(others)} scores have the seed of their quoted reference ({odd})"


def _seeds(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    by_variant: dict[tuple[str, str], set[int]] = {}
    for score in scores:
        if score.variant != REFERENCE:
            by_variant.setdefault((score.regime, score.variant), set()).add(score.seed)
    regimes = {regime for regime, _ in by_variant}
    widest = max(sum(r == regime for r, _ in by_variant) for regime in regimes)
    return enough(min(len(seeds) for seeds in by_variant.values()), widest)


def _probes(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    cells: dict[tuple[str, str], set[int]] = {}
    for score in scores:
        cells.setdefault((score.regime, score.benchmark), set()).add(score.epochs)
    unequal = sorted(f"{benchmark} ({regime})" for (regime, benchmark), epochs in cells.items() if len(epochs) > 1)
    told = f"probe epochs differ on {', '.join(unequal)}" if unequal else "one budget a benchmark"
    return (len(cells) - len(unequal)) / len(cells), told


def _complete(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    """Every variant of a regime on every benchmark that most of its variants have."""
    have, planned = 0, 0
    for regime in sorted({s.regime for s in scores}):
        own = [s for s in scores if s.regime == regime]
        names = {s.variant for s in own}
        by_benchmark: dict[str, set[str]] = {}
        for score in own:
            by_benchmark.setdefault(score.benchmark, set()).add(score.variant)
        usual = [benchmark for benchmark, there in by_benchmark.items() if 2 * len(there) > len(names)]
        planned += len(names) * len(usual)
        have += len({(s.variant, s.benchmark) for s in own if s.benchmark in usual})
    return have / planned, f"{have} of {planned} scores on the benchmarks that most variants of a regime have"


def _audited(scores: Sequence[PublishedScore]) -> tuple[float, str]:
    """What a variant is said to do must be what its released code does."""
    names = {s.name for s in scores}
    made = [variants.find(name) for name in variants.VARIANTS if name.endswith("_released")]
    odd = sorted({v.paper for v in made} & names)
    told = f"the released code of {len(odd)} of {len(names)} variants does otherwise than described"
    return 1 - len(odd) / len(names), told
