"""``auxjepa review`` from the command line, on small documents of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auxjepa.cli import main

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
    told = capsys.readouterr()
    assert "small" in told.out and "empty.md: empty" in told.err
    found = json.loads((out / "review.json").read_text())
    words = {f["statement"]["claim"]["id"]: f["word"] for f in found["findings"]}
    assert words["mgm_diving48"] == "supported"
    assert "contradicted" in words.values()
    page = (out / "review.html").read_text()
    assert "<script>alert" not in page and question in page
    assert "\\begin{document}" in (out / "review.tex").read_text()
    assert "## 5 Claims" in (out / "review.md").read_text()
    assert json.loads((out / "protocol.json").read_text())["online"] is False


def test_what_is_missing_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--corpus", str(tmp_path)]) == 2
    assert "which question?" in capsys.readouterr().err
    assert main(["review", "Is it so?"]) == 2
    assert "nothing to review" in capsys.readouterr().err
    assert main(["review", "--from-study", str(tmp_path / "none")]) == 2
    assert "no such study folder" in capsys.readouterr().err
