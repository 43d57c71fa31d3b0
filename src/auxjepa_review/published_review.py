"""Review the published study by its table of scores and the claims that other documents make about it.

The package does not contain the paper's prose, so reviewers of prose (source support, reproducibility, scope) are left
out.
"""

from __future__ import annotations

from datetime import UTC, datetime

from auxjepa.evidence.ledger import claims as ledger
from auxjepa.evidence.ledger import published as table
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.published import PublishedScore
from auxjepa.lists import shorten_list
from auxjepa_review.outcome import Outcome
from auxjepa_review.paper import PAPER
from auxjepa_review.records import Document, Dossier, Finding, Mention, Statement, Work
from auxjepa_review.report.claims import summary
from auxjepa_review.review import versions
from auxjepa_review.reviewers import REVIEWERS
from auxjepa_review.reviewers.quality import judge
from auxjepa_review.verify import verify

TITLE = "Factorized Latent Dynamics for Video JEPA: An Empirical Study of Auxiliary Objectives"
TABLE_REVIEWERS = ("numerical_consistency", "statistical_validity", "protocol_fairness")
"""Reviewers that can judge a table and the ledger's checks on it."""


def review_published(*, question: str = "", command: str = "") -> Outcome:
    """Return the review of arXiv 2605.17165 by its own 88 scores.

    Args:
        question: question of the review; the paper's title if empty.
        command: command that repeats the review.
    """
    scores = table.load()
    claims = [claim for claim in ledger.load().claims if claim.kind != "question"]
    document = _document(claims, scores)
    statements = [_make_statement(claim, document) for claim in claims]
    findings = verify(statements, results=scores, documents=[document])
    own_findings = [f.model_copy(update={"supporting": (), "opposing": ()}) for f in findings]
    return Outcome(
        question=question or TITLE,
        command=command,
        answer=_answer(own_findings),
        notes=_notes(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=f"the published table of arXiv {PAPER} (88 scores)",
        documents=(document,),
        findings=tuple(own_findings),
        panel=judge([Dossier(document=document, findings=tuple(own_findings))], TABLE_REVIEWERS),
        decides="auxjepa study run published --scale paper --out out/published-paper",
        versions=versions(),
    )


def _document(claims: list[Claim], scores: list[PublishedScore]) -> Document:
    """Return a document of two pages: the claims, with a line each, and the table, with a line a score."""
    lines = [
        f"{s.variant}, {s.regime} pretraining, {s.benchmark}: {s.top1:.2f} % top-1, seed {s.seed}, {s.head} probe, "
        f"{s.epochs} epochs, n = {s.n_test}"
        for s in scores
    ]
    work = Work(title=TITLE, year=2026, arxiv=PAPER, source="arXiv")
    return Document(id=f"arXiv {PAPER}", work=work, pages=("\n".join(c.statement for c in claims), "\n".join(lines)))


def _make_statement(claim: Claim, document: Document) -> Statement:
    start = document.pages[0].index(claim.statement)
    span = document.span(1, start, start + len(claim.statement))
    return Statement(claim=claim, mentions=(Mention(claim=claim, span=span, section="claims about it"),))


def _answer(findings: list[Finding]) -> str:
    return (
        f"{summary(findings)} 'Supported' is arithmetic: the table has that number. The column 'ledger' gives what may "
        "be concluded from it: every score has one seed."
    )


def _notes() -> tuple[str, ...]:
    left_out = [name.replace("_", " ") for name in REVIEWERS if name not in TABLE_REVIEWERS]
    return (
        "The paper's prose is not available. The claims are those that five documents make about it, and those of its "
        "released code; some may be the documents' own.",
        f"Therefore {shorten_list(left_out)} aren't reviewed. Tests and intervals in the prose aren't reviewed either: "
        "what the table doesn't report counts as not done.",
        "A mark here can be compared with other documents' marks only over the same reviewers.",
    )
