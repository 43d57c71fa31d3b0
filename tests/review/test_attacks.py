"""Texts that are made to take long: their whole review takes seconds, and files without words are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from auxjepa_review.reading.corpus import read_corpus

CODE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (40, 40))
from auxjepa_review import report
from auxjepa_review.review import run_review
outcome = run_review(sys.argv[2], [Path(sys.argv[1])])
report.build(outcome, Path(sys.argv[1]) / "out")
print(len(outcome.documents), len(outcome.refused))
"""
INLINE = "# T\n\nMotion guidance improves accuracy by {} points on SSv2. It helps.\n"
PLACES = {
    "inline": INLINE,
    "alone": "{}",
    "heading": "# {}\n\nMotion helps.\n",
    "reference": "# T\n\nMotion helps [1].\n\n## References\n\n[1] {}\n",
    "cell": "| method | SSv2 |\n|---|---|\n| motion | {} |\n",
    "front": "---\ntitle: {}\nauthor: {}\n---\n# T\n\nMotion helps.\n",
    "row": "## Extracted Claims\n\n# claim verified confidence\n\n1 {} ✓ 0.9\n",
}
RUNS = ["9", "9.", "9,", "9,999", "a-", "A+", "1.1.1.", "a@a.", "(", "-", "|", "*", "�", "é–", "[9,", "v9", "10.1234/a"]
BLANKS = (
    "9 ",
    "a. A ",
    "\n",
    " \n",
    "question: ",
    "paired ",
    "by about ",
    "seeds ",
    "9 points ",
    "- a\n",
    "| 9 | 9 |\n",
)


@pytest.mark.slow
def test_a_review_of_hostile_texts_takes_seconds(tmp_path: Path) -> None:
    """Runs of 9,500 characters (half the limit), and 40,000 characters with spaces, in every place of a text."""
    for number, run in enumerate(RUNS):
        for place, template in PLACES.items():
            long = (run * 9_500)[: 9_500 - 9_500 % len(run)]
            (tmp_path / f"{place}{number}.md").write_text(template.replace("{}", long))
    for number, words in enumerate(BLANKS):
        (tmp_path / f"blanks{number}.md").write_text(INLINE.replace("{}", words * (40_000 // len(words))))
    finished = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path), "Does motion help? " + "9" * 20_000],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, (finished.returncode, finished.stderr[-500:])
    documents, refused = map(int, finished.stdout.split())  # works with one title are one document
    assert documents > 50 and refused < 5


def test_files_without_words_are_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "nines.txt").write_text("9" * 300_000)
    (tmp_path / "inline.md").write_text(INLINE.replace("{}", "9" * 300_000))
    (tmp_path / "title.md").write_text(PLACES["front"].replace("{}", "a" * 30_000))
    (tmp_path / "picture.md").write_text("# T\n\nMotion ![x](data:image/png;base64," + "iVBO" * 50_000 + ") helps.\n")
    (tmp_path / "chinese.md").write_text("# T\n\n" + "自监督视频表示学习" * 2_000)
    corpus = read_corpus([tmp_path])
    assert [item.id for item in corpus.documents] == ["chinese", "picture"]
    assert "iVBO" not in corpus.document("picture").text
    assert {item.path.name: item.reason for item in corpus.refused} == {
        "nines.txt": "300,000 characters without a blank among them: at most 20,000 are read",
        "inline.md": "300,000 characters without a blank among them: at most 20,000 are read",
        "title.md": "30,000 characters without a blank among them: at most 20,000 are read",
    }


def test_an_endless_row_is_cut_and_marked(tmp_path: Path) -> None:
    long = "Motion helps on SSv2 and " * 2_000
    (tmp_path / "a.md").write_text(f"## Extracted Claims\n\n# claim verified confidence\n\n{long} ✓ 0.9\n")
    rows = read_corpus([tmp_path]).documents[0].rows
    assert len(rows) == 1 and rows[0].cut and len(rows[0].text) <= 4000 and len(rows[0].span.text) <= 4000
