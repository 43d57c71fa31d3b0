"""How the published numbers behind a claim were made: seeds, probes, examples, controls. Each look is one function.

A check never changes what a table says; it says what the table can't tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auxjepa.evidence.anomalies import COINCIDENCE, CONTROLS, WIDE, shared_counts
from auxjepa.evidence.arithmetic import some
from auxjepa.evidence.claims import Claim
from auxjepa.evidence.entry import Check
from auxjepa.evidence.intervals import wilson
from auxjepa.evidence.published import PublishedScore, Quoted, untrained
from auxjepa.evidence.verdicts import count, probability, signed

ALPHA = 0.05

Scores = Sequence[PublishedScore]
QuotedAll = Sequence[Quoted]


def check(claim: Claim, scores: Scores, quoted: QuotedAll) -> tuple[Check, ...]:
    """Every check that says something on these comparisons; none without a comparison."""
    if not quoted:
        return ()
    made = (rule(claim, scores, quoted) for rule in RULES)
    return tuple(c for c in made if c is not None)


def trained(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Whether training changed the network that was probed."""
    names = list(dict.fromkeys(q.variant for q in quoted))
    bad = [v for v in names if f"{claim.regime}/{v}" in untrained()]
    if bad:
        whose = f"{some(bad)}: " if len(bad) < len(names) else ""
        message = f"{whose}the network at its random initialisation was probed (EMA off)"
        return Check(name="trained", state="problem", message=message)
    return Check(name="trained", state="ok", message="the probed network was trained")


def seeds(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """How many seeds pair a variant with its reference."""
    pairs = min(len(set(q.seeds) & set(q.reference_seeds)) for q in quoted)
    least = min(len(q.seeds) for q in quoted)
    message = f"{count(least, 'seed')} a variant, {pairs or 'none'} in common with the quoted {claim.reference}"
    return Check(name="seeds", state="problem" if pairs < 2 else "ok", message=message)


def same_seed(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """What the difference is against the reference of the variant's own seed, where another one is quoted."""
    odd = [q for q in quoted if not set(q.seeds) <= set(q.reference_seeds)]
    if not odd:
        return None
    known = [f"{_label(q, odd)}{signed(q.same_seed, 2)}{_turned(q)}" for q in odd if q.same_seed is not None]
    absent = list(dict.fromkeys(q.benchmark for q in odd if q.same_seed is None))
    own, other = (" and ".join(map(str, numbers)) for numbers in (odd[0].seeds, odd[0].reference_seeds))
    parts = [f"against {claim.reference} of its own seed {own} in place of {other}: {some(known)}"] if known else []
    parts += [f"no {claim.reference} of its own seed {own} on {some(absent)}"] if absent else []
    return Check(name="same_seed", state="problem" if known else "unknown", message="; ".join(parts))


def probe_epochs(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Whether variant and reference were probed equally long."""
    odd = [q for q in quoted if q.epochs[0] != q.epochs[1]]
    if odd:
        said = [f"{_label(q, quoted)}{q.epochs[0][0]} against {q.epochs[1][0]}" for q in odd]
        return Check(name="probe_epochs", state="problem", message=f"unequal probe epochs: {some(said)}")
    return Check(name="probe_epochs", state="ok", message="equal probe epochs")


def sampling(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Whether test examples alone could make the difference (two shares, Fisher's exact test)."""
    said = [_label(q, quoted) + examples(q) for q in quoted]
    state = "problem" if any(q.p > ALPHA for q in quoted) else "ok"
    return Check(name="sampling", state=state, message=some(said))


def pairing(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """McNemar's test would use that both were tested on the same examples."""
    message = "McNemar's test is impossible: no results example by example"
    return Check(name="pairing", state="unknown", message=message)


def identical(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """Whether a score coincides with those of other rows."""
    names = {(f"{claim.regime}/{q.variant}", q.benchmark) for q in quoted}
    for rows, chance in shared_counts(scores):
        if chance <= COINCIDENCE and any((row.name, row.benchmark) in names for row in rows):
            who = ", ".join(row.name for row in rows)
            message = f"exactly {rows[0].correct} of {rows[0].n_test} on {rows[0].benchmark} for {who}"
            return Check(name="identical", state="problem", message=message)
    return None


def test_size(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check | None:
    """Intervals of scores on tiny test sets."""
    wide = []
    for q in quoted:
        low, high = (100 * end for end in wilson(q.correct[0] / q.n[0], q.n[0]))
        if high - low >= 2 * WIDE:
            wide.append(f"{q.variant} {q.top1:.1f} % of {q.n[0]} is {low:.1f} to {high:.1f} (Wilson, 95 %)")
    return Check(name="test_size", state="problem", message=some(wide)) if wide else None


def controls(claim: Claim, scores: Scores, quoted: QuotedAll) -> Check:
    """Whether an untrained encoder and the majority class stand beside the scores."""
    names = {s.variant for s in scores if s.regime == claim.regime and s.benchmark in {q.benchmark for q in quoted}}
    lacking = [c for c in ("random init", "majority class") if not names & set(CONTROLS[c])]
    if lacking:
        return Check(name="controls", state="problem", message=f"no control: {', '.join(lacking)}")
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


def examples(q: Quoted) -> str:
    """A difference as test examples: '165 against 171 of 1970 examples (p 0.78)'."""
    about = "" if q.exact else "about "
    of = f"{q.n[0]}" if q.n[0] == q.n[1] else f"{q.n[0]} and {q.n[1]}"
    return f"{about}{q.correct[0]} against {q.correct[1]} of {of} examples (p {probability(q.p)})"


def _label(q: Quoted, among: QuotedAll) -> str:
    """What tells a comparison from the others; nothing where there is one."""
    variant = q.variant if len({other.variant for other in among}) > 1 else ""
    benchmark = q.benchmark if len({other.benchmark for other in among}) > 1 else ""
    name = " on ".join(part for part in (variant, benchmark) if part)
    return f"{name} " if name else ""


def _turned(q: Quoted) -> str:
    return ", the other sign" if q.same_seed is not None and q.same_seed * q.difference < 0 else ""
