"""The ledger: every claim against results, with a verdict, the arithmetic, and one sentence with the numbers.

A number in the published table is not yet a result about an objective: with one seed a variant no test can reach 0.05,
even for a very large difference. So the arithmetic (the number is in the table) and the verdict (what may be concluded)
are two columns. One seed refutes no more than it supports: a table that contradicts a claim about an objective refutes
the claim only if a test over seeds does. Arithmetic decides a statement about the table. Execution decides a statement
about a network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auxjepa.evidence.decisions.verdicts import Word, explain_not_testable
from auxjepa.evidence.ledger import checks
from auxjepa.evidence.ledger.arithmetic import Answer, NumberCheck, PublishedTable, check_numbers
from auxjepa.evidence.ledger.claim_comparisons import Comparisons, pairs_of
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.claims import load as load_claims
from auxjepa.evidence.ledger.entry import Check, Entry
from auxjepa.evidence.ledger.published import PublishedScore, untrained_rows
from auxjepa.evidence.ledger.study_claims import StudyScores, study_scores, verify_study_claims
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row

Facts = Mapping[str, float | bool]
PUBLISHED = "published"
SENTENCE_CHECKS = ("sampling", "identical", "test_size", "same_seed", "probe_epochs", "trained")
"""Checks that are part of the sentence, in this order."""
CONTRADICTION = "the table contradicts the claim"
MOST_COMPARISONS = 3
"""Number of comparisons above which the sentence only says whether the networks were trained."""


def verify(
    claims: Sequence[Claim], results: Sequence[PublishedScore] | StudyScores, facts: Facts | None = None
) -> list[Entry]:
    """Return one entry a claim, in the same order.

    All claims of a call are one family. To show some claims only, verify all of them and select afterwards.

    Args:
        claims: the claims.
        results: published scores, or the scores of a study.
        facts: results of ``auxjepa.audit.structure``; None where nothing was executed.
    """
    name = results.name if isinstance(results, StudyScores) else PUBLISHED
    entries = {claim.id: _structural_entry(claim, name, facts) for claim in claims if claim.kind == "structural"}
    entries |= {claim.id: _question_entry(claim, name) for claim in claims if claim.kind == "question"}
    numeric = [claim for claim in claims if claim.id not in entries]
    if isinstance(results, StudyScores):
        numeric_entries = verify_study_claims(numeric, results)
    else:
        numeric_entries = _verify_published(numeric, results)
    entries |= {entry.claim.id: entry for entry in numeric_entries}
    return [entries[claim.id] for claim in claims]


def verify_study(study: Study) -> list[Entry]:
    """Return every claim of the package against every pretraining regime of a study; empty without a score.

    Args:
        study: the study.
    """
    regimes = list(dict.fromkeys(row.regime for row in study.rows if row.control is None))
    claims = load_claims().claims if regimes else ()
    entries = []
    for regime in regimes:
        of_regime = verify(claims, study_scores(study, regime))
        several = len(regimes) > 1
        entries += [e.model_copy(update={"results": f"{e.results} ({regime})"}) if several else e for e in of_regime]
    return entries


def as_rows(scores: Sequence[PublishedScore]) -> list[Row]:
    """Return published scores as rows of a study, so that the same code decides for both.

    Another head, or another number of probe epochs, is another protocol.

    Args:
        scores: published scores.
    """
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


def _verify_published(claims: Sequence[Claim], scores: Sequence[PublishedScore]) -> list[Entry]:
    table = PublishedTable(scores)

    def side(regime: str, variant: str, benchmark: str) -> list[Row]:
        return as_rows(table.get(regime, variant, benchmark))

    rivals = {claim.id: table.variants(claim, claim.benchmarks) for claim in claims}
    pairs = [pair for c in claims if c.about == "objective" for pair in pairs_of(c, rivals[c.id])]
    comparisons = Comparisons(pairs, side)
    entries = []
    for claim in claims:
        numbers = check_numbers(claim, table)
        claim_checks = checks.run_checks(claim, table.scores, numbers.quoted)
        word, why = _decide(claim, numbers, comparisons, rivals[claim.id])
        entries.append(
            Entry(
                claim=claim,
                results=PUBLISHED,
                word=word,
                arithmetic=numbers.answer,
                checks=claim_checks,
                sentence=_sentence(word, numbers, claim_checks, why),
            )
        )
    return entries


def _decide(claim: Claim, numbers: NumberCheck, comparisons: Comparisons, rivals: Sequence[str]) -> tuple[Word, str]:
    """Return the verdict and its reason."""
    if numbers.answer == "not in table":
        return "not testable", ""
    if claim.about == "table":
        return ("supported" if numbers.answer == "holds" else "refuted"), ""
    contradiction = CONTRADICTION if numbers.answer == "fails" else ""
    if any(f"{claim.regime}/{q.variant}" in untrained_rows() for q in numbers.quoted):
        return "not testable", contradiction
    ruling = comparisons.decide_claim(claim, rivals)
    if ruling.word == "supported" and contradiction:
        return "not testable", f"{contradiction}, and only its direction can be tested: {ruling.reason}"
    if ruling.word != "not testable":
        return ruling.word, "; ".join(part for part in (contradiction, ruling.reason) if part)
    if any(q.epochs[0] != q.epochs[1] for q in numbers.quoted):
        return ruling.word, contradiction
    fewest = min(ruling.effects, key=lambda e: e.n, default=None)
    reason = ruling.reason if fewest is None else explain_not_testable(fewest, "confirm")
    return ruling.word, f"{contradiction}, but {reason}" if contradiction else reason


def _sentence(word: Word, numbers: NumberCheck, claim_checks: Sequence[Check], why: str) -> str:
    is_short = len(numbers.quoted) <= MOST_COMPARISONS
    by_name = {c.name: c for c in claim_checks if c.state != "ok" or c.name == "sampling"}
    names = [name for name in SENTENCE_CHECKS if name in by_name and (is_short or name == "trained")]
    parts = (numbers.numbers, *(by_name[name].message for name in names), why)
    return f"{word.capitalize()}: {'; '.join(part for part in parts if part)}."


def _structural_entry(claim: Claim, name: str, facts: Facts | None) -> Entry:
    word, answer, state, message = _check_fact(claim, facts)
    check = Check.model_validate({"name": "executed", "state": state, "message": message})
    sentence = f"{word.capitalize()}: {message}."
    return Entry(claim=claim, results=name, word=word, arithmetic=answer, checks=(check,), sentence=sentence)


def _check_fact(claim: Claim, facts: Facts | None) -> tuple[Word, Answer, str, str]:
    if not claim.fact:
        return "not testable", "not in table", "unknown", "an interpretation, which no measurement here decides"
    if facts is None:
        return "not testable", "not in table", "unknown", "not executed, add --execute"
    if claim.fact not in facts:
        return "not testable", "not in table", "unknown", f"{claim.fact} was not measured"
    value = facts[claim.fact]
    if claim.expected is not None:
        is_true = abs(float(value) - float(claim.expected)) <= claim.tolerance
        expected = _value(claim.expected)
    else:
        is_true = value > claim.threshold if claim.direction == "up" else value < claim.threshold
        expected = f"{'above' if claim.direction == 'up' else 'below'} {claim.threshold:g}"
    message = f"executed, {claim.fact} is {_value(value)}"
    if is_true:
        return "supported", "holds", "ok", message
    return "refuted", "fails", "problem", f"{message}, not {expected}"


def _value(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:.4g}"


def _question_entry(claim: Claim, name: str) -> Entry:
    answer = claim.answered_by
    assert answer is not None
    parts = [f"claims {', '.join(answer.claims)}" if answer.claims else ""]
    parts += [f"auxjepa study run {answer.preset}" if answer.preset else ""]
    parts += [f"benchmarks {', '.join(answer.benchmarks)}" if answer.benchmarks else ""]
    check = Check(name="needs", state="unknown", message=f"missing: {', '.join(answer.needs)}")
    sources = "; ".join(part for part in parts if part)
    sentence = f"An open question: {sources} would answer it in part; {check.message}."
    return Entry(
        claim=claim,
        results=name,
        word="not testable",
        arithmetic="not in table",
        checks=(check,) if answer.needs else (),
        sentence=sentence,
    )
