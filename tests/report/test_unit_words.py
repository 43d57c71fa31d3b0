"""Units on the page of a study."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build, unit_words


def test_percent_is_the_default(study: Path) -> None:
    results = collect_results(load(study))
    assert unit_words.unit_words(results) == "in percent" and "percentage points" in unit_words.answer_units(results)
    assert [unit_words.column_label(column) for column in results.columns] == [
        "appearance",
        "motion",
        "motion",
        "order",
    ]


def test_units_replace_points_and_percent(write_study: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_study(tmp_path, seeds=2, steps=2)
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order":
            row |= {"metric": "rmse", "score": row["score"] / 1000}
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = folder / "benchmarks.json"
    info = json.loads(path.read_text())
    info["world_order"] |= {"unit": "m/s", "higher_is_better": False, "title": "Speed", "capability": "speed"}
    path.write_text(json.dumps(info))
    results = collect_results(load(folder))
    assert unit_words.unit_words(results) == "in the unit of each column"
    assert unit_words.column_label(results.columns[3]) == "speed, m/s" and results.columns[3].decimals == 4
    build(folder)
    page, text = (folder / "report.html").read_text(), (folder / "report.md").read_text()
    assert "Speed, m/s" in text and "m/s, variant minus baseline" in page and "speed, m/s</text>" in page
    assert "Scores with different units are never averaged." in page and "Mean score in percent" not in page + text
    assert "Less is better on world\\_order" in text and "ld** scores higher than baseline on" not in text[:40]
    line = next(line for line in text.splitlines() if line.startswith("| baseline (reference)"))
    assert "−0.0" in line, "an error has a minus sign and enough decimals"
    assert "m/s" in (folder / "export" / "effects.csv").read_text()


def test_single_seeds_have_no_direction(write_study: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_study(tmp_path, seeds=1, steps=2)
    build(folder)
    text = (folder / "report.md").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "This is a screen on 1 seed and not a confirmation. One seed has no interval" in text
    assert "The largest differences from baseline are: on appearance ld\\_only (+" in text
