"""report.md has the numbers of the page."""

from __future__ import annotations

from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.report.markdown import markdown


def test_markdown_tables_are_rectangular_and_have_the_numbers(study):
    evidence = collect_evidence(study)
    text, results = markdown(evidence), evidence.results
    blocks = [b.splitlines() for b in text.split("\n\n") if b.startswith("|")]
    assert len(blocks) == 11  # with margins, pooling and two tables of variance
    for block in blocks:
        assert len({line.replace("\\|", "").count("|") for line in block}) == 1
    cell = results.lines[1].cells[3]
    assert f"{cell.mean:.1f} ±{cell.sd:.1f} · △ +{cell.effect.mean:.1f} " in text
    assert "auxjepa study run quick --out demo" in text and "**ld\\_only** scores higher" in text


def test_markdown_escapes(tmp_path, write_study):
    text = markdown(collect_evidence(write_study(tmp_path, steps=4, rename={"ld": "<script>a|b"}, name="# not *bold*")))
    assert "<script" not in text and "&lt;script&gt;a\\|b" in text and "# # not \\*bold\\*" in text
