"""The ledger: every claim against results, with a verdict, the arithmetic, and one sentence with the numbers behind it.

A number that stands in the published table is not yet a finding about an objective: with one seed a variant no test can
reach 0.05, whatever the difference. So "holds" (the number is there) and the verdict (what may be concluded) are two
columns. A statement about the table alone is settled by arithmetic, one about a network by executing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auxjepa.evidence import checks
from auxjepa.evidence.arithmetic import Answer, Settled, Table, settle
from auxjepa.evidence.claims import Claim
from auxjepa.evidence.entry import Check, Entry
from auxjepa.evidence.judge import Comparisons, pairs_of
from auxjepa.evidence.measured import Measured, verify_measured
from auxjepa.evidence.published import PublishedScore, untrained
from auxjepa.evidence.verdicts import Word, why_not
from auxjepa.rows import Row

Facts = Mapping[str, float | bool]
PUBLISHED = "published"
TOLD = ("sampling", "identical", "test_size", "same_seed", "probe_epochs", "trained")
"""Checks that a sentence tells, in this order; the rest stand beside it."""
MOST_TOLD = 3  # comparisons; of more, only whether the networks were trained


def verify(
    claims: Sequence[Claim], results: Sequence[PublishedScore] | Measured, facts: Facts | None = None
) -> list[Entry]:
    """One entry a claim, in the order given. All claims given are one family: verify all, then choose what to show.

    Args:
        results: published scores, or a measured study.
        facts: what ``auxjepa.audit.structure`` found by building and executing; None: nothing was executed.
    """
    name = results.name if isinstance(results, Measured) else PUBLISHED
    made = {claim.id: _structural(claim, name, facts) for claim in claims if claim.kind == "structural"}
    made |= {claim.id: _question(claim, name) for claim in claims if claim.kind == "question"}
    rest = [claim for claim in claims if claim.id not in made]
    judged = verify_measured(rest, results) if isinstance(results, Measured) else _published(rest, results)
    made |= {entry.claim.id: entry for entry in judged}
    return [made[claim.id] for claim in claims]


def as_rows(scores: Sequence[PublishedScore]) -> list[Row]:
    """Published scores as rows of a study, so that one engine judges both. Another head or number of probe epochs is
    another protocol."""
    return [
        Row(
            run=f"{s.name} seed {s.seed}",
            variant=s.variant,
            regime=s.regime,
            seed=s.seed,
            benchmark=s.benchmark,
            benchmark_hash=f"{s.n_train}/{s.n_test}/{s.classes}",
            protocol=s.head,
            protocol_hash=f"{s.epochs} epochs",
            score=s.top1,
            n_test=s.n_test,
            n_classes=s.classes,
        )
        for s in scores
    ]


def _published(claims: Sequence[Claim], scores: Sequence[PublishedScore]) -> list[Entry]:
    table = Table(scores)

    def side(regime: str, variant: str, benchmark: str) -> list[Row]:
        return as_rows(table.get(regime, variant, benchmark))

    others = {claim.id: table.variants(claim, claim.benchmarks) for claim in claims}
    asked = [pair for c in claims if c.about == "objective" for pair in pairs_of(c, others[c.id])]
    comparisons = Comparisons(asked, side, "confirm")
    entries = []
    for claim in claims:
        settled = settle(claim, table)
        looked = checks.check(claim, table.scores, settled.quoted)
        word, why = _word(claim, settled, comparisons, others[claim.id])
        entries.append(
            Entry(
                claim=claim,
                results=PUBLISHED,
                word=word,
                arithmetic=settled.answer,
                checks=looked,
                sentence=_sentence(word, settled, looked, why),
            )
        )
    return entries


def _word(claim: Claim, settled: Settled, comparisons: Comparisons, others: Sequence[str]) -> tuple[Word, str]:
    """The verdict, and why it is no other."""
    if settled.answer == "not in table":
        return "not testable", ""
    if claim.about == "table":
        return ("supported" if settled.answer == "holds" else "refuted"), ""
    if settled.answer == "fails":
        return "refuted", "the table itself says otherwise"
    if any(f"{claim.regime}/{q.variant}" in untrained() for q in settled.quoted):
        return "not testable", ""
    ruling = comparisons.rule(claim, others)
    if ruling.word != "not testable":
        return ruling.word, ruling.reason
    if any(q.epochs[0] != q.epochs[1] for q in settled.quoted):
        return ruling.word, ""
    few = min(ruling.effects, key=lambda e: e.n, default=None)
    return ruling.word, ruling.reason if few is None else why_not(few, "confirm")


def _sentence(word: Word, settled: Settled, looked: Sequence[Check], why: str) -> str:
    few = len(settled.quoted) <= MOST_TOLD
    by_name = {c.name: c for c in looked if c.state != "ok" or c.name == "sampling"}
    told = [by_name[name].message for name in TOLD if name in by_name and (few or name == "trained")]
    return f"{word.capitalize()}: {'; '.join(part for part in (settled.numbers, *told, why) if part)}."


def _structural(claim: Claim, name: str, facts: Facts | None) -> Entry:
    word, answer, state, message = _executed(claim, facts)
    check = Check.model_validate({"name": "executed", "state": state, "message": message})
    sentence = f"{word.capitalize()}: {message}."
    return Entry(claim=claim, results=name, word=word, arithmetic=answer, checks=(check,), sentence=sentence)


def _executed(claim: Claim, facts: Facts | None) -> tuple[Word, Answer, str, str]:
    if not claim.fact:
        return "not testable", "not in table", "unknown", "an interpretation, which no measurement here decides"
    if facts is None:
        return "not testable", "not in table", "unknown", "not executed, add --execute"
    if claim.fact not in facts:
        return "not testable", "not in table", "unknown", f"{claim.fact} was not measured"
    value = facts[claim.fact]
    if claim.expected is not None:
        good = abs(float(value) - float(claim.expected)) <= claim.tolerance
        wanted = _value(claim.expected)
    else:
        good = value > claim.threshold if claim.direction == "up" else value < claim.threshold
        wanted = f"{'above' if claim.direction == 'up' else 'below'} {claim.threshold:g}"
    told = f"executed, {claim.fact} is {_value(value)}"
    if good:
        return "supported", "holds", "ok", told
    return "refuted", "fails", "problem", f"{told}, not {wanted}"


def _value(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:.4g}"


def _question(claim: Claim, name: str) -> Entry:
    answer = claim.answered_by
    assert answer is not None
    parts = [f"claims {', '.join(answer.claims)}" if answer.claims else ""]
    parts += [f"auxjepa study run {answer.preset}" if answer.preset else ""]
    parts += [f"benchmarks {', '.join(answer.benchmarks)}" if answer.benchmarks else ""]
    check = Check(name="needs", state="unknown", message=f"not there: {', '.join(answer.needs)}")
    would = "; ".join(part for part in parts if part)
    sentence = f"A question, open: {would} would answer it in part; {check.message}."
    return Entry(
        claim=claim,
        results=name,
        word="not testable",
        arithmetic="not in table",
        checks=(check,) if answer.needs else (),
        sentence=sentence,
    )
