"""The section on shifted clips: there when a study has such scores, not there else."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import robustness
from auxjepa.report.export import export
from auxjepa.report.html import render
from auxjepa.report.markdown import markdown
from auxjepa.report.parts import Parts, gather
from auxjepa.report.results import collect
from auxjepa.rows import RowStore


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Parts:
    """A study of five variants, whose order is also measured under two kinds of corruption."""
    folder = write_study(tmp_path_factory.mktemp("shifted"), steps=4)
    store = RowStore(folder)
    for row in [r for r in store if r.benchmark == "world_order" and r.control in (None, "random_init")]:
        conditions = {"noise-1": 0.9 * row.score, "noise-3": 0.7 * row.score, "blur-1": 0.5 * row.score}
        extra = {"clean": row.score, "relative_drop": 30.0, "reverse-5:reversed": 66.6}
        mean = float(np.mean(list(conditions.values())))
        renamed = {"benchmark": "world_order_corrupted", "benchmark_hash": "c", "score": mean}
        store.append(row.model_copy(update=renamed | {"parts": extra | conditions}))
    return gather(folder)


def test_rows_hold_drops_and_effective_robustness(parts: Parts) -> None:
    table = robustness.rows(parts.robustness, parts.results)
    assert [row[0] for row in table] == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld", "random-init encoder"]
    assert all(len(row) == len(robustness.HEAD) and row[1] == "world_order_corrupted" for row in table)
    assert table[0][5] == "–" and table[1][4].startswith("30.0 [30.0") and table[1][5].startswith("0.0 [")
    assert table[1][6].startswith(("+", "0.0", "\N{MINUS SIGN}"))


def test_kinds_are_means_over_severities_with_their_rank_stability(parts: Parts) -> None:
    ((title, head, table),) = robustness.tables(parts.robustness, parts.results)
    assert (
        title == "world_order_corrupted"
        and len(head) == 8
        and [row[0] for row in table]
        == [
            "clean",
            "all conditions",
            "noise",
            "blur",
        ]
    )
    clean, _, noise, blur = table
    assert float(noise[2]) == pytest.approx(0.8 * float(clean[2]), abs=0.1)
    assert float(blur[2]) == pytest.approx(0.5 * float(clean[2]), abs=0.1)
    assert clean[-1] == "–" and noise[-1].startswith("+1.00 [+1.00")


def test_the_figure_says_what_it_shows(parts: Parts) -> None:
    (figure,) = robustness.figures(parts.robustness, parts.results)
    assert "under shift against clean" in figure and "slope on logits" in figure
    assert figure.count('class="seed') == 18 and figure.count('class="mark') == 5 and figure.count('class="hollow') == 1


def test_page_and_markdown_have_the_section(parts: Parts) -> None:
    page, text = render(parts), markdown(parts)
    assert '<section id="robustness"' in page and 'href="#robustness"' in page and "robustness-0-t" in page
    assert "## Out of distribution" in text and "Kendall" not in text.partition("## Overall")[2]
    assert "reverse-5" not in page, "accuracy against another label is no condition"


def test_rows_with_and_without_parts_are_exported_side_by_side(parts: Parts, tmp_path: Path) -> None:
    export(parts.study, parts.results, tmp_path)
    with (tmp_path / "scores.csv").open() as file:
        records = list(csv.DictReader(file))
    assert records[0]["parts"] == "" and "noise-3=" in records[-1]["parts"]


def test_a_study_without_shifted_scores_has_no_section(study: Path) -> None:
    assert robustness.collect(load(study)) == []
    assert robustness.rows([], collect(load(study))) == [] and robustness.figures([], collect(load(study))) == []
    parts = gather(study)
    assert 'id="robustness"' not in render(parts) and "Out of distribution" not in markdown(parts)
