"""Checks of how the published numbers of a claim were made: seeds, probes, examples, controls.

Each check is one function. A check never changes the numbers of a table; it adds what the table does not show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auxjepa.evidence.ledger.anomalies import COINCIDENCE, CONTROLS, WIDE, shared_counts
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check
from auxjepa.evidence.ledger.published import PublishedScore, QuotedDifference, untrained_rows
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.wording import format_count, format_p, format_signed
from auxjepa.lists import shorten_list

ALPHA = 0.05

Scores = Sequence[PublishedScore]
QuotedAll = Sequence[QuotedDifference]


def run_checks(claim: Claim, scores: Scores, quoted: QuotedAll) -> tuple[Check, ...]:
    """Return every check that applies to these comparisons; nothing without a comparison.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    if not quoted:
        return ()
    checks = (rule(claim, scores, quoted) for rule in RULES)
    return tuple(c for c in checks if c is not None)


def trained(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Check whether training changed the network that was probed.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    names = list(dict.fromkeys(q.variant for q in quoted))
    untrained = [v for v in names if f"{claim.regime}/{v}" in untrained_rows()]
    if untrained:
        who = f"{shorten_list(untrained)}: " if len(untrained) < len(names) else ""
        message = f"{who}the network at its random initialisation was probed (EMA off)"
        return Check(name="trained", state="problem", message=message)
    return Check(name="trained", state="ok", message="the probed network was trained")


def seeds(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Check how many seeds pair a variant with its reference.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    pairs = min(len(set(q.seeds) & set(q.reference_seeds)) for q in quoted)
    least = min(len(q.seeds) for q in quoted)
    message = (
        f"{format_count(least, 'seed')} per variant, {pairs or 'none'} in common with the quoted {claim.reference}"
    )
    return Check(name="seeds", state="problem" if pairs < 2 else "ok", message=message)


def same_seed(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """Give the difference from the reference of the variant's seed, where another seed is quoted.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    unpaired = [q for q in quoted if not set(q.seeds) <= set(q.reference_seeds)]
    if not unpaired:
        return None
    differences = [
        f"{_label(q, unpaired)}{format_signed(q.same_seed, 2)}{_opposite_sign(q)}"
        for q in unpaired
        if q.same_seed is not None
    ]
    absent = list(dict.fromkeys(q.benchmark for q in unpaired if q.same_seed is None))
    seed, quoted_seed = (" and ".join(map(str, s)) for s in (unpaired[0].seeds, unpaired[0].reference_seeds))
    parts = []
    if differences:
        parts.append(
            f"against {claim.reference} of the same seed {seed} instead of {quoted_seed}: {shorten_list(differences)}"
        )
    if absent:
        parts.append(f"no {claim.reference} of the same seed {seed} on {shorten_list(absent)}")
    return Check(name="same_seed", state="problem" if differences else "unknown", message="; ".join(parts))


def probe_epochs(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Check whether the probes of variant and reference were trained equally long.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    unequal = [q for q in quoted if q.epochs[0] != q.epochs[1]]
    if unequal:
        epochs = [f"{_label(q, quoted)}{q.epochs[0][0]} against {q.epochs[1][0]}" for q in unequal]
        return Check(name="probe_epochs", state="problem", message=f"unequal probe epochs: {shorten_list(epochs)}")
    return Check(name="probe_epochs", state="ok", message="equal probe epochs")


def sampling(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Check whether test examples alone could make the difference (two shares, Fisher's exact test).

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    comparisons = [_label(q, quoted) + format_examples(q) for q in quoted]
    state = "problem" if any(q.p > ALPHA for q in quoted) else "ok"
    return Check(name="sampling", state=state, message=shorten_list(comparisons))


def pairing(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Note that McNemar's test, which needs results on single examples, is not possible.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    message = "McNemar's test is impossible: there are no results on single examples"
    return Check(name="pairing", state="unknown", message=message)


def identical(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """Check whether a score is exactly equal to those of other rows.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    names = {(f"{claim.regime}/{q.variant}", q.benchmark) for q in quoted}
    for rows, chance in shared_counts(scores):
        if chance <= COINCIDENCE and any((row.name, row.benchmark) in names for row in rows):
            who = ", ".join(row.name for row in rows)
            message = f"exactly {rows[0].correct} of {rows[0].n_test} on {rows[0].benchmark} for {who}"
            return Check(name="identical", state="problem", message=message)
    return None


def test_size(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """Give the intervals of scores on tiny test sets.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    wide = []
    for q in quoted:
        low, high = (100 * end for end in wilson(q.correct[0] / q.n[0], q.n[0]))
        if high - low >= 2 * WIDE:
            wide.append(f"{q.variant} {q.top1:.1f} % of {q.n[0]} is {low:.1f} to {high:.1f} (Wilson, 95 %)")
    return Check(name="test_size", state="problem", message=shorten_list(wide)) if wide else None


def controls(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Check whether the table has scores of an untrained encoder and of the majority class.

    Args:
        claim: the claim.
        scores: all scores of the table.
        quoted: the comparisons of the claim.
    """
    names = {s.variant for s in scores if s.regime == claim.regime and s.benchmark in {q.benchmark for q in quoted}}
    missing = [c for c in ("random init", "majority class") if not names & set(CONTROLS[c])]
    if missing:
        return Check(name="controls", state="problem", message=f"no control: {', '.join(missing)}")
    return Check(name="controls", state="ok", message="controls are in the table")


RULES: tuple[Callable[[Claim, Scores, QuotedAll], Check | None], ...] = (
    trained,
    seeds,
    same_seed,
    probe_epochs,
    sampling,
    pairing,
    identical,
    test_size,
    controls,
)


def format_examples(q: QuotedDifference) -> str:
    """Return a difference as test examples: '165 against 171 of 1970 examples (p 0.78)'.

    Args:
        q: a variant next to its reference.
    """
    about = "" if q.exact else "about "
    of = f"{q.n[0]}" if q.n[0] == q.n[1] else f"{q.n[0]} and {q.n[1]}"
    return f"{about}{q.correct[0]} against {q.correct[1]} of {of} examples (p {format_p(q.p)})"


def _label(q: QuotedDifference, among: QuotedAll) -> str:
    """Return the names that distinguish a comparison from the others; empty where there is only one comparison."""
    variant = q.variant if len({quoted.variant for quoted in among}) > 1 else ""
    benchmark = q.benchmark if len({quoted.benchmark for quoted in among}) > 1 else ""
    name = " on ".join(part for part in (variant, benchmark) if part)
    return f"{name} " if name else ""


def _opposite_sign(q: QuotedDifference) -> str:
    return ", the opposite sign" if q.same_seed is not None and q.same_seed * q.difference < 0 else ""
