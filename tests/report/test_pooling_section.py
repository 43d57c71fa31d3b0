"""Tables and sentences on pooled effects, from the analysis of a written study to the pages."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.pooled_effects import PooledEffects, study_pooled_effects
from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
from auxjepa.report import html, markdown, pooling_section
from written_study import register


@pytest.fixture(scope="session")
def evidence(study: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyEvidence:
    """The evidence on a registered copy of the written study."""
    folder = tmp_path_factory.mktemp("pooled") / "study"
    shutil.copytree(study, folder)
    register(folder)
    return collect_evidence(folder)


@pytest.fixture(scope="session")
def pooled(evidence: StudyEvidence) -> PooledEffects:
    assert evidence.pooled is not None
    return evidence.pooled


def test_every_difference_has_a_pooled_effect(pooled: PooledEffects, evidence: StudyEvidence) -> None:
    head, body = pooling_section.effects(pooled)
    assert len(body) == 16 and all(len(line) == len(head) for line in body)
    raw = {
        (line.name, c.title): cell.effect
        for line in evidence.results.variants
        for cell, c in zip(line.cells, evidence.results.columns, strict=True)
    }
    for line in pooled.lines:
        effect = raw[line.variant, line.title]
        assert effect is not None and line.effect.raw == pytest.approx(effect.mean) and line.n == 3
    by_cell = {(line[0], line[1]): line for line in body}
    assert (
        by_cell["ld_only", "Temporal order"][3].startswith("+2") and by_cell["ld_only", "Temporal order"][6] == "> 0.99"
    )


def test_hypotheses_keep_their_words(pooled: PooledEffects, evidence: StudyEvidence) -> None:
    head, body = pooling_section.hypotheses(pooled)
    assert [line[0] for line in body] == ["ld-order", "fwm-order", "fwm-appearance", "fwm-motion"]
    assert [line[2] for line in body] == [outcome.verdict.word for outcome in evidence.outcomes]
    assert all(len(line) == len(head) for line in body)
    # fwm against ld is a contrast of two variants; its raw mean is that of the hypothesis.
    contrast, measured = pooled.outcomes[1], evidence.outcomes[1].effect
    assert contrast.effect is not None and measured is not None
    assert contrast.effect.raw == pytest.approx(measured.mean) and contrast.effect.mean < -15


def test_sentences_say_what_is_missing(pooled: PooledEffects) -> None:
    text = " ".join(pooling_section.sentences(pooled))
    assert "16 effects against baseline" in text and "decide nothing" in text
    assert "other seeds and other test clips" in text and "median" not in text, "nothing is decided with 3 seeds"
    changed = replace(
        pooled,
        has_clip_noise=("Direction",),
        without_clip_noise=("Appearance",),
        omitted=("Fine motion: no variant has 2 seeds",),
        largest_r_hat=1.3,
        outcomes=(replace(pooled.outcomes[0], effect=None, reason="one side is missing"),),
    )
    text = " ".join(pooling_section.sentences(changed))
    for part in ("intervals on Appearance hold for other seeds only", "Left out: Fine motion", "R-hat 1.30"):
        assert part in text
    assert "Not pooled, because one side is missing: ld-order." in text
    assert pooling_section.hypotheses(changed)[1][0][4:] == ["–"] * 3
    decided = replace(pooled, outcomes=(replace(pooled.outcomes[0], word="supported"),))
    assert "of their raw mean difference (median)" in " ".join(pooling_section.sentences(decided))


def test_both_pages_have_the_section(evidence: StudyEvidence) -> None:
    page, text = html.render(evidence), markdown.markdown(evidence)
    assert 'href="#pooling"' in page and "Partial pooling</h2>" in page and "Sources of variance</h2>" in page
    assert "## Partial pooling" in text and "## Sources of variance" in text


def test_one_seed_pools_nothing(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study, tmp_path / "one")
    lines = (study / "rows.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "one" / "rows.jsonl").write_text("".join(line for line in lines if '"seed": 0' in line))
    single = collect_evidence(tmp_path / "one")
    assert single.pooled is None and single.variance is None
    assert study_pooled_effects(single.study, single.results) is None and pooling_section.section(None) is None
    assert "Partial pooling" not in html.render(single)
