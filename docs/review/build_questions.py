"""docs/review/questions.md: each seed document's question, reviewed on the corpus of all five.

`python -m docs.review.build_questions [FOLDER]`; FOLDER (default ../shared/seeds) holds the documents. Seconds each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from docs.evidence.build_ledger import put, table

from auxjepa.evidence.claims import load
from auxjepa.literature.outcome import Outcome
from auxjepa.literature.own import from_study
from auxjepa.literature.published import ASKED, from_published
from auxjepa.literature.report.answer import on_the_question
from auxjepa.literature.review import review
from auxjepa.literature.reviewers import REVIEWERS

PAGE = Path(__file__).parent / "questions.md"
CONFIRM = Path(__file__).parents[1] / "evidence" / "confirm"


def main() -> None:
    """Rewrite both tables."""
    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/seeds")
    asked = {name: document.question for name, document in load().documents.items()}
    outcomes, rows = {}, []
    for name, question in asked.items():
        begun = time.perf_counter(), time.process_time()
        outcomes[name] = review(question, [corpus])
        wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
        rows.append(_row(name, outcomes[name], wall, cpu))
    head = ("question of", "documents", "statements", "supported", "contradicted", "not testable", "not found",
            "on the question", "what it answers", "would decide it", "s (CPU s)")  # fmt: skip
    text = put(PAGE.read_text(encoding="utf-8"), "questions", table(head, rows))
    PAGE.write_text(put(text, "marks", _marks(outcomes)), encoding="utf-8")


def _row(name: str, outcome: Outcome, wall: float, cpu: float) -> list[str]:
    counted = outcome.tally
    words = [str(counted[w]) for w in ("supported", "contradicted", "not testable", "not found")]
    told = on_the_question(outcome)
    own = f"`{outcome.decides.split(' --out')[0]}`" if outcome.decides else "–"
    number = str(len(outcome.findings))
    about = told.split(" statement")[0] if told.startswith(tuple("0123456789")) else "0"
    return [name, str(len(outcome.documents)), number, *words, about, told, own, f"{wall:.1f} ({cpu:.1f})"]


def _marks(outcomes: dict[str, Outcome]) -> str:
    """Every document by the reviewers: in the review that reads the most of them, then the published study and ours."""
    whole = max(outcomes.values(), key=lambda o: len(o.documents))
    rows = []
    for outcome in (whole, from_published(), from_study(CONFIRM)):
        for quality in outcome.panel.qualities:
            marks = quality.marks
            three = sum(marks[name] for name in ASKED) / len(ASKED)
            all_six = f"{quality.score:.1f}" if len(marks) == len(REVIEWERS) else "–"
            shown = [f"{marks[name]:.1f}" if name in marks else "–" for name in REVIEWERS]
            rows.append([quality.document.partition("_")[0], *shown, all_six, f"{three:.1f}"])
    names = [name.replace("_", " ") for name in REVIEWERS]
    return table(("document", *names, "all six", "the three that judge a table"), rows)


if __name__ == "__main__":
    main()
