"""The section on shifted clips, which a study without such scores does not have."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
from auxjepa.report import robustness_section
from auxjepa.report.export import export
from auxjepa.report.html import render
from auxjepa.report.markdown import markdown
from auxjepa.rows import RowStore


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> StudyEvidence:
    """A study of five variants with scores on temporal order under two kinds of corruption."""
    folder = write_study(tmp_path_factory.mktemp("shifted"), steps=4)
    store = RowStore(folder)
    for row in [r for r in store if r.benchmark == "world_order" and r.control in (None, "random_init")]:
        conditions = {"noise-1": 0.9 * row.score, "noise-3": 0.7 * row.score, "blur-1": 0.5 * row.score}
        extra = {"clean": row.score, "relative_drop": 30.0, "reverse-5:reversed": 66.6}
        mean = float(np.mean(list(conditions.values())))
        renamed = {"benchmark": "world_order_corrupted", "benchmark_hash": "c", "score": mean}
        store.append(row.model_copy(update=renamed | {"parts": extra | conditions}))
    return collect_evidence(folder)


def test_rows_hold_drops_and_effective_robustness(evidence: StudyEvidence) -> None:
    table = robustness_section.rows(evidence.robustness, evidence.results)
    assert [row[0] for row in table] == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld", "random-init encoder"]
    assert all(len(row) == len(robustness_section.HEAD) and row[1] == "world_order_corrupted" for row in table)
    assert table[0][5] == "–" and (table[1][4], table[1][5]) == ("30.0", "0.0"), "equal on all seeds"
    assert table[1][6].startswith(("+", "0.0", "\N{MINUS SIGN}"))


def test_kinds_are_means_over_severities_with_their_rank_stability(evidence: StudyEvidence) -> None:
    ((title, head, table),) = robustness_section.kind_tables(evidence.robustness, evidence.results)
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
    assert clean[-1] == "–" and noise[-1] == "+1.00"


def test_the_figure_is_described(evidence: StudyEvidence) -> None:
    (figure,) = robustness_section.figures(evidence.robustness, evidence.results)
    assert "under shift against clean" in figure and "slope on logits" in figure
    assert figure.count('class="seed') == 18 and figure.count('class="mark') == 5 and figure.count('class="hollow') == 1


def test_page_and_markdown_have_the_section(evidence: StudyEvidence) -> None:
    page, text = render(evidence), markdown(evidence)
    assert '<section id="robustness"' in page and 'href="#robustness"' in page and "robustness-0-t" in page
    assert "## Out of distribution" in text and "Kendall" not in text.partition("## Overall")[2]
    assert "reverse-5" not in page, "accuracy against another label is not a condition"


def test_rows_with_and_without_parts_are_exported_together(evidence: StudyEvidence, tmp_path: Path) -> None:
    export(evidence.study, evidence.results, tmp_path)
    with (tmp_path / "scores.csv").open() as file:
        records = list(csv.DictReader(file))
    assert records[0]["parts"] == "" and "noise-3=" in records[-1]["parts"]


def test_a_study_without_shifted_scores_has_no_section(study: Path) -> None:
    evidence = collect_evidence(study)
    assert evidence.robustness == [] and robustness_section.rows([], evidence.results) == []
    assert robustness_section.figures([], evidence.results) == []
    assert 'id="robustness"' not in render(evidence) and "Out of distribution" not in markdown(evidence)
