"""Review a study folder like a document: its registered hypotheses with their measurements."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scipy import stats

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions.decision import Outcome as Decided
from auxjepa.evidence.grade.grade import grade_study
from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa.evidence.ledger.entry import Check, Entry
from auxjepa.evidence.ledger.study_claims import study_scores
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.report import hypotheses_section, limitations, sentences
from auxjepa.report.markdown import markdown
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Dossier, Finding, Mention, Statement, Word, Work
from auxjepa_review.review import versions
from auxjepa_review.reviewers.quality import judge
from auxjepa_review.verify import load_ledger_documents, verify

WORDS: dict[str, Word] = {"supported": "supported", "refuted": "contradicted"}
CHECKS = {
    "enough seeds": "seeds",
    "paired seeds": "same_seed",
    "equal probes": "probe_epochs",
    "controls": "controls",
    "terms audited": "trained",
}
"""Check of the ledger for each criterion of the grade of evidence."""


def review_study(folder: Path, *, question: str = "", command: str = "") -> Outcome:
    """Return the review of a study folder: its hypotheses by its own decision rule, then the ledger's claims it can
    judge.

    An undecided hypothesis is 'not testable' here, with the study's own word in the ledger column. Its probability is
    that the difference has the claimed sign (or is within the margin), under a t distribution around the paired mean.

    Args:
        folder: folder of the study.
        question: question of the review; that of the study if empty.
        command: command that repeats the review.

    Raises:
        ConfigError: the folder holds no score.
    """
    try:
        evidence = collect_evidence(folder)
    except FileNotFoundError as error:
        raise ConfigError(str(error)) from None
    study = evidence.study
    if not study.rows:
        raise ConfigError("; ".join([f"{folder}: no score yet", *study.left_out]))
    text = re.sub(r"\\([\\`*_\[\]|])", r"\1", markdown(evidence))
    document = Document(id=study.name, work=Work(title=study.question or study.name, file=folder), pages=(text,))
    checks = _checks(study)
    hypothesis_findings = [_finding(document, decided, checks) for decided in study.outcomes]
    ledger_findings = _ledger(study)
    return Outcome(
        question=question or study.question or study.name,
        command=command,
        answer=_answer(evidence),
        notes=(*limitations.limitations(study, evidence.results), *study.left_out),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=f"the rows of the study {study.name}",
        documents=(document,),
        findings=(*hypothesis_findings, *ledger_findings),
        panel=judge([Dossier(document=document, findings=tuple(hypothesis_findings))]),
        decides=study.command,
        versions=versions(),
    )


def _answer(evidence: StudyEvidence) -> str:
    """Return the report's answer: the decisions on the hypotheses, or the result of a screen."""
    answer = hypotheses_section.answer(evidence.outcomes) or sentences.answer(evidence.study, evidence.results)
    return sentences.plain_text(answer)


def _checks(study: Study) -> tuple[Check, ...]:
    graded = {c.name: c for c in grade_study(study).criteria}
    return tuple(
        Check(name=name, state="ok" if graded[criterion].share == 1 else "problem", message=graded[criterion].reason)
        for criterion, name in CHECKS.items()
    )


def _finding(document: Document, decided: Decided, checks: tuple[Check, ...]) -> Finding:
    hypothesis, verdict = decided.hypothesis, decided.verdict
    aim: dict[str, Any] = (
        {"kind": "range", "low": -hypothesis.margin, "high": hypothesis.margin}
        if hypothesis.margin is not None
        else {"kind": "direction", "direction": "up" if hypothesis.claim == "above" else "down"}
    )
    claim = Claim(
        id=hypothesis.id,
        statement=hypothesis.statement,
        regime=hypothesis.regime,
        variants=(hypothesis.variant,),
        reference=hypothesis.reference,
        benchmarks=(hypothesis.benchmark,),
        sources=(Source(document=document.id),),
        **aim,
    )
    arithmetic = {"supported": "holds", "refuted": "fails"}.get(verdict.word, "not in table")
    entry = Entry.model_validate(
        {"claim": claim, "results": document.id, "word": verdict.word, "arithmetic": arithmetic, "checks": checks,
         "sentence": verdict.sentence}
    )  # fmt: skip
    start = max(0, document.pages[0].find(hypothesis.statement))
    end = min(len(document.pages[0]), start + len(hypothesis.statement))
    mention = Mention(claim=claim, span=document.span(1, start, end), section="hypotheses")
    return Finding(
        statement=Statement(claim=claim, mentions=(mention,)),
        word=WORDS.get(verdict.word, "not testable"),
        probability=_probability(decided.effect, claim),
        reason=verdict.sentence,
        checks=checks,
        entry=entry,
    )


def _probability(effect: Effect | None, claim: Claim) -> float:
    """Return the mass of the paired mean's t distribution where the claim holds."""
    if effect is None or effect.n < 2 or not effect.sd:
        return 0.5
    spread = stats.t(effect.n - 1, loc=effect.mean, scale=effect.sd / effect.n**0.5)
    if claim.low is not None and claim.high is not None:
        return float(spread.cdf(claim.high) - spread.cdf(claim.low))
    below = float(spread.cdf(0.0))
    return 1 - below if claim.direction == "up" else below


def _ledger(study: Study) -> list[Finding]:
    """Return findings on the ledger's claims that the study can judge, in each of its regimes."""
    documents, statements = load_ledger_documents()
    regimes = list(dict.fromkeys(row.regime for row in study.rows if row.control is None))
    findings = []
    for regime in regimes:
        regime_findings = verify(statements, results=study_scores(study, regime), facts={}, documents=documents)
        for finding in regime_findings:
            if (
                finding.entry is None
                or finding.entry.arithmetic == "not in table"
                or finding.entry.claim.kind == "structural"
            ):
                continue
            findings.append(_within(finding, regime) if len(regimes) > 1 else finding)
    return findings


def _within(finding: Finding, regime: str) -> Finding:
    """Return the finding with its regime in id and statement, so that findings of several regimes are different."""
    claim = finding.statement.claim
    claim_in_regime = claim.model_copy(
        update={"id": f"{claim.id}-{regime}", "statement": f"{claim.statement} (here: {regime})"}
    )
    return finding.model_copy(update={"statement": finding.statement.model_copy(update={"claim": claim_in_regime})})
