"""Write the tables of docs/evidence/claims.md: every claim against the published table, and the table's anomalies.

``python -m docs.evidence.build_ledger`` builds networks and audits variants for half a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from auxjepa.audit.structure import facts
from auxjepa.evidence.ledger import anomalies, ledger, published
from auxjepa.evidence.ledger.claims import load
from auxjepa.evidence.ledger.entry import tally

PAGE = Path(__file__).parent / "claims.md"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table.

    Args:
        head: titles of the columns.
        rows: cells of every row; a ``|`` in a cell is escaped.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def put(text: str, mark: str, content: str) -> str:
    """Return the text with ``content`` between ``<!-- mark -->`` and ``<!-- end of mark -->``."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, _, remaining = text.partition(begin)
    return f"{before}{begin}\n{content}\n{end}{remaining.partition(end)[2]}"


def main() -> None:
    """Write both tables."""
    scores = published.load()
    entries = ledger.verify(load().claims, scores, facts())
    counts = ", ".join(f"{n} {word}" for word, n in tally(entries).items())
    rows = [[f"`{e.claim.id}`", e.word, e.arithmetic, e.claim.verdicts, e.sentence] for e in entries]
    head = ("claim", "verdict", "arithmetic", "documents say", "why")
    odd = [
        [a.rule.replace("_", " "), f"{a.regime} {a.benchmark}".strip(), a.message]
        for a in anomalies.find_anomalies(scores)
    ]
    text = put(PAGE.read_text(encoding="utf-8"), "ledger", f"{counts} (questions not counted)\n\n{table(head, rows)}")
    PAGE.write_text(put(text, "anomalies", table(("rule", "where", "what"), odd)), encoding="utf-8")


if __name__ == "__main__":
    main()
