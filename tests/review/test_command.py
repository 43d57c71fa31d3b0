"""``auxjepa review`` from the command line, on small documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.cli import main
from written_pdf import Set, column, objects, write_objects, write_pdf
from written_study import register

TEXT = """# A small report

## Abstract

Motion-Guided Masking improves Diving-48 accuracy by 0.30 percentage points in the UCF-101 pretraining setting.
LD-JEPA achieves a +9.99 percentage point gain on SSv2 in mixed-dataset pretraining. <script>alert(1)</script>

## References

- <http://arxiv.org/abs/2605.17165v1>

Auxiliary objectives for Video-JEPA.
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "small.md").write_text(TEXT)
    (folder / "empty.md").write_text("")
    return folder


def test_a_review_is_written_in_every_form(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    question = "Does Motion-Guided Masking improve Diving-48 accuracy?"
    assert main(["review", question, "--corpus", str(corpus), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "small" in printed.out and "empty.md: empty" in printed.err
    outcome = json.loads((out / "review.json").read_text())
    words = {f["statement"]["claim"]["id"]: f["word"] for f in outcome["findings"]}
    assert words["mgm_diving48"] == "supported"
    assert "contradicted" in words.values()
    page = (out / "review.html").read_text()
    assert "<script>alert" not in page and question in page
    assert "\\begin{document}" in (out / "review.tex").read_text()
    assert "## 5 Claims" in (out / "review.md").read_text()
    assert json.loads((out / "protocol.json").read_text())["online"] is False


def test_missing_input_is_reported_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--corpus", str(tmp_path)]) == 2
    assert "which question?" in capsys.readouterr().err
    assert main(["review", "Is it so?"]) == 2
    assert "nothing to review" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["review", "Is it so?", "--corpus", str(tmp_path), "--out", str(tmp_path / "file")]) == 2
    assert "file is a file: name a folder" in capsys.readouterr().err
    assert main(["review", "--from-study", str(tmp_path / "none")]) == 2
    assert "no such study folder" in capsys.readouterr().err


def findings_of(folder: Path) -> dict[str, dict]:
    """Return the findings of a review by the ids of their claims."""
    findings = json.loads((folder / "review.json").read_text())["findings"]
    return {f["statement"]["claim"]["id"]: f for f in findings}


def test_a_pdf_is_read_and_harmful_ones_are_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pypdfium2")
    folder, out = tmp_path / "corpus", tmp_path / "out"
    folder.mkdir()
    claim = "Motion-Guided Masking improves Diving-48 accuracy by 0.30 percentage points in the UCF-101 setting."
    lines = [claim[:50], claim[50:], "", "References", "arXiv:2605.17165v1"]
    write_pdf(folder / "paper.pdf", [[Set(50, 780, "Masking of Video JEPA", 18), *column(lines, 50, 700)]])
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.7\n" + b"\0\xff" * 500)
    parts, _ = objects([column(lines, 50, 700)])
    parts[2] = f"<< /Type /Pages /Count 10000 /Kids [{'10 0 R ' * 10000}] >>".encode()
    write_objects(folder / "bomb.pdf", parts)
    question = "Does Motion-Guided Masking improve Diving-48 accuracy of Video-JEPA?"
    assert main(["review", question, "--corpus", str(folder), "--out", str(out)]) == 0
    error = capsys.readouterr().err
    assert f"refused: {folder / 'bomb.pdf'}: has 10000 pages" in error
    assert f"refused: {folder / 'damaged.pdf'}: damaged: PDFium can't open it" in error
    finding = findings_of(out)["mgm_diving48"]
    assert finding["word"] == "supported" and finding["statement"]["mentions"][0]["span"]["document"] == "paper"
    assert "damaged.pdf" in (out / "review.html").read_text()


def test_no_results_means_that_passages_alone_decide(corpus: Path, tmp_path: Path) -> None:
    words = ["review", "Does Motion-Guided Masking improve Diving-48 accuracy?", "--corpus", str(corpus)]
    assert main([*words, "--results", "none", "--out", str(tmp_path / "none")]) == 0
    assert main([*words, "--results", "published", "--out", str(tmp_path / "published")]) == 0
    none, published = findings_of(tmp_path / "none"), findings_of(tmp_path / "published")
    assert none.keys() == published.keys()
    assert {f["word"] for f in published.values()} & {"supported", "contradicted"}
    assert not {f["word"] for f in none.values()} & {"supported", "contradicted"}
    assert "the passages of the corpus" in (tmp_path / "none" / "review.md").read_text()


def test_another_subject_with_its_lexicon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, names = tmp_path / "corpus", tmp_path / "bread.yaml"
    folder.mkdir()
    names.write_text("variants:\n  sourdough: {spellings: [Sourdough Start]}\n"
                     "benchmarks:\n  crumb: {spellings: [Crumb-20]}\n")  # fmt: skip
    text = "# On bread\n\n## Results\n\nSourdough Start improves Crumb-20 accuracy by {} points over the baseline.\n"
    for name, points in (("one", "2.50"), ("two", "7.10")):
        (folder / f"{name}.md").write_text(text.format(points))
    words = ["review", "Does Sourdough Start improve accuracy on Crumb-20?", "--corpus", str(folder)]
    assert main([*words, "--lexicon", str(names), "--out", str(tmp_path / "with")]) == 0
    findings = findings_of(tmp_path / "with").values()
    assert findings and all(f["statement"]["claim"]["variants"] == ["sourdough"] for f in findings)
    assert all(f["statement"]["claim"]["benchmarks"] == ["crumb"] for f in findings)
    assert any(f["statement"]["disagreements"] for f in findings)
    assert "Documents contradict each other" in (tmp_path / "with" / "review.md").read_text()
    names.write_text("variants: [sourdough]\n")
    capsys.readouterr()
    assert main([*words, "--lexicon", str(names), "--out", str(tmp_path / "wrong")]) == 2
    assert "bread.yaml: variants: " in capsys.readouterr().err and not (tmp_path / "wrong").exists()


def test_a_study_of_this_package(
    write_study: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = write_study(tmp_path / "study", seeds=8, steps=4), tmp_path / "out"
    register(folder)
    assert main(["review", "--from-study", str(folder), "--out", str(out)]) == 0
    assert "of 10  quick" in capsys.readouterr().out
    findings = findings_of(out)
    assert findings["ld-order"]["word"] == "not testable" and findings["ld-order"]["probability"] > 0.95
    assert findings["fwm-order"]["word"] == "contradicted"  # 20 against 43 points
    assert findings["ld-order"]["entry"]["word"] == "flagged" and not (out / "protocol.json").exists()
    assert main(["review", "--from-study", str(folder), "--online"]) == 2
    assert "--from-study reviews a study alone" in capsys.readouterr().err
