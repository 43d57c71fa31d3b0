from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from auxjepa.report.parts import gather
from auxjepa.rows import RowStore


def _with_parts(folder: Path) -> None:
    """Give every score of one benchmark two parts."""
    path = folder / "rows.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order" and row["control"] in (None, "random_init"):
            row["parts"] = {"easy": row["score"] + 5, "hard": row["score"] - 5}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_parts_of_a_score_are_shown_by_variant(tmp_path: Path, write_study: Callable[..., object]) -> None:
    write_study(tmp_path)
    assert gather(tmp_path).suites == []
    before = [row.id for row in RowStore(tmp_path)]
    _with_parts(tmp_path)
    assert [row.id for row in RowStore(tmp_path)] == before, "parts don't name a row"
    parts = gather(tmp_path)
    ((title, head, body),) = parts.suites
    assert "order" in title.lower() and head[0] == "part" and "baseline" in head
    assert [row[0] for row in body] == ["easy", "hard"] and all("±" in cell for cell in body[0][1:])
    easy, hard = (float(row[1].split(" ")[0]) for row in body)
    assert abs(easy - hard - 10) < 0.11
