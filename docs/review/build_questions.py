"""Write the tables of docs/review/questions.md: the question of each document, reviewed on the corpus of all five.

``python -m docs.review.build_questions [FOLDER]`` takes seconds per question. FOLDER (default: ../shared/seeds) is the
folder of the documents.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from docs.evidence.build_ledger import put, table

from auxjepa.evidence.ledger.claims import load
from auxjepa_review.outcome import Outcome
from auxjepa_review.published_review import TABLE_REVIEWERS, review_published
from auxjepa_review.report.answer import on_the_question
from auxjepa_review.review import run_review
from auxjepa_review.reviewers import REVIEWERS
from auxjepa_review.study_review import review_study

PAGE = Path(__file__).parent / "questions.md"
CONFIRM = Path(__file__).parents[1] / "evidence" / "confirm"


def main() -> None:
    """Write both tables."""
    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/seeds")
    questions = {name: document.question for name, document in load().documents.items()}
    outcomes, rows = {}, []
    for name, question in questions.items():
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        outcomes[name] = run_review(question, [corpus])
        wall, cpu = time.perf_counter() - wall_start, time.process_time() - cpu_start
        rows.append(_row(name, outcomes[name], wall, cpu))
    head = ("question of", "documents", "statements", "supported", "contradicted", "not testable", "not found",
            "on the question", "answer", "study that decides it", "s (CPU s)")  # fmt: skip
    text = put(PAGE.read_text(encoding="utf-8"), "questions", table(head, rows))
    PAGE.write_text(put(text, "marks", _marks(outcomes)), encoding="utf-8")


def _row(name: str, outcome: Outcome, wall: float, cpu: float) -> list[str]:
    counts = outcome.tally
    words = [str(counts[w]) for w in ("supported", "contradicted", "not testable", "not found")]
    answer = on_the_question(outcome)
    command = f"`{outcome.decides.split(' --out')[0]}`" if outcome.decides else "–"
    number = str(len(outcome.findings))
    about = answer.split(" statement")[0] if answer.startswith(tuple("0123456789")) else "0"
    return [name, str(len(outcome.documents)), number, *words, about, answer, command, f"{wall:.1f} ({cpu:.1f})"]


def _marks(outcomes: dict[str, Outcome]) -> str:
    """Return the table of reviewers' marks: documents of the largest review, then the published study and our study."""
    largest = max(outcomes.values(), key=lambda o: len(o.documents))
    rows = []
    for outcome in (largest, review_published(), review_study(CONFIRM)):
        for quality in outcome.panel.qualities:
            marks = quality.marks
            mean_of_three = sum(marks[name] for name in TABLE_REVIEWERS) / len(TABLE_REVIEWERS)
            all_six = f"{quality.score:.1f}" if len(marks) == len(REVIEWERS) else "–"
            shown = [f"{marks[name]:.1f}" if name in marks else "–" for name in REVIEWERS]
            rows.append([quality.document.partition("_")[0], *shown, all_six, f"{mean_of_three:.1f}"])
    names = [name.replace("_", " ") for name in REVIEWERS]
    return table(("document", *names, "all six", "the three that judge a table"), rows)


if __name__ == "__main__":
    main()
