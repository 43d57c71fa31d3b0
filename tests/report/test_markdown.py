"""report.md has the numbers of the page."""

from __future__ import annotations

from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.report import html
from auxjepa.report.markdown import markdown
from auxjepa.rows import RowStore


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


def test_ceilings_have_their_line_and_a_note(tmp_path, write_study):
    folder = write_study(tmp_path, steps=4)
    store = RowStore(folder)
    raw = next(row for row in store if row.control == "raw_pixels" and row.benchmark == "world_order")
    changes = dict.fromkeys(("run", "variant", "control", "protocol"), "convolution") | {"score": 99.9}
    store.append(raw.model_copy(update=changes))
    evidence = collect_evidence(folder)
    text, results = markdown(evidence), evidence.results
    line = next(line for line in results.controls if line.control == "convolution")
    assert [cell.mean for cell in line.cells if cell.scores] == [99.9]
    assert "ceiling: 3-D convolution trained on labels (control)" in text and "with the seed of the first run" in text
    page = html.render(evidence)
    assert "ceiling: 3-D convolution trained on labels" in page and "with the seed of the first run" in page
