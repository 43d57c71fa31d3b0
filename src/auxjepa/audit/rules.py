"""Rules that turn measurements into findings, one function each. Imports no torch.

The numbers of findings are those of docs/paper/findings.md, so that the audit of the released variants can be compared
with facts that were established by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from auxjepa.audit.records import Audit, Finding, Term

# Weights are nearly uniform if the largest is below 1.5 times the mean. The released code has 1.02 (random ViT-B) to
# 1.4 (synthetic features) at temperature 1 (docs/paper/findings.md#finding-4); the term's gradient is then that of
# prediction (docs/audit.md).
UNIFORM = 1.5
# A term that is off for a longer share of training counts as missing: usual warm-ups take up to a tenth.
OFF = 0.25


def findings(audit: Audit) -> list[Finding]:
    """Return the findings of all rules for an audit, in the order of docs/paper/findings.md."""
    rules = (no_gradient, untrained, split_by_depth, uniform_weights, off_by_schedule, batch_motion)
    return sorted((finding for rule in rules for finding in rule(audit)), key=lambda finding: finding.number)


def no_gradient(audit: Audit) -> Iterator[Finding]:
    """Yield finding 1: a term, or a part of its head, without gradient."""
    for term in audit.terms:
        if not term.weight:
            continue  # a term that is only logged; finding 8 reports it
        cost = f"it is {_percent(term.share)} of the loss and {term.forward_ms:.1f} ms a step for nothing"
        if not term.value and not term.parameters:
            yield Finding(
                number=1,
                title="a term without gradient",
                terms=[term.name],
                message=f"{term.name} is defined nowhere on these batches: masks and clip length leave it no position",
            )
        elif not term.parameters:
            yield Finding(
                number=1,
                title="a term without gradient",
                terms=[term.name],
                message=f"{term.name} reaches no trainable parameter: the run is the same without it; {cost}",
            )
        elif term.idle:
            yield Finding(
                number=1,
                title="a head without gradient",
                terms=[term.name],
                message=f"{term.name} never trains its own {', '.join(term.idle)}",
            )


def untrained(audit: Audit) -> Iterator[Finding]:
    """Yield finding 2: the network that will be evaluated is never updated."""
    role = audit.evaluates
    if not audit.updated.get(role, False):
        why = "the EMA teacher is switched off" if role not in audit.updated else "no training step changes it"
        yield Finding(
            number=2,
            title="an untrained network is evaluated",
            message=f"the {role} is what will be probed, but {why}: it keeps its random initialisation",
        )


def split_by_depth(audit: Audit) -> Iterator[Finding]:
    """Yield finding 3: a division of channels that puts the evaluated last level completely into one part."""
    terms = [term for term in audit.terms if _divides_by_depth(term)]
    if terms:
        blind = [term.name for term in terms if not term.levels[-1] and any(term.levels)]
        divided = next((term.appearance for term in terms if term.appearance), None)
        shares = f" (appearance share of its channels by level: {_shares(divided)})" if divided else ""
        unreached = f"; {', '.join(blind)} never reaches it directly" if blind else ""
        yield Finding(
            number=3,
            title="factors are divided by depth",
            terms=[term.name for term in terms],
            message=f"the evaluated last level is completely in one subspace{shares}{unreached}",
        )


def _divides_by_depth(term: Term) -> bool:
    if len(term.levels) < 2:
        return False
    if term.appearance is not None:
        return term.appearance[-1] in (0.0, 1.0)
    return not term.levels[-1] and any(term.levels[:-1])


def uniform_weights(audit: Audit) -> Iterator[Finding]:
    """Yield finding 4: hard-region weights that are so even that the term is almost its unweighted form."""
    even = [(term, term.spread) for term in audit.terms if term.spread and term.spread.max_over_mean < UNIFORM]
    if even:
        when = "" if audit.checkpoint else " (at initialisation, where errors are most similar: audit a checkpoint too)"
        spreads = "; ".join(
            f"{term.name} {spread.max_over_mean:.2f} times the mean at most, {_percent(spread.top_tenth)} of the "
            f"weight on the hardest tenth{_similarity(term)}"
            for term, spread in even
        )
        yield Finding(
            number=4,
            title="hard-region weights are nearly uniform",
            terms=[term.name for term, _ in even],
            message=f"{spreads}; a lower temperature would single out hard regions{when}",
        )


def _similarity(term: Term) -> str:
    cosine = term.cosine.get("prediction")
    return f", gradient at cosine {cosine:.3f} to prediction's" if cosine is not None else ""


def off_by_schedule(audit: Audit) -> Iterator[Finding]:
    """Yield finding 8: a term with weight 0 for a large part of training."""
    for term in audit.terms:
        if term.off >= OFF:
            mean = (
                f", its mean weight {term.mean_weight:.3g} against {term.weight:.3g} at the peak" if term.weight else ""
            )
            yield Finding(
                number=8,
                title="a term is off by schedule",
                terms=[term.name],
                message=f"{term.name} is off for {_percent(term.off)} of training{mean}",
            )


def batch_motion(audit: Audit) -> Iterator[Finding]:
    """Yield finding 9: motion-guided masks of a clip that depend on the other clips of the batch."""
    if audit.motion:
        yield Finding(
            number=9,
            title="motion is normalised across the batch",
            message=f"masks of {', '.join(audit.motion)} follow a motion map that another clip's motion rescales",
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _shares(values: list[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
