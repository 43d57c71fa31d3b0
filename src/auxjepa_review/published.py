"""The published study, reviewed by what is at hand of it: its table of scores, and the claims that are told of it.

Its prose isn't here, so reviewers who read prose (source support, reproducibility, scope) aren't asked.
"""

from __future__ import annotations

from datetime import UTC, datetime

from auxjepa.evidence.ledger import claims as known
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
ASKED = ("numerical_consistency", "statistical_validity", "protocol_fairness")
"""Reviewers who can judge by a table, and by the ledger's checks on it."""


def from_published(*, question: str = "", command: str = "") -> Outcome:
    """The review of arXiv 2605.17165 by its own 88 scores."""
    scores = table.load()
    claims = [claim for claim in known.load().claims if claim.kind != "question"]
    document = _document(claims, scores)
    statements = [_stated(claim, document) for claim in claims]
    findings = verify(statements, results=scores, documents=[document])
    own = [f.model_copy(update={"supporting": (), "opposing": ()}) for f in findings]
    return Outcome(
        question=question or TITLE,
        command=command,
        answer=_answer(own),
        notes=_notes(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=f"the published table of arXiv {PAPER} (88 scores)",
        documents=(document,),
        findings=tuple(own),
        panel=judge([Dossier(document=document, findings=tuple(own))], ASKED),
        decides="auxjepa study run published --scale paper --out out/published-paper",
        versions=versions(),
    )


def _document(claims: list[Claim], scores: list[PublishedScore]) -> Document:
    """Two pages: the claims, a line each, and the table, a line a score."""
    lines = [
        f"{s.variant}, {s.regime} pretraining, {s.benchmark}: {s.top1:.2f} % top-1, seed {s.seed}, {s.head} probe, "
        f"{s.epochs} epochs, n = {s.n_test}"
        for s in scores
    ]
    work = Work(title=TITLE, year=2026, arxiv=PAPER, source="arXiv")
    return Document(id=f"arXiv {PAPER}", work=work, pages=("\n".join(c.statement for c in claims), "\n".join(lines)))


def _stated(claim: Claim, document: Document) -> Statement:
    start = document.pages[0].index(claim.statement)
    span = document.span(1, start, start + len(claim.statement))
    return Statement(claim=claim, mentions=(Mention(claim=claim, span=span, section="claims told of it"),))


def _answer(findings: list[Finding]) -> str:
    return (
        f"{summary(findings)} 'Supported' is arithmetic: the table has that number. The column 'ledger' says what may "
        "be concluded from it: every score has one seed."
    )


def _notes() -> tuple[str, ...]:
    left = [name.replace("_", " ") for name in REVIEWERS if name not in ASKED]
    return (
        "The paper's prose isn't at hand: claims are those that five documents tell of it, and those of its released "
        "code; some may be the documents' own.",
        f"So {shorten_list(left)} aren't reviewed; what the prose tells of tests and intervals isn't either: what the "
        "table doesn't tell counts as not done.",
        "A mark here stands beside other documents' marks only where the same reviewers are compared.",
    )
